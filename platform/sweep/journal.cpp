#include "platform/sweep/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "platform/property/node.h"
#include "platform/sweep/files.h"
#include "platform/sweep/results.h"

namespace vesper::sweep {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "journal.csv";
constexpr const char* kMagic = "vesper-sweep-1";

fs::path path_in(const fs::path& folder) { return folder / kName; }

std::string first_line(const JournalKey& key) {
  return fmt::format("{},{},{},{},{}\n", kMagic, key.fingerprint, key.shard.text(), key.points, key.columns);
}

uint64_t number(const std::string& text, const fs::path& path) {
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw InputError(fmt::format("'{}' is not the journal of a sweep", path.string()));
  return value;
}

JournalKey parse_key(std::string_view line, const fs::path& path) {
  std::vector<std::string> fields = split_csv(line);
  if (fields.size() != 5 || fields[0] != kMagic)
    throw InputError(fmt::format("'{}' is not the journal of a sweep", path.string()));
  return {fields[1], parse_shard(fields[2]), number(fields[3], path),
          static_cast<size_t>(number(fields[4], path))};
}

struct Parsed {
  JournalKey key;
  Rows rows;
  size_t bytes = 0;  ///< of whole lines
};

/// The whole lines of a journal; what follows the first that is not a row is left out.
Parsed parse_journal(const std::string& text, const fs::path& path) {
  Parsed parsed;
  size_t end = text.find('\n');
  if (end == std::string::npos) return parsed;
  parsed.key = parse_key(std::string_view(text).substr(0, end), path);
  parsed.bytes = end + 1;
  while ((end = text.find('\n', parsed.bytes)) != std::string::npos) {
    std::string line = text.substr(parsed.bytes, end + 1 - parsed.bytes);
    uint64_t point = 0;
    auto [comma, error] = std::from_chars(line.data(), line.data() + line.size(), point);
    bool whole = error == std::errc{} && *comma == ',' && point < parsed.key.points &&
                 split_csv(line).size() == parsed.key.columns;
    if (!whole) break;
    parsed.rows.emplace(point, std::move(line));
    parsed.bytes = end + 1;
  }
  return parsed;
}

}  // namespace

Journal::Journal(const fs::path& folder, const JournalKey& key, std::string work) : work_(std::move(work)) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw InputError(fmt::format("cannot make the folder '{}': {}", folder.string(), error.message()));
  fs::path path = path_in(folder);
  open(path);
  load(contents_of(path), path, key);
}

Journal::File::~File() {
  if (descriptor >= 0) close(descriptor);
}

void Journal::open(const fs::path& path) {
  file_.descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file_.descriptor < 0)
    throw InputError(fmt::format("cannot write '{}': {}", path.string(), std::strerror(errno)));
  if (flock(file_.descriptor, LOCK_EX | LOCK_NB) == 0) return;
  int reason = errno;
  if (reason == EWOULDBLOCK)
    throw InputError(
        fmt::format("another process is running the {} in '{}'; wait for it, or take another "
                    "folder with --out",
                    work_, path.parent_path().string()));
  throw InputError(fmt::format("cannot lock '{}': {}", path.string(), std::strerror(reason)));
}

void Journal::load(const std::string& text, const fs::path& path, const JournalKey& key) {
  Parsed parsed = parse_journal(text, path);
  if (parsed.bytes > 0 && parsed.key != key) {
    std::string what =
        parsed.key.fingerprint != key.fingerprint
            ? fmt::format("another {}: its file, its scenario or a network has changed since", work_)
            : fmt::format("another shard of this {}", work_);
    throw InputError(
        fmt::format("'{}' holds results of {}; take another folder with --out, or remove this one "
                    "to begin anew",
                    path.parent_path().string(), what));
  }
  if (ftruncate(file_.descriptor, static_cast<off_t>(parsed.bytes)) != 0)
    throw InputError(fmt::format("cannot write '{}': {}", path.string(), std::strerror(errno)));
  rows_ = std::move(parsed.rows);
  if (parsed.bytes == 0) begin(key);
}

void Journal::begin(const JournalKey& key) {
  std::string line = first_line(key);
  if (write(file_.descriptor, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw std::runtime_error(fmt::format("cannot write the journal: {}", std::strerror(errno)));
}

void Journal::append(uint64_t point, const std::string& row) {
  if (!rows_.emplace(point, row).second) return;
  if (write(file_.descriptor, row.data(), row.size()) != static_cast<ssize_t>(row.size()))
    throw std::runtime_error(fmt::format("cannot write the journal: {}", std::strerror(errno)));
}

ReadJournal read_journal(const fs::path& folder) {
  fs::path path = path_in(folder);
  if (!fs::is_regular_file(path))
    throw InputError(fmt::format("'{}' is not the folder of a sweep: it has no {}", folder.string(), kName));
  Parsed parsed = parse_journal(contents_of(path), path);
  if (parsed.bytes == 0) throw InputError(fmt::format("'{}' is not the journal of a sweep", path.string()));
  return {parsed.key, std::move(parsed.rows)};
}

uint64_t journal_length(const fs::path& folder) {
  std::string text = contents_of(path_in(folder));
  auto lines = static_cast<uint64_t>(std::ranges::count(text, '\n'));
  return lines == 0 ? 0 : lines - 1;
}

}  // namespace vesper::sweep

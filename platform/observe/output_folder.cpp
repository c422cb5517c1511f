#include "platform/observe/output_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>

#include "platform/observe/file_writer.h"
#include "platform/property/node.h"

namespace vesper::observe {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSeal = "summary.json";

/// All that runs and their reports leave; what else lies in the folder is the user's.
constexpr std::string_view kRunFiles[] = {
    "jobs.csv",      "decisions.csv",  "stretches.csv",    "steps.csv",
    "bandwidth.csv", "timeline.json",  "trace.vcd",        "trace.fst",
    "state.txt",     "effective.yaml", "performance.json", "trace.gtkw",
    "report.html",   "latency.csv",    "interference.csv", "interference_matrix.csv",
    "slowdown.csv"};

/// The folder by its real name, so that the temporary one lies on the same file system.
fs::path resolved(const fs::path& folder) {
  std::error_code error;
  fs::path path = fs::weakly_canonical(fs::absolute(folder), error);
  if (error) throw InputError(fmt::format("output folder '{}': {}", folder.string(), error.message()));
  return path.has_filename() ? path : path.parent_path();
}

bool is_mount(const fs::path& folder) {
  struct stat own {};
  struct stat parent {};
  return ::stat(folder.c_str(), &own) == 0 && ::stat(folder.parent_path().c_str(), &parent) == 0 &&
         (own.st_dev != parent.st_dev || own.st_ino == parent.st_ino);
}

}  // namespace

OutputFolder::OutputFolder(fs::path folder) : folder_(std::move(folder)) {
  folder_ = resolved(folder_);
  make_partial();
}

OutputFolder::~OutputFolder() { discard(); }

void OutputFolder::discard() noexcept {
  std::error_code ignored;
  if (!partial_.empty()) fs::remove_all(partial_, ignored);
}

void OutputFolder::make_partial() {
  check_writable();
  fs::path partial = is_mount(folder_) ? folder_ / "run" : folder_;
  partial += fmt::format(".partial-{}", ::getpid());
  std::error_code error;
  fs::remove_all(partial, error);
  fs::create_directories(partial, error);
  if (error) {
    throw InputError(
        fmt::format("cannot write to output folder '{}': {}", folder_.string(), error.message()));
  }
  partial_ = partial;
}

void OutputFolder::check_writable() const {
  if (!fs::exists(folder_)) return;
  if (!fs::is_directory(folder_)) {
    throw InputError(fmt::format("output folder '{}' is a file", folder_.string()));
  }
  if (::access(folder_.c_str(), W_OK | X_OK) != 0) {
    throw InputError(fmt::format("cannot write to output folder '{}': permission denied", folder_.string()));
  }
}

fs::path OutputFolder::file(std::string_view name) { return partial_ / *files_.emplace(name).first; }

void OutputFolder::write(std::string_view name, std::string_view contents) {
  FileWriter writer(file(name));
  writer.text(contents);
  writer.close();
}

void OutputFolder::remove(std::string_view name) {
  fs::remove(partial_ / name);
  files_.erase(std::string(name));
}

void OutputFolder::commit() {
  fs::create_directories(folder_);
  fs::remove(folder_ / kSeal);
  for (std::string_view name : kRunFiles) {
    if (!files_.contains(std::string(name))) fs::remove(folder_ / name);
  }
  for (const std::string& name : files_) {
    if (name != kSeal) fs::rename(partial_ / name, folder_ / name);
  }
  if (files_.contains(std::string(kSeal))) fs::rename(partial_ / kSeal, folder_ / kSeal);
  fs::remove_all(partial_);
  partial_.clear();
}

}  // namespace vesper::observe

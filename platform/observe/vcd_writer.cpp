#include "platform/observe/vcd_writer.h"

#include <fnmatch.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace vesper::observe {
namespace {

constexpr size_t kBatch = 16 * 1024;
constexpr size_t kMostWaiting = 16;

std::string sanitised(const std::string& path) {
  std::string out;
  for (char c : path) {
    bool allowed = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
    if (c == '.' && (out.empty() || out.back() == '.')) out += '_';
    out += allowed || c == '.' ? c : '_';
  }
  if (out.empty() || out.back() == '.') out += '_';
  return out;
}

}  // namespace

VcdWriter::VcdWriter(const std::filesystem::path& path, VcdSelection selection, Now now, VcdWindow window)
    : selection_(std::move(selection)), window_(window), clock_(std::move(now)), file_(path, window) {
  batch_.changes.reserve(kBatch);
}

VcdWriter::~VcdWriter() { end_thread(); }

bool VcdWriter::signal_declared(uint32_t id, const SignalInfo& info) {
  if (!selection_.wants(info)) return false;
  if (moved_) throw std::logic_error("signal '" + info.path + "' declared after simulated time moved");
  if (id >= numbers_.size()) numbers_.resize(id + size_t{1});
  numbers_[id] = static_cast<uint32_t>(signals_.size());
  signals_.push_back({unique_path(info.path), info.group, info.width, info.is_text, info.value_names});
  paths_.push_back(info.path);
  return true;
}

std::string VcdWriter::unique_path(const std::string& path) {
  std::string base = sanitised(path);
  std::string candidate = base;
  auto taken = [&] {
    return std::ranges::any_of(signals_, [&](const WaveSignal& s) { return s.path == candidate; });
  };
  for (unsigned number = 2; taken(); ++number) candidate = fmt::format("{}_{}", base, number);
  return candidate;
}

std::vector<std::string> VcdWriter::unmatched_patterns() const {
  std::vector<std::string> unmatched;
  std::ranges::copy_if(selection_.patterns, std::back_inserter(unmatched), [&](const std::string& pattern) {
    return std::ranges::none_of(
        paths_, [&](const std::string& path) { return ::fnmatch(pattern.c_str(), path.c_str(), 0) == 0; });
  });
  return unmatched;
}

void VcdWriter::signal_changed(uint32_t id, uint64_t value, Time at) { add(id, value, 0, at); }

void VcdWriter::signal_changed(uint32_t id, std::string_view text, Time at) {
  uint64_t place = batch_.texts.size();
  batch_.texts += text;
  add(id, place, text.size(), at);
}

void VcdWriter::add(uint32_t id, uint64_t value, size_t text_size, Time at) {
  Time now = clock_();
  moved_ = moved_ || now > 0;
  batch_.changes.push_back({at, now, value, numbers_[id], static_cast<uint32_t>(text_size)});
  if (moved_ && batch_.changes.size() >= kBatch) hand_over();
}

void VcdWriter::hand_over() {
  if (!thread_.joinable()) {
    for (const WaveSignal& signal : signals_) file_.declare(signal);
    thread_ = std::thread([this] { write_batches(); });
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return waiting_.size() < kMostWaiting; });
  waiting_.push_back(std::move(batch_));
  batch_ = {};
  if (!written_.empty()) {
    batch_ = std::move(written_.back());
    written_.pop_back();
  }
  changed_.notify_all();
}

void VcdWriter::write_batches() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return over_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Batch batch = std::move(waiting_.front());
    waiting_.pop_front();
    changed_.notify_all();
    lock.unlock();
    write(batch);
    batch.changes.clear();
    batch.texts.clear();
    lock.lock();
    written_.push_back(std::move(batch));
  }
}

void VcdWriter::write(const Batch& batch) {
  for (const Change& change : batch.changes) {
    if (signals_[change.signal].is_text) {
      file_.change(change.signal, std::string_view(batch.texts).substr(change.value, change.text_size),
                   change.at, change.now);
    } else {
      file_.change(change.signal, change.value, change.at, change.now);
    }
  }
}

void VcdWriter::end_thread() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void VcdWriter::finish(Time end) {
  hand_over();
  end_thread();
  file_.finish(end);
}

}  // namespace vesper::observe

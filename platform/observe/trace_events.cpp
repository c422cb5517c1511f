#include "platform/observe/trace_events.h"

#include <algorithm>

namespace vesper::observe {
namespace {

constexpr Time kPicosecondsPerMicrosecond = 1'000'000;

}  // namespace

TraceEvents::TraceEvents(const std::filesystem::path& path) : file_(path) {
  file_.text("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
}

uint32_t TraceEvents::add_process(const std::string& name) {
  const uint32_t process = ++processes_;
  this->name("process", {process, 0}, name, process);
  return process;
}

TraceEvents::Track TraceEvents::add_thread(uint32_t process, const std::string& name, uint32_t rank) {
  const Track track{process, ++threads_};
  this->name("thread", track, name, rank != 0 ? rank : track.thread);
  return track;
}

void TraceEvents::name(const char* what, Track track, const std::string& name, uint32_t rank) {
  begin('M', track, fmt::format("\"{}_name\"", what));
  args(fmt::format("\"name\":{}", json_string(name)));
  begin('M', track, fmt::format("\"{}_sort_index\"", what));
  args(fmt::format("\"sort_index\":{}", rank));
}

void TraceEvents::begin(char phase, Track track, std::string_view quoted_name) {
  file_.text(first_ ? "{\"ph\":\"" : ",\n{\"ph\":\"");
  first_ = false;
  file_.character(phase);
  file_.text("\",\"pid\":");
  file_.number(track.process);
  file_.text(",\"tid\":");
  file_.number(track.thread);
  file_.text(",\"name\":");
  file_.text(quoted_name);
}

void TraceEvents::time(std::string_view key, Time time) {
  file_.text(",\"");
  file_.text(key);
  file_.print("\":{}.{:06}", time / kPicosecondsPerMicrosecond, time % kPicosecondsPerMicrosecond);
}

/// Ends the event.
void TraceEvents::args(std::string_view args) {
  if (!args.empty()) {
    file_.text(",\"args\":{");
    file_.text(args);
    file_.character('}');
  }
  file_.character('}');
}

void TraceEvents::slice(Track track, std::string_view quoted_name, Time start, Time end,
                        std::string_view args) {
  begin('X', track, quoted_name);
  time("ts", start);
  time("dur", std::max(start, end) - start);
  this->args(args);
}

void TraceEvents::instant(Track track, std::string_view quoted_name, Time at) {
  begin('i', track, quoted_name);
  time("ts", at);
  file_.text(",\"s\":\"t\"}");
}

void TraceEvents::counter(uint32_t process, std::string_view quoted_name, Time at, std::string_view args) {
  begin('C', {process, 0}, quoted_name);
  time("ts", at);
  this->args(args);
}

void TraceEvents::flow(Flow flow, Track track, std::string_view id, Time at) {
  begin(static_cast<char>(flow), track, "\"job\"");
  time("ts", at);
  file_.text(",\"cat\":\"job\",\"id\":\"");
  file_.text(id);
  file_.text(flow == Flow::finish ? "\",\"bp\":\"e\"}" : "\"}");
}

void TraceEvents::close() {
  file_.text("\n]}\n");
  file_.close();
}

}  // namespace vesper::observe

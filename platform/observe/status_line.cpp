#include "platform/observe/status_line.h"

#include <unistd.h>

#include <cstdio>

namespace vesper::observe {
namespace {

constexpr char kWipe[] = "\r\x1b[K";

StatusLine::Seconds wall_clock() { return std::chrono::steady_clock::now().time_since_epoch(); }

void to_standard_error(const std::string& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace

StatusLine::Terminal StatusLine::Terminal::standard() {
  return {wall_clock, ::isatty(STDERR_FILENO) == 0 ? Print{} : to_standard_error};
}

StatusLine::StatusLine(Terminal terminal, Seconds between)
    : terminal_(std::move(terminal)), between_(between), start_(terminal_.clock()), shown_(start_) {}

bool StatusLine::due(Seconds now) const { return terminal_.print && now - shown_ >= between_; }

void StatusLine::show(Seconds now, const std::string& line) {
  shown_ = now;
  visible_ = true;
  terminal_.print(kWipe + line);
}

void StatusLine::wipe() {
  if (visible_) terminal_.print(kWipe);
  visible_ = false;
}

}  // namespace vesper::observe

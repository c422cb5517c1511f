/// A line on the terminal that is written over: how far a run or a sweep is. Silent where standard error is
/// no terminal.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace vesper::observe {

class StatusLine {
 public:
  using Seconds = std::chrono::duration<double>;
  using Clock = std::function<Seconds()>;
  using Print = std::function<void(const std::string&)>;

  /// Where the line goes and what tells the time.
  struct Terminal {
    Clock clock;
    Print print;  ///< empty: silent
    /// Standard error, if that is a terminal, and the wall clock.
    static Terminal standard();
  };

  StatusLine(Terminal terminal, Seconds between);

  [[nodiscard]] Seconds now() const { return terminal_.clock(); }
  [[nodiscard]] Seconds start() const { return start_; }
  /// Whether there is a terminal, and the last line is `between` old.
  [[nodiscard]] bool due(Seconds now) const;
  void show(Seconds now, const std::string& line);
  void wipe();

 private:
  Terminal terminal_;
  Seconds between_;
  Seconds start_;
  Seconds shown_;
  bool visible_ = false;
};

}  // namespace vesper::observe

/// Interrupt and status lines: a level, told to every listener in the instant it changes.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace vesper::core {

class InterruptIn {
 public:
  explicit InterruptIn(std::function<void(bool)> on_change) : on_change_(std::move(on_change)) {}
  void drive(bool level) {
    if (level == level_) return;
    level_ = level;
    on_change_(level);
  }
  [[nodiscard]] bool level() const { return level_; }

 private:
  std::function<void(bool)> on_change_;
  bool level_ = false;
};

class InterruptOut {
 public:
  explicit InterruptOut(std::string name) : name_(std::move(name)) {}
  void connect(InterruptIn& in) {
    in.drive(level_);
    listeners_.push_back(&in);
  }
  void set(bool level) {
    if (level == level_) return;
    level_ = level;
    for (InterruptIn* in : listeners_) in->drive(level);
  }
  [[nodiscard]] bool level() const { return level_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::vector<InterruptIn*> listeners_;
  bool level_ = false;
};

}  // namespace vesper::core

/// A number of slots that are taken at once and given back at known later clocks, in order.
#pragma once

#include <algorithm>

#include "models/ddr/part.h"
#include "models/ddr/ring.h"

namespace vesper::ddr {

class Slots {
 public:
  explicit Slots(uint32_t count) : count_(count) {}

  void take() { ++taken_; }
  /// A taken slot is free from `clock` on, but not before that of the last call.
  void give_back(Clock clock) { returns_.push(last_ = std::max(last_, clock)); }
  /// From when a slot is free, not before `from`; kNever while that is unknown. `from` never goes back.
  Clock room(Clock from) {
    while (!returns_.empty() && returns_.front() <= from) {
      returns_.pop();
      --taken_;
    }
    if (taken_ < count_) return from;
    return returns_.empty() ? kNever : std::max(from, returns_.front());
  }
  [[nodiscard]] uint32_t taken() const { return taken_; }

 private:
  uint32_t count_;
  uint32_t taken_ = 0;
  Clock last_ = 0;
  Ring<Clock> returns_;
};

}  // namespace vesper::ddr

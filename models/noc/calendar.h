/// Events by cycle, in order of being entered within a cycle: those of the next cycles in a timing wheel, the
/// rest in a heap. Entering and taking one costs a few instructions and, after a while, no allocation.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <queue>
#include <tuple>
#include <vector>

#include "models/noc/timing_wheel.h"

namespace vesper::noc {

template <class Event>
class Calendar {
 public:
  /// `cycle` must not lie before the last one taken.
  void enter(uint64_t cycle, const Event& event) {
    if (cycle >= from_ + TimingWheel::kSlots) {
      far_.push({cycle, order_++, event});
      return;
    }
    near_[TimingWheel::slot(cycle)].push_back(event);
    wheel_.mark(cycle);
  }
  /// The next cycle that has an event, or TimingWheel::kNever.
  [[nodiscard]] uint64_t next() const {
    uint64_t near = wheel_.next();
    return far_.empty() ? near : std::min(near, far_.top().cycle);
  }
  /// The first event of cycle `next()`, which there must be.
  Event take() {
    from_ = next();
    if (!far_.empty() && far_.top().cycle == from_) {
      Event event = far_.top().event;
      far_.pop();
      return event;
    }
    std::vector<Event>& events = near_[TimingWheel::slot(from_)];
    Event event = events[taken_++];
    if (taken_ == events.size()) {
      events.clear();
      taken_ = 0;
      wheel_.clear(from_);
    }
    return event;
  }
  /// Nothing will be entered before `cycle`; all earlier events have been taken.
  void advance(uint64_t cycle) { from_ = cycle; }

 private:
  struct Far {
    uint64_t cycle;
    uint64_t order;
    Event event;
    bool operator>(const Far& other) const {
      return std::tie(cycle, order) > std::tie(other.cycle, other.order);
    }
  };

  uint64_t from_ = 0;
  TimingWheel wheel_;
  std::vector<std::vector<Event>> near_{TimingWheel::kSlots};
  size_t taken_ = 0;  ///< of the events of cycle `from_`
  std::priority_queue<Far, std::vector<Far>, std::greater<>> far_;
  uint64_t order_ = 0;
};

}  // namespace vesper::noc

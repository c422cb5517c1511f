/// The waves of a scheduler block. Free when nobody wants them.
#pragma once

#include <string>

#include "models/scheduler/decision_loop.h"
#include "platform/observe/observer.h"

namespace vesper::scheduler {

class SchedulerTrace {
 public:
  /// Heap entries shown in `heap`.
  static constexpr uint16_t kShownEntries = 16;

  SchedulerTrace(observe::ObserverHub* hub, const std::string& path);

  [[nodiscard]] bool wanted() const {
    return running_.traced() || occupancy_.traced() || heap_.traced() || state_.traced() || issue_.traced();
  }
  void show(const DecisionLoop& loop, const policy::Dispatcher& dispatcher, Cycles cycle, policy::Time now);

 private:
  void show_turn(DecisionLoop::Doing doing, policy::Time now);
  void show_heap(const policy::Dispatcher& dispatcher, policy::Time now);

  observe::Signal running_;    // `task:job` of the last instruction while its region runs, or `-`
  observe::Signal occupancy_;  // jobs in the heap
  observe::Signal heap_;       // `task:job ...` from the root on
  observe::Signal state_;      // turn of the loop: poll, feedback, `release task`, issue
  observe::Signal issue_;      // high during an issue turn
  std::string text_;
};

}  // namespace vesper::scheduler

/// The waves of a scheduler block. Free when nobody wants them.
#pragma once

#include <array>
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
    return running_.traced() || occupancy_.traced() || heap_.traced() || turns_wanted();
  }
  /// The group `fsm` shows every turn of the loop, for which the block has to wake.
  [[nodiscard]] bool turns_wanted() const { return state_.traced() || issue_.traced(); }
  void show(const DecisionLoop& loop, const policy::Dispatcher& dispatcher, Cycles cycle, policy::Time now);

 private:
  void show_running(const DecisionLoop& loop, policy::Time now);
  void show_turn(DecisionLoop::Doing doing, policy::Time now);
  void show_heap(const policy::Dispatcher& dispatcher, policy::Time now);

  observe::Signal running_;    // `task:job` of the last instruction; `-` while no job is there
  observe::Signal occupancy_;  // jobs in the heap
  observe::Signal heap_;       // `task:job ...` from the root on
  observe::Signal state_;      // turn of the loop: poll, feedback, `release task`, issue
  observe::Signal issue_;      // high during an issue turn
  std::string text_;
  std::array<observe::JobId, kShownEntries> shown_{};
  uint16_t shown_count_ = kShownEntries;  // of the heap last shown; at first, unlike any
  observe::JobId running_job_{0xFFFF, 0};
};

}  // namespace vesper::scheduler

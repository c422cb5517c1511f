/// The waves of a scheduler block. Free when nobody wants them. `scores`, `chosen` and `gamma` are of the
/// last decision and change when its instruction leaves.
#pragma once

#include <array>
#include <string>

#include "models/scheduler/decision_loop.h"
#include "platform/observe/observer.h"

namespace vesper::scheduler {

class SchedulerTrace : public DecisionWatcher {
 public:
  /// Entries shown in `heap` and `scores`.
  static constexpr uint16_t kShownEntries = 16;

  SchedulerTrace(observe::ObserverHub* hub, const std::string& path);

  [[nodiscard]] bool wanted() const {
    return running_.traced() || occupancy_.traced() || heap_.traced() || full_.traced() || turns_wanted() ||
           decisions_wanted();
  }
  /// The group `fsm` shows every turn of the loop, for which the block has to wake.
  [[nodiscard]] bool turns_wanted() const { return state_.traced() || issue_.traced(); }
  /// Whether it has to watch the loop.
  [[nodiscard]] bool decisions_wanted() const {
    return scores_.traced() || chosen_.traced() || gamma_.traced();
  }
  void deciding(const policy::Dispatcher& dispatcher, const policy::Instruction& last,
                policy::Time at) override;
  /// `full`: the queue takes no further job.
  void show(const DecisionLoop& loop, const policy::Dispatcher& dispatcher, bool full, Cycles cycle,
            policy::Time now);

 private:
  void show_decision(const DecisionLoop& loop, policy::Time now);
  void show_running(const DecisionLoop& loop, policy::Time now);
  void show_turn(DecisionLoop::Doing doing, policy::Time now);
  void show_heap(const policy::Dispatcher& dispatcher, policy::Time now);

  observe::Signal running_;    // `task:job` of the last instruction; `-` while no job is there
  observe::Signal occupancy_;  // jobs in the heap
  observe::Signal heap_;       // `task:job ...` from the root on
  observe::Signal state_;      // turn of the loop: poll, feedback, `release task`, issue
  observe::Signal issue_;      // high during an issue turn
  observe::Signal full_;       // high while the queue takes no further job
  observe::Signal scores_;     // `task:job=score ...` of the queue, in the order of `heap`
  observe::Signal chosen_;     // `task:job`
  observe::Signal gamma_;      // `task:job=coefficient` of the job that ran before
  std::string text_;
  std::string scores_text_, gamma_text_;
  bool decided_ = false;  // and not shown
  std::array<observe::JobId, kShownEntries> shown_{};
  uint16_t shown_count_ = kShownEntries;  // of the heap last shown; at first, unlike any
  observe::JobId running_job_{0xFFFF, 0};
};

}  // namespace vesper::scheduler

/// The loop of a hardware scheduler, turn by turn and cycle by cycle. SystemC-free.
///
/// Models      a loop that checks one channel a turn: feedback, each task's release FIFO in order of task,
///             issue. An empty channel takes 1 cycle (none where the MicroArchitecture does not poll; the
///             loop then idles at the first channel), the others what the MicroArchitecture says; the next
///             turn follows at once. A release finds something when a job waits and the queue has room;
///             requests that firmware writes are one FIFO. An issue finds something when it is enabled, the
///             last feedback allows it (none has to, before the first) and a job is ready.
/// Timing      exact. What arrives by edge k is seen by a turn that starts at edge k or later, whatever the
///             order of calls within an instant. A taken job leaves its FIFO one edge after its turn starts.
///             Source: CLARE (RTSS 2025), hardware scheduler; see heap_fsm.cpp for the costs.
/// Laziness    turns are worked off when time has passed them: `advance(k)` commits every turn that starts
///             before edge k; runs of empty turns are skipped by arithmetic. `next_wake` names the next edge
///             at which something must be seen from outside, as far as known.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/scheduler/micro_architecture.h"
#include "models/scheduler/request_source.h"
#include "schedulers/policy/dispatcher.h"

namespace vesper::scheduler {

using core::Cycles;

/// Told of each decision before it is made.
class DecisionWatcher {
 public:
  /// `last`: the instruction before it.
  virtual void deciding(const policy::Dispatcher& dispatcher, const policy::Instruction& last,
                        policy::Time at) = 0;

 protected:
  ~DecisionWatcher() = default;
};

class DecisionLoop {
 public:
  enum class Turn : uint8_t { poll, feedback, release, issue };
  struct Doing {
    Turn turn = Turn::poll;
    uint16_t fifo = 0;  ///< of a release: of which task, or of all requests
  };

  struct Counters {
    uint32_t feedbacks = 0;
    uint32_t releases = 0;
    uint32_t decisions = 0;
    uint32_t preemptions = 0;
    Cycles worst_feedback = 0;  ///< longest turn of each kind
    Cycles worst_release = 0;
    Cycles worst_issue = 0;
    /// From the end of a feedback's turn to the instruction, where that leaves in the same pass of the loop.
    Cycles worst_feedback_to_instruction = 0;
    /// From a job being the oldest in its FIFO to its being ready.
    Cycles worst_release_to_ready = 0;
  };

  /// All references outlive this.
  DecisionLoop(policy::Dispatcher& dispatcher, const MicroArchitecture& costs, RequestSource& source,
               const core::ClockDomain& clock);

  /// The running region's end became visible at edge `at`; false (and nothing done) when none was running.
  bool feedback(Cycles at, const policy::Feedback& message);
  /// A job entered a FIFO at edge `at`.
  void released(Cycles at);
  void enable(bool on) { enabled_ = on; }
  /// `watcher` outlives this; null: nobody.
  void watch(DecisionWatcher* watcher) { watcher_ = watcher; }

  /// Commits every turn that starts before edge `to`.
  void advance(Cycles to);
  /// Handles all that waits, in zero time, at edge `at`.
  void handle_at_once(Cycles at);
  /// The edge by which `advance` must have been called next, as far as known now.
  [[nodiscard]] std::optional<Cycles> next_wake() const;
  /// The same, stopping at the start and the end of every turn that finds something, for waves.
  [[nodiscard]] std::optional<Cycles> next_change(Cycles now) const;
  /// The instruction that leaves by edge `now`, once.
  const policy::Instruction* take_instruction(Cycles now);

  [[nodiscard]] const policy::Instruction& last_instruction() const { return instruction_; }

  /// What the loop does at edge `now`, to which it has advanced.
  [[nodiscard]] Doing doing_at(Cycles now) const;
  [[nodiscard]] uint32_t ready() const { return dispatcher_.ready(); }
  /// Entries of the queue that are taken: one is free when the instruction of its job's last region leaves.
  [[nodiscard]] uint32_t held() const { return ready() + (leaves_ && frees_entry_ ? 1 : 0); }
  [[nodiscard]] bool region_runs() const { return region_runs_; }
  /// An instruction is decided and has not left yet.
  [[nodiscard]] bool issuing() const { return leaves_.has_value(); }
  [[nodiscard]] bool feedback_waits() const { return feedback_waits_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  /// A place in the loop: channel 0 is feedback, 1..N the FIFOs, N+1 issue.
  struct Position {
    uint32_t channel = 0;
    Cycles at = 0;
  };
  struct Found {
    Turn turn = Turn::poll;
    Position position;
    [[nodiscard]] Doing doing() const {
      return {turn, static_cast<uint16_t>(turn == Turn::release ? position.channel - 1 : 0)};
    }
  };

  [[nodiscard]] uint32_t channels() const { return fifos_ + 2; }
  [[nodiscard]] uint32_t issue_channel() const { return fifos_ + 1; }
  [[nodiscard]] Found first_found(Position from, bool feedback, bool allowed) const;
  [[nodiscard]] uint32_t distance_to(uint32_t channel, Position from) const;
  [[nodiscard]] uint32_t distance_to_release(Position from) const;
  [[nodiscard]] Position after_feedback(Position turn) const;
  void commit(const Found& found);
  void idle_until(Cycles to);
  void commit_feedback(Position turn);
  void commit_release(Position turn);
  void commit_issue(Position turn);
  void take_all(Cycles at);
  void note_waiting(Cycles at);

  policy::Dispatcher& dispatcher_;
  const MicroArchitecture& costs_;
  RequestSource& source_;
  const core::ClockDomain clock_;
  const uint32_t fifos_;
  const bool at_once_;
  const bool polls_;
  const Cycles least_issue_;
  const Cycles least_feedback_;

  Position next_;  // the next turn to be committed
  Doing last_;
  DecisionWatcher* watcher_ = nullptr;
  bool enabled_ = true;
  bool allowed_ = true;
  bool region_runs_ = false;
  bool feedback_waits_ = false;
  policy::Feedback feedback_;
  uint64_t waiting_ = 0;
  std::vector<Cycles> waits_since_;
  policy::Instruction instruction_;
  std::optional<Cycles> leaves_;
  bool frees_entry_ = false;
  std::optional<Cycles> feedback_in_this_pass_;
  Counters counters_;
};

}  // namespace vesper::scheduler

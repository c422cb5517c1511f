/// Finds what each scheduling decision answers, and since when.
///
/// Trigger   what made the decision due on an accelerator: the feedback of its last region if a job was ready
///           then (also one released between the region's end and its feedback), else the first release after
///           it, which ended the idle phase. An instruction sent while the accelerator still works (ahead of
///           need) has no trigger.
/// Ready     a job that is released, not complete and not running. Every job counts for every accelerator,
///           but where accelerators have tasks of their own: there for the one of its task.
/// Expects   region_ended is told no later than its feedback, instruction_issued after it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "platform/observe/run_info.h"

namespace vesper::observe {

enum class Cause : uint8_t { feedback, release };
std::string_view name_of(Cause cause);

struct Trigger {
  Time at = 0;
  Cause cause = Cause::feedback;
};

class DecisionTracker {
 public:
  /// Every job counts for every accelerator.
  explicit DecisionTracker(size_t accelerators) : accelerators_(accelerators), ready_(1) {}
  explicit DecisionTracker(const RunInfo& run);

  void job_released(const JobReleased& event);
  void region_ended(const RegionEnded& event);
  /// The trigger of the decision that ends in this instruction.
  std::optional<Trigger> instruction_issued(const InstructionIssued& event);
  /// The earliest time a decision now under way, or one later than `now`, can have been triggered.
  [[nodiscard]] Time earliest_trigger(Time now) const;

 private:
  struct Accelerator {
    uint32_t under_way = 0;  ///< instructions whose regions have not ended
    std::optional<Time> feedback;
    std::optional<Trigger> trigger;
  };

  /// The accelerators that a job counts for, none for one that has no instructions of its own.
  [[nodiscard]] std::span<Accelerator> served_by(JobId job);
  [[nodiscard]] std::span<Accelerator> sharing_with(uint16_t accelerator);
  [[nodiscard]] bool share_all() const { return ready_.size() == 1; }
  int64_t& ready_for(uint16_t accelerator) { return ready_[share_all() ? 0 : accelerator]; }

  std::vector<Accelerator> accelerators_;
  /// One queue for all accelerators, or one each. Below zero while several instructions of a job are under
  /// way.
  std::vector<int64_t> ready_;
  std::vector<std::optional<uint16_t>> homes_;  ///< by task, where accelerators have tasks of their own
};

}  // namespace vesper::observe

/// `decisions.csv`: a row a scheduling decision, with where its time went.
///
/// In software, the six points trigger <= interrupt_asserted <= vector_entered <= policy_entered <=
/// policy_left
/// <= instruction are those of SoftwarePath; the five parts between them add up to total_s exactly. In
/// hardware and ideal placement the columns of software stay empty. In bi_level they tell of decisions that
/// answer a release, which passes through firmware: `policy` is its static level, and what follows, the way
/// to the scheduler block and its decision. Those that answer feedback are the block's alone. A decision
/// ahead of need has no trigger and no parts.
#pragma once

#include <string>

#include "platform/observe/decision_tracker.h"
#include "platform/observe/file_writer.h"
#include "platform/observe/run_info.h"
#include "platform/observe/software_path.h"

namespace vesper::observe {

class DecisionLog final : public Observer {
 public:
  DecisionLog(const std::filesystem::path& path, const RunInfo& run);

  void close() { table_.close(); }

  [[nodiscard]] uint32_t topics() const override;
  void job_released(const JobReleased& event) override;
  void region_ended(const RegionEnded& event) override;
  void instruction_issued(const InstructionIssued& event) override;
  void mark(Mark mark, uint32_t value, Time at) override;

 private:
  void write_decision(const InstructionIssued& event);
  void write_times(const Trigger& trigger, const InstructionIssued& event);
  void write_software_times(const Trigger& trigger, const InstructionIssued& event);

  bool software_;
  bool two_levels_;
  std::vector<InterruptLines> interrupts_;  ///< by accelerator
  CsvNames tasks_;
  CsvNames accelerators_;
  DecisionTracker triggers_;
  SoftwarePath path_;
  CsvWriter table_;
  uint64_t count_ = 0;
};

}  // namespace vesper::observe

#include "platform/observe/decision_log.h"

namespace vesper::observe {
namespace {

constexpr std::string_view kHeader =
    "decision,accelerator,task,job,region,preempt,resume,previous_task,previous_job,cause,"
    "trigger_s,interrupt_asserted_s,vector_entered_s,policy_entered_s,policy_left_s,instruction_s,"
    "trigger_to_interrupt_s,interrupt_to_vector_s,vector_to_policy_s,policy_s,policy_to_instruction_s,total_"
    "s";

constexpr unsigned kSoftwarePoints = 4;
constexpr unsigned kParts = 5;

}  // namespace

DecisionLog::DecisionLog(const std::filesystem::path& path, const RunInfo& run)
    : software_(run.placement == "software"),
      two_levels_(run.placement == "bi_level"),
      interrupts_(run.interrupts),
      tasks_(requester_names(run), "task"),
      accelerators_(run.accelerators, "accelerator"),
      triggers_(run),
      table_(path, kHeader) {}

uint32_t DecisionLog::topics() const {
  uint32_t topics = bit(Topic::job) | bit(Topic::instruction) | bit(Topic::region);
  return software_ || two_levels_ ? topics | bit(Topic::mark) : topics;
}

void DecisionLog::job_released(const JobReleased& event) { triggers_.job_released(event); }
void DecisionLog::region_ended(const RegionEnded& event) { triggers_.region_ended(event); }
void DecisionLog::mark(Mark mark, uint32_t value, Time at) { path_.mark(mark, value, at); }

void DecisionLog::instruction_issued(const InstructionIssued& event) {
  write_decision(event);
  if (auto trigger = triggers_.instruction_issued(event)) {
    table_.text(name_of(trigger->cause));
    write_times(*trigger, event);
  } else {
    table_.empty(2 + kSoftwarePoints).seconds(event.at).empty(kParts + 1);
  }
  table_.end_row();
  path_.forget_before(triggers_.earliest_trigger(event.at));
}

void DecisionLog::write_decision(const InstructionIssued& event) {
  table_.number(count_++).text(accelerators_[event.accelerator]);
  table_.text(tasks_[event.job.task]).number(event.job.job).number(event.region);
  table_.flag(event.preempt).flag(event.resume);
  if (event.preempt) {
    table_.text(tasks_[event.previous.task]).number(event.previous.job);
  } else {
    table_.empty(2);
  }
}

void DecisionLog::write_times(const Trigger& trigger, const InstructionIssued& event) {
  table_.seconds(trigger.at);
  if (software_ || (two_levels_ && trigger.cause == Cause::release)) {
    write_software_times(trigger, event);
  } else {
    table_.empty(kSoftwarePoints).seconds(event.at).empty(kParts);
  }
  table_.seconds(event.at - trigger.at);
}

void DecisionLog::write_software_times(const Trigger& trigger, const InstructionIssued& event) {
  InterruptLines lines;
  if (event.accelerator < interrupts_.size()) lines = interrupts_[event.accelerator];
  auto line = trigger.cause == Cause::feedback ? lines.feedback : lines.release;
  SoftwareStages s = path_.stages(trigger.at, event.at, line);
  const Time points[] = {trigger.at,       s.interrupt_asserted, s.vector_entered,
                         s.policy_entered, s.policy_left,        event.at};
  for (size_t i = 1; i <= kParts; ++i) table_.seconds(points[i]);
  for (size_t i = 1; i <= kParts; ++i) table_.seconds(points[i] - points[i - 1]);
}

}  // namespace vesper::observe

#include "models/scheduler/scheduler_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "models/core/sim_error.h"
#include "models/scheduler/release_port.h"

namespace vesper::scheduler {
namespace {

/// `knows`: the scheduler may know true times.
std::vector<policy::TaskParameters> parameters_of(const core::Environment& environment, bool knows) {
  std::vector<policy::TaskParameters> tasks;
  for (const core::TaskInfo& task : environment.tasks) {
    const policy::RegionEstimate* table = task.estimates != nullptr ? task.estimates->data() : nullptr;
    const policy::TrueTimes* truth = knows && task.samples ? task.samples->true_left() : nullptr;
    tasks.push_back({task.regions, task.priority, task.isolated_estimate, task.weight, table, truth});
  }
  if (tasks.size() > policy::kMaxTasks) {
    throw InputError(fmt::format("{} tasks: a scheduler has at most {}", tasks.size(), policy::kMaxTasks));
  }
  return tasks;
}

/// Of the tasks of one accelerator, or of all where none is named.
std::vector<uint16_t> served_tasks(const core::Environment& environment, const std::string& accelerator) {
  std::vector<uint16_t> served;
  for (size_t i = 0; i < environment.tasks.size(); ++i) {
    bool own = accelerator.empty() || environment.tasks[i].accelerator == accelerator;
    if (own) served.push_back(static_cast<uint16_t>(i));
  }
  return served;
}

uint16_t capacity_of(const core::Environment& environment, const MicroArchitecture& costs) {
  if (environment.queue_capacity > costs.most_jobs()) {
    throw std::invalid_argument(
        fmt::format("scheduler.queue_capacity is {}; this block's queue holds at most {}",
                    environment.queue_capacity, costs.most_jobs()));
  }
  return static_cast<uint16_t>(environment.queue_capacity);
}

std::vector<core::EstimateTable> tables_of(const core::Environment& environment) {
  std::vector<core::EstimateTable> tables;
  for (const core::TaskInfo& task : environment.tasks) tables.push_back(task.estimates);
  return tables;
}

std::vector<double> values_of(const policy::PolicyInfo& info, const core::PolicyChoice& choice) {
  if (!choice.parameters.empty()) return choice.parameters;
  std::vector<double> defaults;
  for (size_t i = 0; i < info.parameter_count; ++i) defaults.push_back(info.parameters[i].default_value);
  return defaults;
}

uint32_t word_of(const DecisionLoop::Counters& counters, uint32_t index) {
  const std::array<uint64_t, SchedulerBlock::kCounters> words = {counters.feedbacks,
                                                                 counters.releases,
                                                                 counters.decisions,
                                                                 counters.preemptions,
                                                                 counters.worst_feedback,
                                                                 counters.worst_release,
                                                                 counters.worst_issue,
                                                                 counters.worst_feedback_to_instruction,
                                                                 counters.worst_release_to_ready};
  return static_cast<uint32_t>(words[index]);
}

abi::InstructionWords encode(const policy::Instruction& instruction) {
  uint32_t task = instruction.task | uint32_t{instruction.last_task} << 8;
  if (instruction.preempt) task |= abi::kInstructionPreempt;
  if (instruction.resume) task |= abi::kInstructionResume;
  return {task, instruction.job, instruction.last_region, instruction.region};
}

}  // namespace

/// The FIFOs of the job release module, a channel a task that the block schedules.
class SchedulerBlock::ReleaseFifos final : public RequestSource {
 public:
  explicit ReleaseFifos(SchedulerBlock& block) : block_(block) {}
  [[nodiscard]] uint32_t channels() const override { return static_cast<uint32_t>(block_.served_.size()); }
  Request take(uint32_t channel) override {
    const uint16_t task = block_.served_[channel];
    abi::ReleaseWords words{};
    block_.read_releases(release_port::kStride * task, reinterpret_cast<unsigned char*>(&words),
                         sizeof words);
    return {task,
            words.job,
            words.release_low | uint64_t{words.release_high} << 32,
            words.deadline_low | uint64_t{words.deadline_high} << 32,
            words.weight,
            std::nullopt};
  }
  uint64_t waiting() override {
    uint64_t mask = 0;
    block_.read_releases(release_port::kWaiting, reinterpret_cast<unsigned char*>(&mask), sizeof mask);
    return channels_of(mask);
  }
  uint32_t first() override {
    uint32_t task = 0;
    block_.read_releases(release_port::kFirst, reinterpret_cast<unsigned char*>(&task), sizeof task);
    auto channel = std::ranges::find(block_.served_, task);
    return static_cast<uint32_t>(channel - block_.served_.begin());
  }

 private:
  /// Where all tasks are served, a mask of tasks is one of channels.
  [[nodiscard]] uint64_t channels_of(uint64_t tasks) const {
    if (block_.served_.size() == block_.tasks_.size()) return tasks;
    uint64_t mask = 0;
    for (size_t channel = 0; channel < block_.served_.size(); ++channel) {
      mask |= (tasks >> block_.served_[channel] & 1) << channel;
    }
    return mask;
  }

  SchedulerBlock& block_;
};

SchedulerBlock::SchedulerBlock(sc_core::sc_module_name name, const Properties& properties,
                               const core::Environment& environment)
    : Ip(name),
      clock_(properties.clock),
      costs_(find_micro_architecture(properties.micro_architecture)->make(properties.compute_unit)),
      look_up_tables_(tables_of(environment)),
      tasks_(parameters_of(environment, costs_->instantaneous())),
      served_(served_tasks(environment, properties.accelerator)),
      capacity_(capacity_of(environment, *costs_)),
      dispatcher_(tasks_.data(), static_cast<uint16_t>(tasks_.size()), capacity_),
      requests_(environment.static_level_in_firmware
                    ? std::make_unique<RequestFifo>(
                          regs, tasks_.size(), [this] { return free_entries(); }, [this] { on_request(); })
                    : nullptr),
      release_fifos_(std::make_unique<ReleaseFifos>(*this)),
      loop_(dispatcher_, *costs_, requests_ ? *requests_ : *release_fifos_, clock_),
      trace_(environment.observers, this->name()),
      traced_(trace_.wanted()) {
  make_policy(environment.policy);
  if (trace_.decisions_wanted()) loop_.watch(&trace_);
  expose(regs);
  expose("feedback", feedback);
  expose("instructions", instructions);
  expose("releases", releases);
  expose("release_available", release_available);
  expose("interrupt", interrupt);
  feedback.register_b_transport(this, &SchedulerBlock::on_feedback);
  attach_registers();

  instruction_payload_.set_write();
  instruction_payload_.set_data_ptr(reinterpret_cast<unsigned char*>(&instruction_words_));
  instruction_payload_.set_data_length(sizeof instruction_words_);
  instruction_payload_.set_streaming_width(sizeof instruction_words_);

  SC_HAS_PROCESS(SchedulerBlock);
  SC_METHOD(step);
  sensitive << wake_;
}

void SchedulerBlock::start_of_simulation() {
  if (instructions.size() == 0 || (!requests_ && releases.size() == 0)) {
    throw InputError(fmt::format(
        "{}: connect 'instructions' to an accelerator and 'releases' to a job release module", name()));
  }
}

void SchedulerBlock::make_policy(const core::PolicyChoice& choice) {
  const policy::PolicyInfo* info = policy::find_policy(choice.name.c_str());
  if (info == nullptr) throw InputError(fmt::format("there is no policy '{}'", choice.name));
  std::vector<double> values = values_of(*info, choice);
  policy_storage_ = std::make_unique<std::byte[]>(info->size);
  policy::Policy& made = *info->make(policy_storage_.get(), dispatcher_.jobs(), values.data());
  if (choice.plugin.empty()) return dispatcher_.use(made);
  checked_policy_.emplace(made, dispatcher_.jobs(),
                          fmt::format("policy '{}' of plug-in {}", choice.name, choice.plugin));
  dispatcher_.use(*checked_policy_);
}

void SchedulerBlock::attach_registers() {
  control_.on_write([this](uint32_t value, uint32_t) { on_control(value); });
  task_count_.on_read([this](uint32_t) { return static_cast<uint32_t>(served_.size()); });
  status_.on_read([this](uint32_t) {
    loop_.advance(cycle());
    return (loop_.region_runs() ? kRegionRuns : 0) | (loop_.feedback_waits() ? kFeedbackWaits : 0) |
           (room() == 0 ? abi::scheduler_block::kStatusFull : 0);
  });
  occupancy_.on_read([this](uint32_t) {
    loop_.advance(cycle());
    return loop_.ready();
  });
  counters_.on_read([this](uint32_t index) {
    loop_.advance(cycle());
    return word_of(loop_.counters(), index);
  });
}

void SchedulerBlock::on_feedback(tlm::tlm_generic_payload& payload, sc_core::sc_time& /*delay*/) {
  abi::FeedbackWords words{};
  if (!payload.is_write() || payload.get_data_length() != sizeof words) {
    payload.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
    return;
  }
  std::memcpy(&words, payload.get_data_ptr(), sizeof words);
  const policy::Instruction& sent = loop_.last_instruction();
  bool expected = (words.task & 0xFF) == sent.task && words.job == sent.job && words.region == sent.region;
  Cycles now = cycle();
  if (!expected || !loop_.feedback(now, {core::now_ps(), words.monitor})) {
    payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    return;
  }
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  plan(now);
}

void SchedulerBlock::on_release(bool level) {
  if (!level || requests_) return;
  Cycles now = cycle();
  loop_.released(now);
  plan(now);
}

void SchedulerBlock::on_request() {
  Cycles now = cycle();
  loop_.released(now);
  follow_room();
  plan(now);
}

uint32_t SchedulerBlock::free_entries() {
  loop_.advance(cycle());
  return capacity_ - loop_.held();
}

uint32_t SchedulerBlock::room() { return requests_ ? requests_->room() : free_entries(); }

void SchedulerBlock::follow_room() {
  bool wanted = (control_.value() & abi::scheduler_block::kControlRoomInterrupt) != 0;
  interrupt.set(wanted && room() > 0);
}

void SchedulerBlock::on_control(uint32_t value) {
  Cycles now = cycle();
  loop_.advance(now);
  loop_.enable((value & kEnable) != 0);
  follow_room();
  plan(now);
}

void SchedulerBlock::plan(Cycles now) {
  show(now);
  if (costs_->instantaneous()) {
    wake_.notify(sc_core::SC_ZERO_TIME);
    return;
  }
  std::optional<Cycles> next = trace_.turns_wanted() ? loop_.next_change(now) : loop_.next_wake();
  if (next == planned_) return;
  if (planned_) wake_.cancel();
  planned_ = next;
  if (next) wake_.notify(core::to_time(clock_.edge(*next) - core::now_ps()));
}

void SchedulerBlock::step() {
  Cycles now = cycle();
  planned_.reset();
  if (costs_->instantaneous()) {
    if (firmware_is_at_it()) {
      wake_.notify(sc_core::SC_ZERO_TIME);
      return;
    }
    loop_.handle_at_once(now);
  } else {
    loop_.advance(now);
  }
  if (const policy::Instruction* instruction = loop_.take_instruction(now)) issue(*instruction);
  follow_room();
  if (costs_->instantaneous()) {
    show(now);
  } else {
    plan(now);
  }
}

bool SchedulerBlock::firmware_is_at_it() const {
  return requests_ && sc_core::sc_pending_activity_at_current_time();
}

void SchedulerBlock::issue(const policy::Instruction& instruction) {
  instruction_words_ = encode(instruction);
  instruction_payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_time delay;
  instructions->b_transport(instruction_payload_, delay);
  if (instruction_payload_.is_response_ok()) return;
  core::fail_simulation(
      fmt::format("{}: the instruction for task {} job {} region {} was answered with {} at {} ps", name(),
                  instruction.task, instruction.job, instruction.region,
                  instruction_payload_.get_response_string(), core::now_ps()));
}

void SchedulerBlock::read_releases(uint64_t address, unsigned char* data, unsigned int bytes) {
  release_payload_.set_read();
  release_payload_.set_address(address);
  release_payload_.set_data_ptr(data);
  release_payload_.set_data_length(bytes);
  release_payload_.set_streaming_width(bytes);
  release_payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_time delay;
  releases->b_transport(release_payload_, delay);
  if (release_payload_.is_response_ok()) return;
  core::fail_simulation(fmt::format("{}: a read of the release FIFOs at {:#x} was answered with {} at {} ps",
                                    name(), address, release_payload_.get_response_string(), core::now_ps()));
}

std::string SchedulerBlock::waiting_for() const {
  if (!loop_.region_runs()) return "";
  const policy::Instruction& sent = loop_.last_instruction();
  return fmt::format("feedback of task {} job {} region {}", sent.task, sent.job, sent.region);
}

VESPER_IP(SchedulerBlock, "scheduler_block", "a scheduling policy in programmable logic");

}  // namespace vesper::scheduler

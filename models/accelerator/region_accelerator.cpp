#include "models/accelerator/region_accelerator.h"

#include <cstring>

namespace vesper::accelerator {

using core::Cycles;
using core::now_ps;
using core::to_time;

RegionAccelerator::RegionAccelerator(sc_core::sc_module_name module_name, const ControlProperties& properties,
                                     const core::Environment& environment, uint16_t told_as)
    : Ip(module_name),
      clock_(properties.clock),
      number_(told_as),
      observers_(*environment.observers),
      task_names_(environment.requesters),
      manager_([this](const abi::InstructionWords& words) {
        if (!issue(words)) {
          core::fail_simulation(
              fmt::format("{}: an instruction was written while a region runs, at {} ps", name(), now_ps()));
        }
      }),
      job_signal_(observers_, text("job")),
      region_signal_(observers_, number("region", 32)),
      layer_signal_(observers_, number("layer", 16)),
      load_signal_(observers_, number("load", 1)),
      compute_signal_(observers_, number("compute", 1)),
      store_signal_(observers_, number("store", 1)),
      control_(properties),
      computed_job_(policy::kMaxTasks, 0) {
  instructions.register_b_transport(this, &RegionAccelerator::instruction_written);
  manager_.on_change = [this] { update_interrupt(); };
  feedback_payload_.set_command(tlm::TLM_WRITE_COMMAND);
  feedback_payload_.set_data_ptr(reinterpret_cast<unsigned char*>(&feedback_words_));
  feedback_payload_.set_data_length(sizeof feedback_words_);
  feedback_payload_.set_streaming_width(sizeof feedback_words_);
  expose(manager_.regs);
  expose("instructions", instructions);
  expose("feedback", feedback);
  expose("interrupt", interrupt);
  for (observe::Signal* signal :
       {&region_signal_, &layer_signal_, &load_signal_, &compute_signal_, &store_signal_}) {
    signal->set(0, 0);
    follow(*signal);
  }
  follow(job_signal_);
  job_signal_.set("", 0);
  SC_HAS_PROCESS(RegionAccelerator);
  SC_METHOD(wake);
  dont_initialize();
  sensitive << wake_;
  SC_METHOD(update_interrupt);
  dont_initialize();
  sensitive << interrupt_due_;
}

observe::SignalInfo RegionAccelerator::number(const char* signal, uint16_t width) const {
  return {fmt::format("{}.{}", basename(), signal), "accelerator", width, false};
}

observe::SignalInfo RegionAccelerator::text(const char* signal) const {
  return {fmt::format("{}.{}", basename(), signal), "accelerator", 1, true};
}

void RegionAccelerator::instruction_written(tlm::tlm_generic_payload& payload, sc_core::sc_time& /*delay*/) {
  abi::InstructionWords words{};
  if (!payload.is_write() || payload.get_data_length() != sizeof words) {
    payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    return;
  }
  std::memcpy(&words, payload.get_data_ptr(), sizeof words);
  payload.set_response_status(issue(words) ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE);
}

bool RegionAccelerator::issue(const abi::InstructionWords& words) {
  if (state_ != State::idle) return false;
  guarded([&] { begin(decode(words)); });
  return true;
}

void RegionAccelerator::begin(const Instruction& instruction) {
  if (instruction.task >= task_names_.size()) {
    throw core::SimulationError(fmt::format("an instruction for task {}; there are {} requesters",
                                            instruction.task, task_names_.size()));
  }
  const uint32_t entries = look_up(instruction);
  running_ = instruction;
  if (observers_.wants(observe::Topic::instruction)) {
    observers_.instruction_issued({running_job(), instruction.region, instruction.preempt, instruction.resume,
                                   previous_job_, now_ps(), number_});
  }
  state_ = State::running;
  manager_.busy = true;
  run(Cycles{control_.lookup_cycles} + control_.launch_cycles + (entries - 1));
}

void RegionAccelerator::call_back_at(uint64_t ps) { wake_.notify(to_time(ps - now_ps())); }

void RegionAccelerator::wake() {
  if (state_ == State::running) {
    called_back();
  } else if (state_ == State::completing) {
    complete_job();
  } else {
    report_feedback();
  }
}

void RegionAccelerator::region_ends(uint64_t ps, const RegionShares& shares) {
  end_ps_ = ps;
  shares_ = shares;
  if (job_ends() && !has_failed(running_job()) && observers_.wants(observe::Topic::job)) {
    state_ = State::completing;
    call_back_at(ps);
    return;
  }
  state_ = State::reporting;
  call_back_at(after(ps, control_.feedback_cycles));
}

void RegionAccelerator::complete_job() {
  region_over();
  observers_.job_completed(running_job(), now_ps());
  show_no_job(now_ps());
  state_ = State::reporting;
  call_back_at(after(end_ps_, control_.feedback_cycles));
}

void RegionAccelerator::report_feedback() {
  region_over();
  state_ = State::idle;
  manager_.busy = false;
  const bool last = job_ends();
  previous_job_ = running_job();
  const uint32_t flags =
      (last ? abi::kFeedbackLast : 0) | (has_failed(previous_job_) ? abi::kFeedbackFailed : 0);
  feedback_words_ = {running_.task | flags, running_.job, running_.region, monitored()};
  if (last && failed_jobs_.erase(previous_job_) != 0) show_no_job(now_ps());
  if (observers_.wants(observe::Topic::region)) {
    observers_.region_ended({previous_job_, running_.region, last, end_ps_, now_ps(), number_,
                             shares_.compute_ps, shares_.swap_ps});
  }
  send_feedback();
}

void RegionAccelerator::send_feedback() {
  const bool taken_elsewhere = feedback.size() > 0 && !manager_.interrupt_enabled();
  if (!taken_elsewhere) {
    manager_.push_feedback(feedback_words_);
    interrupt_due_.notify(to_time(after(now_ps(), control_.interrupt_cycles) - now_ps()));
  }
  if (feedback.size() == 0) return;
  feedback_payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  feedback->b_transport(feedback_payload_, delay);
}

void RegionAccelerator::update_interrupt() {
  interrupt.set(manager_.interrupt_enabled() && manager_.feedback_waits());
}

void RegionAccelerator::fail_job(observe::JobId job) {
  failed_jobs_.insert(job);
  if (observers_.wants(observe::Topic::job)) observers_.job_failed(job, now_ps());
}

bool RegionAccelerator::awaits_first_compute() const {
  return observers_.wants(observe::Topic::job) && computed_job_[running_.task] != uint64_t{running_.job} + 1;
}

void RegionAccelerator::tell_first_compute(uint64_t at_ps) {
  if (!awaits_first_compute()) return;
  computed_job_[running_.task] = uint64_t{running_.job} + 1;
  observers_.first_compute(running_job(), at_ps);
}

void RegionAccelerator::show_job(observe::JobId job, uint64_t time) {
  if (shown_job_ == job) return;
  shown_job_ = job;
  job_signal_.set(fmt::format("{}#{}", task_names_[job.task], job.job), time);
}

void RegionAccelerator::show_no_job(uint64_t time) {
  shown_job_.reset();
  job_signal_.set("", time);
}

}  // namespace vesper::accelerator

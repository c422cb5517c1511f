#include "models/scheduler/release_fifos.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "models/core/sim_error.h"
#include "models/scheduler/release_port.h"

namespace vesper::scheduler {
namespace {

/// A bound on memory, far above any sensible backlog.
constexpr size_t kMostWaiting = size_t{1} << 20;

constexpr uint32_t kWindowWords = sizeof(abi::ReleaseWords) / 4;

uint32_t low(uint64_t value) { return static_cast<uint32_t>(value); }
uint32_t high(uint64_t value) { return static_cast<uint32_t>(value >> 32); }

}  // namespace

ReleaseFifos::ReleaseFifos(sc_core::sc_module_name name, Frequency clock, Depths depths,
                           const core::Environment& environment)
    : Ip(name), clock_(clock), observers_(environment.observers), depths_(depths) {
  expose(regs);
  expose("fifo", fifo);
  expose("available", available);
  expose("interrupt", interrupt);
  fifo.register_b_transport(this, &ReleaseFifos::read_fifo);

  pending_low_.on_read([this](uint32_t) { return low(waiting_); });
  pending_high_.on_read([this](uint32_t) { return high(waiting_); });
  control_.on_write([this](uint32_t, uint32_t) { follow_waiting(); });
  for (const core::TaskInfo& task : environment.tasks)
    declare_task(task, static_cast<uint16_t>(tasks_.size()));
  if (observers_ != nullptr) {
    interrupt_level_ = observe::Signal(*observers_, {fmt::format("{}.interrupt", this->name()), "irq"});
  }

  SC_HAS_PROCESS(ReleaseFifos);
  SC_METHOD(raise_when_due);
  dont_initialize();
  sensitive << interrupt_wake_;
}

void ReleaseFifos::declare_task(const core::TaskInfo& info, uint16_t index) {
  Task& task = tasks_.emplace_back();
  task.weight = info.weight;
  declare_window(index);
  if (observers_ == nullptr) return;
  task.occupancy = observe::Signal(
      *observers_, {fmt::format("{}.fifo.{}", name(), info.name), "scheduler", 8, false, true});
  task.occupancy.set(0, 0);
}

void ReleaseFifos::declare_window(uint16_t task) {
  uint32_t base = abi::job_release::kTask + task * abi::job_release::kTaskStride;
  windows_.emplace_back(regs, fmt::format("task{}", task), base, core::read_only, 0, kWindowWords)
      .on_read([this, task](uint32_t word) {
        abi::ReleaseWords words = oldest(task);
        uint32_t value = 0;
        std::memcpy(&value, reinterpret_cast<const unsigned char*>(&words) + 4UL * word, sizeof value);
        return value;
      });
  windows_.emplace_back(regs, fmt::format("pop{}", task), base + abi::job_release::kTaskPop, core::write_only)
      .on_write([this, task](uint32_t, uint32_t) { pop(task, nullptr); });
}

void ReleaseFifos::enter(uint16_t index, uint32_t job, const core::Release& times) {
  Task& task = tasks_[index];
  const bool late = task.waiting.size() >= depths_.fifo;
  task.waiting.push_back({job, times});
  if (task.waiting.size() > kMostWaiting) {
    core::fail_simulation(
        fmt::format("{}: more than {} jobs of one task wait at {} ps: it is released far faster than it can "
                    "be served",
                    name(), kMostWaiting, core::now_ps()));
  }
  waiting_ |= uint64_t{1} << index;
  if (late) late_.set(late_.value() + 1);
  rises_ = rises_ || !late;
  if (observers_ != nullptr && observers_->wants(observe::Topic::job)) {
    observers_->job_released({{index, job},
                              times.release,
                              times.deadline,
                              late,
                              times.isolated,
                              times.weight != 0 ? times.weight : task.weight,
                              times.warm_up});
  }
  show(index);
}

void ReleaseFifos::entered() {
  raise_when_due();
  follow_waiting();
  if (!rises_) return;
  rises_ = false;
  available.set(false);
  available.set(true);
}

abi::ReleaseWords ReleaseFifos::oldest(uint16_t index) const {
  const Task& task = tasks_[index];
  if (task.waiting.empty()) return {};
  const Entry& entry = task.waiting.front();
  return {entry.job,
          low(entry.times.release),
          high(entry.times.release),
          low(entry.times.deadline),
          high(entry.times.deadline),
          entry.times.weight};
}

bool ReleaseFifos::pop(uint16_t index, abi::ReleaseWords* out) {
  Task& task = tasks_[index];
  if (task.waiting.empty()) return false;
  if (out != nullptr) *out = oldest(index);
  task.waiting.pop_front();
  if (task.waiting.empty()) waiting_ &= ~(uint64_t{1} << index);
  show(index);
  if (waiting_ == 0) {
    available.set(false);
    follow_waiting();
  }
  return true;
}

void ReleaseFifos::raise_when_due() {
  const uint64_t now = core::now_ps();
  if (!interrupt_due_ || *interrupt_due_ > now) return;
  interrupt_due_.reset();
  interrupt_level_.set(1, now);
  interrupt.set(true);
}

void ReleaseFifos::follow_waiting() {
  const uint64_t now = core::now_ps();
  const bool wanted = waiting_ != 0 && (control_.value() & abi::job_release::kControlInterruptEnable) != 0;
  if (!wanted) {
    interrupt_due_.reset();
    interrupt_wake_.cancel();
    interrupt_level_.set(0, now);
    interrupt.set(false);
  } else if (!interrupt.level() && !interrupt_due_) {
    interrupt_due_ = clock_.after(now, depths_.interrupt_cycles);
    raise_when_due();
    if (interrupt_due_) interrupt_wake_.notify(core::to_time(*interrupt_due_ - now));
  }
}

void ReleaseFifos::show(uint16_t index) {
  Task& task = tasks_[index];
  if (!task.occupancy.traced()) return;
  task.occupancy.set(std::min<uint64_t>(task.waiting.size(), depths_.fifo), core::now_ps());
}

uint32_t ReleaseFifos::first_task() const {
  auto order = [&](size_t i) { return tasks_[i].waiting.front().times.order; };
  auto first = static_cast<size_t>(std::countr_zero(waiting_));
  for (uint64_t rest = waiting_ & (waiting_ - 1); rest != 0; rest &= rest - 1) {
    auto i = static_cast<size_t>(std::countr_zero(rest));
    if (order(i) < order(first)) first = i;
  }
  return static_cast<uint32_t>(first);
}

void ReleaseFifos::read_fifo(tlm::tlm_generic_payload& payload, sc_core::sc_time& /*delay*/) {
  uint64_t address = payload.get_address();
  payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  if (!payload.is_read()) {
    payload.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
  } else if (address == release_port::kWaiting && payload.get_data_length() == sizeof waiting_) {
    std::memcpy(payload.get_data_ptr(), &waiting_, sizeof waiting_);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  } else if (address == release_port::kFirst && payload.get_data_length() == sizeof(uint32_t) &&
             waiting_ != 0) {
    uint32_t task = first_task();
    std::memcpy(payload.get_data_ptr(), &task, sizeof task);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  } else if (address % release_port::kStride == 0 && address / release_port::kStride < tasks_.size() &&
             payload.get_data_length() == sizeof(abi::ReleaseWords)) {
    abi::ReleaseWords words{};
    if (!pop(static_cast<uint16_t>(address / release_port::kStride), &words)) return;
    std::memcpy(payload.get_data_ptr(), &words, sizeof words);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
}

}  // namespace vesper::scheduler

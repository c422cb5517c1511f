#include "models/npu/npu.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "models/core/run_report.h"
#include "models/core/sim_error.h"
#include "sw/weaving/host.h"

namespace vesper::npu {

using core::now_ps;
using core::to_time;
using observe::OperationKind;

namespace {

constexpr Ticks kNever = std::numeric_limits<Ticks>::max();
constexpr uint64_t kPage = 4096;

void set_wide(core::Register& words, uint64_t value) {
  words.set(static_cast<uint32_t>(value), 0);
  words.set(static_cast<uint32_t>(value >> 32), 1);
}

}  // namespace

void Npu::Properties::describe(Schema<Properties>& p) {
  describe_in(p);
  p("command_depth", &Properties::command_depth,
    "commands that the NPU holds, from their entry to the end of their computation")
      .between(1, 65536);
  p("low_water", &Properties::low_water, "fewer commands than this waiting for their fetch call software")
      .between(1, 65536);
  p("ahead", &Properties::ahead, "commands that software keeps waiting for their fetch; 0: all that fit");
  p("activation_networks", &Properties::activation_networks,
    "jobs whose activations are on chip; those of others are stored and loaded")
      .between(1, 64);
  p("interrupt_cycles", &Properties::interrupt_cycles, "cycles from its cause to the interrupt")
      .between(0, 1000);
  p("weight_ports", &Properties::weight_ports, "memory ports that a layer's weights are divided among")
      .between(1, 16);
  p("weights", &Properties::weights, "each memory port that fetches weights");
  p("activations", &Properties::activations, "memory port that stores activations and loads them back");
}

Npu::Npu(sc_core::sc_module_name module_name, const Properties& properties,
         const core::Environment& environment)
    : Ip(module_name),
      properties_(properties),
      unit_(properties),
      clock_(properties.clock),
      ticks_(Frequency{unit_.second}),
      burst_(environment.burst_memory),
      observers_(*environment.observers),
      task_names_(environment.requesters),
      manager_([this](const abi::InstructionWords& words) { accept(words); }),
      activations_("activations", properties.activations, properties.clock, environment,
                   [this] {
                     transfer_->end = std::max(now_, ticks_.cycle_at_or_after(now_ps()));
                     advance();
                   }),
      room_(properties.weight_buffer.count),
      buffers_(properties.activation_networks),
      computed_job_(policy::kMaxTasks, 0) {
  if (properties.ahead != 0 && properties.ahead < properties.low_water) {
    throw std::invalid_argument(fmt::format(
        "'ahead' is {} and 'low_water' {}: software would be called for ever; 'ahead' must be 0 or "
        "at least 'low_water'",
        properties.ahead, properties.low_water));
  }
  uint64_t layers = 0;
  for (const core::TaskInfo& task : environment.tasks) layers += task.regions;
  if (layers > weaving::kMostLayers) {
    throw std::invalid_argument(fmt::format(
        "the tasks have {} layers together, and a host takes {}: a larger weight_buffer cuts fewer layers",
        layers, weaving::kMostLayers));
  }
  for (uint32_t i = 0; i < properties.weight_ports; ++i) {
    std::string port = fmt::format("weights_{}", i);
    weights_.push_back(std::make_unique<dma::DmaEngine>(port.c_str(), properties.weights, properties.clock,
                                                        environment, [this] { weights_arrived(); }));
    expose(fmt::format("weights.{}", i), weights_.back()->socket);
  }
  expose(manager_.regs);
  expose("interrupt", interrupt);
  expose("low_water", low_water);
  expose("activations", activations_.socket);

  depth_.set(properties.command_depth);
  low_water_mark_.set(properties.low_water);
  ahead_.set(properties.ahead);
  set_wide(ticks_per_cycle_, unit_.cycle);
  set_wide(ticks_per_byte_, unit_.byte);
  set_wide(buffer_bytes_, properties.weight_buffer.count);
  places_.on_read([this](uint32_t) { return static_cast<uint32_t>(places()); });
  waiting_.on_read([this](uint32_t) { return static_cast<uint32_t>(waiting()); });
  low_water_mark_.on_write([this](uint32_t, uint32_t) { follow_lines(); });
  manager_.on_change = [this] { follow_lines(); };
  manager_.status.on_read([this](uint32_t) {
    namespace km = abi::kernel_manager;
    return (commands_.empty() ? 0 : km::kStatusBusy) | (manager_.feedback_waits() ? km::kStatusFeedback : 0) |
           (is_low() ? abi::npu::kStatusLowWater : 0);
  });

  auto signal = [this](const char* signal_name, uint16_t width, bool is_text, bool is_level = false) {
    return observe::Signal(
        observers_, {fmt::format("{}.{}", basename(), signal_name), "accelerator", width, is_text, is_level});
  };
  fetch_job_ = signal("fetch.job", 1, true);
  fetch_layer_ = signal("fetch.layer", 16, false);
  compute_job_ = signal("compute.job", 1, true);
  compute_layer_ = signal("compute.layer", 16, false);
  buffer_ = signal("weight_bytes", 40, false, true);
  queue_ = signal("commands", 32, false, true);

  SC_HAS_PROCESS(Npu);
  SC_METHOD(wake);
  sensitive << wake_;
  SC_METHOD(raise_interrupt);
  dont_initialize();
  sensitive << interrupt_due_;
}

void Npu::connected() {
  if (!burst_) return;
  auto check = [this](const dma::DmaEngine& port, const std::string& endpoint) {
    if (port.socket.size() > 0) return;
    throw InputError(
        fmt::format("in burst memory '{0}.{1}' must be connected, as in `connect: {{{0}.{1}: "
                    "noc.pl.0}}`",
                    basename(), endpoint));
  };
  for (size_t i = 0; i < weights_.size(); ++i) check(*weights_[i], fmt::format("weights.{}", i));
  check(activations_, "activations");
}

/// The queue is empty, and says so from the start.
void Npu::start_of_simulation() { follow_lines(); }

// ---- the queue

void Npu::accept(const abi::InstructionWords& words) {
  const accelerator::Instruction command = accelerator::decode(words);
  try {
    const abi::NpuLayerEntry layer = layer_of(command);
    if (!working_) {
      advance();
      now_ = std::max(now_, ticks_.cycle_at_or_after(now_ps()));
    }
    if (places() == 0) {
      throw core::SimulationError(fmt::format(
          "a command for task {} job {} layer {} was written while all {} places of the queue are taken",
          command.task, command.job, command.region, properties_.command_depth));
    }
    if (commands_.empty()) busy_since_ = now_;
    commands_.push_back(
        {{command.task, command.job}, manager_.last_region(command.task, command.region), layer});
  } catch (const core::SimulationError& error) {
    core::fail_simulation(fmt::format("{}: {}, at {} ps", name(), error.what(), now_ps()));
    return;
  }
  if (observers_.wants(observe::Topic::instruction)) {
    observers_.instruction_issued({commands_.back().job, command.region, false, false, {}, now_ps(), 0});
  }
  if (!working_) advance();
}

abi::NpuLayerEntry Npu::layer_of(const accelerator::Instruction& command) const {
  if (command.task >= task_names_.size()) {
    throw core::SimulationError(
        fmt::format("a command for task {}; there are {} requesters", command.task, task_names_.size()));
  }
  uint32_t count = 0;
  abi::NpuLayerEntry layer;
  std::memcpy(&layer, manager_.entries_of(command.task, command.region, count), sizeof layer);
  constexpr uint64_t kMostCycles = uint64_t{1} << 44;
  if (layer.cycles == 0 || layer.cycles > kMostCycles) {
    throw core::SimulationError(fmt::format("layer {} of task {} takes {} cycles; 1 to 2^44 are possible",
                                            command.region, command.task, layer.cycles));
  }
  return layer;
}

// ---- time

void Npu::wake() { advance(); }

void Npu::advance() {
  if (working_) return;
  working_ = true;
  work();
  for (Ticks next = next_end(); next != kNever && has_come(next); next = next_end()) {
    now_ = std::max(now_, next);
    work();
  }
  working_ = false;
  plan();
}

Ticks Npu::next_end() const {
  Ticks next = kNever;
  if (part_) next = std::min(next, part_->end);
  if (transfer_) next = std::min(next, transfer_->end);
  if (compute_ && (fetching_ > 0 || compute_->end > now_)) next = std::min(next, compute_->end);
  return next;
}

void Npu::plan() {
  const Ticks next = next_end();
  wake_.cancel();
  if (next != kNever) wake_.notify(to_time(ticks_.edge(next) - now_ps()));
}

void Npu::work() {
  size_t known = 0;
  do {
    while (end_part() || end_transfer() || end_compute() || begin_fetch() || begin_part() || begin_swap() ||
           begin_transfer() || begin_compute()) {
    }
    known = commands_.size();
    show();
    follow_lines();
  } while (commands_.size() != known);  // software that a line called wrote more of them
}

// ---- the fetch engine

bool Npu::begin_fetch() {
  if (fetch_begun_ || fetching_ == commands_.size()) return false;
  fetch_begun_ = true;
  left_ = commands_[fetching_].layer.weight_bytes;
  return true;
}

bool Npu::begin_part() {
  if (!fetch_begun_ || part_) return false;
  if (left_ == 0) {
    fetch_begun_ = false;
    ++fetching_;
    return true;
  }
  uint64_t bytes = std::min(left_, room_);
  room_ -= bytes;
  const bool streams = bytes == 0 && fetching_ == 0 && compute_.has_value();
  if (streams) bytes = left_;
  if (bytes == 0) return false;
  part_ = {now_, burst_ ? kNever : now_ + bytes * unit_.byte, bytes};
  if (burst_) start_weights(commands_[fetching_], bytes);
  left_ -= bytes;
  return true;
}

void Npu::start_weights(const Command& command, uint64_t bytes) {
  const uint64_t share = ceil_div(ceil_div(bytes, uint64_t{weights_.size()}), kPage) * kPage;
  core::JobTag tag;
  tag.task = command.job.task;
  tag.job = command.job.job;
  tag.layer = command.layer.layer;
  uint64_t address = command.layer.weights + command.layer.weight_bytes - left_;
  ports_pending_ = static_cast<uint32_t>(ceil_div(bytes, share));
  for (uint32_t port = 0; bytes > 0; ++port) {
    const auto piece = static_cast<uint32_t>(std::min(bytes, share));
    weights_[port]->start({address, piece, 1, piece, false, nullptr}, tag, 0);
    address += piece;
    bytes -= piece;
  }
}

void Npu::weights_arrived() {
  if (--ports_pending_ > 0) return;
  part_->end = std::max(now_, ticks_.cycle_at_or_after(now_ps()));
  advance();
}

bool Npu::end_part() {
  if (!part_ || part_->end > now_) return false;
  Command& command = commands_[fetching_];
  fetch_busy_ += part_->end - part_->start;
  tell(command, OperationKind::load, command.parts++, *part_);
  if (!burst_) tell_transfer(command.job, command.layer.layer, weights_[0]->observed_port(), false, *part_);
  part_.reset();
  return true;
}

// ---- the compute engine

bool Npu::begin_swap() {
  if (compute_ || entered_ || commands_.empty()) return false;
  swap_ = buffers_.enter(commands_.front().job);
  entered_ = true;
  return true;
}

bool Npu::begin_transfer() {
  if (transfer_ || !(swap_.store || swap_.load)) return false;
  const bool write = swap_.store.has_value();
  const Activations& moved = write ? *swap_.store : *swap_.load;
  transfer_ = {now_, burst_ ? kNever : now_ + moved.bytes * unit_.byte, moved.bytes};
  if (!burst_) return true;
  core::JobTag tag;
  tag.task = moved.job.task;
  tag.job = moved.job.job;
  tag.layer = moved.layer;
  activations_.start({moved.address, moved.bytes, 1, moved.bytes, write, nullptr}, tag, 0);
  return true;
}

bool Npu::end_transfer() {
  if (!transfer_ || transfer_->end > now_) return false;
  const bool write = swap_.store.has_value();
  std::optional<Activations>& done = write ? swap_.store : swap_.load;
  Command moved{done->job, false, {}};
  moved.layer.layer = done->layer;
  tell(moved, write ? OperationKind::persist : OperationKind::resume, 0, *transfer_);
  if (!burst_) tell_transfer(done->job, done->layer, activations_.observed_port(), write, *transfer_);
  done.reset();
  transfer_.reset();
  return true;
}

bool Npu::may_compute(const Command& command) const {
  if (fetching_ > 0) return true;
  return overflows(command) && fetch_begun_ && !part_ && room_ == 0;
}

bool Npu::begin_compute() {
  if (compute_ || !entered_ || swap_.store || swap_.load || !may_compute(commands_.front())) return false;
  const Command& command = commands_.front();
  compute_ = {now_, now_ + command.layer.cycles * unit_.cycle, 0};
  uint64_t& told = computed_job_[command.job.task % computed_job_.size()];
  if (told != uint64_t{command.job.job} + 1) {
    told = uint64_t{command.job.job} + 1;
    if (observers_.wants(observe::Topic::job)) observers_.first_compute(command.job, ticks_.edge(now_));
  }
  return true;
}

bool Npu::end_compute() {
  if (!compute_ || compute_->end > now_ || fetching_ == 0) return false;
  const Command command = commands_.front();
  compute_->end = now_;
  compute_busy_ += command.layer.cycles * unit_.cycle;
  tell(command, OperationKind::compute, 0, *compute_);
  compute_.reset();
  entered_ = false;
  room_ += std::min<uint64_t>(command.layer.weight_bytes, properties_.weight_buffer.count);
  commands_.pop_front();
  --fetching_;
  ++layers_;
  if (commands_.empty()) busy_ += now_ - busy_since_;
  finish(command);
  return true;
}

void Npu::finish(const Command& command) {
  const uint64_t end = ticks_.edge(now_);
  if (command.last) {
    buffers_.release(command.job);
    if (observers_.wants(observe::Topic::job)) observers_.job_completed(command.job, end);
  } else {
    buffers_.leave(
        {command.job, command.layer.layer, command.layer.activations, command.layer.activation_bytes});
  }
  if (observers_.wants(observe::Topic::region))
    observers_.region_ended({command.job, command.layer.layer, command.last, end, now_ps(), 0,
                             ticks_.edge(command.layer.cycles * unit_.cycle)});
  send_feedback(command);
}

// ---- software

void Npu::send_feedback(const Command& command) {
  const bool last_only = (manager_.control.value() & abi::npu::kControlLastOnly) != 0;
  if (!manager_.interrupt_enabled() || (last_only && !command.last)) return;
  manager_.push_feedback(
      {command.job.task | (command.last ? abi::kFeedbackLast : 0), command.job.job, command.layer.layer, 0});
}

bool Npu::wants_interrupt() const {
  const bool feedback = manager_.interrupt_enabled() && manager_.feedback_waits();
  const bool low = (manager_.control.value() & abi::npu::kControlLowWater) != 0 && is_low();
  return feedback || low;
}

void Npu::follow_lines() {
  low_water.set(is_low());
  if (!wants_interrupt()) {
    interrupt_due_.cancel();
    interrupt.set(false);
  } else if (properties_.interrupt_cycles == 0) {
    interrupt.set(true);
  } else if (!interrupt.level()) {
    interrupt_due_.notify(to_time(clock_.after(now_ps(), properties_.interrupt_cycles) - now_ps()));
  }
}

void Npu::raise_interrupt() { interrupt.set(wants_interrupt()); }

// ---- observers

void Npu::tell(const Command& command, OperationKind kind, uint32_t step, const Activity& activity) {
  if (!observers_.wants(observe::Topic::operation)) return;
  observers_.operation({command.job, command.layer.layer, step, kind, ticks_.edge(activity.start),
                        ticks_.edge(activity.end), ceil_div(activity.end - activity.start, unit_.cycle),
                        activity.bytes, 0});
}

void Npu::tell_transfer(observe::JobId job, uint32_t layer, uint16_t port, bool write,
                        const Activity& activity) {
  if (!observers_.wants(observe::Topic::transfer)) return;
  observers_.transfer(
      {job, layer, port, write, activity.bytes, ticks_.edge(activity.start), ticks_.edge(activity.end)});
}

void Npu::show() {
  if (!fetch_job_.traced() && !queue_.traced() && !buffer_.traced() && !compute_job_.traced()) return;
  const uint64_t time = ticks_.edge(now_);
  auto job_text = [this](const Command& command) {
    return fmt::format("{}#{}", task_names_[command.job.task], command.job.job);
  };
  fetch_job_.set(part_ ? job_text(commands_[fetching_]) : "", time);
  if (part_) fetch_layer_.set(commands_[fetching_].layer.layer, time);
  compute_job_.set(compute_ ? job_text(commands_.front()) : "", time);
  if (compute_) compute_layer_.set(commands_.front().layer.layer, time);
  buffer_.set(properties_.weight_buffer.count - room_, time);
  queue_.set(commands_.size(), time);
}

void Npu::report(core::RunReport& report) const {
  const Ticks end = ticks_.cycle_at_or_after(report.end_ps);
  auto so_far = [end](const std::optional<Activity>& activity) {
    return activity && activity->start < end ? std::min(activity->end, end) - activity->start : 0;
  };
  const Ticks present = commands_.empty() || end <= busy_since_ ? 0 : end - busy_since_;
  uint64_t errors = activations_.errors();
  for (const auto& port : weights_) errors += port->errors();
  report.accelerators.push_back({layers_, ticks_.edge(compute_busy_ + so_far(compute_)), errors,
                                 ticks_.edge(fetch_busy_ + so_far(part_)), ticks_.edge(busy_ + present)});
}

std::string Npu::waiting_for() const {
  if (commands_.empty()) return "";
  std::string reasons;
  auto add = [&reasons](const dma::DmaEngine& port) {
    const std::string reason = port.waiting_for();
    if (!reason.empty()) reasons += (reasons.empty() ? "" : "; ") + reason;
  };
  for (const auto& port : weights_) add(*port);
  add(activations_);
  return reasons;
}

VESPER_IP(Npu, "npu", "neural processing unit with decoupled fetch and compute, scheduled ahead of time");

}  // namespace vesper::npu

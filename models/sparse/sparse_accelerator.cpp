#include "models/sparse/sparse_accelerator.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/run_report.h"

namespace vesper::sparse {

using core::Cycles;
using core::now_ps;
using core::to_time;
using observe::OperationKind;

namespace {

constexpr uint64_t kMostDays = 100;  // the longest job that a scenario may have
constexpr uint64_t kMostPs = kMostDays * 24 * 3600 * 1'000'000'000'000;

}  // namespace

void SparseAccelerator::Properties::describe(Schema<Properties>& p) {
  ControlProperties::describe_in(p);
  SparseProperties::describe_in(p);
  p("weights", &Properties::weights, "memory port that loads weights");
  p("inputs", &Properties::inputs, "memory port that loads activations");
  p("outputs", &Properties::outputs, "memory port that stores activations");
  p("on_error", &Properties::on_error,
    "a bus error or timeout of a port: stop ends the run, abandon gives the job up and goes on");
}

SparseAccelerator::SparseAccelerator(sc_core::sc_module_name module_name, const Properties& properties,
                                     const core::Environment& environment)
    : RegionAccelerator(module_name, properties, environment),
      properties_(properties),
      burst_(environment.burst_memory),
      times_(properties),
      most_cycles_(clock_.cycle_at_or_after(kMostPs)),
      weights_("load_weights", properties.weights, properties.clock, environment, [this] { load_ended(); }),
      inputs_("load_inputs", properties.inputs, properties.clock, environment, [this] { load_ended(); }),
      outputs_("store_outputs", properties.outputs, properties.clock, environment, [this] { store_ended(); }),
      job_memory_(environment),
      monitor_signal_(observers_, number("monitor", 32)),
      swap_signal_(observers_, text("swap")) {
  for (const core::TaskInfo& task : environment.tasks) samples_.push_back(task.samples);
  samples_.resize(task_names_.size());
  for (dma::DmaEngine* engine : {&weights_, &inputs_, &outputs_}) engine->set_on_error(properties.on_error);
  expose("weights", weights_.socket);
  expose("inputs", inputs_.socket);
  expose("outputs", outputs_.socket);
  monitor_signal_.set(0, 0);
  swap_signal_.set("", 0);
  follow(swap_signal_);
  SC_HAS_PROCESS(SparseAccelerator);
  SC_METHOD(compute_ended);
  dont_initialize();
  sensitive << compute_due_;
}

uint32_t SparseAccelerator::look_up(const accelerator::Instruction& instruction) {
  entries_ = manager_.entries_of(instruction.task, instruction.region, entry_count_);
  preempted_ = nullptr;
  if (instruction.preempt) {
    uint32_t count = 0;
    const abi::MetadataEntry* entries =
        manager_.entries_of(instruction.last_task, instruction.last_region, count);
    preempted_ = &entries[count - 1];
  }
  resumes_ = instruction.resume;
  next_entry_ = 0;
  return entry_count_;
}

void SparseAccelerator::run(Cycles launch) {
  if (burst_ && running().region == 0) job_memory_.begin(running_job());
  if (has_failed(previous_job())) preempted_ = nullptr;  // nothing of it is on chip
  monitor_ = 0;
  shares_ = {};
  const uint64_t start = after(now_ps(), launch);
  if (burst_) {
    call_back_at(start);
  } else {
    run_fixed(start);
  }
}

void SparseAccelerator::region_over() {
  monitor_signal_.set(monitor_, now_ps());
  if (burst_ && job_ends()) job_memory_.end(running_job());
}

// ---- phases

/// Swap-out of the job before, swap-in of this one, then the layers; false at the end.
bool SparseAccelerator::next_phase() {
  if (preempted_ != nullptr) {
    fill(Work::swap_out, preempted_, previous_job());
    preempted_ = nullptr;
    return true;
  }
  if (has_failed(running_job())) return false;
  if (resumes_) {
    fill(Work::swap_in, entries_, running_job());
    resumes_ = false;
    return true;
  }
  if (next_entry_ == entry_count_) return false;
  fill(Work::layer, &entries_[next_entry_++], running_job());
  if (phase_.sample.time_ps == 0 && !phase_.layer.known()) {
    throw core::SimulationError(
        fmt::format("layer {} of task '{}' has neither a shape nor, for job {}, a time", phase_.layer.index,
                    task_names_[phase_.job.task], phase_.job.job));
  }
  monitor_ = zero_count(phase_.layer, phase_.sample.sparsity);
  return true;
}

void SparseAccelerator::fill(Work work, const abi::MetadataEntry* entry, observe::JobId job) {
  phase_.work = work;
  phase_.entry = entry;
  phase_.job = job;
  phase_.layer = layer_of(as_layer(*entry));
  phase_.sample = sample_of(job, phase_.layer);
}

core::LayerSample SparseAccelerator::sample_of(observe::JobId job, const Layer& layer) const {
  const core::JobSamples* samples = samples_[job.task].get();
  const std::span<const core::LayerSample> layers =
      samples != nullptr ? samples->layers(job.job) : std::span<const core::LayerSample>{};
  if (layers.empty()) return {0, layer.sparsity.activations.value()};
  if (layer.index >= layers.size()) {
    throw core::SimulationError(
        fmt::format("the sample of task '{}', job {} has {} layers, none of number {}", task_names_[job.task],
                    job.job, layers.size(), layer.index));
  }
  const core::LayerSample& sample = layers[layer.index];
  if (sample.time_ps > kMostPs) {
    throw core::SimulationError(
        fmt::format("layer {} of the sample of task '{}', job {} takes more than {} days", layer.index,
                    task_names_[job.task], job.job, kMostDays));
  }
  const bool is_fraction = sample.sparsity >= 0 && sample.sparsity <= 1;
  if (!is_fraction) {
    throw core::SimulationError(
        fmt::format("layer {} of the sample of task '{}', job {} has a sparsity of {}", layer.index,
                    task_names_[job.task], job.job, sample.sparsity));
  }
  return sample;
}

/// Time of the array in a layer.
uint64_t SparseAccelerator::compute_ps() const {
  if (phase_.sample.time_ps != 0) return phase_.sample.time_ps;
  return ps_of(times_.compute_cycles(phase_.layer, phase_.sample.sparsity));
}

uint64_t SparseAccelerator::ps_of(Cycles cycles) const {
  if (cycles <= most_cycles_) return clock_.edge(cycles);
  throw core::SimulationError(fmt::format("layer {} of task '{}', job {} takes {} cycles, more than {} days",
                                          phase_.layer.index, task_names_[phase_.job.task], phase_.job.job,
                                          cycles, kMostDays));
}

LayerTraffic SparseAccelerator::traffic() const {
  const double sparsity = phase_.sample.sparsity;
  if (phase_.work == Work::swap_out) return {0, 0, times_.swap_out_bytes(phase_.layer, sparsity)};
  if (phase_.work == Work::swap_in) return {0, times_.swap_in_bytes(phase_.layer, sparsity), 0};
  return times_.traffic(phase_.layer, sparsity);
}

// ---- `fixed` memory

void SparseAccelerator::run_fixed(uint64_t start_ps) {
  uint64_t at = start_ps;
  while (next_phase()) {
    const uint64_t duration = fixed_ps();
    account_phase(duration);
    if (phase_.work == Work::layer) {
      tell_first_compute(at);
      count_layer();
    }
    if (watched()) tell_fixed(at, duration);
    at += duration;
  }
  region_ends(at, shares_);
}

uint64_t SparseAccelerator::fixed_ps() const {
  const double sparsity = phase_.sample.sparsity;
  if (phase_.work == Work::swap_out) {
    return swap_ps(times_.output_stream_cycles(times_.swap_out_bytes(phase_.layer, sparsity)));
  }
  if (phase_.work == Work::swap_in) {
    return swap_ps(times_.input_stream_cycles(times_.swap_in_bytes(phase_.layer, sparsity)));
  }
  if (phase_.sample.time_ps != 0) return phase_.sample.time_ps;
  return ps_of(times_.cycles(phase_.layer, sparsity));
}

uint64_t SparseAccelerator::swap_ps(uint64_t stream_cycles) const {
  return phase_.layer.known() ? clock_.edge(stream_cycles) : properties_.switch_time.ps;
}

/// Streams of a layer whose time is given take all of it.
void SparseAccelerator::tell_fixed(uint64_t start_ps, uint64_t duration_ps) {
  const LayerTraffic bytes = traffic();
  const bool given = phase_.work == Work::layer && phase_.sample.time_ps != 0;
  auto end_of = [&](uint64_t cycles) { return start_ps + (given ? duration_ps : clock_.edge(cycles)); };
  const uint64_t weights_end = end_of(times_.weight_stream_cycles(bytes.weights));
  const uint64_t inputs_end = end_of(times_.input_stream_cycles(bytes.input));
  const uint64_t outputs_end = end_of(times_.output_stream_cycles(bytes.output));
  tell_transfer(weights_, false, bytes.weights, start_ps, weights_end);
  tell_transfer(inputs_, false, bytes.input, start_ps, inputs_end);
  tell_transfer(outputs_, true, bytes.output, start_ps, outputs_end);
  show(start_ps, bytes);
  if (bytes.weights + bytes.input > 0) {
    const uint64_t end = std::max(bytes.weights > 0 ? weights_end : 0, bytes.input > 0 ? inputs_end : 0);
    tell(phase_.work == Work::swap_in ? OperationKind::resume : OperationKind::load, start_ps, end,
         bytes.weights + bytes.input);
    load_signal_.set(0, end);
  }
  if (phase_.work == Work::layer) {
    tell(OperationKind::compute, start_ps, start_ps + compute_ps(), 0);
    compute_signal_.set(0, start_ps + compute_ps());
  }
  if (bytes.output > 0) {
    tell(phase_.work == Work::swap_out ? OperationKind::persist : OperationKind::store, start_ps, outputs_end,
         bytes.output);
    store_signal_.set(0, outputs_end);
  }
}

void SparseAccelerator::tell_transfer(const dma::DmaEngine& port, bool write, uint64_t bytes, uint64_t start,
                                      uint64_t end) {
  if (bytes == 0 || !observers_.wants(observe::Topic::transfer)) return;
  observers_.transfer({phase_.job, phase_.layer.index, port.observed_port(), write, bytes, start, end});
}

// ---- `burst` memory

void SparseAccelerator::called_back() {
  guarded([this] { start_phase(); });
}

void SparseAccelerator::start_phase() {
  do {
    if (!next_phase()) {
      region_ends(now_ps(), shares_);
      return;
    }
    phase_start_ = now_ps();
    moves_ = traffic();
    const uint64_t busy = phase_.work == Work::layer ? compute_ps() : swap_ps(0);
    loads_pending_ = (moves_.weights > 0 ? 1U : 0U) + (moves_.input > 0 ? 1U : 0U);
    parts_pending_ = (loads_pending_ > 0 ? 1U : 0U) + (moves_.output > 0 ? 1U : 0U) + (busy > 0 ? 1U : 0U);
    if (busy > 0) compute_due_.notify(to_time(busy));
    if (phase_.work == Work::layer) {
      tell_first_compute(phase_start_);
      count_layer();
    }
  } while (parts_pending_ == 0);
  show(phase_start_, moves_);
  const uint64_t offset = job_memory_.offset(phase_.job);
  start_stream(weights_, phase_.entry->b, moves_.weights, false);
  start_stream(inputs_, phase_.entry->a + offset, moves_.input, false);
  start_stream(outputs_, phase_.entry->c + offset, moves_.output, true);
}

void SparseAccelerator::start_stream(dma::DmaEngine& port, uint64_t address, uint64_t bytes, bool write) {
  if (bytes == 0) return;
  core::JobTag tag;
  tag.task = phase_.job.task;
  tag.job = phase_.job.job;
  tag.layer = phase_.layer.index;
  port.start({address, static_cast<uint32_t>(bytes), 1, bytes, write}, tag, properties_.fixed_memory.setup);
}

void SparseAccelerator::load_ended() {
  if (--loads_pending_ > 0) return;
  load_signal_.set(0, now_ps());
  part_ended(phase_.work == Work::swap_in ? OperationKind::resume : OperationKind::load,
             moves_.weights + moves_.input);
}

void SparseAccelerator::store_ended() {
  store_signal_.set(0, now_ps());
  part_ended(phase_.work == Work::swap_out ? OperationKind::persist : OperationKind::store, moves_.output);
}

void SparseAccelerator::compute_ended() {
  compute_signal_.set(0, now_ps());
  part_ended(OperationKind::compute, 0);
}

void SparseAccelerator::part_ended(OperationKind kind, uint64_t bytes) {
  if (phase_.work == Work::layer || kind != OperationKind::compute) tell(kind, phase_start_, now_ps(), bytes);
  if (--parts_pending_ > 0) return;
  account_phase(now_ps() - phase_start_);
  if (phase_failed()) fail_job(phase_.job);
  guarded([this] { start_phase(); });
}

bool SparseAccelerator::phase_failed() const {
  return (moves_.weights > 0 && weights_.failed()) || (moves_.input > 0 && inputs_.failed()) ||
         (moves_.output > 0 && outputs_.failed());
}

// ---- observers

void SparseAccelerator::account_phase(uint64_t duration_ps) {
  if (phase_.work == Work::layer) {
    shares_.compute_ps += compute_ps();
  } else {
    shares_.swap_ps += duration_ps;
  }
}

void SparseAccelerator::count_layer() {
  ++layers_;
  compute_busy_ps_ += compute_ps();
}

bool SparseAccelerator::watched() const {
  return observers_.wants(observe::Topic::operation) || observers_.wants(observe::Topic::transfer) ||
         traced();
}

void SparseAccelerator::tell(OperationKind kind, uint64_t start, uint64_t end, uint64_t bytes) {
  if (!observers_.wants(observe::Topic::operation)) return;
  observers_.operation(
      {phase_.job, phase_.layer.index, 0, kind, start, end, clock_.cycles_covering(end - start), bytes, 0});
}

void SparseAccelerator::show(uint64_t start, const LayerTraffic& bytes) {
  constexpr std::string_view kSwaps[] = {"out", "in", ""};  // in order of Work
  if (!traced()) return;
  show_job(phase_.job, start);
  region_signal_.set(running().region, start);
  layer_signal_.set(phase_.layer.index, start);
  swap_signal_.set(kSwaps[static_cast<size_t>(phase_.work)], start);
  load_signal_.set(bytes.weights + bytes.input > 0 ? 1 : 0, start);
  compute_signal_.set(phase_.work == Work::layer ? 1 : 0, start);
  store_signal_.set(bytes.output > 0 ? 1 : 0, start);
}

void SparseAccelerator::report(core::RunReport& report) const {
  const uint64_t errors = weights_.errors() + inputs_.errors() + outputs_.errors();
  report.accelerators.push_back({layers_, compute_busy_ps_, errors});
}

std::string SparseAccelerator::waiting_for() const {
  std::string reasons;
  for (const dma::DmaEngine* engine : {&weights_, &inputs_, &outputs_}) {
    std::string reason = engine->waiting_for();
    if (!reason.empty()) reasons += (reasons.empty() ? "" : "; ") + reason;
  }
  return reasons;
}

VESPER_IP(SparseAccelerator, "sparse_accelerator",
          "layer-by-layer accelerator for sparse networks, with a zero counter");

}  // namespace vesper::sparse

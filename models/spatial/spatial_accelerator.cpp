#include "models/spatial/spatial_accelerator.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/run_report.h"
#include "models/spatial/operand_port.h"
#include "models/spatial/plan_of.h"
#include "models/spatial/timing.h"

namespace vesper::spatial {

using core::now_ps;
using observe::OperationKind;
using observe::Topic;

void SpatialAccelerator::Properties::describe(Schema<Properties>& p) {
  p("accelerator", &Properties::accelerator, "accelerator of the design that it is").required();
  ControlProperties::describe_in(p);
  p("functional", &Properties::functional,
    "compute on values and compare every operator's result with the reference");
}

SpatialAccelerator::SpatialAccelerator(sc_core::sc_module_name module_name, const Properties& properties,
                                       const core::Environment& environment)
    : RegionAccelerator(module_name, properties, environment,
                        number_of(plan_of(environment), properties.accelerator)),
      plan_(environment.spatial),
      design_(plan_->design().accelerators[number_]),
      pipeline_(plan_->design().pipeline),
      step_ps_(spatial::step_ps(design_, plan_->design().device)),
      result_ps_(result_stream_ps(design_, plan_->design().device)),
      leaves_ps_(leaves_before_end_ps(design_, plan_->design().device)),
      arithmetic_(environment.functional ? std::make_unique<ProductArithmetic>(environment) : nullptr),
      stall_signal_(observers_, number("stall", 1)) {
  expose("results", results);
  expose("operands", operands);
  stall_signal_.set(0, 0);
}

void SpatialAccelerator::start_of_simulation() {
  if (results.size() > 0 && operands.size() > 0) return;
  throw InputError(fmt::format(
      "{}: connect 'results' to its engines or the stream switch, and 'operands' to its activation memory",
      name()));
}

uint32_t SpatialAccelerator::look_up(const accelerator::Instruction& instruction) {
  entries_ = manager_.entries_of(instruction.task, instruction.region, entry_count_);
  const StageTask* stage = plan_->stage(instruction.task);
  if (stage == nullptr || stage->accelerator != number_) {
    throw core::SimulationError(fmt::format("task '{}' is no stage that runs on accelerator '{}'",
                                            task_names_[instruction.task], design_.name));
  }
  visit_ = plan_->visit_of({instruction.task, instruction.job});
  const workload::Graph& graph = *plan_->graph_of(visit_.task);
  product_ = &graph.operators[visit_.product];
  steps_ = TileSteps(*product_, design_, gives_whole_rows(graph, visit_.product, design_));
  for (uint32_t i = 0; i < entry_count_; ++i) {
    const abi::MetadataEntry& entry = entries_[i];
    if (entry.first_iteration <= entry.last_iteration && entry.last_iteration < steps_.steps()) continue;
    throw core::SimulationError(fmt::format("region {} of task '{}' has steps {} to {}; there are {}",
                                            instruction.region, task_names_[instruction.task],
                                            entry.first_iteration, entry.last_iteration, steps_.steps()));
  }
  return entry_count_;
}

void SpatialAccelerator::run(core::Cycles launch) {
  now_ = after(now_ps(), launch);
  done_ = 0;
  begin_visit();
  tell_start();
  const uint64_t busy_before = busy_ps_;
  for (uint32_t i = 0; i < entry_count_; ++i)
    run_steps(entries_[i].first_iteration, entries_[i].last_iteration);
  visit_ends_ = entries_[entry_count_ - 1].last_iteration + 1 == steps_.steps();
  compute_signal_.set(0, now_);
  region_ends(visit_ends_ && !pipeline_ ? std::max(now_, done_) : now_, {busy_ps_ - busy_before, 0});
}

/// Rows of the visit's packets, and words to the memory, name these.
void SpatialAccelerator::begin_visit() {
  for (pl::StreamPacket* packet : {&rows_.packet, &word_.packet}) {
    packet->job = {visit_.task, visit_.job};
    packet->image = visit_.image;
    packet->op = visit_.product;
  }
  word_.write(operands, {}, operand_port::kBegin);
  rows_.packet.deadline_ps = word_.packet.deadline_ps;
  rows_.packet.weight = word_.packet.weight;
  rows_.packet.format = product_->format;
  rows_.packet.by_rows = pipeline_;
}

void SpatialAccelerator::region_over() {
  if (!visit_ends_) return;
  visit_ends_ = false;  // told twice where the job's completion is
  word_.packet.op = visit_.product;
  word_.write(operands, {}, operand_port::kEnd);
}

/// From group to group: steps between them only take their time.
void SpatialAccelerator::run_steps(uint64_t first, uint64_t last) {
  const uint64_t group_steps = steps_.group_steps();
  for (uint64_t step = first; step <= last;) {
    const uint64_t group = step / group_steps;
    const uint64_t group_end = (group + 1) * group_steps;
    const uint64_t until = std::min(group_end, last + 1);
    const uint64_t count = until - step;
    step_count_ += count;
    busy_ps_ += count * step_ps_;
    now_ += count * step_ps_;
    tell_steps(step, until - 1, now_);
    if (until == group_end) finish_group(group);
    step = until;
  }
}

void SpatialAccelerator::finish_group(uint64_t group) {
  if (!pipeline_ && group + 1 < steps_.groups()) return;  // the whole matrix leaves at once
  const uint64_t free = taken_ps_ + leaves_ps_;
  if (free > now_) {
    stalled_ps_ += free - now_;
    compute_signal_.set(0, now_);
    stall_signal_.set(1, now_);
    now_ = free;
    stall_signal_.set(0, now_);
    compute_signal_.set(1, now_);
  }
  send_rows(group);
}

void SpatialAccelerator::send_rows(uint64_t group) {
  const TileSteps::Group rows =
      pipeline_ ? steps_.group(group) : TileSteps::Group{0, product_->rows, 0, product_->columns};
  pl::StreamPacket& packet = rows_.packet;
  packet.first_row = rows.first_row;
  packet.rows = rows.rows;
  packet.first_column = rows.first_column;
  packet.columns = rows.columns;
  packet.first_ps = now_ - leaves_ps_ + result_ps_ / rows.rows;
  packet.last_ps = now_ - leaves_ps_ + result_ps_;
  packet.step_end_ps = now_;
  macs_ += uint64_t{rows.rows} * rows.columns * product_->inner;
  tell_store(group, uint64_t{rows.rows} * rows.columns * bytes_of(product_->format));
  rows_.write(results, values_of(rows));
  taken_ps_ = packet.taken_ps;
  done_ = packet.done_ps;
}

std::span<std::byte> SpatialAccelerator::values_of(const TileSteps::Group& rows) {
  if (!arithmetic_) return {};
  return arithmetic_->rows(visit_.task, visit_.product, rows,
                           [this](const ProductArithmetic::Part& part, std::span<std::byte> to) {
                             pl::StreamPacket& wanted = word_.packet;
                             wanted.op = part.op;
                             wanted.first_row = part.first_row;
                             wanted.rows = part.rows;
                             wanted.first_column = part.first_column;
                             wanted.columns = part.columns;
                             word_.read(operands, to);
                           });
}

// ---- observers

void SpatialAccelerator::tell_start() {
  const bool begins = entries_[0].first_iteration == 0;
  if (begins && observers_.wants(Topic::job)) {
    observers_.first_compute(running_job(), now_);
    if (visit_.product == plan_->graph_of(visit_.task)->product_of(0)) tell_job_begins();
  }
  if (!traced()) return;
  show_job(running_job(), now_);
  region_signal_.set(running().region, now_);
  layer_signal_.set(entries_[0].layer, now_);
  compute_signal_.set(1, now_);
}

/// The scenario's own job begins when the network's first product does for the first of its inputs.
void SpatialAccelerator::tell_job_begins() {
  const observe::JobId job{visit_.task, visit_.job};
  uint32_t& inputs = begun_inputs_[job];
  if (++inputs == 1) observers_.first_compute(job, now_);
  if (inputs == plan_->images_of(visit_.task)) begun_inputs_.erase(job);
}

void SpatialAccelerator::tell_steps(uint64_t first, uint64_t last, uint64_t end_ps) const {
  if (!observers_.wants(Topic::operation)) return;
  uint64_t at = end_ps - (last - first + 1) * step_ps_;
  for (uint64_t step = first; step <= last; ++step, at += step_ps_) {
    observers_.operation({running_job(), entries_[0].layer, static_cast<uint32_t>(step),
                          OperationKind::compute, at, at + step_ps_, clock_.cycles_covering(step_ps_), 0,
                          number_});
  }
}

void SpatialAccelerator::tell_store(uint64_t group, uint64_t bytes) const {
  if (!observers_.wants(Topic::operation)) return;
  const auto step = static_cast<uint32_t>((group + 1) * steps_.group_steps() - 1);
  observers_.operation({running_job(), entries_[0].layer, step, OperationKind::store, now_ - leaves_ps_,
                        now_ - leaves_ps_ + result_ps_, clock_.cycles_covering(result_ps_), bytes, number_});
}

void SpatialAccelerator::report(core::RunReport& report) const {
  const Device& device = plan_->design().device;
  const double macs_a_second = static_cast<double>(design_.array.a) * design_.array.b * design_.array.c *
                               design_.units * device.macs * static_cast<double>(device.aie_clock.hz);
  observe::AcceleratorTotals totals{step_count_, busy_ps_};
  totals.at_peak = static_cast<observe::Time>(static_cast<double>(macs_) / macs_a_second * 1e12);
  report.accelerators.push_back(totals);
}

VESPER_IP(SpatialAccelerator, "spatial_accelerator",
          "matrix accelerator on a share of an AIE array, whose rows leave as a stream");

}  // namespace vesper::spatial

#include "models/pl/stream_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "models/core/run_report.h"
#include "models/spatial/guarded.h"
#include "models/spatial/plan_of.h"
#include "platform/property/integer.h"

namespace vesper::pl {
namespace {

using core::SimulationError;
using workload::Edge;
using workload::Graph;
using workload::Operator;

core::ClockDomain clock_of(const StreamEngine::Properties& properties, const spatial::Plan& plan) {
  return core::ClockDomain(properties.clock.value_or(plan.design().device.pl_clock));
}

RowPipeline pipeline_of(const char* op, const StreamEngine::Properties& properties,
                        const spatial::Plan& plan) {
  const spatial::Engine& engine = *spatial::find_engine(op);
  return {clock_of(properties, plan), properties.passes.value_or(engine.passes),
          properties.depth.value_or(engine.depth)};
}

std::string text_of(workload::Format format) { return Codec<workload::Format>::write(format).text(); }

/// Whether anything but these operators' first inputs takes the result of `from`.
bool needed_besides(const Graph& graph, uint32_t from, const std::vector<uint32_t>& operators) {
  for (uint32_t i = 0; i < graph.operators.size(); ++i) {
    const bool acts = std::ranges::find(operators, i) != operators.end();
    const std::vector<Edge>& inputs = graph.operators[i].inputs;
    for (size_t k = acts ? 1 : 0; k < inputs.size(); ++k) {
      if (inputs[k].from == from) return true;
    }
  }
  return false;
}

}  // namespace

StreamEngine::StreamEngine(sc_core::sc_module_name name, const char* op, const Properties& properties,
                           const core::Environment& environment,
                           const std::function<bool(const Operator&)>& acts_on)
    : Ip(name),
      plan_(environment.spatial),
      observers_(environment.observers),
      track_(observers_ != nullptr ? observers_->track(this->name()) : uint16_t{0}),
      accelerator_(spatial::plan_of(environment)
                       .design()
                       .accelerators[spatial::number_of(*plan_, properties.accelerator)]),
      op_(op),
      operation_(*find_operation(op)),
      functional_(environment.functional),
      lanes_(properties.lanes.value_or(accelerator_.lanes)),
      pipeline_(pipeline_of(op, properties, *plan_)) {
  for (uint16_t i = 0; i < environment.tasks.size(); ++i) {
    names_.push_back(environment.tasks[i].name);
    tasks_.push_back(make_task(i, environment, acts_on));
  }
  auto signal = [&](const char* signal_name, bool is_text) {
    return observers_ == nullptr
               ? observe::Signal()
               : observe::Signal(*observers_,
                                 {fmt::format("{}.{}", basename(), signal_name), "accelerator", 1, is_text});
  };
  busy_signal_ = signal("busy", false);
  job_signal_ = signal("job", true);
  operator_signal_ = signal("operator", true);
  in.register_b_transport(this, &StreamEngine::b_transport);
  expose("in", in);
  expose("out", out);
  SC_HAS_PROCESS(StreamEngine);
  SC_METHOD(show_idle);
  sensitive << idle_;
  dont_initialize();
}

StreamEngine::Task StreamEngine::make_task(uint16_t number, const core::Environment& environment,
                                           const std::function<bool(const Operator&)>& acts_on) const {
  Task task{plan_->graph_of(number), {}, {}};
  if (task.graph == nullptr) return task;
  const std::vector<Operator>& operators = task.graph->operators;
  const Values values(environment.seed, environment.tasks[number].name);
  task.steps.resize(operators.size());
  task.stored.resize(operators.size());
  for (uint32_t i = 0; i < operators.size(); ++i) {
    const Operator& op = operators[i];
    if (op.op != op_ || (acts_on && !acts_on(op)) || op.inputs[0].from == Edge::kInput) continue;
    task.steps[op.inputs[0].from].operators.push_back(i);
    if (functional_) task.stored[i] = operation_.stored(op, values);
  }
  for (uint32_t i = 0; i < operators.size(); ++i) {
    const std::vector<uint32_t>& acting = task.steps[i].operators;
    if (!acting.empty()) task.steps[i].needed = needed_besides(*task.graph, i, acting);
  }
  return task;
}

bool StreamEngine::Open::is(const StreamPacket& packet) const {
  return job == packet.job && image == packet.image && op == packet.op &&
         first_column == packet.first_column && columns == packet.columns;
}

void StreamEngine::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  spatial::guarded(*this, [&] {
    auto* packet = payload.get_extension<StreamPacket>();
    if (packet == nullptr) throw SimulationError("what came through 'in' is no packet of rows");
    take(payload, *packet, delay);
  });
}

void StreamEngine::take(tlm::tlm_generic_payload& payload, StreamPacket& packet, sc_core::sc_time& delay) {
  const bool known = packet.job.task < tasks_.size() && tasks_[packet.job.task].graph != nullptr &&
                     packet.op < tasks_[packet.job.task].steps.size();
  if (!known) {
    throw SimulationError(fmt::format("rows of operator number {} of task number {} belong to no graph",
                                      packet.op, packet.job.task));
  }
  const Task& task = tasks_[packet.job.task];
  const Step& step = task.steps[packet.op];
  if (step.operators.empty()) {
    ++passed_on_;
    out->b_transport(payload, delay);
    return;
  }
  const std::span<const std::byte> data{reinterpret_cast<const std::byte*>(payload.get_data_ptr()),
                                        functional_ ? payload.get_data_length() : 0};
  check(task, packet, data);
  keep_order(task, packet);
  Answer answer;
  if (step.needed) {
    ++passed_on_;
    out->b_transport(payload, delay);
    answer = {packet.taken_ps, packet.done_ps, payload.is_response_ok()};
  }
  const Answer own = packet.by_rows ? work_on_all(task, packet, data) : collect(task, packet, data);
  packet.taken_ps = std::max(answer.taken_ps, own.taken_ps);
  packet.done_ps = std::max(answer.done_ps, own.done_ps);
  payload.set_response_status(answer.ok && own.ok ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE);
}

bool StreamEngine::Collection::is(const StreamPacket& packet) const {
  return missing != 0 && job == packet.job && image == packet.image && op == packet.op;
}

StreamEngine::Collection& StreamEngine::collection_of(const Task& task, const StreamPacket& packet) {
  auto it = std::ranges::find_if(collections_, [&](const Collection& c) { return c.is(packet); });
  if (it != collections_.end()) return *it;
  it = std::ranges::find(collections_, 0U, &Collection::missing);
  if (it == collections_.end()) it = collections_.emplace(it);
  const Operator& from = task.graph->operators[packet.op];
  it->job = packet.job;
  it->image = packet.image;
  it->op = packet.op;
  it->missing = uint64_t{from.rows} * from.columns;
  it->last_ps = 0;
  it->values.rows = from.rows;
  it->values.columns = from.columns;
  it->values.format = from.format;
  if (functional_) it->values.bytes.resize(from.bytes());
  return *it;
}

StreamEngine::Answer StreamEngine::collect(const Task& task, const StreamPacket& packet,
                                           std::span<const std::byte> data) {
  Collection& all = collection_of(task, packet);
  const uint64_t elements = uint64_t{packet.rows} * packet.columns;
  if (elements > all.missing)
    throw SimulationError(fmt::format("{}: some of them for the second time", text(packet)));
  const size_t row_bytes = size_t{packet.columns} * workload::bytes_of(packet.format);
  for (uint32_t row = 0; row < packet.rows && !data.empty(); ++row)
    std::memcpy(all.values.at(packet.first_row + row, packet.first_column), data.data() + row * row_bytes,
                row_bytes);
  all.last_ps = std::max(all.last_ps, packet.last_ps);
  all.missing -= elements;
  if (all.missing != 0) return {packet.last_ps, packet.last_ps};
  StreamPacket& whole = whole_;
  whole = packet;
  whole.first_row = whole.first_column = 0;
  whole.rows = all.values.rows;
  whole.columns = all.values.columns;
  whole.first_ps = whole.last_ps = all.last_ps;
  return work_on_all(task, whole, all.values.bytes);
}

StreamEngine::Answer StreamEngine::work_on_all(const Task& task, const StreamPacket& rows,
                                               std::span<const std::byte> data) {
  Answer all;
  for (uint32_t op : task.steps[rows.op].operators) {
    const Answer one = work_on(task, op, rows, data);
    all = {std::max(all.taken_ps, one.taken_ps), std::max(all.done_ps, one.done_ps), all.ok && one.ok};
  }
  return all;
}

StreamEngine::Answer StreamEngine::work_on(const Task& task, uint32_t number, const StreamPacket& rows,
                                           std::span<const std::byte> data) {
  const Operator& op = task.graph->operators[number];
  const Edge& edge = op.inputs[0];
  const uint32_t first = std::max(rows.first_column, edge.first_column);
  const uint32_t end = std::min(rows.first_column + rows.columns, edge.first_column + edge.columns);
  if (first >= end) return {rows.last_ps, rows.last_ps};
  StreamPacket& result = result_.packet;
  result = rows;
  result.op = number;
  result.format = op.format;
  result.first_column = first - edge.first_column;
  result.columns = end - first;
  check_whole(op, rows, result);

  const RowTimes times = pipeline_.pass({rows.rows, rows.first_ps, rows.last_ps, rows.by_rows},
                                        cost_of(task, rows, result.columns));
  result.first_ps = times.first_ps;
  result.last_ps = times.last_ps;
  show(op, rows, times.start_ps);
  result_.write(out, compute(task, number, result, cut(rows, first, result.columns, data)));

  const uint64_t taken_ps = pipeline_.held_up(result.taken_ps);
  const uint64_t held_up_ps = taken_ps - times.taken_ps;
  held_up_ps_ += held_up_ps;
  count(rows, times.start_ps, times.last_ps + held_up_ps);
  if (observers_ != nullptr && observers_->wants(observe::Topic::activity))
    observers_->activity({track_, rows.job, op.name, times.start_ps, times.last_ps + held_up_ps});
  return {taken_ps, result.done_ps, result_.is_ok()};
}

void StreamEngine::check(const Task& task, const StreamPacket& packet,
                         std::span<const std::byte> data) const {
  const Operator& from = task.graph->operators[packet.op];
  auto refuse = [&](const std::string& what) {
    throw SimulationError(fmt::format("{}: {}", text(packet), what));
  };
  const bool inside = packet.rows > 0 && packet.columns > 0 && packet.first_row < from.rows &&
                      packet.rows <= from.rows - packet.first_row && packet.first_column < from.columns &&
                      packet.columns <= from.columns - packet.first_column;
  if (!inside) refuse(fmt::format("the matrix has {} rows and {} columns", from.rows, from.columns));
  if (packet.format != from.format) {
    refuse(fmt::format("the packet is {}, the matrix {}", text_of(packet.format), text_of(from.format)));
  }
  if (packet.last_ps < packet.first_ps) refuse("the last row comes before the first");
  const uint64_t bytes = uint64_t{packet.rows} * packet.columns * workload::bytes_of(packet.format);
  if (functional_ && data.size() != bytes)
    refuse(fmt::format("{} bytes of values, not {}", data.size(), bytes));
}

/// What the operator makes of a packet, and whether it can.
void StreamEngine::check_whole(const Operator& op, const StreamPacket& packet,
                               const StreamPacket& result) const {
  if (!operation_.takes(packet.format, op))
    throw SimulationError(
        fmt::format("{}: {} does not take {}", text(packet), op.name, text_of(packet.format)));
  const uint32_t together = operation_.columns_together(op);
  if (result.first_column % together == 0 && result.columns % together == 0) return;
  throw SimulationError(fmt::format("{}: {} needs {} columns together", text(packet), op.name, together));
}

void StreamEngine::keep_order(const Task& task, const StreamPacket& packet) {
  auto it = std::ranges::find_if(open_, [&](const Open& open) { return open.is(packet); });
  const uint32_t expected = it == open_.end() ? 0 : it->next_row;
  if (packet.first_row != expected) {
    throw SimulationError(fmt::format("{}: row {} was to come next", text(packet), expected));
  }
  const uint32_t next = packet.first_row + packet.rows;
  if (next == task.graph->operators[packet.op].rows) {
    if (it != open_.end()) open_.erase(it);
  } else if (it != open_.end()) {
    it->next_row = next;
  } else {
    open_.push_back({packet.job, packet.image, packet.op, packet.first_column, packet.columns, next});
  }
}

/// Of rows of which the engine works on so many columns.
RowCost StreamEngine::cost_of(const Task& task, const StreamPacket& packet, uint32_t columns) const {
  const Operator& from = task.graph->operators[packet.op];
  const uint32_t heads = task.graph->operators[task.graph->product_of(packet.op)].heads;
  const spatial::Array& array = accelerator_.array;
  uint64_t units = accelerator_.units;
  if (heads > 1) units = std::min(units, ceil_div<uint64_t>(uint64_t{packet.columns} * heads, from.columns));
  const uint64_t all_lanes = uint64_t{lanes_} * array.a * array.c * accelerator_.units;
  return {array.a, ceil_div<uint64_t>(packet.columns, lanes_ * array.c * units),
          ceil_div<uint64_t>(uint64_t{packet.rows} * columns, all_lanes)};
}

/// The columns of the packet's rows from `first` on.
std::span<const std::byte> StreamEngine::cut(const StreamPacket& packet, uint32_t first, uint32_t columns,
                                             std::span<const std::byte> data) {
  if (data.empty() || columns == packet.columns) return data;
  const size_t bytes = workload::bytes_of(packet.format);
  const size_t row_bytes = columns * bytes;
  columns_.resize(packet.rows * row_bytes);
  const std::byte* from = data.data() + (first - packet.first_column) * bytes;
  for (size_t row = 0; row < packet.rows; ++row)
    std::memcpy(columns_.data() + row * row_bytes, from + row * packet.columns * bytes, row_bytes);
  return columns_;
}

std::span<std::byte> StreamEngine::compute(const Task& task, uint32_t number, const StreamPacket& result,
                                           std::span<const std::byte> data) {
  const Operator& op = task.graph->operators[number];
  const size_t bytes = size_t{result.rows} * result.columns * workload::bytes_of(op.format);
  const bool sums = op.inputs.size() > 1;
  addend_rows_.resize(functional_ && sums ? bytes : 0);
  if (sums) {
    StreamPacket& rows = addend_.packet;
    rows = result;
    rows.op = op.inputs[1].from;
    rows.first_column = result.first_column + op.inputs[1].first_column;
    read_addend(addend_, addend_rows_);
    if (!addend_.is_ok())
      throw SimulationError(fmt::format("{}: no answer to a read of the addend", text(rows)));
  }
  if (!functional_) return {};
  rows_.resize(bytes);
  const Matrix& stored = task.stored[number];
  operation_.apply({*task.graph, op, result.first_row, result.rows, result.first_column, result.columns,
                    data.data(), addend_rows_.data(), stored.rows == 0 ? nullptr : &stored, rows_.data()});
  return rows_;
}

void StreamEngine::read_addend(spatial::StreamCall&, std::span<std::byte>) {}

void StreamEngine::count(const StreamPacket& packet, uint64_t start_ps, uint64_t end_ps) {
  ++packets_;
  rows_done_ += packet.rows;
  if (start_ps > busy_until_) {
    busy_ps_ += busy_until_ - busy_from_;
    busy_from_ = start_ps;
  }
  busy_until_ = std::max(busy_until_, end_ps);
  if (busy_signal_.traced()) {
    idle_.cancel();
    idle_.notify(core::to_time(busy_until_ - std::min(busy_until_, core::now_ps())));
  }
}

void StreamEngine::show(const Operator& op, const StreamPacket& packet, uint64_t start_ps) {
  if (start_ps > busy_until_) busy_signal_.set(0, busy_until_);
  busy_signal_.set(1, start_ps);
  if (job_signal_.traced()) {
    job_signal_.set(fmt::format("{}#{} image {}", names_[packet.job.task], packet.job.job, packet.image),
                    start_ps);
  }
  operator_signal_.set(op.name, start_ps);
}

void StreamEngine::show_idle() { busy_signal_.set(0, busy_until_); }

void StreamEngine::report(core::RunReport& report) const {
  const uint64_t until = std::min(busy_until_, report.end_ps);
  const uint64_t last = until > busy_from_ ? until - busy_from_ : 0;
  report.memory["engines"].push_back({{"engine", name()},
                                      {"packets", packets_},
                                      {"rows", rows_done_},
                                      {"passed_on", passed_on_},
                                      {"busy_ps", busy_ps_ + last},
                                      {"held_up_ps", held_up_ps_}});
}

std::string StreamEngine::waiting_for() const {
  std::string waits;
  auto add = [&](const std::string& what, const auto& matrix) {
    waits += fmt::format("{}{} of {} of job {}#{}, image {}", waits.empty() ? "" : "; ", what,
                         tasks_[matrix.job.task].graph->operators[matrix.op].name, names_[matrix.job.task],
                         matrix.job.job, matrix.image);
  };
  for (const Open& open : open_) add(fmt::format("row {}", open.next_row), open);
  for (const Collection& collection : collections_) {
    if (collection.missing != 0) add(fmt::format("{} values", collection.missing), collection);
  }
  return waits;
}

std::string StreamEngine::text(const StreamPacket& packet) const {
  const Graph& graph = *tasks_[packet.job.task].graph;
  const std::string& matrix =
      packet.op == Edge::kInput ? std::string("the input") : graph.operators[packet.op].name;
  return fmt::format("rows {}..{}, columns {}..{} of {} of job {}#{}, image {}", packet.first_row,
                     uint64_t{packet.first_row} + packet.rows - 1, packet.first_column,
                     uint64_t{packet.first_column} + packet.columns - 1, matrix, names_[packet.job.task],
                     packet.job.job, packet.image);
}

}  // namespace vesper::pl

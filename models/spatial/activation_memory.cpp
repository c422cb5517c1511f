#include "models/spatial/activation_memory.h"

#include <fmt/format.h>

#include <cstring>

#include "models/core/run_report.h"
#include "models/core/sim_error.h"
#include "models/spatial/guarded.h"
#include "models/spatial/operand_port.h"
#include "models/spatial/plan_of.h"

namespace vesper::spatial {
namespace {

/// Names a transfer: the image's place, whether it writes, and the operand or the product.
uint64_t move_id(uint32_t image, bool write, uint32_t place) {
  return uint64_t{image} << 33 | uint64_t{write} << 32 | place;
}

}  // namespace

void ActivationMemory::Properties::describe(Schema<Properties>& p) {
  p("accelerator", &Properties::accelerator, "accelerator of the design that it belongs to").required();
  p("clock", &Properties::clock, "clock of the programmable logic; 1000 GHz: every picosecond is an edge")
      .between(MHz(1), MHz(1'000'000));
  p("interrupt_cycles", &Properties::interrupt_cycles, "PL cycles from a visit's release to the interrupt")
      .between(0, 1000);
  MemoryPortProperties::describe_in(p);
}

ActivationMemory::ActivationMemory(sc_core::sc_module_name module_name, const Properties& properties,
                                   const core::Environment& environment)
    : ReleaseFifos(module_name, properties.clock,
                   {plan_of(environment).design().images, properties.interrupt_cycles}, environment),
      plan_(environment.spatial),
      accelerator_(number_of(*plan_, properties.accelerator)),
      track_(environment.observers->track(name())),
      functional_(environment.functional),
      capacity_(plan_->design().images),
      memory_("memory", properties, properties.clock, environment, [this](uint64_t id) { move_done(id); }),
      spare_(environment.spare_memory),
      collecting_(environment.tasks.size(), 0),
      held_signal_(*environment.observers, {fmt::format("{}.bytes", name()), "spatial", 32, false}),
      visits_signal_(*environment.observers, {fmt::format("{}.visits", name()), "spatial", 16, false}) {
  for (uint16_t task = 0; task < environment.tasks.size(); ++task) {
    tables_.push_back(operand_table(*plan_, task, accelerator_));
    weights_at_.push_back(spare_->take(tables_.back().weight_bytes));
    space_bytes_ = std::max(space_bytes_, tables_.back().image_bytes);
  }
  in.register_b_transport(this, &ActivationMemory::rows_written);
  operands.register_b_transport(this, &ActivationMemory::operand_call);
  expose("in", in);
  expose("operands", operands);
  expose("memory", memory_.socket());
  held_signal_.set(0, 0);
  visits_signal_.set(0, 0);
  SC_HAS_PROCESS(ActivationMemory);
  SC_METHOD(operands_due);
  dont_initialize();
  sensitive << due_.wake;
}

std::string ActivationMemory::name_of(uint16_t task, uint32_t op) const {
  const workload::Graph* graph = plan_->graph_of(task);
  if (op == workload::Edge::kInput) return "the input";
  return graph != nullptr && op < graph->operators.size() ? graph->operators[op].name
                                                          : fmt::format("operator {}", op);
}

// ---- rows come in

void ActivationMemory::rows_written(tlm::tlm_generic_payload& payload, sc_core::sc_time& /*delay*/) {
  guarded(*this, [&] {
    take_rows(packet_of(payload), reinterpret_cast<const std::byte*>(payload.get_data_ptr()),
              payload.get_data_length());
  });
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

void ActivationMemory::take_rows(pl::StreamPacket& packet, const std::byte* values, size_t bytes) {
  Image& image = image_of(packet);
  const uint32_t place = image.table->operand(packet.op);
  if (place == OperandTable::kNone) {
    throw core::SimulationError(
        fmt::format("rows of {}, which nothing here takes", name_of(packet.job.task, packet.op)));
  }
  const Operand& operand = image.table->operands[place];
  OperandState& state = image.operands[place];
  const uint64_t elements = uint64_t{packet.rows} * packet.columns;
  if (elements > state.missing) {
    throw core::SimulationError(
        fmt::format("more rows of {} than it has", name_of(packet.job.task, packet.op)));
  }
  if (state.missing == operand.elements()) {
    state.first_ps = packet.first_ps;
    collect(image, operand);
  }
  if (functional_) keep_values(state, operand, packet, values, bytes);
  state.missing -= elements;
  state.last_ps = std::max({state.last_ps, packet.last_ps, packet.step_end_ps});
  packet.taken_ps = packet.done_ps = packet.last_ps;
  if (state.missing == 0) due_.push(state.last_ps + operand.exposed_ps, {image.place, place});
}

void ActivationMemory::keep_values(OperandState& state, const Operand& operand,
                                   const pl::StreamPacket& packet, const std::byte* values,
                                   size_t bytes) const {
  const size_t element = bytes_of(operand.format);
  const size_t row = packet.columns * element;
  if (bytes != row * packet.rows) {
    throw core::SimulationError(
        fmt::format("{} rows of {} bytes in a packet of {}", packet.rows, row, bytes));
  }
  state.values.resize(operand.elements() * element);
  for (uint32_t i = 0; i < packet.rows; ++i) {
    const size_t to = (size_t{packet.first_row + i} * operand.columns + packet.first_column) * element;
    std::memcpy(state.values.data() + to, values + i * row, row);
  }
}

/// The first rows of an operand: visits begin to take space.
void ActivationMemory::collect(Image& image, const Operand& operand) {
  for (uint32_t product : operand.takers) {
    if (image.visits[product].state != VisitState::empty) continue;
    image.visits[product].state = VisitState::collecting;
    const uint16_t stage = image.table->products[product].stage_task;
    if (++collecting_[stage] > capacity_) {
      throw core::SimulationError(fmt::format(
          "{} visits of stage '{}' wait for the accelerator; there is room for {}, the design's images",
          collecting_[stage], plan_->stage(stage)->stage, capacity_));
    }
  }
}

ActivationMemory::Image* ActivationMemory::find(const pl::StreamPacket& packet) {
  for (const auto& image : images_) {
    if (image->live && image->job == packet.job && image->image == packet.image) return image.get();
  }
  return nullptr;
}

ActivationMemory::Image& ActivationMemory::image_of(const pl::StreamPacket& packet) {
  if (Image* known = find(packet)) return *known;
  auto place = std::ranges::find_if(images_, [](const auto& image) { return !image->live; });
  if (place == images_.end()) {
    place = images_.insert(images_.end(), std::make_unique<Image>());
    (*place)->space = spare_->take(space_bytes_);
    (*place)->place = static_cast<uint32_t>(images_.size() - 1);
  }
  begin_image(**place, packet);
  return **place;
}

void ActivationMemory::begin_image(Image& image, const pl::StreamPacket& packet) {
  const OperandTable& table = tables_.at(packet.job.task);
  if (table.products.empty()) {
    throw core::SimulationError(fmt::format("rows of task {}, which does not run here", packet.job.task));
  }
  image.live = true;
  image.job = packet.job;
  image.image = packet.image;
  image.table = &table;
  image.deadline_ps = packet.deadline_ps;
  image.weight = packet.weight;
  image.visits_left = static_cast<uint32_t>(table.products.size());
  image.operands.resize(table.operands.size());
  for (size_t i = 0; i < table.operands.size(); ++i) {
    OperandState& state = image.operands[i];
    state.missing = table.operands[i].elements();
    state.last_ps = 0;
    state.users = static_cast<uint32_t>(table.operands[i].takers.size());
  }
  image.visits.assign(table.products.size(), {});
  for (size_t i = 0; i < table.products.size(); ++i) {
    image.visits[i].missing = static_cast<uint32_t>(table.products[i].operands.size());
  }
}

// ---- operands are there

void ActivationMemory::operands_due() {
  Arrival arrival{};
  while (due_.take(arrival)) operand_there(*images_[arrival.image], arrival.operand);
  entered();
}

void ActivationMemory::operand_there(Image& image, uint32_t place) {
  const Operand& operand = image.table->operands[place];
  traffic_.exposed_ps += operand.exposed_ps;
  tell(image, place);
  if (operand.on_chip) {
    traffic_.on_chip_bytes += operand.bytes;
    show(static_cast<int64_t>(operand.bytes));
    for (uint32_t product : operand.takers) part_there(image, product);
    return;
  }
  traffic_.written_bytes += operand.bytes;
  memory_.request({image.space + operand.offset, operand.bytes, true, image.job, operand.op,
                   move_id(image.place, true, place)});
}

/// An operand of a visit, or, once all are there, one of the matrices that it fetches.
void ActivationMemory::part_there(Image& image, uint32_t product) {
  VisitProgress& visit = image.visits[product];
  if (--visit.missing > 0) return;
  if (visit.state == VisitState::collecting && !image.table->products[product].fetches.empty()) {
    fetch(image, product);
  } else {
    release(image, product);
  }
}

void ActivationMemory::fetch(Image& image, uint32_t product) {
  const ProductNeeds& needs = image.table->products[product];
  VisitProgress& visit = image.visits[product];
  visit.state = VisitState::fetching;
  visit.missing = static_cast<uint32_t>(needs.fetches.size());
  for (const Fetch& part : needs.fetches) {
    const bool weights = part.operand == Fetch::kWeights;
    const uint64_t base = weights ? weights_at_[image.job.task] : image.space;
    (weights ? traffic_.weight_bytes : traffic_.read_bytes) += part.bytes;
    memory_.request(
        {base + part.offset, part.bytes, false, image.job, needs.op, move_id(image.place, false, product)});
  }
}

void ActivationMemory::move_done(uint64_t id) {
  Image& image = *images_[id >> 33];
  const auto place = static_cast<uint32_t>(id);
  const bool write = (id >> 32 & 1) != 0;
  if (write) {
    for (uint32_t product : image.table->operands[place].takers) part_there(image, product);
  } else {
    part_there(image, place);
  }
  entered();
}

void ActivationMemory::release(Image& image, uint32_t product) {
  const ProductNeeds& needs = image.table->products[product];
  image.visits[product].state = VisitState::waiting;
  visits_signal_.set(++visits_there_, core::now_ps());
  core::Release times;
  times.release = core::now_ps();
  times.deadline = image.deadline_ps;
  times.weight = image.weight;
  times.order = released_++;
  enter(needs.stage_task, plan_->stage_job(image.job.task, needs.op, image.job.job, image.image), times);
}

// ---- the accelerator and its engines

void ActivationMemory::operand_call(int /*id*/, tlm::tlm_generic_payload& payload,
                                    sc_core::sc_time& /*delay*/) {
  guarded(*this, [&] {
    pl::StreamPacket& packet = packet_of(payload);
    if (payload.is_read()) {
      read_values(packet, reinterpret_cast<std::byte*>(payload.get_data_ptr()), payload.get_data_length());
    } else if (payload.get_address() == operand_port::kBegin) {
      visit_begins(packet);
    } else {
      visit_ends(packet);
    }
  });
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

void ActivationMemory::read_values(const pl::StreamPacket& packet, std::byte* values, size_t bytes) {
  const Image* image = find(packet);
  const uint32_t place = image == nullptr ? OperandTable::kNone : image->table->operand(packet.op);
  if (place == OperandTable::kNone || image->operands[place].missing > 0) {
    throw core::SimulationError(
        fmt::format("a read of {}, which is not there", name_of(packet.job.task, packet.op)));
  }
  const Operand& operand = image->table->operands[place];
  const size_t element = bytes_of(operand.format);
  const size_t row = packet.columns * element;
  const bool within = packet.first_row + packet.rows <= operand.rows &&
                      packet.first_column + packet.columns <= operand.columns &&
                      bytes == (functional_ ? row * packet.rows : 0);
  if (!within) {
    throw core::SimulationError(
        fmt::format("a read beyond the edge of {}", name_of(packet.job.task, packet.op)));
  }
  if (!functional_) return;
  for (uint32_t i = 0; i < packet.rows; ++i) {
    const size_t from = (size_t{packet.first_row + i} * operand.columns + packet.first_column) * element;
    std::memcpy(values + i * row, image->operands[place].values.data() + from, row);
  }
}

void ActivationMemory::visit_begins(pl::StreamPacket& packet) {
  Image* image = find(packet);
  const uint32_t product = image == nullptr ? OperandTable::kNone : image->table->product_of[packet.op];
  const bool there = product != OperandTable::kNone && image->visits[product].state >= VisitState::waiting;
  if (!there) {
    throw core::SimulationError(
        fmt::format("{} began before its operands are there", name_of(packet.job.task, packet.op)));
  }
  if (image->visits[product].state == VisitState::waiting) {
    image->visits[product].state = VisitState::running;
    --collecting_[image->table->products[product].stage_task];
  }
  packet.deadline_ps = image->deadline_ps;
  packet.weight = image->weight;
}

void ActivationMemory::visit_ends(const pl::StreamPacket& packet) {
  Image* image = find(packet);
  const uint32_t product = image == nullptr ? OperandTable::kNone : image->table->product_of[packet.op];
  if (product == OperandTable::kNone || image->visits[product].state != VisitState::running) {
    throw core::SimulationError(
        fmt::format("{} ended that did not begin", name_of(packet.job.task, packet.op)));
  }
  image->visits[product].state = VisitState::ended;
  visits_signal_.set(--visits_there_, core::now_ps());
  for (uint32_t place : image->table->products[product].operands) {
    if (--image->operands[place].users > 0) continue;
    image->operands[place].values.clear();
    if (image->table->operands[place].on_chip)
      show(-static_cast<int64_t>(image->table->operands[place].bytes));
  }
  if (--image->visits_left == 0) image->live = false;
}

// ---- observers

std::string ActivationMemory::stage_of(uint16_t task, uint32_t op) const {
  return op == workload::Edge::kInput ? "input" : plan_->graph_of(task)->operators[op].stage;
}

void ActivationMemory::show(int64_t bytes) {
  held_bytes_ += bytes;
  held_signal_.set(static_cast<uint64_t>(held_bytes_), core::now_ps());
}

/// From an operand's first row to when it can be used.
void ActivationMemory::tell(const Image& image, uint32_t place) const {
  if (!observers_->wants(observe::Topic::activity)) return;
  const OperandState& state = image.operands[place];
  const std::string what = name_of(image.job.task, image.table->operands[place].op);
  observers_->activity({track_, image.job, what, state.first_ps, core::now_ps()});
}

void ActivationMemory::report(core::RunReport& report) const {
  nlohmann::ordered_json entry = {{"memory", name()},
                                  {"on_chip_bytes", traffic_.on_chip_bytes},
                                  {"ddr_written_bytes", traffic_.written_bytes},
                                  {"ddr_read_bytes", traffic_.read_bytes},
                                  {"ddr_weight_bytes", traffic_.weight_bytes},
                                  {"exposed_ps", traffic_.exposed_ps}};
  for (uint16_t task = 0; task < tables_.size(); ++task) {
    for (const Operand& operand : tables_[task].operands) {
      if (operand.reason.empty()) continue;
      // Of blocks that are alike, the first block's.
      const std::string result = plan_->graph_of(task)->name + "." + stage_of(task, operand.op);
      if (!entry["reasons"].contains(result)) entry["reasons"][result] = operand.reason;
    }
  }
  report.memory["forwarding"].push_back(std::move(entry));
}

std::string ActivationMemory::waiting_for() const {
  std::string waits = memory_.waiting_for();
  for (const auto& image : images_) {
    if (!image->live) continue;
    for (size_t i = 0; i < image->visits.size(); ++i) {
      if (image->visits[i].state != VisitState::collecting) continue;
      waits +=
          fmt::format("{}operands of {} of job {}, image {}", waits.empty() ? "" : "; ",
                      name_of(image->job.task, image->table->products[i].op), image->job.job, image->image);
    }
  }
  return waits;
}

VESPER_IP(ActivationMemory, "activation_memory",
          "on-chip memory of a spatial accelerator: collects operands and releases visits of its stages");

}  // namespace vesper::spatial

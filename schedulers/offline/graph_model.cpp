#include "schedulers/offline/graph_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vesper::offline {
namespace {

using spatial::Accelerator;
using spatial::Banks;
using workload::Operator;

constexpr uint32_t kLastBehind = UINT32_MAX;

}  // namespace

GraphModel::GraphModel(workload::Graph graph, const spatial::Design& base, const SpatialMemory& memory,
                       const Location& where)
    : graph_(std::move(graph)), base_(base), memory_(memory), shape_(shape_of(graph_)) {
  if (shape_.stages.size() > kMostStages)
    throw InputError(where, fmt::format("network '{}' has {} stages of products; a search maps at most {}",
                                        graph_.name, shape_.stages.size(), kMostStages));
  for (size_t i = 0; i < shape_.stages.size(); ++i) {
    const Operator& op = graph_.operators[shape_.stages[i].product];
    stages_.push_back({shape_.names[i], shape_.stages[i].visits, 0, op.rows, op.inner, op.columns, op.heads,
                       !op.has_weights()});
    uint32_t places = 0;
    for (uint32_t product : graph_.products_of(shape_.names[i])) {
      for (uint32_t behind : graph_.chain_of(product))
        places |= 1U << spatial::place_of(graph_.operators[behind]);
    }
    places_.push_back(places);
  }
  behind_.assign(stages_.size(), kLastBehind);
  find_spine();
}

void GraphModel::find_spine() {
  const std::vector<uint32_t> products = graph_.products();
  constexpr uint32_t kNone = UINT32_MAX;
  std::vector<uint64_t> longest(products.size(), 0);
  std::vector<uint32_t> before(products.size(), kNone);
  uint32_t end = 0;
  // Products stand behind those whose results they take: one pass reaches each when all before it are final.
  for (uint32_t i = 0; i < products.size(); ++i) {
    longest[i] += graph_.operators[products[i]].macs();
    if (longest[i] > longest[end]) end = i;
    for (uint32_t k = shape_.first_arrow[i]; k < shape_.first_arrow[i + 1]; ++k) {
      uint32_t to = shape_.arrows[k].to;
      if (before[to] != kNone && longest[to] >= longest[i]) continue;
      longest[to] = longest[i];
      before[to] = i;
    }
  }
  std::vector<uint32_t> spine;
  for (uint32_t i = end; i != kNone; i = before[i]) spine.push_back(i);
  std::ranges::reverse(spine);
  for (size_t i = 0; i < spine.size(); ++i) {
    auto stage = static_cast<uint8_t>(shape_.stage_of[spine[i]]);
    spine_.push_back(stage);
    ++stages_[stage].spine_visits;
    if (i + 1 < spine.size()) add_edge(spine[i], spine[i + 1]);
  }
}

void GraphModel::add_edge(uint32_t from, uint32_t to) {
  SpatialEdge edge;
  edge.from = static_cast<uint8_t>(shape_.stage_of[from]);
  edge.to = static_cast<uint8_t>(shape_.stage_of[to]);
  edge.spine_visits = 1;
  uint32_t behind = 0;
  for (uint32_t k = shape_.first_arrow[from]; k < shape_.first_arrow[from + 1]; ++k) {
    if (shape_.arrows[k].to != to) continue;
    edge.routes.push_back(shape_.arrows[k].route);
    behind = std::max(behind, shape_.routes[shape_.arrows[k].route].behind);
  }
  behind_[edge.from] = std::min(behind_[edge.from], behind);
  for (SpatialEdge& other : edges_) {
    if (other.from != edge.from || other.to != edge.to || other.routes != edge.routes) continue;
    ++other.spine_visits;
    return;
  }
  edges_.push_back(std::move(edge));
}

void GraphModel::array_ps(StageSet stages, const Accelerator& accelerator, std::vector<uint64_t>& out) const {
  out.clear();
  uint64_t step = spatial::step_ps(accelerator, base_.device);
  for (uint8_t i = 0; i < stages_.size(); ++i) {
    if ((stages >> i & 1) != 0) out.push_back(spatial::steps_of(product(i), accelerator) * step);
  }
}

StageCost GraphModel::cost(uint8_t stage, const Accelerator& accelerator, uint64_t array_ps) const {
  spatial::ChainTimes chain =
      spatial::chain_times(graph_, shape_.stages[stage].product, accelerator, base_.device, base_.pipeline);
  StageCost cost{array_ps + chain.stall_ps, array_ps + chain.stall_ps};
  size_t behind = std::min<size_t>(behind_[stage], chain.behind_ps.size());
  if (behind > 0) cost.latency_ps += chain.behind_ps[behind - 1];
  if (!base_.pipeline && !chain.behind_ps.empty()) cost.busy_ps += chain.behind_ps.back();
  return cost;
}

std::optional<spatial::Resources> GraphModel::resources(StageSet stages,
                                                        const Accelerator& accelerator) const {
  uint64_t tiles = 0, streamed = 0;
  uint32_t places = 0;
  for (uint8_t i = 0; i < stages_.size(); ++i) {
    if ((stages >> i & 1) == 0) continue;
    if (accelerator.pinned) {
      tiles += stages_[i].visits * spatial::weight_tiles(product(i), accelerator);
    } else {
      streamed += stages_[i].visits * product(i).weights();
    }
    places |= places_[i];
  }
  if (spatial::local_memory(accelerator, tiles) > base_.device.local_memory.count) return std::nullopt;
  std::array<uint32_t, 32> numbers{};
  size_t count = 0;
  for (uint32_t place = 0; places >> place != 0; ++place) {
    if ((places >> place & 1) != 0) numbers[count++] = place;
  }
  spatial::Resources resources = spatial::resources_of(accelerator, std::span(numbers).first(count));
  if (base_.forwarding == spatial::Forwarding::on_chip)
    resources.uram = spatial::weight_uram(accelerator, streamed);
  return resources;
}

void GraphModel::written(const SpatialEdge& edge, const Accelerator& producer,
                         std::vector<Banks>& out) const {
  for (uint16_t route : edge.routes)
    out.push_back(spatial::written_banks(graph_, shape_.routes[route].edge, producer));
}

void GraphModel::read(const SpatialEdge& edge, const Accelerator& consumer, std::vector<Banks>& out) const {
  for (uint16_t route : edge.routes)
    out.push_back(spatial::read_banks(graph_, shape_.routes[route].use, consumer));
}

uint64_t GraphModel::move_ps(const SpatialEdge& edge, std::span<const Banks> from,
                             std::span<const Banks> to) const {
  if (base_.forwarding == spatial::Forwarding::ddr) return 0;
  uint64_t longest = 0;
  for (size_t i = 0; i < edge.routes.size(); ++i) {
    uint64_t bytes = spatial::bytes_of(graph_, shape_.routes[edge.routes[i]].use);
    longest = std::max(longest, spatial::move_ps(from[i], to[i], bytes, base_.device));
  }
  return longest;
}

std::optional<DesignCost> GraphModel::evaluate(const spatial::Design& design) const {
  const workload::Graph* const graphs[] = {&graph_};
  try {
    spatial::check(design, graphs);
    spatial::Allocation allocation = spatial::allocate(design, graphs);
    std::vector<uint16_t> map;
    for (const std::string& stage : shape_.names)
      map.push_back(spatial::accelerator_of(design, stage).value());
    SpatialCosts costs;
    costs_of(shape_, design, map, &allocation, memory_, costs);
    SpatialSchedule schedule;
    return DesignCost{schedule.run(shape_, costs, design.images), allocation.resources};
  } catch (const InputError&) {
    return std::nullopt;  // it does not fit the device
  }
}

}  // namespace vesper::offline

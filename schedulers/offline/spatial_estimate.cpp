#include "schedulers/offline/spatial_estimate.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "platform/property/integer.h"

namespace vesper::offline {
namespace {

using spatial::Accelerator;
using spatial::Allocation;
using spatial::Design;
using workload::Edge;
using workload::Graph;
using workload::Operator;
using Route = SpatialShape::Route;

constexpr uint64_t kPicosecondsASecond = 1'000'000'000'000;

class ShapeMaker {
 public:
  explicit ShapeMaker(const Graph& graph) : graph_(graph) { shape_.graph = &graph; }

  SpatialShape run() {
    shape_.names = graph_.stages();
    for (const std::string& name : shape_.names) {
      const std::vector<uint32_t> products = graph_.products_of(name);
      shape_.stages.push_back({products.front(), static_cast<uint32_t>(products.size())});
    }
    const std::vector<uint32_t> products = graph_.products();
    place_.resize(graph_.operators.size());
    for (uint32_t i = 0; i < products.size(); ++i) place_[products[i]] = i;
    for (uint32_t product : products) shape_.stage_of.push_back(stage(product));
    shape_.operands.resize(products.size());
    std::vector<std::vector<SpatialShape::Arrow>> arrows(products.size());
    for (const spatial::Use& use : spatial::uses_of(graph_)) {
      const Edge& edge = graph_.operators[use.consumer].inputs[use.input];
      const SpatialShape::Arrow arrow{place_[use.product], route(edge, use)};
      ++shape_.operands[arrow.to];
      if (edge.from == Edge::kInput) {
        shape_.from_input.push_back(arrow);
      } else {
        arrows[place_[graph_.product_of(edge.from)]].push_back(arrow);
      }
    }
    for (const auto& of_product : arrows) {
      shape_.first_arrow.push_back(static_cast<uint32_t>(shape_.arrows.size()));
      shape_.arrows.insert(shape_.arrows.end(), of_product.begin(), of_product.end());
    }
    shape_.first_arrow.push_back(static_cast<uint32_t>(shape_.arrows.size()));
    return std::move(shape_);
  }

 private:
  [[nodiscard]] uint16_t stage(uint32_t product) const {
    auto it = std::ranges::find(shape_.names, graph_.operators[product].stage);
    return static_cast<uint16_t>(it - shape_.names.begin());
  }

  uint16_t route(const Edge& edge, const spatial::Use& use) {
    Route route{edge, use, Route::kInput, stage(use.product), 0};
    if (edge.from != Edge::kInput) {
      const uint32_t product = graph_.product_of(edge.from);
      route.from_stage = stage(product);
      route.behind = edge.from - product;
    }
    const auto key = std::tuple(route.from_stage, route.behind, edge.first_column, edge.columns,
                                route.to_stage, use.consumer - use.product, use.input);
    auto [it, is_new] = numbers_.emplace(key, static_cast<uint16_t>(shape_.routes.size()));
    if (is_new) shape_.routes.push_back(route);
    return it->second;
  }

  const Graph& graph_;
  SpatialShape shape_;
  std::vector<uint32_t> place_;
  std::map<std::tuple<uint16_t, uint32_t, uint32_t, uint32_t, uint16_t, uint32_t, uint32_t>, uint16_t>
      numbers_;
};

/// Works out costs of stages, then of routes.
class Costing {
 public:
  Costing(const SpatialShape& shape, const Design& design, std::span<const uint16_t> map,
          const Allocation* allocation, const SpatialMemory& memory, SpatialCosts& costs)
      : shape_(shape), design_(design), map_(map), allocation_(allocation), memory_(memory), costs_(costs) {}

  void run() {
    const Graph& graph = *shape_.graph;
    costs_.accelerators = static_cast<uint32_t>(design_.accelerators.size());
    costs_.places = design_.images;
    costs_.stages.assign(shape_.stages.size(), {});
    costs_.routes.assign(shape_.routes.size(), {});
    behind_.resize(shape_.stages.size());
    for (uint16_t i = 0; i < shape_.stages.size(); ++i) set_stage(i);
    for (size_t i = 0; i < shape_.routes.size(); ++i) set_route(i);
    costs_.image_ps = memory_.transfer_ps(uint64_t{graph.input_rows} * graph.input_columns);
    const SpatialCosts::Stage& last = costs_.stages[shape_.stage_of.back()];
    costs_.result_ps =
        last.array_ps + last.stall_ps + last.chain_ps + memory_.transfer_ps(graph.operators.back().bytes());
  }

 private:
  [[nodiscard]] const Accelerator& accelerator(uint16_t stage) const {
    return design_.accelerators[map_[stage]];
  }

  void set_stage(uint16_t i) {
    const Graph& graph = *shape_.graph;
    const uint32_t product = shape_.stages[i].product;
    const Operator& op = graph.operators[product];
    SpatialCosts::Stage& stage = costs_.stages[i];
    stage.accelerator = map_[i];
    stage.steps = spatial::steps_of(op, accelerator(i));
    stage.array_ps = stage.steps * spatial::step_ps(accelerator(i), design_.device);
    spatial::ChainTimes chain =
        spatial::chain_times(graph, product, accelerator(i), design_.device, design_.pipeline);
    stage.stall_ps = chain.stall_ps;
    stage.packet_ps = chain.packet_ps;
    stage.engines_ps = chain.engines_ps;
    if (!chain.behind_ps.empty()) stage.chain_ps = *std::ranges::max_element(chain.behind_ps);
    behind_[i] = std::move(chain.behind_ps);
    stage.occupied_ps = stage.array_ps + stage.stall_ps + (design_.pipeline ? 0 : stage.chain_ps);
    if (design_.forwarding == spatial::Forwarding::ddr && !accelerator(i).pinned && op.has_weights())
      stage.read_ps += memory_.transfer_ps(op.weights());
  }

  void set_route(size_t number) {
    const Route& route = shape_.routes[number];
    if (through_memory(route)) add_transfers(number);
    if (route.from_stage == Route::kInput) return;
    const SpatialCosts::Stage& from = costs_.stages[route.from_stage];
    uint64_t& there = costs_.routes[number].there_ps;
    there = from.array_ps + from.stall_ps;
    if (route.behind > 0) there += behind_[route.from_stage][route.behind - 1];
    if (!through_memory(route)) there += exposed(route);
  }

  /// The network's input comes by DMA, however results go.
  [[nodiscard]] bool through_memory(const Route& route) const {
    if (design_.forwarding == spatial::Forwarding::ddr) return route.from_stage != Route::kInput;
    return allocation_ != nullptr &&
           allocation_->buffer(0, *shape_.graph, route.use).place == spatial::Place::outside;
  }

  /// A result is written once to an accelerator's memory, an operand read once for each visit.
  void add_transfers(size_t number) {
    const Graph& graph = *shape_.graph;
    const Route& route = shape_.routes[number];
    const uint64_t bytes = spatial::bytes_of(graph, route.use);
    if (is_first(route, [](const Route& a, const Route& b) {
          return a.to_stage == b.to_stage && a.use.input == b.use.input &&
                 a.use.consumer - a.use.product == b.use.consumer - b.use.product;
        }))
      costs_.stages[route.to_stage].read_ps += memory_.transfer_ps(bytes);
    const bool writes = is_first(route, [this](const Route& a, const Route& b) {
      return delivers_same(a, b) && a.edge.first_column == b.edge.first_column &&
             a.edge.columns == b.edge.columns;
    });
    if (writes) costs_.routes[number].write_ps = memory_.transfer_ps(bytes);
  }

  /// The same result to the same accelerator.
  [[nodiscard]] bool delivers_same(const Route& a, const Route& b) const {
    return a.from_stage == b.from_stage && a.behind == b.behind && map_[a.to_stage] == map_[b.to_stage];
  }

  /// Whether no route before this one through memory is the same.
  template <class Same>
  [[nodiscard]] bool is_first(const Route& route, const Same& same) const {
    return std::none_of(shape_.routes.data(), &route,
                        [&](const Route& other) { return same(other, route) && through_memory(other); });
  }

  /// A result is there for all that take it on an accelerator when the slowest of its moves is over.
  [[nodiscard]] uint64_t exposed(const Route& route) const {
    uint64_t most = 0;
    for (const Route& other : shape_.routes) {
      if (delivers_same(other, route)) most = std::max(most, move_ps(other));
    }
    return most;
  }

  [[nodiscard]] uint64_t move_ps(const Route& route) const {
    const Graph& graph = *shape_.graph;
    return spatial::move_ps(spatial::written_banks(graph, route.edge, accelerator(route.from_stage)),
                            spatial::read_banks(graph, route.use, accelerator(route.to_stage)),
                            spatial::bytes_of(graph, route.use), design_.device);
  }

  const SpatialShape& shape_;
  const Design& design_;
  const std::span<const uint16_t> map_;
  const Allocation* const allocation_;
  const SpatialMemory& memory_;
  SpatialCosts& costs_;
  std::vector<std::vector<uint64_t>> behind_;
};

}  // namespace

uint64_t SpatialMemory::transfer_ps(uint64_t bytes) const {
  return latency.ps + ps_at(bytes, bandwidth.bytes_per_second);
}

SpatialShape shape_of(const Graph& graph) { return ShapeMaker(graph).run(); }

void costs_of(const SpatialShape& shape, const Design& design, std::span<const uint16_t> map,
              const Allocation* allocation, const SpatialMemory& memory, SpatialCosts& costs) {
  Costing(shape, design, map, allocation, memory, costs).run();
}

void SpatialSchedule::begin(const SpatialShape& shape, const SpatialCosts& costs, uint32_t images) {
  const size_t products = shape.stage_of.size();
  images_ = images;
  ready_.clear();
  visits_.clear();
  there_.assign(products * images, 0);
  open_.resize(products * images);
  for (uint32_t image = 0; image < images; ++image)
    std::ranges::copy(shape.operands, open_.begin() + static_cast<ptrdiff_t>(image * products));
  free_.assign(costs.accelerators, 0);
  taken_.assign(costs.accelerators, 0);
  busy_.assign(costs.accelerators, 0);
  port_free_.assign(costs.accelerators, 0);
  load_free_ = 0;
  loaded_ = 0;
  while (loaded_ < std::min(images, costs.places)) load(shape, costs, 0);
}

void SpatialSchedule::load(const SpatialShape& shape, const SpatialCosts& costs, uint64_t from) {
  load_free_ = std::max(load_free_, from) + costs.image_ps;
  for (SpatialShape::Arrow arrow : shape.from_input) arrive(shape, costs, arrow, loaded_, load_free_);
  ++loaded_;
}

uint64_t SpatialSchedule::run(const SpatialShape& shape, const SpatialCosts& costs, uint32_t images) {
  begin(shape, costs, images);
  uint64_t latency = 0;
  while (!ready_.empty()) {
    const size_t i = next(shape, costs);
    const Ready visit = ready_[i];
    ready_[i] = ready_.back();
    ready_.pop_back();
    const SpatialCosts::Stage& stage = costs.stages[shape.stage_of[visit.product]];
    const uint64_t begin = std::max(visit.since, free_[stage.accelerator]);
    if (keep_visits_) visits_.push_back({visit.product, visit.image, begin});
    // As if it had begun when its first packet meets engines that are free.
    const uint64_t start = std::max(begin + stage.packet_ps, taken_[stage.accelerator]) - stage.packet_ps;
    free_[stage.accelerator] = start + stage.occupied_ps;
    taken_[stage.accelerator] = free_[stage.accelerator] + stage.engines_ps;
    busy_[stage.accelerator] += stage.occupied_ps;
    for (uint32_t k = shape.first_arrow[visit.product]; k < shape.first_arrow[visit.product + 1]; ++k) {
      const SpatialShape::Arrow arrow = shape.arrows[k];
      arrive(shape, costs, arrow, visit.image, start + costs.routes[arrow.route].there_ps);
    }
    if (visit.product + 1 != shape.stage_of.size()) continue;
    latency = std::max(latency, start + costs.result_ps);
    if (loaded_ < images_) load(shape, costs, start + costs.result_ps);
  }
  return latency;
}

uint64_t SpatialSchedule::move(uint16_t accelerator, uint64_t at, uint64_t ps) {
  if (ps == 0) return at;
  uint64_t& free = port_free_[accelerator];
  return free = std::max(free, at) + ps;
}

void SpatialSchedule::arrive(const SpatialShape& shape, const SpatialCosts& costs, SpatialShape::Arrow arrow,
                             uint32_t image, uint64_t at) {
  const size_t slot = image * shape.stage_of.size() + arrow.to;
  const SpatialCosts::Stage& stage = costs.stages[shape.stage_of[arrow.to]];
  there_[slot] = std::max(there_[slot], move(stage.accelerator, at, costs.routes[arrow.route].write_ps));
  if (--open_[slot] == 0)
    ready_.push_back({move(stage.accelerator, there_[slot], stage.read_ps), arrow.to, image});
}

/// The visit that starts first: nothing that is not ready yet could start before it.
size_t SpatialSchedule::next(const SpatialShape& shape, const SpatialCosts& costs) const {
  size_t best = 0;
  std::tuple<uint64_t, uint64_t, uint32_t, uint32_t> least;
  for (size_t i = 0; i < ready_.size(); ++i) {
    const Ready& r = ready_[i];
    const uint64_t free = free_[costs.stages[shape.stage_of[r.product]].accelerator];
    const std::tuple key(std::max(r.since, free), r.since, r.image, r.product);
    if (i == 0 || key < least) {
      least = key;
      best = i;
    }
  }
  return best;
}

SpatialEstimate estimate(const Graph& graph, const Design& design, uint32_t images,
                         const SpatialMemory& memory) {
  const Graph* const graphs[] = {&graph};
  spatial::check(design, graphs);
  const Allocation allocation = spatial::allocate(design, graphs);
  const SpatialShape shape = shape_of(graph);
  std::vector<uint16_t> map;
  for (const std::string& stage : shape.names) map.push_back(spatial::accelerator_of(design, stage).value());
  SpatialCosts costs;
  costs_of(shape, design, map, &allocation, memory, costs);
  SpatialSchedule schedule;
  SpatialEstimate estimate;
  estimate.latency_ps = schedule.run(shape, costs, images);
  estimate.ops_per_second = 2.0 * static_cast<double>(graph.macs()) * images /
                            (static_cast<double>(estimate.latency_ps) / kPicosecondsASecond);
  estimate.busy_ps = schedule.busy_ps();
  estimate.stages = shape.names;
  estimate.table = std::move(costs.stages);
  return estimate;
}

}  // namespace vesper::offline

#include "schedulers/offline/spatial_allocation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace vesper::offline {
namespace {

using spatial::Accelerator;

constexpr uint64_t kNever = UINT64_MAX;
constexpr uint64_t kUnknown = UINT64_MAX;
constexpr size_t kSlack = 32;  // beginnings looked at between two selections, for each kept

/// As tables count resources: in grains, rounded down, so that what a table says is never more than is
/// needed.

using Shares = std::array<uint32_t, kSharedResources>;
Shares exact_shares(const spatial::Resources& r) {
  auto narrow = [](uint64_t amount) { return static_cast<uint32_t>(amount); };
  return {narrow(r.aie), narrow(r.plio_in), narrow(r.plio_out),
          narrow(r.dsp), narrow(r.bram),    narrow(r.uram)};
}
constexpr Shares kGrain{1, 1, 1, 8, 8, 4};

/// What image DMA leaves of the device.
Shares budget_of(const spatial::Device& d) {
  auto left = [](uint32_t all, uint64_t taken) {
    return all > taken ? all - static_cast<uint32_t>(taken) : 0;
  };
  return {d.aie,
          d.plio_in,
          d.plio_out,
          left(d.dsp, spatial::kImageDma.dsp),
          left(d.bram, spatial::kImageDma.bram),
          d.uram};
}

/// The least of a sum or of a maximum, by how much of one resource there is.
using Table = std::vector<uint64_t>;

Table nothing_left(uint32_t budget) { return Table(budget + 1, 0); }

/// `rest` with one accelerator more, whose options cost `values[i]` for `amounts[i]`.
template <class Join>
Table joined(const Table& rest, const std::vector<std::pair<uint32_t, uint64_t>>& stairs, Join join) {
  Table out(rest.size(), kNever);
  for (const auto& [amount, value] : stairs) {
    for (size_t have = amount; have < rest.size(); ++have) {
      uint64_t below = rest[have - amount];
      if (below != kNever) out[have] = std::min(out[have], join(value, below));
    }
  }
  return out;
}

/// Amounts ascending, each with the least value that it buys.
std::vector<std::pair<uint32_t, uint64_t>> stairs_of(std::vector<std::pair<uint32_t, uint64_t>> points) {
  std::ranges::sort(points);
  std::vector<std::pair<uint32_t, uint64_t>> stairs;
  for (const auto& point : points) {
    if (stairs.empty() || point.second < stairs.back().second) stairs.push_back(point);
  }
  return stairs;
}

std::string name_of(const std::vector<std::string>& stages, size_t of_all) {
  return stages.size() == of_all && of_all > 1 ? "all" : fmt::format("{}", fmt::join(stages, "_"));
}

}  // namespace

/// A beginning: the options of the first accelerators.
struct Allocator::Node {
  std::array<uint32_t, kMostStages> options{};
  Shares used{};
  uint64_t spine_ps = 0;
  uint64_t busy_ps = 0;
  uint64_t least_ps = 0;
  uint32_t usage = 0;  ///< sum of permilles of all budgets
  [[nodiscard]] auto key() const { return std::tie(least_ps, spine_ps, usage, options); }
};

/// An accelerator of the map.
struct Allocator::Level {
  /// A result that goes to or comes from an accelerator decided before.
  struct Move {
    uint32_t edge = 0;
    size_t other = 0;
    bool to_other = false;
    std::vector<std::vector<uint64_t>>
        exposed;  ///< by partition of the other, then own; empty until asked for
  };

  std::shared_ptr<const OptionSet> set;
  std::vector<Move> moves;
  /// What all later accelerators add at least, by what is left of a resource.
  std::array<Table, kSharedResources> spine_rest, busy_rest;
};

namespace {

using Points = std::vector<std::pair<uint32_t, uint64_t>>;

Points points_of(const OptionSet& set, size_t resource, uint64_t Option::*value) {
  Points points;
  for (const Option& option : set.options)
    points.emplace_back(exact_shares(option.resources)[resource] / kGrain[resource], option.*value);
  return points;
}

uint64_t added(uint64_t a, uint64_t b) { return a + b; }
uint64_t larger(uint64_t a, uint64_t b) { return std::max(a, b); }

}  // namespace

Allocator::Allocator(const SpatialModel& model, OptionTable& table, const spatial::Design& base,
                     const StageMap& map)
    : model_(model), base_(base), map_(map), root_(std::make_shared<Level>()) {
  for (uint8_t accelerator = 0; accelerator < accelerators_of(map); ++accelerator) {
    auto level = std::make_shared<Level>();
    level->set = table.of(stages_of(map, accelerator));
    levels_.push_back(std::move(level));
  }
  for (uint32_t i = 0; i < model.edges().size(); ++i) {
    const SpatialEdge& edge = model.edges()[i];
    size_t from = map[edge.from], to = map[edge.to];
    if (from == to || edge.spine_visits == 0) continue;
    size_t earlier = std::min(from, to);
    Level::Move move{i, earlier, to == earlier, {}};
    move.exposed.resize(levels_[earlier]->set->partitions.size());
    levels_[std::max(from, to)]->moves.push_back(std::move(move));
  }
  kept_.resize(levels_.size());
  Shares budget = budget_of(model.device());
  for (size_t r = 0; r < kSharedResources; ++r) {
    Table spine = nothing_left(budget[r] / kGrain[r]);
    Table busy = spine;
    for (size_t i = levels_.size(); i-- > 0;) {
      levels_[i]->spine_rest[r] = spine;
      levels_[i]->busy_rest[r] = busy;
      const OptionSet& set = *levels_[i]->set;
      spine = joined(spine, stairs_of(points_of(set, r, &Option::spine_ps)), added);
      busy = joined(busy, stairs_of(points_of(set, r, &Option::busy_ps)), larger);
    }
    root_->spine_rest[r] = std::move(spine);
    root_->busy_rest[r] = std::move(busy);
  }
}

Allocator::~Allocator() = default;

/// The least time of any completion; kNever where there is none.
uint64_t Allocator::least_ps(const Level& level, const Node& node, uint32_t images) const {
  Shares budget = budget_of(model_.device());
  uint64_t spine = 0, busy = 0;
  for (size_t r = 0; r < kSharedResources; ++r) {
    uint32_t left = (budget[r] - node.used[r] + kGrain[r] - 1) / kGrain[r];
    left = std::min(left, budget[r] / kGrain[r]);
    spine = std::max(spine, level.spine_rest[r][left]);
    busy = std::max(busy, level.busy_rest[r][left]);
  }
  if (spine == kNever || busy == kNever) return kNever;
  return std::max(node.spine_ps + spine, images * std::max(node.busy_ps, busy));
}

/// Of the moves to and from accelerators decided before, one row for every partition of this level's own.
std::vector<const uint64_t*> Allocator::exposed_rows(Level& own, const Node& parent) const {
  std::vector<const uint64_t*> rows;
  for (Level::Move& move : own.moves) {
    const OptionSet& other = *levels_[move.other]->set;
    uint32_t number = other.partition_of[parent.options[move.other]];
    std::vector<uint64_t>& row = move.exposed[number];
    if (row.empty()) {
      const SpatialEdge& edge = model_.edges()[move.edge];
      std::span<const spatial::Banks> there = other.banks_of(move.edge, other.partitions[number]);
      for (const Partition& partition : own.set->partitions) {
        std::span<const spatial::Banks> here = own.set->banks_of(move.edge, partition);
        row.push_back(edge.spine_visits * (move.to_other ? model_.move_ps(edge, here, there)
                                                         : model_.move_ps(edge, there, here)));
      }
    }
    rows.push_back(row.data());
  }
  return rows;
}

/// The beginning with one option more; none where that exceeds the device.
bool Allocator::extend(Node& child, size_t level, uint32_t number, const Shares& budget) const {
  const Option& option = levels_[level]->set->options[number];
  Shares shares = exact_shares(option.resources);
  child.usage = 0;
  for (size_t r = 0; r < kSharedResources; ++r) {
    child.used[r] += shares[r];
    if (child.used[r] > budget[r]) return false;
    child.usage += child.used[r] * 1000 / std::max(budget[r], 1U);
  }
  child.options[level] = number;
  child.spine_ps += option.spine_ps;
  child.busy_ps = std::max(child.busy_ps, option.busy_ps);
  return true;
}

/// The best continuations of the beginnings kept at the level before.
void Allocator::expand(size_t level, uint32_t images, uint64_t enough_ps, uint32_t breadth) {
  Level& own = *levels_[level];
  const Shares budget = budget_of(model_.device());
  std::vector<Node>& children = kept_[level];
  children.clear();
  auto better = [](const Node& a, const Node& b) { return a.key() < b.key(); };
  auto keep_best = [&] {
    if (children.size() <= breadth) return;
    std::ranges::nth_element(children, children.begin() + breadth, better);
    children.resize(breadth);
  };
  const std::vector<Node> start(1);
  for (const Node& parent : level == 0 ? start : kept_[level - 1]) {
    std::vector<const uint64_t*> rows = exposed_rows(own, parent);
    for (size_t partition = 0; partition < own.set->partitions.size(); ++partition) {
      uint64_t exposed = 0;
      for (const uint64_t* row : rows) exposed += row[partition];
      for (uint32_t number : own.set->partitions[partition].options) {
        Node child = parent;
        child.spine_ps += exposed;
        if (!extend(child, level, number, budget)) continue;
        child.least_ps = least_ps(own, child, images);
        if (child.least_ps < enough_ps) children.push_back(child);
      }
    }
    if (children.size() > size_t{breadth} * kSlack) keep_best();
  }
  keep_best();
  std::ranges::sort(children, better);
}

/// With what runs before the busiest accelerator first has work and after it has last.
uint64_t Allocator::leaf_ps(const Node& leaf, uint32_t images) const {
  std::vector<uint64_t> latency(map_.size());
  for (size_t i = 0; i < levels_.size(); ++i) {
    const Option& option = levels_[i]->set->options[leaf.options[i]];
    size_t next = 0;
    for (size_t stage = 0; stage < map_.size(); ++stage) {
      if (map_[stage] == i) latency[stage] = option.costs[next++].latency_ps;
    }
  }
  const std::vector<uint8_t>& spine = model_.spine();
  uint64_t total = 0;
  std::vector<uint64_t> before(levels_.size(), kUnknown), until(levels_.size(), 0);
  for (uint8_t stage : spine) {
    uint64_t& first = before[map_[stage]];
    if (first == kUnknown) first = total;
    total += latency[stage];
    until[map_[stage]] = total;
  }
  uint64_t least = leaf.least_ps;
  for (size_t i = 0; i < levels_.size(); ++i) {
    if (before[i] == kUnknown) continue;
    uint64_t busy = levels_[i]->set->options[leaf.options[i]].busy_ps;
    least = std::max(least, before[i] + images * busy + (total - until[i]));
  }
  return least;
}

spatial::Design Allocator::design_of(const Node& leaf, uint32_t images) const {
  spatial::Design design = base_;
  design.images = images;
  design.accelerators.clear();
  for (size_t i = 0; i < levels_.size(); ++i) {
    Accelerator accelerator = levels_[i]->set->options[leaf.options[i]].accelerator;
    for (size_t stage = 0; stage < map_.size(); ++stage) {
      if (map_[stage] == i) accelerator.stages.push_back(model_.stages()[stage].name);
    }
    accelerator.name = name_of(accelerator.stages, map_.size());
    design.accelerators.push_back(std::move(accelerator));
  }
  return design;
}

Allocation Allocator::allocate(uint32_t images, uint64_t enough_ps, const AllocationEffort& effort) {
  uint64_t least_of_all = least_ps(*root_, Node{}, images);
  if (least_of_all >= enough_ps) return {false, least_of_all, {}};
  for (size_t level = 0; level < levels_.size(); ++level) expand(level, images, enough_ps, effort.breadth);
  Allocation best;
  best.latency_ps = enough_ps;
  std::vector<std::pair<uint64_t, const Node*>> leaves;
  for (const Node& leaf : kept_.back()) leaves.emplace_back(leaf_ps(leaf, images), &leaf);
  std::ranges::stable_sort(leaves, {}, [](const auto& leaf) { return leaf.first; });
  uint32_t tried = 0;
  for (const auto& [least, leaf] : leaves) {
    if (least >= best.latency_ps || tried == effort.evaluations) break;
    ++tried;
    ++evaluations_;
    spatial::Design design = design_of(*leaf, images);
    std::optional<DesignCost> cost = model_.evaluate(design);
    if (!cost || cost->latency_ps >= best.latency_ps) continue;
    best = {true, cost->latency_ps, std::move(design)};
  }
  return best;
}

}  // namespace vesper::offline

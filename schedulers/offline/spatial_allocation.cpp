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
constexpr size_t kSlack = 4;  // beginnings looked at between two selections, for each kept

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
Table joined(const Table& rest, const Stairs& stairs, Join join) {
  Table out(rest.size(), kNever);
  for (const auto& [amount, value] : stairs) {
    for (size_t have = amount; have < rest.size(); ++have) {
      uint64_t below = rest[have - amount];
      if (below != kNever) out[have] = std::min(out[have], join(value, below));
    }
  }
  return out;
}

std::string name_of(const std::vector<std::string>& stages, size_t of_all) {
  return stages.size() == of_all && of_all > 1 ? "all" : fmt::format("{}", fmt::join(stages, "_"));
}

}  // namespace

/// What accelerators decided so far add up to.
struct Allocator::Sum {
  Shares used{};
  uint64_t spine_ps = 0;
  uint64_t busy_ps = 0;     ///< of the busiest that an image comes back to
  uint64_t once_ps = 0;     ///< spine of those that it does not come back to
  uint64_t stagger_ps = 0;  ///< by which the last image leaves one of these later than alone
};

/// A beginning: the options of the first accelerators.
struct Allocator::Node {
  Sum sum;
  std::array<uint32_t, kMostStages> options{};
  uint64_t least_ps = 0;
  uint64_t second = 0;  ///< what decides between equals: see Order
  [[nodiscard]] auto key() const { return std::tie(least_ps, second, options); }
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
  /// No other accelerator works on an image between its first and its last product here: images come one
  /// after the other.
  bool once = false;
  std::vector<Move> moves;
  /// What all later accelerators add at least, by what is left of a resource.
  std::array<Table, kSharedResources> spine_rest, busy_rest;
};

namespace {

uint64_t added(uint64_t a, uint64_t b) { return a + b; }
uint64_t larger(uint64_t a, uint64_t b) { return std::max(a, b); }

}  // namespace

Allocator::Allocator(const SpatialModel& model, OptionTable& table, const spatial::Design& base,
                     const StageMap& map)
    : model_(model),
      base_(base),
      map_(map),
      budget_(budget_of(model.device())),
      root_(std::make_shared<Level>()) {
  for (uint8_t accelerator = 0; accelerator < accelerators_of(map); ++accelerator) {
    auto level = std::make_shared<Level>();
    level->set = table.of(stages_of(map, accelerator));
    level->once = is_once(accelerator);
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
  for (size_t r = 0; r < kSharedResources; ++r) {
    Table spine = nothing_left(budget_[r] / kGrain[r]);
    Table busy = spine;
    for (size_t i = levels_.size(); i-- > 0;) {
      levels_[i]->spine_rest[r] = spine;
      levels_[i]->busy_rest[r] = busy;
      const OptionSet& set = *levels_[i]->set;
      spine = joined(spine, set.spine_stairs[r], added);
      busy = joined(busy, set.busy_stairs[r], larger);
    }
    root_->spine_rest[r] = std::move(spine);
    root_->busy_rest[r] = std::move(busy);
  }
}

Allocator::~Allocator() = default;

bool Allocator::is_once(uint8_t accelerator) const {
  const std::vector<uint8_t>& spine = model_.spine();
  auto own = [&](uint8_t stage) { return map_[stage] == accelerator; };
  auto first = std::ranges::find_if(spine, own);
  auto end = std::find_if_not(first, spine.end(), own);
  return first != spine.end() && std::find_if(end, spine.end(), own) == spine.end();
}

/// The least time of any completion; kNever where there is none.
uint64_t Allocator::least_ps(const Level& level, const Sum& sum, uint32_t images) const {
  uint64_t spine = 0, busy = 0;
  for (size_t r = 0; r < kSharedResources; ++r) {
    uint32_t left = (budget_[r] - sum.used[r] + kGrain[r] - 1) / kGrain[r];
    left = std::min(left, budget_[r] / kGrain[r]);
    spine = std::max(spine, level.spine_rest[r][left]);
    busy = std::max(busy, level.busy_rest[r][left]);
  }
  if (spine == kNever || busy == kNever) return kNever;
  return std::max({sum.spine_ps + spine + sum.stagger_ps, images * sum.busy_ps + sum.once_ps, images * busy});
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

/// The best beginnings so far: never many more than are kept in the end.
class Allocator::Kept {
 public:
  Kept(std::vector<Node>& nodes, uint32_t breadth, uint64_t enough_ps)
      : nodes_(nodes), breadth_(breadth), most_ps_(enough_ps - 1) {
    nodes_.clear();
  }
  /// What takes longer is none of the best.
  [[nodiscard]] uint64_t most_ps() const { return most_ps_; }
  void add(const Node& node) {
    nodes_.push_back(node);
    if (nodes_.size() >= size_t{breadth_} * kSlack) select();
  }
  void finish() {
    select();
    std::ranges::sort(nodes_, better);
  }

 private:
  static bool better(const Node& a, const Node& b) { return a.key() < b.key(); }
  void select() {
    if (nodes_.size() <= breadth_) return;
    auto end = nodes_.begin() + breadth_;
    std::ranges::nth_element(nodes_, end, better);
    nodes_.erase(end, nodes_.end());
    most_ps_ = std::ranges::max_element(nodes_, better)->least_ps;
  }
  std::vector<Node>& nodes_;
  size_t breadth_;
  uint64_t most_ps_;
};

/// Keeps the best continuations of the beginnings kept at the level before.
void Allocator::expand(size_t level, uint32_t images, uint64_t enough_ps, uint32_t breadth, Order order) {
  Level& own = *levels_[level];
  Kept kept(kept_[level], breadth, enough_ps);
  const std::vector<Node> start(1);
  for (const Node& parent : level == 0 ? start : kept_[level - 1]) {
    std::vector<const uint64_t*> rows = exposed_rows(own, parent);
    for (size_t partition = 0; partition < own.set->partitions.size(); ++partition) {
      uint64_t spine = parent.sum.spine_ps;
      for (const uint64_t* row : rows) spine += row[partition];
      if (spine > kept.most_ps()) continue;
      for (uint32_t number : own.set->partitions[partition].options) {
        const OptionCost& cost = own.set->costs[number];
        if (images * cost.busy_ps > kept.most_ps()) break;  // and so are all after it: by busy time
        Sum sum = parent.sum;
        sum.spine_ps = spine + cost.spine_ps;
        uint64_t work = images * cost.busy_ps;
        if (own.once) {
          sum.once_ps += cost.spine_ps;
          sum.stagger_ps = std::max(sum.stagger_ps, work > cost.spine_ps ? work - cost.spine_ps : 0);
        } else {
          sum.busy_ps = std::max(sum.busy_ps, cost.busy_ps);
        }
        bool fits = true;
        for (size_t r = 0; r < kSharedResources; ++r) {
          sum.used[r] += cost.shares[r];
          fits = fits && sum.used[r] <= budget_[r];
        }
        if (!fits || sum.spine_ps > kept.most_ps()) continue;
        uint64_t least = least_ps(own, sum, images);
        if (least > kept.most_ps()) continue;
        Node child{sum, parent.options, least, order == Order::frugal ? usage_of(sum) : sum.spine_ps};
        child.options[level] = number;
        kept.add(child);
      }
    }
  }
  kept.finish();
}

/// The sum of permilles of all budgets.
uint64_t Allocator::usage_of(const Sum& sum) const {
  uint64_t usage = 0;
  for (size_t r = 0; r < kSharedResources; ++r)
    usage += uint64_t{sum.used[r]} * 1000 / std::max(budget_[r], 1U);
  return usage;
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
  uint64_t least_of_all = least_ps(*root_, Sum{}, images);
  if (least_of_all >= enough_ps) return {false, least_of_all, {}};
  Allocation best;
  best.latency_ps = enough_ps;
  std::vector<std::pair<uint64_t, Node>> leaves;
  for (Order order : {Order::fast, Order::frugal}) {
    for (size_t level = 0; level < levels_.size(); ++level)
      expand(level, images, enough_ps, effort.breadth, order);
    for (const Node& leaf : kept_.back()) leaves.emplace_back(leaf_ps(leaf, images), leaf);
  }
  std::ranges::sort(leaves, {}, [](const auto& leaf) { return std::tie(leaf.first, leaf.second.options); });
  auto same = [](const auto& a, const auto& b) { return a.second.options == b.second.options; };
  leaves.erase(std::unique(leaves.begin(), leaves.end(), same), leaves.end());
  uint32_t tried = 0;
  for (const auto& [least, leaf] : leaves) {
    if (least >= best.latency_ps || tried == effort.evaluations) break;
    ++tried;
    ++evaluations_;
    spatial::Design design = design_of(leaf, images);
    std::optional<DesignCost> cost = model_.evaluate(design);
    if (!cost || cost->latency_ps >= best.latency_ps) continue;
    best = {true, cost->latency_ps, std::move(design)};
  }
  if (best.found) raise_lanes(best, effort.most_lanes);
  return best;
}

void Allocator::raise_lanes(Allocation& best, uint32_t most_lanes) {
  for (bool better = true; better;) {
    better = false;
    for (size_t i = 0; i < best.design.accelerators.size(); ++i) {
      for (uint32_t lanes = best.design.accelerators[i].lanes + 1; lanes <= most_lanes; ++lanes) {
        spatial::Design design = best.design;
        design.accelerators[i].lanes = lanes;
        ++evaluations_;
        std::optional<DesignCost> cost = model_.evaluate(design);
        if (!cost) break;  // and more lanes need more
        if (cost->latency_ps >= best.latency_ps) continue;
        best = {true, cost->latency_ps, std::move(design)};
        better = true;
      }
    }
  }
}

}  // namespace vesper::offline

#include "schedulers/offline/spatial_options.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "platform/property/integer.h"

namespace vesper::offline {
namespace {

using spatial::Accelerator;
using spatial::Array;
using spatial::Tile;

auto amounts_of(const Option& option) {
  const spatial::Resources& r = option.resources;
  return std::make_tuple(option.busy_ps, r.aie, option.spine_ps, r.plio_in, r.plio_out, r.dsp, r.uram,
                         r.bram);
}

bool no_worse(const Option& a, const Option& b) {
  const spatial::Resources& x = a.resources;
  const spatial::Resources& y = b.resources;
  return a.busy_ps <= b.busy_ps && a.spine_ps <= b.spine_ps && x.aie <= y.aie && x.plio_in <= y.plio_in &&
         x.plio_out <= y.plio_out && x.dsp <= y.dsp && x.bram <= y.bram && x.uram <= y.uram;
}

/// Adds what is better than the others in something, and takes out what it leaves behind.
void add(std::vector<Option>& front, Option option) {
  for (const Option& other : front) {
    if (no_worse(other, option)) return;
  }
  std::erase_if(front, [&](const Option& other) { return no_worse(option, other); });
  front.push_back(std::move(option));
}

Stairs stairs_of(Stairs points) {
  std::ranges::sort(points);
  Stairs stairs;
  for (const auto& point : points) {
    if (stairs.empty() || point.second < stairs.back().second) stairs.push_back(point);
  }
  return stairs;
}

void sum_up(OptionSet& set) {
  for (const Option& option : set.options)
    set.costs.push_back({option.busy_ps, option.spine_ps, shares_of(option.resources)});
  for (size_t r = 0; r < kSharedResources; ++r) {
    Stairs busy, spine;
    for (const OptionCost& cost : set.costs) {
      busy.emplace_back(cost.shares[r] / kGrain[r], cost.busy_ps);
      spine.emplace_back(cost.shares[r] / kGrain[r], cost.spine_ps);
    }
    set.busy_stairs[r] = stairs_of(std::move(busy));
    set.spine_stairs[r] = stairs_of(std::move(spine));
  }
}

struct Less {
  bool operator()(const std::vector<spatial::Banks>& a, const std::vector<spatial::Banks>& b) const {
    return std::ranges::lexicographical_compare(a, b, [](const spatial::Banks& x, const spatial::Banks& y) {
      return std::tie(x.rows, x.columns) < std::tie(y.rows, y.columns);
    });
  }
};

/// Looks at every configuration for one set of stages.
class Enumeration {
 public:
  Enumeration(const SpatialModel& model, const OptionLimits& limits, StageSet stages)
      : model_(model), limits_(limits), set_(stages) {
    for (uint8_t i = 0; i < model.stages().size(); ++i) {
      if (in(i)) stages_.push_back(i);
    }
    for (uint32_t i = 0; i < model.edges().size(); ++i) {
      const SpatialEdge& edge = model.edges()[i];
      if (edge.spine_visits == 0 || (!in(edge.from) && !in(edge.to))) continue;
      (in(edge.from) && in(edge.to) ? inner_ : outer_).push_back(i);
    }
  }

  OptionSet run() {
    for (uint8_t stage : stages_) attention_ = attention_ || model_.stages()[stage].attention;
    for (uint32_t units = 1; units <= limits_.most_units; ++units) {
      for (const Tile& tile : tiles_of(limits_)) try_arrays(units, tile);
    }
    return sorted();
  }

 private:
  [[nodiscard]] bool in(uint8_t stage) const { return (set_ >> stage & 1) != 0; }

  [[nodiscard]] OptionSet sorted() {
    std::vector<std::pair<Option, uint32_t>> all;
    OptionSet set;
    set.tried = tried_;
    set.edges = outer_;
    set.first_bank.push_back(0);
    for (uint32_t i : outer_)
      set.first_bank.push_back(set.first_bank.back() +
                               static_cast<uint32_t>(model_.edges()[i].routes.size()));
    for (auto& [banks, front] : fronts_) {
      auto number = static_cast<uint32_t>(set.partitions.size());
      set.partitions.push_back({banks, {}});
      for (Option& option : front) all.emplace_back(std::move(option), number);
    }
    std::ranges::stable_sort(all, {}, [](const auto& one) { return amounts_of(one.first); });
    for (auto& [option, number] : all) {
      set.partitions[number].options.push_back(static_cast<uint32_t>(set.options.size()));
      set.partition_of.push_back(number);
      set.options.push_back(std::move(option));
    }
    sum_up(set);
    return set;
  }

  void set_banks(const Accelerator& accelerator) {
    banks_.clear();
    for (uint32_t i : outer_) {
      const SpatialEdge& edge = model_.edges()[i];
      if (in(edge.from)) {
        model_.written(edge, accelerator, banks_);
      } else {
        model_.read(edge, accelerator, banks_);
      }
    }
  }

  void try_arrays(uint32_t units, const Tile& tile) {
    std::vector<uint32_t> rows, inner, columns;
    for (uint8_t stage : stages_) {
      const SpatialStage& s = model_.stages()[stage];
      rows.push_back(s.rows);
      inner.push_back(s.inner);
      columns.push_back(s.heads > 1 ? s.columns / s.heads : ceil_div<uint32_t>(s.columns, units));
    }
    uint32_t most = model_.device().aie / units;
    std::vector<uint32_t> bs = parallelism_of(inner, tile.w1, most);
    std::vector<uint32_t> cs = parallelism_of(columns, tile.w2, most);
    for (uint32_t a : parallelism_of(rows, tile.h1, most)) {
      for (uint32_t b : bs) {
        for (uint32_t c : cs) {
          if (a * b * c <= most) try_types({a, b, c}, units, tile);
        }
      }
    }
  }

  void try_types(const Array& array, uint32_t units, const Tile& tile) {
    Accelerator accelerator;
    accelerator.array = array;
    accelerator.tile = tile;
    accelerator.units = units;
    for (bool pinned : {false, true}) {
      if (pinned && attention_) continue;
      accelerator.pinned = pinned;
      for (uint32_t lanes : limits_.lanes) {
        accelerator.lanes = lanes;
        try_one(accelerator);
      }
    }
  }

  void try_one(const Accelerator& accelerator) {
    ++tried_;
    std::optional<spatial::Resources> resources = model_.resources(set_, accelerator);
    if (!resources || exceeds(*resources)) return;
    set_banks(accelerator);
    std::vector<Option>& front = fronts_[banks_];
    Option option;
    option.resources = *resources;
    model_.array_ps(set_, accelerator, array_ps_);
    for (size_t i = 0; i < stages_.size(); ++i) {
      const SpatialStage& stage = model_.stages()[stages_[i]];
      option.busy_ps += stage.visits * array_ps_[i];
      option.spine_ps += stage.spine_visits * array_ps_[i];
    }
    for (const Option& other : front) {
      if (no_worse(other, option)) return;  // and what engines add makes it no better
    }
    option.accelerator = accelerator;
    set_times(option);
    add(front, std::move(option));
  }

  void set_times(Option& option) {
    option.busy_ps = option.spine_ps = 0;
    for (size_t i = 0; i < stages_.size(); ++i) {
      const SpatialStage& stage = model_.stages()[stages_[i]];
      StageCost cost = model_.cost(stages_[i], option.accelerator, array_ps_[i]);
      option.busy_ps += stage.visits * cost.busy_ps;
      option.spine_ps += stage.spine_visits * cost.latency_ps;
      option.costs.push_back(cost);
    }
    for (uint32_t i : inner_) {
      const SpatialEdge& edge = model_.edges()[i];
      from_.clear();
      to_.clear();
      model_.written(edge, option.accelerator, from_);
      model_.read(edge, option.accelerator, to_);
      option.spine_ps += edge.spine_visits * model_.move_ps(edge, from_, to_);
    }
  }

  [[nodiscard]] bool exceeds(const spatial::Resources& r) const {
    const spatial::Device& d = model_.device();
    return r.aie > d.aie || r.plio_in > d.plio_in || r.plio_out > d.plio_out || r.dsp > d.dsp ||
           r.bram > d.bram || r.uram > d.uram;
  }

  const SpatialModel& model_;
  const OptionLimits& limits_;
  StageSet set_;
  std::vector<uint8_t> stages_;
  std::vector<uint32_t> inner_, outer_;  ///< edges within the set, and out of it or into it
  bool attention_ = false;
  uint64_t tried_ = 0;
  std::map<std::vector<spatial::Banks>, std::vector<Option>, Less> fronts_;
  // Kept from configuration to configuration.
  std::vector<spatial::Banks> banks_, from_, to_;
  std::vector<uint64_t> array_ps_;
};

}  // namespace

std::vector<Tile> tiles_of(const OptionLimits& limits) {
  std::vector<Tile> tiles;
  uint32_t step = limits.tile_multiple;
  uint64_t most = limits.tile_memory.count;
  for (uint32_t h1 = step; uint64_t{h1} * step < most; h1 += step) {
    for (uint32_t w1 = step; uint64_t{h1} * w1 < most; w1 += step) {
      for (uint32_t w2 = step; uint64_t{h1} * w1 + uint64_t{w1} * w2 + uint64_t{h1} * w2 <= most; w2 += step)
        tiles.push_back({h1, w1, w2});
    }
  }
  return tiles;
}

std::vector<uint32_t> parallelism_of(const std::vector<uint32_t>& extents, uint32_t tile, uint32_t most) {
  std::vector<uint32_t> values;
  for (uint32_t extent : extents) {
    uint32_t tiles = ceil_div<uint32_t>(extent, tile);
    for (uint32_t value = 1; value <= std::min(tiles, most); ++value) {
      if (ceil_div<uint32_t>(tiles, ceil_div<uint32_t>(tiles, value)) == value) values.push_back(value);
    }
  }
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

Shares shares_of(const spatial::Resources& r) {
  auto narrow = [](uint64_t amount) { return static_cast<uint32_t>(amount); };
  return {narrow(r.aie), narrow(r.plio_in), narrow(r.plio_out),
          narrow(r.dsp), narrow(r.bram),    narrow(r.uram)};
}

std::span<const spatial::Banks> OptionSet::banks_of(uint32_t edge, const Partition& partition) const {
  auto place = static_cast<size_t>(std::ranges::find(edges, edge) - edges.begin());
  return std::span(partition.banks).subspan(first_bank[place], first_bank[place + 1] - first_bank[place]);
}

OptionTable::OptionTable(const SpatialModel& model, OptionLimits limits)
    : model_(model), limits_(std::move(limits)) {}

std::shared_ptr<const OptionSet> OptionTable::of(StageSet stages) {
  std::shared_ptr<Slot> slot;
  {
    std::scoped_lock lock(mutex_);
    std::shared_ptr<Slot>& found = slots_[stages];
    if (found == nullptr) found = std::make_shared<Slot>();
    slot = found;
  }
  std::call_once(slot->once, [&] {
    slot->set = std::make_shared<const OptionSet>(Enumeration(model_, limits_, stages).run());
  });
  return slot->set;
}

}  // namespace vesper::offline

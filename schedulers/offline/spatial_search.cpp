#include "schedulers/offline/spatial_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>

namespace vesper::offline {
namespace {

constexpr uint64_t kNever = UINT64_MAX;
constexpr uint64_t kGolden = 0x9E37'79B9'7F4A'7C15;
constexpr uint32_t kDraws = 16;  // tries to find a map that is new

template <class T>
bool none_is_zero(const std::vector<T>& values) {
  return std::ranges::none_of(values, [](const T& value) { return value == T{}; });
}

std::vector<bool> recurring_of(const SpatialModel& model) {
  std::vector<bool> recurring;
  for (const SpatialStage& stage : model.stages()) recurring.push_back(stage.visits > 1);
  return recurring;
}

std::vector<SearchSpace> spaces_of(const SpatialModel& model, const Explore& explore) {
  std::vector<bool> recurring = recurring_of(model);
  uint32_t all = MapSpace(recurring, 1, kMostStages).recurring();
  std::vector<SearchSpace> spaces;
  auto add = [&](const std::string& name, uint32_t least, uint32_t most) {
    spaces.push_back({name, MapSpace(recurring, least, most)});
  };
  for (uint32_t count : explore.accelerators) {
    if (count > all)
      throw InputError(
          fmt::format("explore.accelerators has {}; the network has {} stages that recur, and so at "
                      "most so many accelerators",
                      count, all));
    add(fmt::format("{} accelerator{}", count, count == 1 ? "" : "s"), count, count);
  }
  if (!explore.accelerators.empty()) return spaces;
  for (SpaceKind kind : explore.spaces) {
    std::string name = Codec<SpaceKind>::write(kind).text();
    if (kind == SpaceKind::sequential) add(name, 1, 1);
    if (kind == SpaceKind::spatial) add(name, all, all);
    if (kind == SpaceKind::hybrid) add(name, 1, std::min(all, explore.most_accelerators));
  }
  return spaces;
}

OptionLimits limits_of(const Explore& explore) {
  return {explore.tile_memory, explore.tile_multiple, explore.most_units, explore.lanes};
}

/// Time an image takes of the accelerators, at a latency of so many.
uint64_t per_image(const Best& best) { return best.latency_ps / best.images; }

}  // namespace

void Explore::describe(Schema<Explore>& p) {
  p("title", &Explore::title, "one line that says what is searched; by default the scenario's");
  p("bounds", &Explore::bounds,
    "latency bounds under each of which the highest throughput is searched; none: the least latency of each "
    "number "
    "of images")
      .must(none_is_zero<Duration>, "above 0");
  p("spaces", &Explore::spaces,
    "sequential: one accelerator for all stages that recur; spatial: one for each; hybrid: any number")
      .must([](const std::vector<SpaceKind>& spaces) { return !spaces.empty(); }, "one at least");
  p("accelerators", &Explore::accelerators,
    "instead of spaces: designs with exactly so many accelerators for stages that recur")
      .must(none_is_zero<uint32_t>, "above 0");
  p("most_accelerators", &Explore::most_accelerators, "of a hybrid design, for stages that recur")
      .between(1, kMostStages);
  p("least_images", &Explore::least_images, "smallest batch").between(1, 64);
  p("most_images", &Explore::most_images, "largest batch").between(1, 64);
  p("population", &Explore::population, "maps of stages onto accelerators that live on").between(2, 10'000);
  p("children", &Explore::children, "new maps a generation").between(1, 10'000);
  p("generations", &Explore::generations, "generations of each search").between(1, 10'000);
  p("seed", &Explore::seed, "seed of everything that is drawn at random");
  p("tile_memory", &Explore::tile_memory, "that operands and result of one tile take together at most")
      .between(Bytes{48}, KiB(32));
  p("tile_multiple", &Explore::tile_multiple, "h1, w1 and w2 are multiples of this").between(4, 256);
  p("most_units", &Explore::most_units, "arrays that share a stage at most").between(1, 64);
  p("lanes", &Explore::lanes, "elements a cycle that PL engines take of each stream")
      .must([](const std::vector<uint32_t>& lanes) { return !lanes.empty() && none_is_zero(lanes); },
            "one at least, above 0");
  p("breadth", &Explore::breadth, "beginnings of a design kept while its accelerators are configured")
      .between(1, 100'000);
  p("evaluations", &Explore::evaluations, "designs of a map worked out by the whole schedule, for each batch")
      .between(1, 100'000);
}

/// What a search is for: a bound on latency, or the least latency of a number of images.
struct SpatialSearch::Goal {
  uint64_t bound_ps = 0;
  size_t images = 0;  ///< place in outcomes; used when there is no bound

  /// Less is better: a design under the bound before one above it, then by time an image takes.
  [[nodiscard]] std::tuple<int, uint64_t, int> cost(const Candidate& candidate, uint32_t least_images) const {
    std::tuple<int, uint64_t, int> least{2, kNever, 1};
    for (size_t i = 0; i < candidate.outcomes.size(); ++i) {
      const Outcome& outcome = candidate.outcomes[i];
      int unknown = outcome.found ? 0 : 1;
      if (bound_ps == 0) {
        if (i == images) least = {0, outcome.latency_ps, unknown};
      } else if (outcome.latency_ps <= bound_ps) {
        least = std::min(least, {0, outcome.latency_ps / (least_images + i), unknown});
      } else {
        least = std::min(least, {1, outcome.latency_ps, unknown});
      }
    }
    return least;
  }
};

/// Everything that has been worked out.
struct SpatialSearch::State {
  std::vector<Candidate> candidates;
  std::map<StageMap, size_t> numbers;
  uint32_t generation = 0;
  uint32_t generations = 0;
  bool interrupted = false;

  [[nodiscard]] bool has(const StageMap& map) const { return numbers.contains(map); }
};

SpatialSearch::SpatialSearch(const SpatialModel& model, const spatial::Design& base, const Explore& explore)
    : model_(model),
      base_(base),
      explore_(explore),
      options_(model, limits_of(explore)),
      spaces_(spaces_of(model, explore)) {
  if (explore.least_images > explore.most_images)
    throw InputError(fmt::format("explore.least_images is {}, above explore.most_images, {}",
                                 explore.least_images, explore.most_images));
}

std::vector<SpatialSearch::Goal> SpatialSearch::goals() const {
  std::vector<Goal> goals;
  for (const Duration& bound : explore_.bounds) goals.push_back({bound.ps, 0});
  if (!goals.empty()) return goals;
  for (size_t i = 0; i <= explore_.most_images - explore_.least_images; ++i) goals.push_back({0, i});
  return goals;
}

AllocationEffort SpatialSearch::effort() const {
  return {explore_.breadth, explore_.evaluations, std::ranges::max(explore_.lanes)};
}

uint64_t SpatialSearch::most_candidates() const {
  uint64_t a_goal = explore_.population + uint64_t{explore_.generations} * explore_.children;
  return spaces_.size() * goals().size() * a_goal;
}

std::optional<SearchResult> SpatialSearch::run(unsigned threads, const SearchHooks& hooks) {
  State state;
  std::vector<Goal> all_goals = goals();
  state.generations = static_cast<uint32_t>(spaces_.size() * all_goals.size()) * (explore_.generations + 1);
  // Narrow spaces first: what prunes within one prunes rightly within those that it is part of.
  std::vector<const SearchSpace*> order;
  for (const SearchSpace& space : spaces_) order.push_back(&space);
  std::ranges::stable_sort(order, {},
                           [](const SearchSpace* space) { return space->maps.most() - space->maps.least(); });
  for (const SearchSpace* space : order) {
    for (const Goal& goal : all_goals) {
      evolve(*space, goal, threads, hooks, state);
      if (state.interrupted) return std::nullopt;
    }
  }
  SearchResult result;
  for (const SearchSpace& space : spaces_) result.spaces.push_back(result_of(space, state.candidates));
  std::set<uint32_t> sets;
  for (const Candidate& candidate : state.candidates) {
    result.evaluations += candidate.evaluations;
    for (uint8_t i = 0; i < accelerators_of(candidate.map); ++i) sets.insert(stages_of(candidate.map, i));
  }
  for (uint32_t stages : sets) result.configurations += options_.of(stages)->tried;
  result.candidates = std::move(state.candidates);
  return result;
}

void SpatialSearch::evolve(const SearchSpace& space, const Goal& goal, unsigned threads,
                           const SearchHooks& hooks, State& state) {
  Random random(explore_.seed + state.generation * kGolden);  // other maps for each goal
  auto cost = [&](size_t number) {
    return std::make_pair(goal.cost(state.candidates[number], explore_.least_images),
                          state.candidates[number].map);
  };
  std::vector<StageMap> maps;
  std::set<StageMap> first;
  for (uint32_t i = 0; i < explore_.population * kDraws && first.size() < explore_.population; ++i) {
    StageMap map = space.maps.draw(random);
    if (first.insert(map).second) maps.push_back(map);
  }
  std::vector<size_t> population;
  for (uint32_t generation = 0; generation <= explore_.generations; ++generation) {
    if (generation > 0) maps = offspring(space, population, random, state);
    work_out(space, maps, threads, hooks, state);
    if (state.interrupted) return;
    for (const StageMap& map : maps) population.push_back(state.numbers.at(map));
    std::ranges::sort(population);
    population.erase(std::unique(population.begin(), population.end()), population.end());
    std::ranges::sort(population, {}, cost);
    if (population.size() > explore_.population) population.resize(explore_.population);
    ++state.generation;
    if (hooks.progress) hooks.progress(state.generation, state.generations, state.candidates.size());
  }
}

/// Pairs of children of parents drawn by tournament: the population is sorted, the best first.
std::vector<StageMap> SpatialSearch::offspring(const SearchSpace& space,
                                               const std::vector<size_t>& population, Random& random,
                                               const State& state) const {
  auto size = static_cast<uint32_t>(population.size());
  auto parent = [&] {
    return state.candidates[population[std::min(random.below(size), random.below(size))]].map;
  };
  std::vector<StageMap> children;
  std::set<StageMap> own;
  auto add = [&](StageMap child) {
    for (uint32_t tries = 0; tries < kDraws; ++tries) {
      if (space.maps.has(child) && !state.has(child) && own.insert(child).second) {
        children.push_back(std::move(child));
        return;
      }
      child = space.maps.draw(random);
    }
  };
  for (uint32_t pair = 0; pair < (explore_.children + 1) / 2; ++pair) {
    StageMap one = parent(), other = parent();
    size_t cut = random.below(static_cast<uint32_t>(one.size()));
    add(mutated(crossover(one, other, cut), random));
    add(mutated(crossover(other, one, cut), random));
  }
  return children;
}

void SpatialSearch::work_out(const SearchSpace& space, const std::vector<StageMap>& maps, unsigned threads,
                             const SearchHooks& hooks, State& state) {
  std::vector<uint64_t> enough(explore_.most_images - explore_.least_images + 1, kNever);
  for (const Candidate& candidate : state.candidates) {
    if (!space.maps.has(candidate.map)) continue;
    for (size_t i = 0; i < enough.size(); ++i) {
      if (candidate.outcomes[i].found) enough[i] = std::min(enough[i], candidate.outcomes[i].latency_ps);
    }
  }
  size_t first = state.candidates.size();
  for (const StageMap& map : maps) {
    if (state.has(map)) continue;
    state.numbers[map] = state.candidates.size();
    state.candidates.push_back({map, {}, 0});
  }
  std::vector<size_t> open;
  for (size_t number = first; number < state.candidates.size(); ++number) {
    std::optional<Candidate> known = hooks.known ? hooks.known(number) : std::nullopt;
    if (known && known->map == state.candidates[number].map && known->outcomes.size() == enough.size()) {
      state.candidates[number] = std::move(*known);
    } else {
      open.push_back(number);
    }
  }
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  auto work = [&] {
    for (size_t i = next++; i < open.size(); i = next++) {
      try {
        Candidate candidate = candidate_of(state.candidates[open[i]].map, enough);
        std::scoped_lock lock(mutex);
        if (hooks.done) hooks.done(open[i], candidate);
        state.candidates[open[i]] = std::move(candidate);
        if (hooks.interrupted && hooks.interrupted()) state.interrupted = true;
        if (state.interrupted) return;
      } catch (...) {
        std::scoped_lock lock(mutex);
        failure = std::current_exception();
        next = open.size();
        return;
      }
    }
  };
  {
    std::vector<std::jthread> workers;
    for (size_t i = 1; i < std::min<size_t>(threads, open.size()); ++i) workers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

Candidate SpatialSearch::candidate_of(const StageMap& map, const std::vector<uint64_t>& enough_ps) {
  Allocator allocator(model_, options_, base_, map);
  Candidate candidate{map, {}, 0};
  for (size_t i = 0; i < enough_ps.size(); ++i) {
    Allocation allocation =
        allocator.allocate(explore_.least_images + static_cast<uint32_t>(i), enough_ps[i], effort());
    candidate.outcomes.push_back({allocation.found, allocation.latency_ps});
  }
  candidate.evaluations = allocator.evaluations();
  return candidate;
}

SpaceResult SpatialSearch::result_of(const SearchSpace& space,
                                     const std::vector<Candidate>& candidates) const {
  SpaceResult result;
  result.name = space.name;
  for (size_t i = 0; i <= explore_.most_images - explore_.least_images; ++i) {
    Best best{explore_.least_images + static_cast<uint32_t>(i), kNever, 0};
    for (size_t number = 0; number < candidates.size(); ++number) {
      const Outcome& outcome = candidates[number].outcomes[i];
      if (!space.maps.has(candidates[number].map) || !outcome.found) continue;
      if (outcome.latency_ps < best.latency_ps) best = {best.images, outcome.latency_ps, number};
    }
    if (best.latency_ps != kNever) result.best.push_back(best);
  }
  for (const Candidate& candidate : candidates) result.candidates += space.maps.has(candidate.map) ? 1 : 0;
  std::vector<Best> sorted = result.best;
  std::ranges::stable_sort(sorted, {}, &Best::latency_ps);
  for (const Best& best : sorted) {
    if (result.front.empty() || per_image(best) < per_image(result.front.back()))
      result.front.push_back(best);
  }
  for (const Duration& bound : explore_.bounds) {
    std::optional<Best> most;
    for (const Best& best : result.front) {
      if (best.latency_ps <= bound.ps) most = best;
    }
    result.under.push_back(most);
  }
  return result;
}

spatial::Design SpatialSearch::design_of(const SearchResult& result, const Best& best) {
  Allocator allocator(model_, options_, base_, result.candidates[best.candidate].map);
  // What else may be kept without a time to beat stands behind what is kept with one: the same design is
  // found.
  return allocator.allocate(best.images, kNever, effort()).design;
}

double throughput(const SpatialModel& model, uint32_t images, uint64_t latency_ps) {
  return static_cast<double>(model.operations()) * images / (static_cast<double>(latency_ps) * 1e-12);
}

}  // namespace vesper::offline

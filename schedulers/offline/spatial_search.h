/// The search for spatial-sequential designs of a network: the least latency of each number of images, over
/// the maps of its stages onto accelerators, and so the best throughput under a bound on latency.
///
/// Source      Zhuang et al., SSR, FPGA 2024, algorithms 1 and 2. An evolutionary search a bound: parents are
///             drawn by tournament of two, children made by single-point crossover and one exchange, and the
///             best of parents and children live on. What differs: a child known already is replaced by a map
///             drawn at random, a map is worked out once for all bounds and numbers of images, and
///             accelerators' shares are not fixed before they are configured (spatial_allocation.h). Same
///             result whatever the number of threads, and when it goes on after an interruption: what prunes
///             a generation's candidates is what the generations before it have found.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "schedulers/offline/spatial_allocation.h"

namespace vesper::offline {

enum class SpaceKind : uint8_t { sequential, spatial, hybrid };
inline EnumNames<SpaceKind> enum_names(SpaceKind) {
  return {
      {SpaceKind::sequential, "sequential"}, {SpaceKind::spatial, "spatial"}, {SpaceKind::hybrid, "hybrid"}};
}

/// Section `explore` of a scenario.
struct Explore {
  std::string title;
  std::vector<Duration> bounds{ms(2), ms(1), us(500), us(400)};  // SSR, table 6
  std::vector<SpaceKind> spaces{SpaceKind::sequential, SpaceKind::spatial, SpaceKind::hybrid};
  std::vector<uint32_t> accelerators;
  uint32_t most_accelerators = 8;
  uint32_t least_images = 1;
  uint32_t most_images = 6;  // SSR's largest batch
  uint32_t population = 24;
  uint32_t children = 24;
  uint32_t generations = 20;
  uint64_t seed = 1;
  Bytes tile_memory = KiB(4);  // SSR, 4.4: "a single AIE workload can be fit in 32Kb"
  uint32_t tile_multiple = 16;
  uint32_t most_units = 4;
  std::vector<uint32_t> lanes{16, 8, 6, 4};
  uint32_t breadth = 64;
  uint32_t evaluations = 48;
  static void describe(Schema<Explore>& p);
};

/// A number of images that a map was worked out for.
struct Outcome {
  bool found = false;
  uint64_t latency_ps = 0;  ///< as Allocation
};

struct Candidate {
  StageMap map;
  std::vector<Outcome> outcomes;  ///< from least_images on
  uint64_t evaluations = 0;       ///< whole schedules worked out
};

/// A part of the design space that is searched by itself.
struct SearchSpace {
  std::string name;
  MapSpace maps;
};

/// Where a space has its best design.
struct Best {
  uint32_t images = 0;
  uint64_t latency_ps = 0;
  size_t candidate = 0;  ///< number in SearchResult::candidates
};

struct SpaceResult {
  std::string name;
  uint32_t candidates = 0;  ///< maps of the space that were worked out
  std::vector<Best> best;   ///< of each number of images that has a design
  std::vector<Best> front;  ///< of those, by latency: each with more throughput than all before
  std::vector<std::optional<Best>> under;  ///< of each bound, the most throughput
};

struct SearchResult {
  std::vector<Candidate> candidates;  ///< in the order in which they were proposed
  std::vector<SpaceResult> spaces;    ///< in the order of the section
  uint64_t configurations = 0;        ///< of single accelerators
  uint64_t evaluations = 0;           ///< whole schedules
};

struct SearchHooks {
  /// What an earlier start worked out for the candidate of that number; none if nothing.
  std::function<std::optional<Candidate>(size_t number)> known;
  /// A candidate has been worked out; called by one thread at a time.
  std::function<void(size_t number, const Candidate&)> done;
  /// How far it is: of all generations, and candidates so far. Called as `done`.
  std::function<void(uint32_t generation, uint32_t of, size_t candidates)> progress;
  std::function<bool()> interrupted;
};

class SpatialSearch {
 public:
  /// `base` has the device and what all designs share. Throws InputError when the section asks for what
  /// cannot be.
  SpatialSearch(const SpatialModel& model, const spatial::Design& base, const Explore& explore);

  /// None when interrupted.
  std::optional<SearchResult> run(unsigned threads, const SearchHooks& hooks);
  /// The design of a result, worked out again.
  [[nodiscard]] spatial::Design design_of(const SearchResult& result, const Best& best);
  /// Candidates at most: for the journal.
  [[nodiscard]] uint64_t most_candidates() const;
  [[nodiscard]] const std::vector<SearchSpace>& spaces() const { return spaces_; }

 private:
  struct Goal;
  struct State;
  void evolve(const SearchSpace& space, const Goal& goal, unsigned threads, const SearchHooks& hooks,
              State& state);
  std::vector<StageMap> offspring(const SearchSpace& space, const std::vector<size_t>& population,
                                  Random& random, const State& state) const;
  void work_out(const SearchSpace& space, const std::vector<StageMap>& maps, unsigned threads,
                const SearchHooks& hooks, State& state);
  [[nodiscard]] Candidate candidate_of(const StageMap& map, const std::vector<uint64_t>& enough_ps);
  [[nodiscard]] SpaceResult result_of(const SearchSpace& space,
                                      const std::vector<Candidate>& candidates) const;
  [[nodiscard]] std::vector<Goal> goals() const;
  [[nodiscard]] AllocationEffort effort() const;

  const SpatialModel& model_;
  spatial::Design base_;
  Explore explore_;
  OptionTable options_;
  std::vector<SearchSpace> spaces_;
};

/// Throughput of a batch in operations a second, as SSR counts it: all images' operations over the latency.
double throughput(const SpatialModel& model, uint32_t images, uint64_t latency_ps);

}  // namespace vesper::offline

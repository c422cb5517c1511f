/// Which accelerator works each stage of a network, and how an evolutionary search varies that.
///
/// Source      Zhuang et al., SSR, FPGA 2024, algorithm 1: single-point crossover of two maps, mutation by
///             exchanging the accelerators of two stages.
/// Counting    accelerators with a stage that recurs (one that a transformer has once a block): what SSR
///             counts. One that serves only what is done once (embedding, head) comes on top.
/// Random      Mersenne Twister and divisions without remainder bias: the same maps on every machine.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "schedulers/offline/spatial_model.h"

namespace vesper::offline {

/// The accelerator of each stage, in order of the graph's stages; accelerators are numbered in that order
/// too.
using StageMap = std::vector<uint8_t>;

/// The same map with accelerators numbered in order of their first stage: maps that differ in names only are
/// equal.
StageMap canonical(const StageMap& map);
uint32_t accelerators_of(const StageMap& map);
StageSet stages_of(const StageMap& map, uint8_t accelerator);
/// `qkv | scores context | ...`: accelerators in order.
std::string text_of(const StageMap& map, const std::vector<std::string>& stages);

class Random {
 public:
  explicit Random(uint64_t seed) : bits_(seed) {}
  /// Uniform in 0 .. n - 1.
  uint32_t below(uint32_t n);

 private:
  std::mt19937_64 bits_;
};

/// Maps with so many accelerators.
class MapSpace {
 public:
  /// `recurring`: of each stage, whether it counts (see above); where none does, all do.
  MapSpace(std::vector<bool> recurring, uint32_t least, uint32_t most);

  [[nodiscard]] uint32_t counted(const StageMap& map) const;
  [[nodiscard]] bool has(const StageMap& map) const;
  /// Any map of the space; each has a chance.
  [[nodiscard]] StageMap draw(Random& random) const;
  [[nodiscard]] uint32_t least() const { return least_; }
  [[nodiscard]] uint32_t most() const { return most_; }
  /// How many stages count.
  [[nodiscard]] uint32_t recurring() const { return static_cast<uint32_t>(recurring_stages_.size()); }

 private:
  std::vector<bool> recurring_;
  std::vector<uint8_t> recurring_stages_;
  uint32_t least_, most_;
};

/// The first `cut` stages as in `head`, the others as in `tail`.
StageMap crossover(const StageMap& head, const StageMap& tail, size_t cut);
/// Two stages that lie on different accelerators change places; the same map where there is one accelerator.
StageMap mutated(const StageMap& map, Random& random);

}  // namespace vesper::offline

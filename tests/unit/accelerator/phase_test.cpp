#include "models/accelerator/phase.h"

#include <gmock/gmock.h>

#include <random>

#include "tests/unit/accelerator/reference_walk.h"

namespace vesper::accelerator {
namespace {

constexpr Tile kElement{1, 1, 1};

abi::MetadataEntry entry_of(const Shape& shape, uint64_t first, uint64_t last, uint32_t flags = 0,
                            uint32_t layer = 0) {
  abi::MetadataEntry entry{};
  entry.m = shape.m;
  entry.k = shape.k;
  entry.n = shape.n;
  entry.layer = layer;
  entry.first_iteration = static_cast<uint32_t>(first);
  entry.last_iteration = static_cast<uint32_t>(last);
  entry.flags = flags;
  return entry;
}

std::vector<Phase> phases_of(const PhaseSequence::Request& request) {
  PhaseSequence sequence(request, kElement);
  std::vector<Phase> phases;
  for (Phase phase; sequence.next(phase);) phases.push_back(phase);
  Phase phase;
  EXPECT_FALSE(sequence.next(phase)) << "the end stays the end";
  return phases;
}

uint64_t total(const std::vector<Phase>& phases, const OperationCosts& costs) {
  uint64_t cycles = 0;
  for (const Phase& phase : phases) cycles += phase_cycles(phase, costs);
  return cycles;
}

/// What the engines did, tile by tile.
struct Done {
  std::vector<uint64_t> loads, computes, stores;
  void add(const std::vector<Phase>& phases) {
    for (const Phase& phase : phases) {
      if (phase.swap != Swap::none) continue;
      if (phase.load) loads.push_back(phase.load_tile);
      if (phase.compute) computes.push_back(phase.compute_tile);
      if (phase.store) stores.push_back(phase.output_tile);
    }
  }
};

std::vector<uint64_t> count_to(uint64_t n) {
  std::vector<uint64_t> all(n);
  for (uint64_t i = 0; i < n; ++i) all[i] = i;
  return all;
}

TEST(PhaseSequence, ALayerCutAnywhereLoadsComputesAndStoresEachTileOnce) {
  std::mt19937 random{1};
  for (int i = 0; i < 2000; ++i) {
    Shape shape = random_shape(random);
    OperationCosts costs = random_costs(random);
    ReferenceWalk reference(shape, costs);
    uint64_t iterations = reference.iterations.size();
    Done done;
    uint64_t cycles = 0;
    for (uint64_t first = 0; first < iterations;) {
      uint64_t last = std::min(iterations - 1, first + random() % 5);
      abi::MetadataEntry entry = entry_of(shape, first, last, abi::kEntryPreemptive);
      std::vector<Phase> phases = phases_of({.entries = &entry, .entry_count = 1, .task = 4});
      ASSERT_EQ(phases.size(), last - first + 1);
      for (const Phase& phase : phases) {
        ASSERT_EQ(phase.task, 4);
        ASSERT_EQ(phase.entry, &entry);
      }
      done.add(phases);
      cycles += total(phases, costs);
      first = last + 1;
    }
    uint64_t tiles = iterations - 2;
    ASSERT_EQ(done.loads, count_to(tiles));
    ASSERT_EQ(done.computes, count_to(tiles));
    ASSERT_EQ(done.stores, count_to(tiles / shape.k));
    uint64_t sum = 0;
    for (uint64_t j = 0; j < iterations; ++j) sum += reference.cycles(j);
    ASSERT_EQ(cycles, sum);
  }
}

TEST(PhaseSequence, EntriesOfARegionFollowEachOther) {
  abi::MetadataEntry entries[] = {entry_of({1, 2, 1}, 2, 3, 0, 0), entry_of({1, 1, 1}, 0, 2, 0, 1)};
  std::vector<Phase> phases = phases_of({.entries = entries, .entry_count = 2});
  ASSERT_EQ(phases.size(), 5U);
  const uint64_t iterations[] = {2, 3, 0, 1, 2};
  const uint32_t layers[] = {0, 0, 1, 1, 1};
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(phases[i].iteration, iterations[i]);
    EXPECT_EQ(phases[i].entry->layer, layers[i]);
  }
}

/// Swaps a job out after iteration i-1 and in again before iteration i, for every i.
void expect_swaps_at_every_boundary(bool persist) {
  std::mt19937 random{2};
  for (int round = 0; round < 500; ++round) {
    Shape shape = random_shape(random);
    OperationCosts costs = random_costs(random);
    ReferenceWalk reference(shape, costs);
    uint64_t iterations = reference.iterations.size();
    Shape other_shape = random_shape(random);
    for (uint64_t i = 1; i < iterations; ++i) {
      uint32_t at_end = abi::kEntryPreemptive | (persist ? abi::kEntryPersistAtEnd : 0);
      abi::MetadataEntry before = entry_of(shape, 0, i - 1, at_end);
      abi::MetadataEntry other = entry_of(other_shape, 0, 1);
      // The other job's region first swaps this one out.
      std::vector<Phase> out = phases_of(
          {.entries = &other, .entry_count = 1, .task = 1, .preempted = &before, .preempted_task = 9});
      ASSERT_EQ(out.size(), 3U);
      ASSERT_EQ(out[0].swap, persist ? Swap::persist : Swap::clean);
      ASSERT_EQ(out[0].task, 9);
      ASSERT_EQ(out[0].entry, &before);
      ASSERT_EQ(out[0].iteration, i - 1);
      ASSERT_EQ(phase_cycles(out[0], costs), persist ? costs.persist : costs.clean);
      ASSERT_EQ(out[1].task, 1);
      // Then it comes back.
      abi::MetadataEntry after = entry_of(shape, i, iterations - 1, persist ? abi::kEntryPersistAtStart : 0);
      std::vector<Phase> in = phases_of({.entries = &after, .entry_count = 1, .resume = true});
      size_t replayed = in.size() - (iterations - i);
      Done replay;
      replay.add({in.begin(), in.begin() + static_cast<std::ptrdiff_t>(replayed)});
      ASSERT_TRUE(replay.stores.empty()) << "a swap-in stores nothing";
      uint64_t swap_in = total({in.begin(), in.begin() + static_cast<std::ptrdiff_t>(replayed)}, costs);
      if (persist) {
        ASSERT_EQ(in[0].swap, Swap::resume);
        ASSERT_EQ(swap_in, reference.persist_resume(i)) << shape.text() << " at " << i;
        ASSERT_TRUE(replay.computes.empty());
        ASSERT_EQ(replay.loads,
                  reference.iterations[i].compute ? std::vector{i - 1} : std::vector<uint64_t>{});
        if (i >= 2) {
          // What is kept and what comes back is the output tile that the last computed tile belongs to.
          ASSERT_EQ(out[0].output_tile, (i - 2) / shape.k);
          ASSERT_EQ(in[0].output_tile, (i - 2) / shape.k);
        }
      } else {
        ASSERT_EQ(swap_in, reference.recompute_resume(i)) << shape.text() << " at " << i;
        uint64_t from = i == 1 ? 0 : reference.restart(i);
        std::vector<uint64_t> loads, computes;
        for (uint64_t tile = from; tile < i && tile < iterations - 2; ++tile) loads.push_back(tile);
        for (uint64_t tile = from; tile + 1 < i; ++tile) computes.push_back(tile);
        ASSERT_EQ(replay.loads, loads);
        ASSERT_EQ(replay.computes, computes);
      }
      // After the swap-in the region runs as if nothing had happened.
      for (uint64_t j = i; j < iterations; ++j) {
        const Phase& phase = in[replayed + (j - i)];
        ASSERT_EQ(phase.iteration, j);
        ASSERT_EQ(phase.load, reference.iterations[j].load.has_value());
        ASSERT_EQ(phase.compute, reference.iterations[j].compute.has_value());
        ASSERT_EQ(phase.store, reference.iterations[j].store.has_value());
        if (phase.store) {
          ASSERT_EQ(phase.output_tile, *reference.iterations[j].store);
        }
      }
    }
  }
}

TEST(PhaseSequence, RecomputeAtEveryBoundary) { expect_swaps_at_every_boundary(false); }
TEST(PhaseSequence, PersistAtEveryBoundary) { expect_swaps_at_every_boundary(true); }

TEST(PhaseSequence, NothingIsOnChipBetweenLayers) {
  OperationCosts costs{.load = 1, .compute = 2, .store = 3, .clean = 10, .persist = 20, .resume = 40};
  abi::MetadataEntry ended = entry_of({1, 4, 1}, 0, 5, 0);  // not preemptive: a layer's end
  abi::MetadataEntry next = entry_of({1, 1, 1}, 0, 2);
  PhaseSequence::Request request{
      .entries = &next, .entry_count = 1, .resume = true, .preempted = &ended, .preempted_task = 1};
  EXPECT_EQ(phases_of(request).size(), 3U);
  EXPECT_EQ(swap_cycles(request, kElement, costs), 0U);
}

TEST(PhaseSequence, ARequestPaysBothSwaps) {
  OperationCosts costs{.load = 1, .compute = 2, .store = 3, .clean = 10, .persist = 20, .resume = 40};
  abi::MetadataEntry out = entry_of({1, 4, 1}, 0, 2, abi::kEntryPreemptive | abi::kEntryPersistAtEnd);
  abi::MetadataEntry in = entry_of({1, 4, 1}, 3, 3, abi::kEntryPersistAtStart);
  PhaseSequence::Request request{
      .entries = &in, .entry_count = 1, .resume = true, .preempted = &out, .preempted_task = 1};
  EXPECT_EQ(swap_cycles(request, kElement, costs), 20U + 40U + 1U);
  std::vector<Phase> phases = phases_of(request);
  ASSERT_EQ(phases.size(), 4U);
  EXPECT_EQ(phases[0].swap, Swap::persist);
  EXPECT_EQ(phases[1].swap, Swap::resume);
}

TEST(PhaseSequence, PhasesAddUpToSwapsAndRegionWork) {
  std::mt19937 random{3};
  for (int i = 0; i < 5000; ++i) {
    OperationCosts costs = random_costs(random);
    std::vector<abi::MetadataEntry> entries;
    auto random_entry = [&] {
      Shape shape = random_shape(random);
      uint64_t iterations = uint64_t{shape.m} * shape.k * shape.n + 2;
      uint64_t first = random() % iterations;
      return entry_of(shape, first, first + random() % (iterations - first), random() % 8);
    };
    for (size_t e = 0; e < 1 + random() % 3; ++e) entries.push_back(random_entry());
    abi::MetadataEntry preempted = random_entry();
    PhaseSequence::Request request{.entries = entries.data(),
                                   .entry_count = static_cast<uint32_t>(entries.size()),
                                   .resume = random() % 2 == 0,
                                   .preempted = random() % 2 == 0 ? &preempted : nullptr};
    std::vector<Phase> phases = phases_of(request);
    RegionWork work = region_work(request, kElement, costs);
    RegionWork swap = swap_work(request, kElement, costs);
    ASSERT_EQ(total(phases, costs), swap.cycles + work.cycles);
    ASSERT_EQ(swap_cycles(request, kElement, costs), swap.cycles);
    uint64_t steps = 0;
    uint64_t computes = 0;
    for (const Phase& phase : phases) {
      steps += phase.swap == Swap::none ? 1 : 0;
      computes += phase.compute ? 1 : 0;
    }
    ASSERT_EQ(steps, swap.steps + work.steps) << "tile iterations, replayed ones included";
    ASSERT_EQ(computes, swap.computes + work.computes);
  }
}

}  // namespace
}  // namespace vesper::accelerator

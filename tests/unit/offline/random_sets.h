/// Small random layers, costs and task sets; one element a tile, so that shapes count tiles.
#pragma once

#include <random>

#include "schedulers/offline/analysis.h"

namespace vesper::offline {

inline uint32_t draw(std::mt19937& random, uint32_t least, uint32_t most) {
  return least + static_cast<uint32_t>(random() % (most - least + 1));
}

inline LayerShape random_shape(std::mt19937& random) {
  return {draw(random, 1, 3), draw(random, 1, 9), draw(random, 1, 3)};
}

/// Any order of sizes among the operations, zeros too.
inline accelerator::OperationCosts random_costs(std::mt19937& random) {
  auto cost = [&] { return random() % 8 == 0 ? uint64_t{0} : uint64_t{draw(random, 1, 60)}; };
  return {cost(), cost(), cost(), cost(), cost(), cost()};
}

inline Terms random_terms(std::mt19937& random) {
  Terms terms;
  terms.scheduler = draw(random, 0, 5);
  terms.kernel = draw(random, 0, 5);
  terms.kernel_entry = draw(random, 0, 2);
  terms.first_region_overhead = random() % 2 == 0;
  terms.persist_always_loads = random() % 2 == 0;
  return terms;
}

/// Of a load, without overheads, around 1; a few different periods, so that hyperperiods stay small.
inline TaskSet random_set(std::mt19937& random) {
  TaskSet set;
  set.tile = {1, 1, 1};
  set.costs = random_costs(random);
  set.costs.load += 1;
  set.terms = random_terms(random);
  uint32_t tasks = draw(random, 1, 4);
  for (uint32_t i = 0; i < tasks; ++i) {
    Task task;
    for (uint32_t layers = draw(random, 1, 3); layers > 0; --layers)
      task.layers.push_back(random_shape(random));
    Cycles execution = 0;
    for (const LayerShape& layer : task.layers) {
      execution += LayerRegions(layer, set.tile, set.costs, Preemption::flexible, false).cycles();
    }
    Cycles base = execution * tasks * draw(random, 60, 300) / 100;
    task.period = std::max<Cycles>(base / 500, 1) * 500;
    task.deadline = random() % 2 == 0 ? task.period : task.period - task.period / draw(random, 3, 9);
    set.tasks.push_back(task);
  }
  return set;
}

inline std::vector<Region> regions_of(const TaskRegions& task, Cycles first_overhead) {
  std::vector<Region> regions;
  RegionStream stream(task, first_overhead);
  Region region;
  while (stream.next(region)) regions.push_back(region);
  return regions;
}

}  // namespace vesper::offline

#include "models/accelerator/phase.h"

#include <algorithm>

namespace vesper::accelerator {
namespace {

bool has(const abi::MetadataEntry& entry, uint32_t flag) { return (entry.flags & flag) != 0; }

}  // namespace

PhaseSequence::PhaseSequence(const Request& request, const Tile& tile)
    : request_(request), tile_(tile), stage_(Stage::swap_out) {
  begin_entry();
}

void PhaseSequence::begin_entry() {
  if (entry_ == request_.entry_count) return;
  const abi::MetadataEntry& entry = request_.entries[entry_];
  walk_ = walk_of(entry);
  iteration_ = entry.first_iteration;
}

bool PhaseSequence::next(Phase& phase) {
  phase = Phase{};
  phase.task = request_.task;
  return swap_out(phase) || restore(phase) || replay(phase) || iterate(phase);
}

bool PhaseSequence::swap_out(Phase& phase) {
  if (stage_ != Stage::swap_out) return false;
  stage_ = Stage::restore;
  const abi::MetadataEntry* out = request_.preempted;
  if (out == nullptr || !has(*out, abi::kEntryPreemptive)) return false;
  phase.entry = out;
  phase.task = request_.preempted_task;
  phase.iteration = out->last_iteration;
  phase.swap = has(*out, abi::kEntryPersistAtEnd) ? Swap::persist : Swap::clean;
  // What is on chip after iteration i is the output tile that tile i-1 (computed in i) belongs to.
  uint64_t computed = out->last_iteration == 0 ? 0 : out->last_iteration - 1;
  phase.output_tile = computed / walk_of(*out).k_tiles();
  return true;
}

bool PhaseSequence::restore(Phase& phase) {
  if (stage_ != Stage::restore) return false;
  const abi::MetadataEntry& entry = request_.entries[0];
  if (!request_.resume || entry.first_iteration == 0) {
    stage_ = Stage::entry;
    return false;
  }
  stage_ = Stage::replay;
  if (!has(entry, abi::kEntryPersistAtStart)) {
    replay_from_ = iteration_ >= 2 ? walk_.restart_of(iteration_) : 0;
    iteration_ = replay_from_;
    return false;
  }
  replay_from_ = iteration_ - 1;  // only the tile that the next iteration computes is loaded again
  phase.entry = &entry;
  phase.iteration = iteration_;
  phase.swap = Swap::resume;
  uint64_t computed = iteration_ >= 2 ? iteration_ - 2 : 0;
  phase.output_tile = computed / walk_.k_tiles();
  iteration_ = replay_from_;
  return true;
}

bool PhaseSequence::replay(Phase& phase) {
  if (stage_ != Stage::replay) return false;
  const abi::MetadataEntry& entry = request_.entries[0];
  while (iteration_ < entry.first_iteration) {
    fill(phase, iteration_++, false, replay_from_);
    phase.again = true;
    if (phase.load || phase.compute) return true;
  }
  stage_ = Stage::entry;
  return false;
}

bool PhaseSequence::iterate(Phase& phase) {
  if (stage_ != Stage::entry) return false;
  if (iteration_ > request_.entries[entry_].last_iteration) {
    ++entry_;
    if (entry_ == request_.entry_count) {
      stage_ = Stage::done;
      return false;
    }
    begin_entry();
  }
  fill(phase, iteration_++, true, 0);
  return true;
}

void PhaseSequence::fill(Phase& phase, uint64_t i, bool may_store, uint64_t first_loaded) const {
  phase.entry = &request_.entries[entry_];
  phase.iteration = i;
  phase.load = walk_.loads(i);
  phase.load_tile = i;
  phase.compute = walk_.computes(i) && i > first_loaded;
  phase.compute_tile = i == 0 ? 0 : i - 1;
  phase.store = may_store && walk_.stores(i);
  if (phase.store) phase.output_tile = (i - 2) / walk_.k_tiles();
}

uint64_t phase_cycles(const Phase& phase, const OperationCosts& costs) {
  if (phase.swap != Swap::none) {
    const uint64_t swaps[] = {0, costs.clean, costs.persist, costs.resume};
    return swaps[static_cast<size_t>(phase.swap)];
  }
  return std::max(
      {phase.load ? costs.load : 0, phase.compute ? costs.compute : 0, phase.store ? costs.store : 0});
}

RegionWork swap_work(const PhaseSequence::Request& request, const Tile& tile, const OperationCosts& costs) {
  RegionWork work;
  if (request.preempted != nullptr && has(*request.preempted, abi::kEntryPreemptive)) {
    work.cycles += has(*request.preempted, abi::kEntryPersistAtEnd) ? costs.persist : costs.clean;
  }
  const abi::MetadataEntry& entry = request.entries[0];
  const uint64_t i = entry.first_iteration;
  if (!request.resume || i == 0) return work;
  TileWalk walk(entry.m, entry.k, entry.n, tile);
  if (has(entry, abi::kEntryPersistAtStart)) {
    work.cycles += persist_resume_cycles(walk, costs, i);
    work.steps = walk.loads(i - 1) ? 1 : 0;
    return work;
  }
  work.cycles += recompute_resume_cycles(walk, costs, i);
  work.steps = i >= 2 ? i - walk.restart_of(i) : 1;
  work.computes = work.steps - 1;
  return work;
}

uint64_t swap_cycles(const PhaseSequence::Request& request, const Tile& tile, const OperationCosts& costs) {
  return swap_work(request, tile, costs).cycles;
}

RegionWork region_work(const PhaseSequence::Request& request, const Tile& tile, const OperationCosts& costs) {
  RegionWork work;
  for (uint32_t e = 0; e < request.entry_count; ++e) {
    const abi::MetadataEntry& entry = request.entries[e];
    TileWalk walk(entry.m, entry.k, entry.n, tile);
    uint64_t first = entry.first_iteration;
    uint64_t last = entry.last_iteration;
    work.cycles += iterations_cycles(walk, costs, first, last);
    work.steps += last - first + 1;
    uint64_t first_compute = std::max<uint64_t>(first, 1);
    uint64_t last_compute = std::min(last, walk.tiles());
    if (first_compute <= last_compute) work.computes += last_compute - first_compute + 1;
  }
  return work;
}

}  // namespace vesper::accelerator

/// What the analysis charges beside the accelerator's own operations.
#pragma once

#include <cstdint>

#include "schedulers/offline/cycles.h"

namespace vesper::offline {

/// All in cycles of the accelerator's clock.
struct Terms {
  Cycles scheduler = 0;      ///< a region: feedback until the next instruction
  Cycles kernel = 0;         ///< a region: look-up, launch, feedback
  Cycles kernel_entry = 0;   ///< each further layer that a region reaches into (entry of the metadata table)
  Cycles release_delay = 0;  ///< a release until its job can be issued: shortens period and deadline
  bool first_region_overhead = true;  ///< a job's first region pays for swapping another job out
  /// Swapping in by persist always pays a load, as published; else only where inputs are left to load (not
  /// before a layer's last iteration), as the accelerator does.
  bool persist_always_loads = false;
  /// A utilisation above 1 fails. The published code tests no demand at the hyperperiod itself, so that sets
  /// a little above utilisation 1 may pass.
  bool hyperperiod_tested = true;
};

/// Worst case of DERCA's hardware scheduler (RTSS 2025) in its own cycles, both between feedback and the next
/// instruction and from a release until its job is ready: (2N + 3) ceil(log2 N) + 3N + 4 for N tasks.
Cycles hardware_scheduler_cycles(uint32_t tasks);

/// Kernel management in the publication's analysis: 6 cycles a region; one more for each further entry.
constexpr Cycles kKernelCycles = 6;
constexpr Cycles kKernelEntryCycles = 1;

/// The published code's analysis: no scheduler, kernel management or release delay.
Terms published_terms();

/// A hardware scheduler that shares the accelerator's clock.
Terms hardware_terms(uint32_t tasks);

}  // namespace vesper::offline

/// The data side of a functional accelerator: what its phases do to values, while the accelerator itself
/// decides when. SystemC-free.
///
/// Models      on-chip buffers (on_chip.h) that transfers fill and drain, tensors in memory, and the check of
///             every completed job (job_tensors.h): 4-byte elements as FP32, 1-byte ones as INT8.
/// Timing      none. A phase's bytes are moved by others, from or to transfer_data(), before phase_ended();
///             or run_phase() does all of it at once.
/// Jobs        each has tensors of its own where job_memory.h says; phases are told with the job they work
///             for, which for a swap-out is the one that leaves.
/// Failures    a phase that failed ends with phase_failed() instead: the sums on chip, all of which belong to
///             its job, are dropped. A failed job is not checked, and nothing else is kept of it.
/// Errors      core::SimulationError where there is no memory for a tile.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/accelerator/job_memory.h"
#include "models/accelerator/job_tensors.h"
#include "models/accelerator/on_chip.h"
#include "models/accelerator/tile_transfer.h"

namespace vesper::accelerator {

struct FunctionalProperties {
  bool functional = false;
  Fault functional_fault = Fault::none;
  Bytes tensor_memory = MiB(8192);  // the VCK190's DDR4 DIMM (UG1366)
  /// Declares these properties in the schema of a class derived from this one.
  template <class P>
  static void describe_in(Schema<P>& p) {
    p("functional", &FunctionalProperties::functional,
      "move and compute real values and check every completed job: FP32 of 4-byte elements, INT8 of 1-byte "
      "ones");
    p("functional_fault", &FunctionalProperties::functional_fault,
      "an error planted in functional mode, to see that the check finds it");
    p("tensor_memory", &FunctionalProperties::tensor_memory,
      "memory for tensors in functional mode and `fixed` memory")
        .at_least(KiB(4));
  }
  /// Throws std::invalid_argument when nothing computes elements of this size, or a fault is planted in
  /// nothing.
  void check(uint32_t element_bytes) const;
};

class FunctionalData {
 public:
  struct Task {
    uint16_t number = 0;
    std::string name;
    std::vector<abi::MetadataEntry> layers;  ///< in order
  };

  /// Puts the tasks' weights into memory; throws InputError when it does not hold all their tensors.
  /// `job_memory` outlives this.
  FunctionalData(const TileProperties& properties, Layout layout, Fault fault, uint64_t seed,
                 std::unique_ptr<TensorMemory> memory, const JobMemory& job_memory,
                 const std::vector<Task>& tasks);

  /// A job begins to live in `job_memory`.
  void job_begins(observe::JobId job);
  /// Checks the job, which must still live there.
  void job_completed(observe::JobId job);

  /// On-chip memory that the transfer of a matrix in a phase reads or writes.
  std::byte* transfer_data(const Phase& phase, Matrix matrix) { return chip_.transfer_data(phase, matrix); }
  void phase_ended(const Phase& phase, observe::JobId job);
  void phase_failed() { chip_.drop(); }
  /// The phase's transfers, then phase_ended().
  void run_phase(const Phase& phase, observe::JobId job);

  [[nodiscard]] const observe::FunctionalTotals& totals() const { return tensors_.totals(); }

 private:
  void move_tile(const Phase& phase, Matrix matrix, observe::JobId job);

  TileProperties properties_;
  Layout layout_;
  std::unique_ptr<TensorMemory> memory_;
  const JobMemory& job_memory_;
  OnChip chip_;
  JobTensors tensors_;
};

/// Memory for all tensors of the tasks: `bytes` from the lowest on.
std::unique_ptr<TensorMemory> own_memory(const std::vector<FunctionalData::Task>& tasks, uint64_t bytes);

}  // namespace vesper::accelerator

/// A preemptible output-stationary matrix-product accelerator in programmable logic and on an AIE-like array.
///
/// Models      kernel manager, load, compute and store engines around double buffers. An iteration loads tile
///             t, computes tile t-1 and stores a finished output tile side by side, and ends when all have
///             ended. At any iteration boundary a job can be swapped out and another in, by recompute (clean
///             the output buffer; load and compute again since the output tile began) or persist (store the
///             partial output tile; load it back). Source: DERCA (RTSS 2025); constants in tile_geometry.h.
/// Timing      PL cycles. Look-up, launch, feedback and interrupt as in region_accelerator.h; swap-out,
///             swap-in and iterations follow the launch without a gap. In `fixed` memory each operation takes
///             its constant cost and a region one event; in `burst` loads and stores are DMA bursts through
///             the ports a, b and c, each after `fixed_memory.setup` cycles, and compute takes its constant
///             cost.
/// Errors      of the memory (bus errors, timeouts), in `burst` memory: with `on_error` stop the run ends
///             with a message. With `abandon` the job is: the phase in which a burst failed ends, without
///             further bursts of the transfer it belonged to; the output buffer is cleaned; and this region
///             and all that follow of the job pass empty, each with its look-up, launch and feedback, whose
///             failed bit is set, so that no scheduler has to know. Other jobs' swap-outs are still made. A
///             job whose partial output could not be stored when it was swapped out is abandoned likewise;
///             its swap-out counts as made.
/// Layouts     row_major: a tile is as many rows as it has, one stride apart; tiled: a tile is contiguous.
/// Jobs        two unfinished jobs of one task have inputs, outputs and partial tiles of their own
///             (job_memory.h).
/// Functional  with `functional`, tensors lie in memory, DMA moves their bytes, on-chip buffers hold them,
///             the array computes and every completed job is checked, not abandoned ones (functional_data.h).
///             Times are the same as without. In `burst` a phase's bytes travel in its bursts and it computes
///             when it ends; in `fixed` a region's phases do so one after the other when it ends, in a memory
///             of their own.
/// Leaves out  partial tiles: edge tiles are padded with zeros in memory and cost the same.
#pragma once

#include <memory>
#include <string>

#include "models/accelerator/functional_data.h"
#include "models/accelerator/job_memory.h"
#include "models/accelerator/region_accelerator.h"
#include "models/dma/dma_engine.h"

namespace vesper::accelerator {

class Accelerator : public RegionAccelerator {
 public:
  struct Properties : ControlProperties, TileProperties, FunctionalProperties {
    Layout layout = Layout::tiled;
    dma::AxiPort a, b, c;
    dma::OnError on_error = dma::OnError::stop;
    static void describe(Schema<Properties>& p);
  };
  Accelerator(sc_core::sc_module_name name, const Properties& properties,
              const core::Environment& environment);

  void report(core::RunReport& report) const override;
  [[nodiscard]] std::string waiting_for() const override;

 private:
  uint32_t look_up(const Instruction& instruction) override;
  void run(core::Cycles launch) override;
  void called_back() override;
  void region_over() override;

  // `fixed` memory: the whole region in one event.
  void run_fixed();
  const RegionWork& region_work_of(const PhaseSequence::Request& request);
  void tell_fixed_phases();
  void tell_fixed_phase(const Phase& phase, core::Cycles start);

  // `burst` memory: a phase at a time.
  void next_phase();
  void account_phase();
  void start_operations();
  void start_transfer(dma::DmaEngine& engine, Matrix matrix);
  void load_part_ended();
  void store_ended();
  void compute_ended();
  void operation_ended(observe::OperationKind kind, uint64_t bytes);

  // Jobs that failed.
  [[nodiscard]] bool phase_failed() const;
  void note_failure();
  void clean_up();

  // Addresses and values of jobs.
  void start_of_simulation() override;
  void job_begins(observe::JobId job);
  void run_data();

  void tell(const Phase& phase, observe::OperationKind kind, core::Cycles start, core::Cycles end,
            uint64_t bytes);
  void tell_transfers(const Phase& phase, core::Cycles start);
  void tell_transfer(const Phase& phase, const dma::DmaEngine& port, bool write, uint64_t bytes,
                     core::Cycles start, core::Cycles cycles);
  [[nodiscard]] bool watched() const;
  void tell_idle(core::Cycles at);
  void show(const Phase& phase, core::Cycles start);
  void show_ends(const Phase& phase, core::Cycles start);
  [[nodiscard]] observe::JobId job_of(const Phase& phase) const;

  Properties properties_;
  bool burst_;
  OperationCosts costs_;
  TileBytes bytes_;
  dma::DmaEngine load_a_, load_b_, store_c_;
  sc_core::sc_event compute_due_;

  PhaseSequence::Request request_;  // of the region that runs
  core::Cycles start_ = 0;          // first cycle of its first phase
  PhaseSequence sequence_;
  Phase phase_;
  bool cleans_up_ = false;  // the phase cleans after the running job has failed
  core::Cycles phase_start_ = 0;
  core::Cycles region_compute_ = 0;  // of the region that runs
  core::Cycles region_swap_ = 0;
  uint32_t loads_pending_ = 0;
  uint32_t operations_pending_ = 0;

  struct Memo {
    const abi::MetadataEntry* entries = nullptr;
    uint32_t count = 0;
    RegionWork work;
  };
  JobMemory job_memory_;
  uint64_t seed_;
  std::unique_ptr<FunctionalData> functional_;  // null when times are all there is
  bool data_pending_ = false;  // the region that runs has addresses or data, and its end has not been seen

  std::vector<Memo> memo_;  // direct-mapped by the region's first entry
  uint64_t steps_ = 0;
  uint64_t compute_cycles_ = 0;

  observe::Signal swap_signal_;
};

}  // namespace vesper::accelerator

/// A preemptible output-stationary matrix-product accelerator in programmable logic and on an AIE-like array.
///
/// Models      kernel manager, load, compute and store engines around double buffers. An iteration loads tile
/// t,
///             computes tile t-1 and stores a finished output tile side by side, and ends when all have
///             ended. At any iteration boundary a job can be swapped out and another in, by recompute (clean
///             the output buffer; load and compute again since the output tile began) or persist (store the
///             partial output tile; load it back). Source: DERCA (RTSS 2025); constants in tile_geometry.h.
/// Timing      PL cycles. Look-up 1 cycle, launch on the 3rd after the instruction, 1 more for each further
/// entry of the
///             region; swap-out, swap-in and iterations follow without a gap; feedback 2 cycles after the
///             end. In `fixed` memory each operation takes its constant cost and a region one event; in
///             `burst` loads and stores are DMA bursts through the ports a, b and c, each after
///             `fixed_memory.setup` cycles, and compute takes its constant cost. An instruction is answered
///             with an error while a region runs.
/// Interrupt   `interrupt` is high, `interrupt_cycles` after feedback, while feedback waits and the control
/// register
///             enables it. The `feedback` socket, if bound, gets each feedback when it becomes visible.
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
/// the
///             array computes and every completed job is checked, not abandoned ones (functional_data.h).
///             Times are the same as without. In `burst` a phase's bytes travel in its bursts and it computes
///             when it ends; in `fixed` a region's phases do so one after the other when it ends, in a memory
///             of their own.
/// Leaves out  partial tiles: edge tiles are padded with zeros in memory and cost the same.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "models/accelerator/functional_data.h"
#include "models/accelerator/job_memory.h"
#include "models/accelerator/kernel_manager.h"
#include "models/core/clock_domain.h"
#include "models/core/ip.h"
#include "models/dma/dma_engine.h"

namespace vesper::accelerator {

class Accelerator : public core::Ip {
 public:
  struct Properties : TileProperties, FunctionalProperties {
    Frequency clock = MHz(230);  // VCK190, DERCA
    uint32_t lookup_cycles = 1;
    uint32_t launch_cycles = 2;
    uint32_t feedback_cycles = 2;
    uint32_t interrupt_cycles = 1;
    Layout layout = Layout::tiled;
    dma::AxiPort a, b, c;
    dma::OnError on_error = dma::OnError::stop;
    static void describe(Schema<Properties>& p);
  };
  Accelerator(sc_core::sc_module_name name, const Properties& properties,
              const core::Environment& environment);

  tlm_utils::simple_target_socket_optional<Accelerator> instructions{"instructions"};
  tlm_utils::simple_initiator_socket_optional<Accelerator> feedback{"feedback"};
  core::InterruptOut interrupt{"interrupt"};

  void report(core::RunReport& report) const override;
  [[nodiscard]] std::string waiting_for() const override;

 private:
  struct Running {
    Instruction instruction;
    PhaseSequence::Request request;
    core::Cycles start = 0;  ///< first cycle of the first phase
  };
  enum class State : uint8_t { idle, launching, running, completing, reporting };

  void instruction_written(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  bool issue(const abi::InstructionWords& words);
  /// Does something; what goes wrong ends the simulation.
  template <class Work>
  void guarded(const Work& work);
  void begin(const Instruction& instruction);
  void wake();
  void wake_at(core::Cycles cycle);

  // `fixed` memory: the whole region in one event.
  void run_fixed();
  const RegionWork& region_work_of(const PhaseSequence::Request& request);
  void tell_fixed_phases();
  void tell_fixed_phase(const Phase& phase, core::Cycles start);

  // `burst` memory: a phase at a time.
  void next_phase();
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
  [[nodiscard]] bool has_failed(observe::JobId job) const { return failed_jobs_.contains(job); }
  [[nodiscard]] observe::JobId running_job() const {
    return {running_.instruction.task, running_.instruction.job};
  }

  // Addresses and values of jobs.
  void start_of_simulation() override;
  void job_begins(observe::JobId job);
  [[nodiscard]] bool job_ends() const;
  void region_over();
  void run_data();

  void finish(core::Cycles end);
  void complete_job();
  void report();
  void update_interrupt();
  void tell(const Phase& phase, observe::OperationKind kind, core::Cycles start, core::Cycles end,
            uint64_t bytes);
  void tell_transfers(const Phase& phase, core::Cycles start);
  void tell_transfer(const Phase& phase, const dma::DmaEngine& port, bool write, uint64_t bytes,
                     core::Cycles start, core::Cycles cycles);
  void tell_first_compute(core::Cycles start);
  [[nodiscard]] bool watched() const;
  [[nodiscard]] bool awaits_first_compute() const;
  void tell_idle(core::Cycles at);
  void show_no_job(uint64_t time);
  void show(const Phase& phase, core::Cycles start);
  void show_ends(const Phase& phase, core::Cycles start);
  [[nodiscard]] observe::JobId job_of(const Phase& phase) const;

  Properties properties_;
  core::ClockDomain clock_;
  observe::ObserverHub& observers_;
  bool burst_;
  OperationCosts costs_;
  TileBytes bytes_;
  KernelManager manager_;
  dma::DmaEngine load_a_, load_b_, store_c_;
  sc_core::sc_event wake_, compute_due_, interrupt_due_;

  State state_ = State::idle;
  Running running_;
  PhaseSequence sequence_;
  Phase phase_;
  bool cleans_up_ = false;                // the phase cleans after the running job has failed
  std::set<observe::JobId> failed_jobs_;  // that did not pass their last region yet
  core::Cycles phase_start_ = 0;
  uint32_t loads_pending_ = 0;
  uint32_t operations_pending_ = 0;
  core::Cycles end_ = 0;
  std::vector<std::string> task_names_;
  observe::JobId previous_job_;         // of the instruction before
  std::vector<uint64_t> computed_job_;  // by task: 1 + the job whose first compute has been told
  std::optional<observe::JobId> shown_job_;
  abi::FeedbackWords feedback_words_{};
  tlm::tlm_generic_payload feedback_payload_;

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

  observe::Signal job_signal_, region_signal_, layer_signal_, load_signal_, compute_signal_, store_signal_,
      swap_signal_;
};

}  // namespace vesper::accelerator

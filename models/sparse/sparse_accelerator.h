/// An accelerator for sparse networks that goes through a job layer by layer, and whose layers take as long
/// as their input makes them.
///
/// Models      array, three streams (weights, inputs, outputs), a buffer for activations between layers, and
///             a zero counter at the array's output. A region is one layer or several. Its entries in the
///             metadata table are SparseLayerEntry.
/// Timing      look-up, launch, feedback and interrupt as in accelerator/region_accelerator.h. A layer for
///             which the job's sample gives a time takes exactly that, in picoseconds, without rounding to
///             clock edges; another takes the cycles of its cost model (layer_time.h) for its shape and the
///             sample's sparsity, or for the average sparsity where the job has no sample: a duration from
///             the end of what was before, rounded up to a picosecond. Swap-out, swap-in and layers follow
///             without a gap; a swap takes its stream alone, or `switch_time` where the layer's shape is not
///             known. In `fixed` memory a region takes one event. In `burst` memory streams are DMA bursts
///             through the ports weights, inputs and outputs, each after `fixed_memory.setup` cycles; a layer
///             ends when its array has and its streams have, and a layer whose time is given no earlier than
///             that.
/// Monitor     the feedback's word: of the last layer of the region, round(sparsity x outputs); outputs are m
///             x n, 2^32-1 at the most, kUnknownOutputs where the shape is not known. Source: zero counting
///             of Fan et al., Sparse-DySta (MICRO 2023), section 5.
/// Errors      of the memory, in `burst` memory: as `on_error` says (accelerator/accelerator.h); nothing has
///             to be cleaned. A sample that lacks a layer, or whose sparsity is none, ends the run with a
///             message.
/// Leaves out  values. What layer_time.h leaves out.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "models/accelerator/job_memory.h"
#include "models/accelerator/region_accelerator.h"
#include "models/dma/dma_engine.h"
#include "models/sparse/layer_time.h"

namespace vesper::sparse {

class SparseAccelerator : public accelerator::RegionAccelerator {
 public:
  struct Properties : accelerator::ControlProperties, SparseProperties {
    Properties() { clock = MHz(200); }  // Eyeriss v2, Dysta's scheduler
    dma::AxiPort weights, inputs, outputs;
    dma::OnError on_error = dma::OnError::stop;
    static void describe(Schema<Properties>& p);
  };
  SparseAccelerator(sc_core::sc_module_name name, const Properties& properties,
                    const core::Environment& environment);

  void report(core::RunReport& report) const override;
  [[nodiscard]] std::string waiting_for() const override;

 private:
  enum class Work : uint8_t { swap_out, swap_in, layer };
  /// What happens before the next thing does.
  struct Phase {
    Work work = Work::layer;
    const abi::MetadataEntry* entry = nullptr;
    observe::JobId job;
    Layer layer;
    core::LayerSample sample;
  };

  uint32_t look_up(const accelerator::Instruction& instruction) override;
  void run(core::Cycles launch) override;
  void called_back() override;
  void region_over() override;
  [[nodiscard]] uint32_t monitored() const override { return monitor_; }

  bool next_phase();
  void fill(Work work, const abi::MetadataEntry* entry, observe::JobId job);
  [[nodiscard]] core::LayerSample sample_of(observe::JobId job, const Layer& layer) const;
  [[nodiscard]] uint64_t compute_ps() const;
  [[nodiscard]] uint64_t ps_of(core::Cycles cycles) const;
  [[nodiscard]] LayerTraffic traffic() const;

  // `fixed` memory: the whole region in one event.
  void run_fixed(uint64_t start_ps);
  [[nodiscard]] uint64_t fixed_ps() const;
  [[nodiscard]] uint64_t swap_ps(uint64_t stream_cycles) const;
  void tell_fixed(uint64_t start_ps, uint64_t duration_ps);
  void tell_transfer(const dma::DmaEngine& port, bool write, uint64_t bytes, uint64_t start, uint64_t end);

  // `burst` memory: a phase at a time.
  void start_phase();
  void start_stream(dma::DmaEngine& port, uint64_t address, uint64_t bytes, bool write);
  void load_ended();
  void store_ended();
  void compute_ended();
  void part_ended(observe::OperationKind kind, uint64_t bytes);
  [[nodiscard]] bool phase_failed() const;

  void account_phase(uint64_t duration_ps);
  void count_layer();
  [[nodiscard]] bool watched() const;
  void tell(observe::OperationKind kind, uint64_t start, uint64_t end, uint64_t bytes);
  void show(uint64_t start, const LayerTraffic& bytes);

  const Properties properties_;
  const bool burst_;
  const LayerTimes times_;
  const core::Cycles most_cycles_;  // of a layer
  dma::DmaEngine weights_, inputs_, outputs_;
  sc_core::sc_event compute_due_;
  accelerator::JobMemory job_memory_;
  std::vector<std::shared_ptr<const core::JobSamples>> samples_;  // by task; null: average inputs

  const abi::MetadataEntry* entries_ = nullptr;  // of the region that runs
  uint32_t entry_count_ = 0;
  const abi::MetadataEntry* preempted_ = nullptr;  // last entry of the region swapped out
  bool resumes_ = false;
  uint32_t next_entry_ = 0;
  Phase phase_;
  LayerTraffic moves_;  // of the phase
  uint64_t phase_start_ = 0;
  uint32_t loads_pending_ = 0;
  uint32_t parts_pending_ = 0;
  uint32_t monitor_ = 0;
  RegionShares shares_;  // of the region that runs

  uint64_t layers_ = 0;
  uint64_t compute_busy_ps_ = 0;
  observe::Signal monitor_signal_, swap_signal_;
};

}  // namespace vesper::sparse

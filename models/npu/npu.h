/// A neural processing unit with decoupled fetch and compute, whose schedule software makes ahead.
///
/// Models      a queue of commands {task, job, layer} and two engines that each take them in order: the
///             fetch engine moves weights from memory as long as the weight buffer has room, a part of a
///             layer if there is no more; the compute engine (weight-stationary arrays) starts a layer when
///             its weights are all there and the computation before has ended. A layer's weights are freed
///             when its computation ends. Source: Layerweaver (HPCA 2021), section III-A.
/// Large layer One larger than the buffer is fetched until the buffer holds nothing else and is full; then
///             its computation starts while the rest is streamed through the buffer, and lasts until both
///             are done; nothing else is fetched meanwhile.
/// Activations for `activation_networks` jobs (activation_buffers.h). Where a job's are not on chip,
///             others' are stored and its own loaded, in this order, before its layer is computed, from
///             when the computation before has ended.
/// Timing      in ticks of which a cycle and the fetch of a byte both are whole numbers
///             (models/npu/timing.h), exact; events come at the picosecond at or after
///             their tick. A computation takes its cycles from when it starts, without waiting for an edge
///             of the clock. A command written at some time may be fetched from the first tick at or after
///             it on. In `fixed` memory bytes take bytes / `bandwidth`, activations beside weights without
///             slowing them. In `burst` weights are DMA bursts, a part divided among the ports in pieces of
///             whole 4 KiB; a part begins when the one before has ended on all ports.
/// Low water   `low_water` is high while fewer commands wait for their fetch than the mark says and a place
///             is free. `interrupt` follows in that instant, as sw/abi/npu.h says, `interrupt_cycles` later
///             where it rises.
/// Queue       as deep as weavers reckon with (weaving::Schedule::kDepth) unless `command_depth` says
///             otherwise: in a shallower one fetches may wait longer than they estimate.
/// Errors      a command for a layer that the tables do not hold, or one more than there are places, ends
///             the run with a message; so does a bus error.
/// Leaves out  values; what activations and weights of a layer cost on chip; loading weights into arrays.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/accelerator/kernel_manager.h"
#include "models/core/clock_domain.h"
#include "models/core/ip.h"
#include "models/dma/dma_engine.h"
#include "models/npu/activation_buffers.h"
#include "models/npu/timing.h"
#include "schedulers/weaving/schedule.h"
#include "sw/abi/npu.h"

namespace vesper::npu {

using weaving::Ticks;

class Npu : public core::Ip {
 public:
  struct Properties : NpuProperties {
    uint32_t command_depth = weaving::Schedule::kDepth;
    uint32_t low_water = 16;  // assumed
    uint32_t ahead = 0;
    uint32_t activation_networks = 2;  // Layerweaver, table I: an extra activation buffer
    uint32_t interrupt_cycles = 1;
    uint32_t weight_ports = 1;
    dma::AxiPort weights, activations;
    static void describe(Schema<Properties>& p);
  };
  Npu(sc_core::sc_module_name name, const Properties& properties, const core::Environment& environment);

  core::InterruptOut interrupt{"interrupt"};
  core::InterruptOut low_water{"low_water"};

  /// Throws InputError when a memory port that burst memory needs is not connected.
  void connected() override;
  void report(core::RunReport& report) const override;
  [[nodiscard]] std::string waiting_for() const override;

 private:
  struct Command {
    observe::JobId job;
    bool last = false;
    abi::NpuLayerEntry layer;
    uint32_t parts = 0;  ///< of its fetch so far
  };
  /// Something an engine does, from `start` to `end`; kNever where the end is not known yet.
  struct Activity {
    Ticks start = 0, end = 0;
    uint64_t bytes = 0;
  };

  void start_of_simulation() override;

  // The queue.
  void accept(const abi::InstructionWords& words);
  [[nodiscard]] abi::NpuLayerEntry layer_of(const accelerator::Instruction& command) const;
  [[nodiscard]] size_t waiting() const { return commands_.size() - fetching_ - (fetch_begun_ ? 1 : 0); }
  [[nodiscard]] size_t places() const { return properties_.command_depth - commands_.size(); }

  // Time.
  void wake();
  /// Works off all that happens up to now.
  void advance();
  [[nodiscard]] Ticks next_end() const;
  [[nodiscard]] bool has_come(Ticks tick) const { return ticks_.edge(tick) <= core::now_ps(); }
  void plan();
  /// Ends what ends at now_, and starts what can start.
  void work();

  // The fetch engine.
  bool begin_fetch();
  bool begin_part();
  bool end_part();
  void start_weights(const Command& command, uint64_t bytes);
  void weights_arrived();

  // The compute engine.
  bool begin_swap();
  bool begin_transfer();
  bool end_transfer();
  bool begin_compute();
  bool end_compute();
  void finish(const Command& command);
  [[nodiscard]] bool overflows(const Command& command) const {
    return command.layer.weight_bytes > properties_.weight_buffer.count;
  }
  [[nodiscard]] bool may_compute(const Command& command) const;

  // Software.
  [[nodiscard]] bool is_low() const { return waiting() < low_water_mark_.value() && places() > 0; }
  [[nodiscard]] bool wants_interrupt() const;
  void follow_lines();
  void raise_interrupt();
  void send_feedback(const Command& command);

  // Observers.
  void tell(const Command& command, observe::OperationKind kind, uint32_t step, const Activity& activity);
  void tell_transfer(observe::JobId job, uint32_t layer, uint16_t port, bool write, const Activity& activity);
  void show();

  const Properties properties_;
  const NpuTicks unit_;
  const core::ClockDomain clock_, ticks_;
  const bool burst_;
  observe::ObserverHub& observers_;
  const std::vector<std::string> task_names_;
  accelerator::KernelManager manager_;
  std::vector<std::unique_ptr<dma::DmaEngine>> weights_;
  dma::DmaEngine activations_;
  sc_core::sc_event wake_, interrupt_due_;

  core::Register depth_{manager_.regs, "depth", abi::npu::kDepth, core::read_only};
  core::Register places_{manager_.regs, "places", abi::npu::kPlaces, core::read_only};
  core::Register waiting_{manager_.regs, "waiting", abi::npu::kWaiting, core::read_only};
  core::Register low_water_mark_{manager_.regs, "low_water", abi::npu::kLowWater, core::read_write};
  core::Register ahead_{manager_.regs, "ahead", abi::npu::kAhead, core::read_write};
  core::Register ticks_per_cycle_{
      manager_.regs, "ticks_per_cycle", abi::npu::kTicksPerCycle, core::read_only, 0, 2};
  core::Register ticks_per_byte_{
      manager_.regs, "ticks_per_byte", abi::npu::kTicksPerByte, core::read_only, 0, 2};
  core::Register buffer_bytes_{manager_.regs, "buffer_bytes", abi::npu::kBufferBytes, core::read_only, 0, 2};

  Ticks now_ = 0;
  bool working_ = false;
  std::deque<Command> commands_;  // the first is computed or will be next
  size_t fetching_ = 0;           // of commands_: the one whose weights are fetched, or will be next
  bool fetch_begun_ = false;
  uint64_t left_ = 0;  // bytes of it that are not asked for yet
  uint64_t room_ = 0;  // bytes free in the buffer
  std::optional<Activity> part_;
  uint32_t ports_pending_ = 0;

  ActivationBuffers buffers_;
  bool entered_ = false;  // the first command's activations are on chip, or on their way
  ActivationBuffers::Swap swap_;
  std::optional<Activity> transfer_;
  std::optional<Activity> compute_;
  std::vector<uint64_t> computed_job_;  // by task: 1 + the job whose first compute has been told

  uint64_t layers_ = 0;
  Ticks compute_busy_ = 0, fetch_busy_ = 0, busy_ = 0, busy_since_ = 0;
  observe::Signal fetch_job_, fetch_layer_, compute_job_, compute_layer_, buffer_, queue_;
};

}  // namespace vesper::npu

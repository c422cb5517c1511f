/// Scheduler block: a policy in programmable logic, between the release FIFOs and a kernel manager.
///
/// Models      a PL block that holds a policy's ready queue and runs the loop of decision_loop.h: one channel
/// a turn,
///             feedback, then each task's release FIFO, then issue.
/// Tables      what a policy may look up of each task (priority, weight, estimates of its regions) is there
/// from the
///             start, as firmware would have loaded it.
/// Queue       holds scheduler.queue_capacity jobs; further ones wait in their FIFOs.
/// Timing      cycle by cycle at `clock`; a turn takes what `micro_architecture` says: `heap_fsm`
/// (heap_fsm.cpp), `dysta` (dysta.cpp) or
///             `none`, where all that is there in an instant is handled in that instant. Releases are handled
///             while the accelerator works. With N tasks of at most one ready job each, heap_fsm stays within
///             2 cycles for a feedback, 2 L + 5 for a release and 3 L + 4 for an issue, L = ceil(log2 N), and
///             (2 N + 3) L + 3 N + 4 both from the end of a feedback's turn to the instruction of that pass
///             and from a job's entry in its FIFO to its being ready. Source: DERCA / CLARE (RTSS 2025),
///             hardware scheduler.
/// Endpoints   `feedback` (target; a write of abi::FeedbackWords when the feedback becomes visible),
/// `instructions`
///             (initiator; a write of abi::InstructionWords), `releases` (initiator; reads the job release
///             module's `fifo`), `release_available` (input from its `available`), `regs`.
/// Leaves out  the AXI-Lite path to the registers; what lies between this block and the kernel manager, which
/// its
///             own model charges.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstddef>
#include <memory>

#include "models/core/clock_domain.h"
#include "models/core/ip.h"
#include "models/scheduler/decision_loop.h"
#include "models/scheduler/scheduler_trace.h"
#include "sw/abi/kernel_manager.h"

namespace vesper::scheduler {

class SchedulerBlock : public core::Ip, private ReleaseSource {
 public:
  struct Properties {
    Frequency clock = MHz(230);  // DERCA, table I: the PL's clock
    std::string micro_architecture = "heap_fsm";
    ComputeUnit compute_unit = {};
    static void describe(Schema<Properties>& p) {
      p("clock", &Properties::clock, "PL clock; 1000 GHz: every picosecond is an edge")
          .between(MHz(1), MHz(1'000'000));
      p("micro_architecture", &Properties::micro_architecture,
        "what a turn of the loop costs: dysta, heap_fsm, none")
          .must([](const std::string& name) { return find_micro_architecture(name) != nullptr; },
                "the name of a micro-architecture");
      p("compute_unit", &Properties::compute_unit, "operators of micro_architecture dysta");
    }
  };
  SchedulerBlock(sc_core::sc_module_name name, const Properties& properties,
                 const core::Environment& environment);

  core::RegisterPort regs{"regs", 0x1000};
  tlm_utils::simple_target_socket_optional<SchedulerBlock> feedback{"feedback"};
  tlm_utils::simple_initiator_socket_optional<SchedulerBlock> instructions{"instructions"};
  tlm_utils::simple_initiator_socket_optional<SchedulerBlock> releases{"releases"};
  core::InterruptIn release_available{[this](bool level) { on_release(level); }};

  [[nodiscard]] std::string waiting_for() const override;

 private:
  abi::ReleaseWords take(uint16_t task) override;
  uint64_t waiting() override;
  uint32_t oldest() override;
  policy::Time time_of(Cycles edge) override { return clock_.edge(edge); }

  void start_of_simulation() override;
  void attach_registers();
  void make_policy(const core::PolicyChoice& choice);
  void on_feedback(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void on_release(bool level);
  void on_control(uint32_t value);
  void step();  // SC_METHOD on wake_
  void plan(Cycles now);
  void issue(const policy::Instruction& instruction);
  void read_releases(uint64_t address, unsigned char* data, unsigned int bytes);
  [[nodiscard]] Cycles cycle() const { return clock_.cycle_at_or_after(core::now_ps()); }
  void show(Cycles now) {
    if (traced_) trace_.show(loop_, dispatcher_, now, core::now_ps());
  }

  const core::ClockDomain clock_;
  const std::unique_ptr<MicroArchitecture> costs_;
  const std::vector<core::EstimateTable> look_up_tables_;  // that tasks_ points into
  const std::vector<policy::TaskParameters> tasks_;
  policy::Dispatcher dispatcher_;
  std::unique_ptr<std::byte[]> policy_storage_;
  DecisionLoop loop_;
  SchedulerTrace trace_;
  const bool traced_;
  std::optional<Cycles> planned_;

  abi::InstructionWords instruction_words_{};
  tlm::tlm_generic_payload instruction_payload_;
  tlm::tlm_generic_payload release_payload_;

  core::Register control_{regs, "control", 0x00, core::read_write, kEnable};
  core::Register task_count_{regs, "tasks", 0x04, core::read_only};
  core::Register status_{regs, "status", 0x08, core::read_only};
  core::Register occupancy_{regs, "occupancy", 0x0C, core::read_only};
  core::Register counters_{regs, "counters", 0x10, core::read_only, 0, kCounters};

  sc_core::sc_event wake_{"wake"};

 public:
  static constexpr uint32_t kEnable = 1U << 0;         ///< control: instructions may be issued
  static constexpr uint32_t kRegionRuns = 1U << 0;     ///< status
  static constexpr uint32_t kFeedbackWaits = 1U << 1;  ///< status
  /// Words of `counters`, in order.
  enum Counter : uint32_t {
    kFeedbacks,
    kReleases,
    kDecisions,
    kPreemptions,
    kWorstFeedback,
    kWorstRelease,
    kWorstIssue,
    kWorstFeedbackToInstruction,
    kWorstReleaseToReady,
    kCounters
  };
};

}  // namespace vesper::scheduler

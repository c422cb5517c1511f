/// Scheduler block: a policy in programmable logic, between the release FIFOs and a kernel manager.
///
/// Models      a PL block that holds a policy's ready queue and runs the loop of decision_loop.h: one channel
///             a turn, feedback, then each task's release FIFO, then issue.
/// Tables      what a policy may look up of each task (priority, weight, estimates of its regions) is there
///             from the start, as firmware would have loaded it.
/// Levels      in placement bi_level firmware computes a job's static score on its arrival and writes it with
///             the job into the request FIFO (request_fifo.h); else the block takes jobs out of the release
///             FIFOs and computes it itself.
/// Tasks       all, or those of one accelerator where several have a scheduler each: the loop polls the FIFOs
///             of these alone.
/// Queue       holds scheduler.queue_capacity jobs; further ones wait in their FIFOs.
/// Timing      cycle by cycle at `clock`; a turn takes what `micro_architecture` says: `heap_fsm`
///             (heap_fsm.cpp), `dysta` (dysta.cpp) or `none`, where all that is there in an instant is
///             handled in that instant. Releases are handled while the accelerator works. With N tasks of at
///             most one ready job each, heap_fsm stays within 2 cycles for a feedback, 2 L + 5 for a release
///             and 3 L + 4 for an issue, L = ceil(log2 N), and (2 N + 3) L + 3 N + 4 both from the end of a
///             feedback's turn to the instruction of that pass and from a job's entry in its FIFO to its
///             being ready. Source: DERCA / CLARE (RTSS 2025), hardware scheduler.
/// Endpoints   `feedback` (target; a write of abi::FeedbackWords when the feedback becomes visible),
///             `instructions` (initiator; a write of abi::InstructionWords), `releases` (initiator; reads the
///             job release module's `fifo`), `release_available` (input from its `available`), `regs`
///             (sw/abi/scheduler_block.h), `interrupt` (output: room for requests).
/// Leaves out  the AXI-Lite path to the registers; what lies between this block and the kernel manager, which
///             its own model charges.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstddef>
#include <memory>
#include <optional>

#include "models/core/clock_domain.h"
#include "models/core/ip.h"
#include "models/scheduler/checked_policy.h"
#include "models/scheduler/decision_loop.h"
#include "models/scheduler/request_fifo.h"
#include "models/scheduler/scheduler_trace.h"
#include "sw/abi/kernel_manager.h"

namespace vesper::scheduler {

class SchedulerBlock : public core::Ip {
 public:
  struct Properties {
    Frequency clock = MHz(230);  // DERCA, table I: the PL's clock
    std::string micro_architecture = "heap_fsm";
    ComputeUnit compute_unit = {};
    std::string accelerator = {};
    static void describe(Schema<Properties>& p) {
      p("clock", &Properties::clock, "PL clock; 1000 GHz: every picosecond is an edge")
          .between(MHz(1), MHz(1'000'000));
      p("micro_architecture", &Properties::micro_architecture,
        "what a turn of the loop costs: dysta, heap_fsm, none")
          .must([](const std::string& name) { return find_micro_architecture(name) != nullptr; },
                "the name of a micro-architecture");
      p("compute_unit", &Properties::compute_unit, "operators of micro_architecture dysta");
      p("accelerator", &Properties::accelerator,
        "accelerator whose tasks it schedules, where several have a scheduler each; by default all tasks");
    }
  };
  SchedulerBlock(sc_core::sc_module_name name, const Properties& properties,
                 const core::Environment& environment);

  core::RegisterPort regs{"regs", abi::scheduler_block::kSize};
  tlm_utils::simple_target_socket_optional<SchedulerBlock> feedback{"feedback"};
  tlm_utils::simple_initiator_socket_optional<SchedulerBlock> instructions{"instructions"};
  tlm_utils::simple_initiator_socket_optional<SchedulerBlock> releases{"releases"};
  core::InterruptIn release_available{[this](bool level) { on_release(level); }};
  core::InterruptOut interrupt{"interrupt"};

  [[nodiscard]] std::string waiting_for() const override;

 private:
  class ReleaseFifos;

  void start_of_simulation() override;
  void attach_registers();
  void make_policy(const core::PolicyChoice& choice);
  void on_feedback(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void on_release(bool level);
  void on_request();
  void on_control(uint32_t value);
  void step();  // SC_METHOD on wake_
  void plan(Cycles now);
  /// Requests of this instant may still come: firmware needs several delta cycles, even where it is free.
  [[nodiscard]] bool firmware_is_at_it() const;
  [[nodiscard]] uint32_t free_entries();
  [[nodiscard]] uint32_t room();
  void follow_room();
  void issue(const policy::Instruction& instruction);
  void read_releases(uint64_t address, unsigned char* data, unsigned int bytes);
  [[nodiscard]] Cycles cycle() const { return clock_.cycle_at_or_after(core::now_ps()); }
  void show(Cycles now) {
    if (traced_) trace_.show(loop_, dispatcher_, room() == 0, now, core::now_ps());
  }

  const core::ClockDomain clock_;
  const std::unique_ptr<MicroArchitecture> costs_;
  const std::vector<core::EstimateTable> look_up_tables_;  // that tasks_ points into
  const std::vector<policy::TaskParameters> tasks_;
  const std::vector<uint16_t> served_;  // numbers of the tasks that it schedules
  const uint16_t capacity_;
  policy::Dispatcher dispatcher_;
  std::unique_ptr<std::byte[]> policy_storage_;
  std::optional<CheckedPolicy> checked_policy_;  ///< of a plug-in
  std::unique_ptr<RequestFifo> requests_;        // null where jobs come from the release FIFOs
  std::unique_ptr<RequestSource> release_fifos_;
  DecisionLoop loop_;
  SchedulerTrace trace_;
  const bool traced_;
  std::optional<Cycles> planned_;

  abi::InstructionWords instruction_words_{};
  tlm::tlm_generic_payload instruction_payload_;
  tlm::tlm_generic_payload release_payload_;

  core::Register control_{regs, "control", abi::scheduler_block::kControl, core::read_write, kEnable};
  core::Register task_count_{regs, "tasks", abi::scheduler_block::kTasks, core::read_only};
  core::Register status_{regs, "status", abi::scheduler_block::kStatus, core::read_only};
  core::Register occupancy_{regs, "occupancy", abi::scheduler_block::kOccupancy, core::read_only};
  core::Register counters_{regs, "counters", abi::scheduler_block::kCounters, core::read_only, 0, kCounters};

  sc_core::sc_event wake_{"wake"};

 public:
  static constexpr uint32_t kEnable = abi::scheduler_block::kControlEnable;
  static constexpr uint32_t kRegionRuns = abi::scheduler_block::kStatusRegionRuns;
  static constexpr uint32_t kFeedbackWaits = abi::scheduler_block::kStatusFeedbackWaits;
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

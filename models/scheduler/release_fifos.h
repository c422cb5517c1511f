/// FIFOs of released jobs, one a task, as firmware and scheduler blocks read them: what every source of jobs
/// has.
///
/// Timing      `available` follows in the instant in which a job enters; `interrupt` rises `interrupt_cycles`
///             edges of the clock after a job waits while it is enabled, and falls in the instant in which no
///             job waits or it is disabled. Exact. Source: DERCA / CLARE (RTSS 2025), hardware scheduler: a
///             release FIFO per task.
/// available   high while a job waits in any FIFO; it falls and rises again in one instant when further jobs
///             enter, so that every entry is an edge.
/// Full FIFO   the job waits at the door, enters in the instant a place is free and is counted in `late`;
///             nothing is dropped and the order within a task is kept. More than 2^20 waiting jobs end the
///             simulation.
/// Registers   sw/abi/job_release.h. An empty FIFO reads as zeros, and a pop of it does nothing.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <deque>

#include "models/core/clock_domain.h"
#include "models/core/ip.h"
#include "sw/abi/job_release.h"

namespace vesper::scheduler {

class ReleaseFifos : public core::Ip {
 public:
  core::RegisterPort regs{"regs", abi::job_release::kSize};
  tlm_utils::simple_target_socket_optional<ReleaseFifos> fifo{"fifo"};
  core::InterruptOut available{"available"};
  core::InterruptOut interrupt{"interrupt"};

 protected:
  struct Depths {
    uint32_t fifo = 4;  ///< jobs
    uint32_t interrupt_cycles = 1;
  };
  ReleaseFifos(sc_core::sc_module_name name, Frequency clock, Depths depths,
               const core::Environment& environment);

  /// A job enters its task's FIFO or waits at its door; observers are told. `entered()` follows.
  void enter(uint16_t task, uint32_t job, const core::Release& times);
  /// All that enter in this instant have: lines follow, and a listener may take jobs out at once.
  void entered();

  const core::ClockDomain clock_;
  observe::ObserverHub* const observers_;

 private:
  struct Entry {
    uint32_t job = 0;
    core::Release times;
  };
  struct Task {
    uint32_t weight = 1;
    std::deque<Entry> waiting;  // the first `depths_.fifo` are in the FIFO, the others at the door
    observe::Signal occupancy;
  };

  void declare_task(const core::TaskInfo& info, uint16_t index);
  void declare_window(uint16_t task);
  bool pop(uint16_t task, abi::ReleaseWords* out);
  void raise_when_due();  // SC_METHOD on interrupt_wake_
  void follow_waiting();
  void show(uint16_t task);
  [[nodiscard]] abi::ReleaseWords oldest(uint16_t task) const;
  [[nodiscard]] uint32_t first_task() const;
  void read_fifo(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  const Depths depths_;
  std::deque<Task> tasks_;
  uint64_t waiting_ = 0;  // bit i: task i has a job in its FIFO
  bool rises_ = false;    // a job entered a FIFO in this instant
  std::optional<uint64_t> interrupt_due_;
  observe::Signal interrupt_level_;

  core::Register pending_low_{regs, "pending_low", abi::job_release::kPendingLow, core::read_only};
  core::Register pending_high_{regs, "pending_high", abi::job_release::kPendingHigh, core::read_only};
  core::Register control_{regs, "control", abi::job_release::kControl, core::read_write};
  core::Register late_{regs, "late", abi::job_release::kLate, core::read_only};
  std::deque<core::Register> windows_;

  sc_core::sc_event interrupt_wake_{"interrupt_wake"};
};

}  // namespace vesper::scheduler

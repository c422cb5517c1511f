/// Job release: posts jobs to the scheduler at their release times.
///
/// Models      a PL block with a timer and a release FIFO per task; the arrival processes of the tasks say
///             when.
/// Timing      a job enters its FIFO at the first PL edge at or after its release. `available` follows in
///             that instant; `interrupt` rises `interrupt_cycles` PL cycles after a job waits while it is
///             enabled, and falls in the instant in which no job waits or it is disabled. Exact. Source:
///             DERCA / CLARE (RTSS 2025), hardware scheduler: a release FIFO per task.
/// available   high while a job waits in any FIFO; it falls and rises again in one instant when further jobs
///             enter, so that every entry is an edge.
/// Full FIFO   the job waits at the door, enters in the instant a place is free and is counted in `late`;
///             nothing is dropped and the order within a task is kept. More than 2^20 waiting jobs end the
///             simulation.
/// Registers   sw/abi/job_release.h. An empty FIFO reads as zeros, and a pop of it does nothing.
/// Leaves out  the bus that carries release times from a sensor; clock domain crossing.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <deque>
#include <memory>

#include "models/core/clock_domain.h"
#include "models/core/ip.h"
#include "sw/abi/job_release.h"

namespace vesper::scheduler {

class JobRelease : public core::Ip {
 public:
  struct Properties {
    Frequency clock = MHz(230);  // DERCA, table I: the PL's clock
    uint32_t fifo_depth = 4;     // long enough for every published task set; deeper only hides overload
    uint32_t interrupt_cycles = 1;
    static void describe(Schema<Properties>& p) {
      p("clock", &Properties::clock, "PL clock; 1000 GHz: every picosecond is an edge")
          .between(MHz(1), MHz(1'000'000));
      p("fifo_depth", &Properties::fifo_depth, "jobs a task's FIFO holds").between(1, 64);
      p("interrupt_cycles", &Properties::interrupt_cycles, "PL cycles from a job's entry to the interrupt")
          .between(0, 1000);
    }
  };
  JobRelease(sc_core::sc_module_name name, const Properties& properties,
             const core::Environment& environment);

  core::RegisterPort regs{"regs", abi::job_release::kSize};
  tlm_utils::simple_target_socket_optional<JobRelease> fifo{"fifo"};
  core::InterruptOut available{"available"};
  core::InterruptOut interrupt{"interrupt"};

 private:
  struct Entry {
    uint32_t job = 0;
    core::Release times;
  };
  struct Task {
    std::function<std::optional<core::Release>()> arrivals;
    std::optional<core::Release> upcoming;
    uint64_t due = 0;  // the PL edge at which `upcoming` enters
    uint32_t released = 0;
    uint32_t weight = 1;
    std::deque<Entry> waiting;  // the first `fifo_depth` are in the FIFO, the others at the door
    observe::Signal occupancy;
  };

  void declare_task(const core::TaskInfo& info, uint16_t index);
  void declare_window(uint16_t task);
  void draw(Task& task);
  void step();  // SC_METHOD on wake_
  bool admit_due(uint64_t now);
  [[nodiscard]] std::optional<uint16_t> first_due(uint64_t now) const;
  void admit(uint16_t task);
  bool pop(uint16_t task, abi::ReleaseWords* out);
  void raise_when_due(uint64_t now);
  void follow_waiting(uint64_t now);
  void plan(uint64_t now);
  void show(uint16_t task);
  [[nodiscard]] abi::ReleaseWords oldest(uint16_t task) const;
  [[nodiscard]] uint32_t first_task() const;
  void read_fifo(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  const core::ClockDomain clock_;
  const uint32_t fifo_depth_;
  const uint32_t interrupt_cycles_;
  observe::ObserverHub* const observers_;
  std::deque<Task> tasks_;
  uint64_t waiting_ = 0;  // bit i: task i has a job in its FIFO
  std::optional<uint64_t> interrupt_due_;
  observe::Signal interrupt_level_;

  core::Register pending_low_{regs, "pending_low", abi::job_release::kPendingLow, core::read_only};
  core::Register pending_high_{regs, "pending_high", abi::job_release::kPendingHigh, core::read_only};
  core::Register control_{regs, "control", abi::job_release::kControl, core::read_write};
  core::Register late_{regs, "late", abi::job_release::kLate, core::read_only};
  std::deque<core::Register> windows_;

  sc_core::sc_event wake_{"wake"};
};

}  // namespace vesper::scheduler

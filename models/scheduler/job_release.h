/// Job release: posts jobs to the scheduler at their release times.
///
/// Models      a PL block with a timer and a release FIFO per task; the arrival processes of the tasks say
///             when.
/// Timing      a job enters its FIFO at the first PL edge at or after its release. FIFOs, lines and
///             registers: release_fifos.h. Source: DERCA / CLARE (RTSS 2025), hardware scheduler.
/// Leaves out  the bus that carries release times from a sensor; clock domain crossing.
#pragma once

#include <memory>

#include "models/scheduler/release_fifos.h"

namespace vesper::scheduler {

class JobRelease : public ReleaseFifos {
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

 private:
  struct Task {
    std::function<std::optional<core::Release>()> arrivals;
    std::optional<core::Release> upcoming;
    uint64_t due = 0;  // the PL edge at which `upcoming` enters
    uint32_t released = 0;
  };

  void draw(Task& task);
  void step();  // SC_METHOD on wake_
  [[nodiscard]] std::optional<uint16_t> first_due(uint64_t now) const;
  void admit(uint16_t task);
  void plan(uint64_t now);

  std::vector<Task> tasks_;
  sc_core::sc_event wake_{"wake"};
};

}  // namespace vesper::scheduler

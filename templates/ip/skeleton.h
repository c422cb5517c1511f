/// A periodic interrupt.
///
/// Models      a counter that adds one every `period` cycles of its clock while it is enabled, and an
/// interrupt that
///             stays high from then until it is acknowledged.
/// Registers   0x0 control (bit 0: enabled), 0x4 ticks (read only), 0x8 acknowledge (write anything).
/// Timing      edges of `clock`: tick n comes n x `period` cycles after the first edge at or after the
/// enabling. Leaves out  everything else.
#pragma once

#include <cstdint>

#include "models/core/clock_domain.h"
#include "models/core/ip.h"

namespace skeleton_ip {

class Skeleton : public vesper::core::Ip {
 public:
  struct Properties {
    vesper::Frequency clock = vesper::MHz(230);
    uint64_t period = 1000;
    static void describe(vesper::Schema<Properties>& p);
  };

  Skeleton(sc_core::sc_module_name name, const Properties& properties,
           const vesper::core::Environment& environment);

  vesper::core::RegisterPort regs{"regs", 0x1000};
  vesper::core::Register control{regs, "control", 0x0, vesper::core::read_write, 1};
  vesper::core::Register ticks{regs, "ticks", 0x4, vesper::core::read_only};
  vesper::core::Register acknowledge{regs, "acknowledge", 0x8, vesper::core::write_only};
  vesper::core::InterruptOut interrupt{"interrupt"};

 private:
  void start_of_simulation() override;
  void tick();
  void enable(bool on);
  void wake_at(vesper::core::Cycles cycle);
  void set_interrupt(bool level);

  Properties properties_;
  vesper::core::ClockDomain clock_;
  vesper::observe::Signal pending_;  // for waves: --vcd=irq
  vesper::core::Cycles next_ = 0;
  sc_core::sc_event wake_{"wake"};
};

}  // namespace skeleton_ip

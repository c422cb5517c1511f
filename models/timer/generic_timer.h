/// The architected timer: the physical counter and the EL1 physical timer, in simulated time.
///
/// Models      CNTFRQ_EL0, CNTPCT_EL0, CNTVCT_EL0 (offset 0: the same count), CNTP_CTL_EL0, CNTP_CVAL_EL0 and
///             CNTP_TVAL_EL0, reached as system registers by MRS and MSR through the CPU's `system` socket.
/// Timing      the count at time t is the number of clock edges after time 0 up to t, exactly. The line `irq`
///             is high from the edge at which the count reaches CVAL, while the timer is enabled and not
///             masked. A read sees the CPU's own time (its b_transport delay); a write acts at once.
/// Endpoints   `system` (target), `irq` (connect to line 30 of the interrupt controller).
/// Leaves out  the virtual, hypervisor and secure timers, the memory-mapped frames, event streams.
/// Sources     Arm DDI 0487, D11; 100 MHz: the system counter of Zynq UltraScale+ and Versal boards as their
///             boot code programs it.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>

#include "models/core/clock_domain.h"
#include "models/core/ip.h"
#include "platform/property/schema.h"

namespace vesper::timer {

class GenericTimer : public core::Ip {
 public:
  struct Properties {
    Frequency clock = MHz(100);
    static void describe(Schema<Properties>& p);
  };

  GenericTimer(sc_core::sc_module_name name, const Properties& properties,
               const core::Environment& environment);

  tlm_utils::simple_target_socket<GenericTimer> system{"system"};
  core::InterruptOut irq{"irq"};

  [[nodiscard]] uint64_t count_at(uint64_t ps) const { return clock_.cycle_at_or_after(ps + 1) - 1; }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  bool read(uint32_t encoding, uint64_t at, uint64_t& value) const;
  bool write(uint32_t encoding, uint64_t value);
  [[nodiscard]] uint64_t control_at(uint64_t ps) const;
  void update();

  core::ClockDomain clock_;
  uint64_t control_ = 0;
  uint64_t compare_ = 0;
  sc_core::sc_event due_;
};

}  // namespace vesper::timer

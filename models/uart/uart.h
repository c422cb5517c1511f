/// Serial port: where firmware prints.
///
/// Models      the transmitting half of a PL011: UARTDR, UARTFR, and the set-up registers (baud rate, line
///             control, control, interrupt mask), which are stored and have no effect.
/// Timing      none: a character is gone the instant it is written. The bus takes time.
/// Observers   each line, without its end, is told as a log line of this port; a line still open when
///             simulation ends, too.
/// Leaves out  reception, FIFOs and their timing, interrupts, DMA.
/// Source      Arm DDI 0183.
#pragma once

#include <string>

#include "models/core/ip.h"
#include "platform/property/schema.h"

namespace vesper::uart {

class Uart : public core::Ip {
 public:
  struct Properties {
    uint32_t line_length = 1024;
    static void describe(Schema<Properties>& p);
  };

  Uart(sc_core::sc_module_name name, const Properties& properties, const core::Environment& environment);

  core::RegisterPort regs;

 private:
  void transmit(char character);
  void end_line();
  void end_of_simulation() override;

  observe::ObserverHub* observers_;
  uint32_t line_length_;
  std::string line_;
  core::Register data_, receive_status_, flags_, integer_baud_, fraction_baud_, line_control_, control_,
      fifo_levels_, interrupt_mask_, interrupt_clear_;
};

}  // namespace vesper::uart

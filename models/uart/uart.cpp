#include "models/uart/uart.h"

#include "sw/abi/uart.h"

namespace vesper::uart {

namespace map = abi::uart;

VESPER_IP(Uart, "uart", "serial port, transmitting half of a PL011");

void Uart::Properties::describe(Schema<Properties>& p) {
  p("line_length", &Properties::line_length, "characters after which a line is broken").between(1, 65536);
}

Uart::Uart(sc_core::sc_module_name name, const Properties& properties, const core::Environment& environment)
    : Ip(name),
      regs("regs", map::kSize),
      observers_(environment.observers),
      line_length_(properties.line_length),
      data_(regs, "UARTDR", map::kData, core::read_write),
      receive_status_(regs, "UARTRSR", 0x004, core::read_write),
      flags_(regs, "UARTFR", map::kFlags, core::read_only, map::kFlagTransmitEmpty | map::kFlagReceiveEmpty),
      integer_baud_(regs, "UARTIBRD", map::kIntegerBaud, core::read_write),
      fraction_baud_(regs, "UARTFBRD", map::kFractionBaud, core::read_write),
      line_control_(regs, "UARTLCR_H", map::kLineControl, core::read_write),
      control_(regs, "UARTCR", map::kControl, core::read_write, 0x300),
      fifo_levels_(regs, "UARTIFLS", 0x034, core::read_write, 0x12),
      interrupt_mask_(regs, "UARTIMSC", 0x038, core::read_write),
      interrupt_clear_(regs, "UARTICR", 0x044, core::write_only) {
  expose(regs);
  data_.on_write([this](uint32_t value, uint32_t) { transmit(static_cast<char>(value)); });
  data_.on_read([](uint32_t) { return 0U; });
}

void Uart::transmit(char character) {
  if (character == '\r') return;
  if (character == '\n') return end_line();
  line_ += character;
  if (line_.size() >= line_length_) end_line();
}

void Uart::end_line() {
  if (observers_ != nullptr) observers_->log(name(), line_, core::now_ps());
  line_.clear();
}

void Uart::end_of_simulation() {
  if (!line_.empty()) end_line();
}

}  // namespace vesper::uart

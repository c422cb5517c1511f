/// An engine in programmable logic that adds vectors of 32-bit words.
///
/// Models      a scratchpad of 4 KiB in the register bank, a DMA engine between it and memory, an adder of
/// `lanes` words
///             a cycle, an interrupt that stays high from the end of a command until it is acknowledged.
/// Timing      edges of `clock`; a transfer as models/dma/dma_engine.h says; an addition ceil(words / lanes)
/// cycles. Errors      a command while another runs, or one beyond the scratchpad, ends the simulation.
/// Leaves out  a pipeline of transfers and additions.
#pragma once

#include <array>

#include "models/core/clock_domain.h"
#include "models/core/ip.h"
#include "models/dma/dma_engine.h"
#include "registers.h"

namespace vector_add {

class VectorAdd : public vesper::core::Ip {
 public:
  struct Properties {
    vesper::Frequency clock = vesper::MHz(300);
    uint32_t lanes = 16;
    vesper::dma::AxiPort port;
    static void describe(vesper::Schema<Properties>& p);
  };

  VectorAdd(sc_core::sc_module_name name, const Properties& properties,
            const vesper::core::Environment& environment);

  [[nodiscard]] std::string waiting_for() const override { return dma_.waiting_for(); }

  vesper::core::RegisterPort regs{"regs", kSize};
  vesper::core::Register address_low{regs, "address_low", kAddressLow, vesper::core::read_write};
  vesper::core::Register address_high{regs, "address_high", kAddressHigh, vesper::core::read_write};
  vesper::core::Register offset{regs, "offset", kOffset, vesper::core::read_write};
  vesper::core::Register bytes{regs, "bytes", kBytes, vesper::core::read_write};
  vesper::core::Register command{regs, "command", kCommand, vesper::core::write_only};
  vesper::core::Register busy{regs, "busy", kBusy, vesper::core::read_only};
  vesper::core::Register acknowledge{regs, "acknowledge", kAcknowledge, vesper::core::write_only};
  vesper::core::InterruptOut interrupt{"interrupt"};

 private:
  void start(uint32_t wanted);
  void transfer(bool write);
  void add();
  void finish();

  Properties properties_;
  vesper::core::ClockDomain clock_;
  alignas(64) std::array<unsigned char, kScratchpadBytes> scratchpad_{};
  vesper::core::JobTag tag_;
  vesper::dma::DmaEngine dma_;
  vesper::observe::Signal state_;
  sc_core::sc_event added_{"added"};
};

}  // namespace vector_add

#include "vector_add.h"

#include <cstring>
#include <stdexcept>

namespace vector_add {

using namespace vesper;

VESPER_IP(VectorAdd, "word_adder", "adds vectors of words, with DMA and interrupt");

void VectorAdd::Properties::describe(Schema<Properties>& p) {
  p("clock", &Properties::clock, "clock of engine and memory port");
  p("lanes", &Properties::lanes, "words added a cycle").between(1, 1024);
  p("port", &Properties::port, "the AXI port to memory");
}

VectorAdd::VectorAdd(sc_core::sc_module_name name, const Properties& properties,
                     const core::Environment& environment)
    : Ip(name),
      properties_(properties),
      clock_(properties.clock),
      dma_("dma", properties.port, properties.clock, environment, [this] { finish(); }),
      state_(*environment.observers, {std::string(basename()) + ".state", "fsm", 1, true}) {
  tag_.task = static_cast<uint16_t>(environment.requesters.size());  // shown as "other"
  expose(regs);
  expose("dma", dma_.socket);
  expose("interrupt", interrupt);
  regs.window(kScratchpad, scratchpad_);
  command.on_write([this](uint32_t value, uint32_t) { start(value); });
  acknowledge.on_write([this](uint32_t, uint32_t) { interrupt.set(false); });
  SC_HAS_PROCESS(VectorAdd);
  SC_METHOD(finish);
  sensitive << added_;
  dont_initialize();
}

void VectorAdd::start(uint32_t wanted) {
  if (busy.value() != 0) throw std::runtime_error("a command came while another runs");
  if (bytes.value() == 0 || offset.value() > kScratchpadBytes ||
      bytes.value() > kScratchpadBytes - offset.value())
    throw std::runtime_error("a command reaches beyond the scratchpad");
  busy.set(1);
  if (wanted == kAdd) return add();
  transfer(wanted == kStore);
}

void VectorAdd::transfer(bool write) {
  state_.set(write ? "store" : "load", core::now_ps());
  dma::Descriptor descriptor;
  descriptor.address = uint64_t{address_high.value()} << 32 | address_low.value();
  descriptor.row_bytes = descriptor.stride = bytes.value();
  descriptor.rows = 1;
  descriptor.write = write;
  descriptor.data = scratchpad_.data() + offset.value();
  dma_.start(descriptor, tag_, 1);
}

void VectorAdd::add() {
  state_.set("add", core::now_ps());
  const uint32_t words = std::min(bytes.value(), kB) / 4;
  for (uint32_t i = 0; i < words; ++i) {
    uint32_t a = 0, b = 0;
    std::memcpy(&a, &scratchpad_[kA + 4 * i], sizeof a);
    std::memcpy(&b, &scratchpad_[kB + 4 * i], sizeof b);
    a += b;
    std::memcpy(&scratchpad_[kC + 4 * i], &a, sizeof a);
  }
  const core::Cycles cycles = (words + properties_.lanes - 1) / properties_.lanes;
  added_.notify(core::to_time(clock_.after(core::now_ps(), cycles) - core::now_ps()));
}

void VectorAdd::finish() {
  state_.set("idle", core::now_ps());
  busy.set(0);
  interrupt.set(true);
}

}  // namespace vector_add

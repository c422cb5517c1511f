#include "sw/hal/gic.h"

#include "sw/abi/gic.h"
#include "sw/hal/mmio.h"
#include "sw/hal/panic.h"

namespace vesper::hal::gic {
namespace {

namespace map = abi::gic;
constexpr uint8_t kAllPriorities = 0xFF;

uint64_t distributor = 0;
uint64_t cpu_interface = 0;
Handler handlers[kLines];

void set_bit(uint32_t first_register, uint32_t line) {
  write32(distributor + first_register + line / 32 * 4, 1U << (line % 32));
}

void set_field(uint64_t address, uint32_t shift, uint32_t mask, uint32_t value) {
  write32(address, (read32(address) & ~(mask << shift)) | value << shift);
}

}  // namespace

void open(uint64_t distributor_base, uint64_t cpu_interface_base) {
  distributor = distributor_base;
  cpu_interface = cpu_interface_base;
  write32(distributor + map::kDistributorControl, 1);
  write32(cpu_interface + map::kPriorityMask, kAllPriorities);
  write32(cpu_interface + map::kCpuControl, 1);
}

Handler& handler(uint32_t line) {
  if (line >= kLines) panic("no such interrupt line:", line);
  return handlers[line];
}

void unmask_line(uint32_t line, uint8_t priority) {
  set_field(distributor + map::kPriority + line / 4 * 4, line % 4 * 8, 0xFF, priority);
  set_bit(map::kSetEnable, line);
}

void disable(uint32_t line) { set_bit(map::kClearEnable, line); }

void set_edge_triggered(uint32_t line, bool edge) {
  set_field(distributor + map::kConfiguration + line / 16 * 4, line % 16 * 2, 0x3, edge ? 0x2 : 0x0);
}

void set_pending(uint32_t line) { set_bit(map::kSetPending, line); }

void set_priority_mask(uint8_t priority) { write32(cpu_interface + map::kPriorityMask, priority); }

}  // namespace vesper::hal::gic

extern "C" void vesper_interrupt() {
  using namespace vesper::hal;
  namespace map = vesper::abi::gic;
  uint32_t line = read32(gic::cpu_interface + map::kAcknowledge) & 0x3FF;
  if (line == map::kSpurious) return;
  gic::Handler& handler = gic::handler(line);
  if (handler.call == nullptr) panic("interrupt without a handler:", line);
  handler.call(handler.capture);
  write32(gic::cpu_interface + map::kEndOfInterrupt, line);
}

/// The host of an NPU: any weaver of schedulers/weaving, chosen by the boot information, keeps the NPU's
/// queue filled ahead of time. It wakes when jobs are released and when the queue is below its low-water
/// mark, and does all its work in those interrupts.
#include "sw/hal/boot_info.h"
#include "sw/hal/cpu.h"
#include "sw/hal/gic.h"
#include "sw/hal/mmio.h"
#include "sw/hal/panic.h"
#include "sw/hal/uart.h"
#include "sw/weaving/host.h"

namespace vesper::firmware {

/// The decision itself, by a name that observers look for.
[[gnu::noinline]] uint16_t decide(weaving::Weaver& weaver);
uint16_t decide(weaving::Weaver& weaver) { return weaver.next(); }

namespace {

struct Bus {
  static uint32_t read(uint64_t address) { return hal::read32(address); }
  static void write(uint64_t address, uint32_t value) { hal::write32(address, value); }
};
using Host = weaving::Host<Bus>;

Bus bus;
alignas(Host) unsigned char host_storage[sizeof(Host)];

[[noreturn]] void run(const abi::BootInfo& boot) {
  const weaving::WeaverInfo* info = weaving::find_weaver(boot.policy);
  if (info == nullptr) hal::panic("boot information: there is no such weaver");
  if (info->parameter_count != boot.parameter_count)
    hal::panic("boot information: wrong number of parameters", boot.parameter_count);
  const abi::BootStation& station = boot.stations[0];
  auto& host = *new (host_storage) Host(bus, station.kernel_manager, station.job_release, decide);
  if (const char* wrong = host.open(*info, boot.parameters, static_cast<uint16_t>(boot.task_count)))
    hal::panic(wrong);
  hal::gic::open(boot.gic_distributor, boot.gic_cpu);
  hal::gic::enable(station.feedback_irq, [&] { host.low_water(); });
  hal::gic::enable(station.release_irq, [&] { host.released(); });
  hal::enable_interrupts();
  for (;;) hal::wait_for_interrupt();
}

}  // namespace
}  // namespace vesper::firmware

extern "C" void main() {
  using namespace vesper;
  const abi::BootInfo& boot = hal::boot_info();
  if (boot.uart != 0) hal::uart::open(boot.uart);
  firmware::run(boot);
}

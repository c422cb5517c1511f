/// The scheduler application. The boot information says which policy, and how much of it runs here.
#include "sw/firmware/scheduler/boot.h"
#include "sw/hal/uart.h"

extern "C" void main() {
  using namespace vesper;
  const abi::BootInfo& boot = firmware::boot_info();
  if (boot.uart != 0) hal::uart::open(boot.uart);
  firmware::picoseconds_per_tick = 1'000'000'000'000 / boot.counter_hz;
  firmware::read_tasks(boot);
  if (boot.scheduler_block != 0) firmware::run_static_level(boot);
  firmware::run_scheduler(boot);
}

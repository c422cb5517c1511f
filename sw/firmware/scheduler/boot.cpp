#include "sw/firmware/scheduler/boot.h"

#include "sw/hal/boot_info.h"
#include "sw/hal/panic.h"

extern "C" const char __stack_top[];  // end of firmware's own memory, sw/boot/firmware.ld

namespace vesper::firmware {

policy::TaskParameters tasks[policy::kMaxTasks];
uint64_t picoseconds_per_tick = 0;

namespace {

struct StationMemory {
  alignas(16) unsigned char policy[policy::kPolicyStorage];
  alignas(policy::Dispatcher) unsigned char dispatcher[sizeof(policy::Dispatcher)];
};
StationMemory own_memory;

static_assert(sizeof tasks + sizeof own_memory <= 256 * 1024, "a queue of 512 jobs takes at most 256 KiB");
static_assert(sizeof(StationMemory) <= abi::kStationBytes);

bool is_own(uint64_t address) { return address < reinterpret_cast<uint64_t>(__stack_top); }

StationMemory& memory_of(const abi::BootStation& station) {
  if (station.memory == 0) return own_memory;
  if (is_own(station.memory) || station.memory % 16 != 0)
    hal::panic("boot information: a station has no memory of its own at", station.memory);
  return *reinterpret_cast<StationMemory*>(station.memory);
}

}  // namespace

void read_tasks(const abi::BootInfo& boot) {
  for (uint32_t i = 0; i < boot.task_count; ++i) {
    const abi::BootTask& task = boot.tasks[i];
    if (task.estimates != 0 && is_own(task.estimates)) {
      hal::panic("boot information: estimates lie in firmware's own memory, which is too small",
                 task.estimates);
    }
    tasks[i] = {task.regions, task.priority, task.isolated_estimate, task.weight,
                reinterpret_cast<const policy::RegionEstimate*>(task.estimates)};
  }
}

const abi::BootInfo& boot_info() {
  const abi::BootInfo& boot = hal::boot_info();
  if (boot.task_count > policy::kMaxTasks) hal::panic("boot information: too many tasks", boot.task_count);
  if (boot.parameter_count > abi::kBootParameters)
    hal::panic("boot information: too many parameters", boot.parameter_count);
  if (boot.station_count == 0 || boot.station_count > abi::kBootStations)
    hal::panic("boot information: no such number of stations", boot.station_count);
  if (boot.queue_capacity == 0 || boot.queue_capacity > policy::kMaxJobs)
    hal::panic("boot information: no such queue can be held", boot.queue_capacity);
  if (boot.counter_hz == 0 || 1'000'000'000'000 % boot.counter_hz != 0) {
    hal::panic("boot information: the counter's period is no whole number of picoseconds", boot.counter_hz);
  }
  return boot;
}

const policy::PolicyInfo& chosen_policy(const abi::BootInfo& boot) {
  const policy::PolicyInfo* info = policy::find_policy(boot.policy);
  if (info == nullptr) hal::panic("boot information: there is no such policy");
  if (info->parameter_count != boot.parameter_count)
    hal::panic("boot information: wrong number of parameters", boot.parameter_count);
  return *info;
}

policy::Dispatcher& make_dispatcher(const abi::BootInfo& boot, const abi::BootStation& station) {
  StationMemory& memory = memory_of(station);
  auto& dispatcher = *new (memory.dispatcher) policy::Dispatcher(
      tasks, static_cast<uint16_t>(boot.task_count), static_cast<uint16_t>(boot.queue_capacity));
  dispatcher.use(*chosen_policy(boot).make(memory.policy, dispatcher.jobs(), boot.parameters));
  return dispatcher;
}

}  // namespace vesper::firmware

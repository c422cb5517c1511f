/// What the scheduler applications share: boot information, tasks, the policy over its table of jobs, time.
#pragma once

#include "schedulers/policy/dispatcher.h"
#include "sw/abi/boot_info.h"
#include "sw/hal/timer.h"

namespace vesper::firmware {

extern policy::TaskParameters tasks[policy::kMaxTasks];
extern uint64_t picoseconds_per_tick;

/// Checked: magic, version, sizes.
const abi::BootInfo& boot_info();
/// The policy that the boot information names.
const policy::PolicyInfo& chosen_policy(const abi::BootInfo& boot);
/// Reads the tasks, once.
void read_tasks(const abi::BootInfo& boot);
/// Makes the policy of a station over a queue, once each.
policy::Dispatcher& make_dispatcher(const abi::BootInfo& boot, const abi::BootStation& station);

inline policy::Time now() { return hal::timer::count() * picoseconds_per_tick; }

constexpr uint64_t wide(uint32_t low, uint32_t high) { return static_cast<uint64_t>(high) << 32 | low; }

/// Firmware decides: placement software.
[[noreturn]] void run_scheduler(const abi::BootInfo& boot);
/// Firmware scores what arrives, the scheduler block decides: placement bi_level.
[[noreturn]] void run_static_level(const abi::BootInfo& boot);

}  // namespace vesper::firmware

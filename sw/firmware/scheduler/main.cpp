/// The scheduler application: any policy of schedulers/policy, chosen by the boot information.
#include "schedulers/policy/dispatcher.h"
#include "sw/abi/boot_info.h"
#include "sw/hal/accelerator.h"
#include "sw/hal/cpu.h"
#include "sw/hal/gic.h"
#include "sw/hal/job_release.h"
#include "sw/hal/panic.h"
#include "sw/hal/timer.h"
#include "sw/hal/uart.h"

extern "C" const char __stack_top[];  // end of firmware's own memory, sw/boot/firmware.ld

namespace vesper::firmware {
namespace {

policy::TaskParameters tasks[policy::kMaxTasks];
alignas(16) unsigned char policy_storage[policy::kPolicyStorage];
alignas(policy::Dispatcher) unsigned char dispatcher_storage[sizeof(policy::Dispatcher)];
uint64_t picoseconds_per_tick = 0;

static_assert(sizeof tasks + sizeof policy_storage + sizeof dispatcher_storage <= 256 * 1024,
              "a queue of 512 jobs takes at most 256 KiB");

const abi::BootInfo& boot_info() {
  const auto& boot = *reinterpret_cast<const abi::BootInfo*>(abi::kBootInfoAddress);
  if (boot.magic != abi::kBootInfoMagic) hal::panic("boot information: wrong magic", boot.magic);
  if (boot.version != abi::kBootInfoVersion) hal::panic("boot information: unknown version", boot.version);
  if (boot.size != sizeof boot) hal::panic("boot information: wrong size", boot.size);
  if (boot.task_count > policy::kMaxTasks) hal::panic("boot information: too many tasks", boot.task_count);
  if (boot.parameter_count > abi::kBootParameters)
    hal::panic("boot information: too many parameters", boot.parameter_count);
  if (boot.queue_capacity == 0 || boot.queue_capacity > policy::kMaxJobs)
    hal::panic("boot information: no such queue can be held", boot.queue_capacity);
  if (boot.counter_hz == 0 || 1'000'000'000'000 % boot.counter_hz != 0) {
    hal::panic("boot information: the counter's period is no whole number of picoseconds", boot.counter_hz);
  }
  return boot;
}

void read_tasks(const abi::BootInfo& boot) {
  for (uint32_t i = 0; i < boot.task_count; ++i) {
    const abi::BootTask& task = boot.tasks[i];
    if (task.estimates != 0 && task.estimates < reinterpret_cast<uint64_t>(__stack_top)) {
      hal::panic("boot information: estimates lie in firmware's own memory, which is too small",
                 task.estimates);
    }
    tasks[i] = {task.regions, task.priority, task.isolated_estimate, task.weight,
                reinterpret_cast<const policy::RegionEstimate*>(task.estimates)};
  }
}

const policy::PolicyInfo& chosen_policy(const abi::BootInfo& boot) {
  const policy::PolicyInfo* info = policy::find_policy(boot.policy);
  if (info == nullptr) hal::panic("boot information: there is no such policy");
  if (info->parameter_count != boot.parameter_count)
    hal::panic("boot information: wrong number of parameters", boot.parameter_count);
  return *info;
}

policy::Time now() { return hal::timer::count() * picoseconds_per_tick; }

constexpr uint64_t wide(uint32_t low, uint32_t high) { return static_cast<uint64_t>(high) << 32 | low; }

/// Takes waiting jobs as long as there is room; with none left, the interrupt is off until a job has left
/// the queue.
void accept_releases(policy::Dispatcher& dispatcher, hal::JobRelease& release, uint32_t task_count) {
  for (uint64_t pending = release.pending(task_count); pending != 0; pending = release.pending(task_count)) {
    for (; pending != 0; pending &= pending - 1) {
      if (!dispatcher.has_room()) {
        release.enable_interrupt(false);
        return;
      }
      auto task = static_cast<uint16_t>(__builtin_ctzll(pending));
      abi::ReleaseWords job = release.oldest(task, tasks[task].weight == 0);
      dispatcher.release(task, job.job, wide(job.release_low, job.release_high),
                         wide(job.deadline_low, job.deadline_high), job.weight);
      release.pop(task);
    }
  }
}

/// The monitor is read for policies that look at it: a read of the bus costs time.
void accept_feedback(policy::Dispatcher& dispatcher, hal::Accelerator& accelerator, bool reads_monitor) {
  uint32_t monitored = reads_monitor ? accelerator.monitored() : 0;
  accelerator.pop_feedback();
  dispatcher.region_done({now(), monitored});
}

}  // namespace

/// The decision itself, by a name that observers look for.
[[gnu::noinline]] bool decide(policy::Dispatcher& dispatcher, policy::Instruction& instruction);
bool decide(policy::Dispatcher& dispatcher, policy::Instruction& instruction) {
  return dispatcher.next(now(), instruction);
}

namespace {

[[noreturn]] void run(const abi::BootInfo& boot) {
  auto& dispatcher = *new (dispatcher_storage) policy::Dispatcher(
      tasks, static_cast<uint16_t>(boot.task_count), static_cast<uint16_t>(boot.queue_capacity));
  const policy::PolicyInfo& info = chosen_policy(boot);
  dispatcher.use(*info.make(policy_storage, dispatcher.jobs(), boot.parameters));
  hal::Accelerator accelerator{boot.kernel_manager};
  hal::JobRelease release{boot.job_release};
  hal::gic::open(boot.gic_distributor, boot.gic_cpu);
  hal::gic::enable(boot.feedback_irq, [&] { accept_feedback(dispatcher, accelerator, info.reads_monitor); });
  hal::gic::enable(boot.release_irq, [&] { accept_releases(dispatcher, release, boot.task_count); });
  accelerator.enable_feedback_interrupt();
  release.enable_interrupt(true);
  for (;;) {
    // Masked from the test to the wait: an interrupt in between stays pending and ends the wait.
    hal::disable_interrupts();
    policy::Instruction instruction;
    bool was_full = !dispatcher.has_room();
    if (decide(dispatcher, instruction)) {
      accelerator.issue(instruction);
      if (was_full && dispatcher.has_room()) release.enable_interrupt(true);
    } else {
      hal::wait_for_interrupt();
    }
    hal::enable_interrupts();
  }
}

}  // namespace
}  // namespace vesper::firmware

extern "C" void main() {
  using namespace vesper;
  const abi::BootInfo& boot = firmware::boot_info();
  if (boot.uart != 0) hal::uart::open(boot.uart);
  firmware::picoseconds_per_tick = 1'000'000'000'000 / boot.counter_hz;
  firmware::read_tasks(boot);
  firmware::run(boot);
}

/// Placement software: any policy of schedulers/policy decides here.
#include "sw/firmware/scheduler/boot.h"
#include "sw/hal/accelerator.h"
#include "sw/hal/cpu.h"
#include "sw/hal/gic.h"
#include "sw/hal/job_release.h"

namespace vesper::firmware {
namespace {

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

void run_scheduler(const abi::BootInfo& boot) {
  policy::Dispatcher& dispatcher = make_dispatcher(boot);
  bool reads_monitor = chosen_policy(boot).reads_monitor;
  hal::Accelerator accelerator{boot.kernel_manager};
  hal::JobRelease release{boot.job_release};
  hal::gic::open(boot.gic_distributor, boot.gic_cpu);
  hal::gic::enable(boot.feedback_irq, [&] { accept_feedback(dispatcher, accelerator, reads_monitor); });
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

}  // namespace vesper::firmware

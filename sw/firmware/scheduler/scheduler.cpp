/// Placement software: any policy of schedulers/policy decides here, for each station by itself.
#include "sw/firmware/scheduler/boot.h"
#include "sw/hal/accelerator.h"
#include "sw/hal/cpu.h"
#include "sw/hal/gic.h"
#include "sw/hal/job_release.h"

namespace vesper::firmware {

/// The decision itself, by a name that observers look for.
[[gnu::noinline]] bool decide(policy::Dispatcher& dispatcher, policy::Instruction& instruction);
bool decide(policy::Dispatcher& dispatcher, policy::Instruction& instruction) {
  return dispatcher.next(now(), instruction);
}

namespace {

/// An accelerator, what releases its jobs, and the queue and the policy between them. All its functions run
/// with interrupts masked.
class Station {
 public:
  Station(const abi::BootInfo& boot, const abi::BootStation& at)
      : dispatcher_(make_dispatcher(boot, at)),
        accelerator_(at.kernel_manager),
        release_(at.job_release),
        task_count_(boot.task_count),
        reads_monitor_(chosen_policy(boot).reads_monitor) {
    hal::gic::enable(at.feedback_irq, [this] { accept_feedback(); });
    hal::gic::enable(at.release_irq, [this] { accept_releases(); });
  }

  void open() {
    accelerator_.enable_feedback_interrupt();
    release_.enable_interrupt(true);
  }

  /// Decides if something has happened since the last decision.
  void dispatch() {
    if (!due_) return;
    due_ = false;
    policy::Instruction instruction;
    bool was_full = !dispatcher_.has_room();
    if (!decide(dispatcher_, instruction)) return;
    accelerator_.issue(instruction);
    if (was_full && dispatcher_.has_room()) release_.enable_interrupt(true);
  }

 private:
  /// Takes waiting jobs as long as there is room; with none left, the interrupt is off until a job has left
  /// the queue.
  void accept_releases() {
    due_ = true;
    for (uint64_t pending = release_.pending(task_count_); pending != 0;
         pending = release_.pending(task_count_)) {
      for (; pending != 0; pending &= pending - 1) {
        if (!dispatcher_.has_room()) {
          release_.enable_interrupt(false);
          return;
        }
        auto task = static_cast<uint16_t>(__builtin_ctzll(pending));
        abi::ReleaseWords job = release_.oldest(task, tasks[task].weight == 0);
        dispatcher_.release(task, job.job, wide(job.release_low, job.release_high),
                            wide(job.deadline_low, job.deadline_high), job.weight);
        release_.pop(task);
      }
    }
  }

  /// The monitor is read for policies that look at it: a read of the bus costs time.
  void accept_feedback() {
    due_ = true;
    uint32_t monitored = reads_monitor_ ? accelerator_.monitored() : 0;
    accelerator_.pop_feedback();
    dispatcher_.region_done({now(), monitored});
  }

  policy::Dispatcher& dispatcher_;
  hal::Accelerator accelerator_;
  hal::JobRelease release_;
  const uint32_t task_count_;
  const bool reads_monitor_;
  bool due_ = true;
};

alignas(Station) unsigned char station_storage[abi::kBootStations][sizeof(Station)];

Station& station(uint32_t index) { return *reinterpret_cast<Station*>(station_storage[index]); }

}  // namespace

void run_scheduler(const abi::BootInfo& boot) {
  const uint32_t count = boot.station_count;
  hal::gic::open(boot.gic_distributor, boot.gic_cpu);
  for (uint32_t i = 0; i < count; ++i) new (station_storage[i]) Station(boot, boot.stations[i]);
  for (uint32_t i = 0; i < count; ++i) station(i).open();
  for (;;) {
    // Masked from the decisions to the wait: an interrupt in between stays pending and ends the wait.
    hal::disable_interrupts();
    for (uint32_t i = 0; i < count; ++i) station(i).dispatch();
    hal::wait_for_interrupt();
    hal::enable_interrupts();
  }
}

}  // namespace vesper::firmware

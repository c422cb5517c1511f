/// Placement bi_level: the policy's static level. Each released job gets its score here and goes on into the
/// scheduler block's request FIFO; the block decides.
#include "sw/firmware/scheduler/boot.h"
#include "sw/hal/cpu.h"
#include "sw/hal/gic.h"
#include "sw/hal/job_release.h"
#include "sw/hal/scheduler_block.h"

namespace vesper::firmware {

/// The score, by a name that observers look for.
[[gnu::noinline]] double decide(policy::Policy& policy, const policy::Job& arriving);
double decide(policy::Policy& policy, const policy::Job& arriving) { return policy.static_score(arriving); }

namespace {

constexpr uint32_t low(uint64_t value) { return static_cast<uint32_t>(value); }
constexpr uint32_t high(uint64_t value) { return static_cast<uint32_t>(value >> 32); }

void pass_on(policy::Policy& policy, hal::JobRelease& release, hal::RequestFifo& requests, uint16_t task) {
  abi::ReleaseWords job = release.oldest(task, tasks[task].weight == 0);
  double score =
      decide(policy, policy::arriving_job(tasks[task], task, job.job, wide(job.release_low, job.release_high),
                                          wide(job.deadline_low, job.deadline_high), job.weight));
  auto bits = __builtin_bit_cast(uint64_t, score);
  requests.send({task, job.job, job.release_low, job.release_high, job.deadline_low, job.deadline_high,
                 job.weight, low(bits), high(bits)});
  release.pop(task);
}

/// Without room the jobs stay in their release FIFOs, whose interrupt is off until the block has some.
void accept_releases(policy::Policy& policy, hal::JobRelease& release, hal::RequestFifo& requests,
                     uint32_t task_count) {
  for (uint64_t pending = release.pending(task_count); pending != 0; pending = release.pending(task_count)) {
    for (; pending != 0; pending &= pending - 1) {
      if (!requests.has_room()) {
        release.enable_interrupt(false);
        requests.enable_interrupt(true);
        return;
      }
      pass_on(policy, release, requests, static_cast<uint16_t>(__builtin_ctzll(pending)));
    }
  }
}

}  // namespace

void run_static_level(const abi::BootInfo& boot) {
  const abi::BootStation& station = boot.stations[0];
  policy::Policy& policy = make_dispatcher(boot, station).policy();
  hal::JobRelease release{station.job_release};
  hal::RequestFifo requests{boot.scheduler_block};
  hal::gic::open(boot.gic_distributor, boot.gic_cpu);
  hal::gic::enable(boot.room_irq, [&] {
    requests.enable_interrupt(false);
    release.enable_interrupt(true);
  });
  hal::gic::enable(station.release_irq, [&] { accept_releases(policy, release, requests, boot.task_count); });
  release.enable_interrupt(true);
  hal::enable_interrupts();
  for (;;) hal::wait_for_interrupt();
}

}  // namespace vesper::firmware

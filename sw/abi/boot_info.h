/// Boot information: what the platform tells firmware before it starts, at the base of the CPU's memory
/// window named by kBootInfoAddress. Checked by firmware: magic, version, sizes.
///
/// Behind the memory that firmware itself uses lie the tables of estimates, one a task, in order of the
/// tasks: an entry a region, each a policy::RegionEstimate (schedulers/policy/job.h), little-endian, 48
/// bytes. Times are in seconds, those left count from the start of the region to the end of the job.
///
///     0 latency   8 left   16 pattern latency   24 pattern left   32 average sparsity     (doubles)
///     40 outputs that the monitor sees (uint32_t)   44 reserved
///
/// A station is an accelerator with what releases its jobs: firmware decides for each by itself, with a queue
/// and a policy of its own. Each task has its jobs released at one station.
#pragma once

#include <stdint.h>

namespace vesper::abi {

constexpr uint64_t kBootInfoAddress = 0x0008'0000;
constexpr uint32_t kBootInfoMagic = 0x5650'4249;  ///< "VPBI"
constexpr uint32_t kBootInfoVersion = 4;
constexpr uint32_t kBootTasks = 64;
constexpr uint32_t kBootParameters = 32;
constexpr uint32_t kBootStations = 32;
/// Memory for queue and policy of a station.
constexpr uint64_t kStationBytes = 256 * 1024;

struct BootStation {
  uint64_t kernel_manager;  ///< base address of the register bank
  uint64_t job_release;
  uint64_t memory;       ///< kStationBytes for its queue and policy; 0: firmware's own, for one station
  uint32_t release_irq;  ///< GIC interrupt number
  uint32_t feedback_irq;
};

struct BootTask {
  uint32_t regions;
  uint32_t priority;
  uint64_t isolated_estimate;  ///< picoseconds
  uint64_t estimates;          ///< address of the task's table of `regions` entries; 0: there is none
  uint32_t weight;             ///< 0: each job brings its own
  uint32_t reserved;
};

struct BootInfo {
  uint32_t magic;
  uint32_t version;
  uint32_t size;  ///< of this structure, bytes
  uint32_t task_count;
  uint64_t gic_distributor;
  uint64_t gic_cpu;
  uint64_t uart;
  uint64_t scheduler_block;  ///< takes the jobs that firmware has scored; 0: firmware decides itself
  uint32_t room_irq;         ///< GIC interrupt number: the scheduler block has room again
  uint32_t station_count;    ///< at least 1
  uint64_t counter_hz;       ///< of the architected counter
  char policy[32];           ///< name, NUL-terminated
  uint32_t parameter_count;
  uint32_t queue_capacity;  ///< ready jobs that the scheduler holds; further ones wait in the release FIFOs
  double parameters[kBootParameters];
  BootTask tasks[kBootTasks];
  BootStation stations[kBootStations];
};

static_assert(sizeof(BootTask) == 32 && sizeof(BootStation) == 32);

}  // namespace vesper::abi

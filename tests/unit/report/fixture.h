/// Runs made by hand, in memory and as files.
#pragma once

#include <gmock/gmock.h>

#include "platform/report/run_data.h"
#include "tests/support/command.h"

namespace vesper::report {

constexpr Time us(Time n) { return n * 1'000'000; }
constexpr uint16_t kCamera = 0;
constexpr uint16_t kLidar = 1;

/// A camera and a lidar on one accelerator, without jobs, until `end`.
inline RunData two_tasks(Time end) {
  RunData run;
  run.summary.simulated = end;
  for (const char* name : {"camera", "lidar"}) {
    run.summary.tasks.emplace_back().name = name;
    run.requesters.number(name);
  }
  run.accelerators.number("accelerator");
  run.stretches.emplace();
  return run;
}

inline Job job(uint16_t task, uint32_t number, Time release, std::optional<Time> finish,
               std::optional<Time> deadline) {
  Job made;
  made.task = task;
  made.number = number;
  made.release = release;
  made.finish = finish;
  made.deadline = deadline;
  made.missed = deadline && (!finish || *finish > *deadline);
  return made;
}

/// The rest of the stretch is stall.
inline Stretch stretch(uint16_t task, uint32_t number, Time start, Time end, Time compute, Time swap = 0,
                       Time scheduler = 0) {
  return {start, end, number, 1, task, 0, scheduler, swap, compute};
}

}  // namespace vesper::report

// A platform of tiles of one element whose operations take a few cycles: iterations that load, compute and
// store take 10, 20 and 31.
#pragma once

#include <string>
#include <vector>

namespace vesper::test {

inline const std::string kTinyAccelerator =
    "  tile: {m: 1, k: 1, n: 1}\n"
    "  cycles: {load: 10, compute: 20, store: 31, clean: 4, persist: 30, resume: 40}\n";

/// The accelerator's clock and those of the schedulers, which cost nothing, are 250 MHz: 4 ns a cycle.
inline const std::string kTinyPlatformWithoutCosts =
    "include: [" VESPER_SOURCE_DIR "/scenarios/platforms/vck190.yaml, " VESPER_SOURCE_DIR
    "/scenarios/platforms/zero_cost.yaml]\nscenario: a test\n"
    "job_release: {clock: 250 MHz}\nscheduler_block: {clock: 250 MHz}\nideal_scheduler: {clock: 250 MHz}\n"
    "accelerator:\n  clock: 250 MHz\n" +
    kTinyAccelerator;

inline std::string task_list(const std::vector<std::string>& tasks) {
  std::string text = "tasks:\n";
  for (const std::string& task : tasks) text += "  - {" + task + "}\n";
  return text;
}

}  // namespace vesper::test

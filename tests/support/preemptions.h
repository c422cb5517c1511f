/// The preemptions of a run as its outputs show them, to compare the outputs with each other.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace vesper::test {

/// The instruction that lets a job preempt another; jobs are named `lidar 0`.
struct Preemption {
  uint64_t at = 0;  ///< picoseconds
  std::string by;
  std::string of;
  auto operator<=>(const Preemption&) const = default;
};

/// The values of every signal of a wave by its path: (time in picoseconds, value as text), in order of time.
using Wave = std::map<std::string, std::vector<std::pair<uint64_t, std::string>>>;
Wave read_wave(const std::filesystem::path& vcd);

/// Of a run with one scheduler block, `scheduler_block`: its `running` goes to another job while the one
/// before is yet to run again. `tasks`: their names by number.
std::vector<Preemption> preemptions_in_wave(const Wave& wave, const std::vector<std::string>& tasks);
std::vector<Preemption> preemptions_in_timeline(const std::filesystem::path& timeline);
std::vector<Preemption> preemptions_in_decisions(const std::filesystem::path& decisions_csv);

}  // namespace vesper::test

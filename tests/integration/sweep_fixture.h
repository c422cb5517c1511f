/// Sweeps as users run them: to their end, or in the background to be killed.
#pragma once

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "tests/support/background.h"
#include "tests/support/command.h"

namespace vesper::test {

namespace fs = std::filesystem;

constexpr const char* kSmallSweep = "tests/integration/sweep/small.yaml";

/// Lines of a sweep's journal below its first.
inline size_t points_done(const fs::path& folder) {
  if (!fs::exists(folder / "journal.csv")) return 0;
  std::string text = read_file(folder / "journal.csv");
  auto lines = static_cast<size_t>(std::ranges::count(text, '\n'));
  return lines == 0 ? 0 : lines - 1;
}

inline void wait_for_points(const fs::path& folder, size_t least) {
  wait_until([&] { return points_done(folder) >= least; }, std::to_string(least) + " points");
}

}  // namespace vesper::test

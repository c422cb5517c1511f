/// Sweeps written as text, without a scenario behind them.
#pragma once

#include <gmock/gmock.h>

#include <string>

#include "platform/sweep/results.h"
#include "tests/support/command.h"

namespace vesper::sweep {

class SweepTest : public ::testing::Test {
 protected:
  Sweep read(const std::string& rest, const std::vector<std::string>& overrides = {}) {
    test::write_file(folder_ / "sweep.yaml", "sweep: a test\nbase: base.yaml\n" + rest);
    return read_sweep(folder_ / "sweep.yaml", overrides);
  }
  /// What reading the sweep says is wrong.
  std::string error(const std::string& rest) {
    try {
      read(rest);
    } catch (const InputError& wrong) {
      return wrong.what();
    }
    return "";
  }
  static std::vector<std::string> labels(const Sweep& sweep, uint64_t point) {
    std::vector<std::string> all;
    Choice choice = sweep.space.point(point);
    for (size_t i = 0; i < choice.size(); ++i) all.push_back(sweep.space.axes()[i].label(choice[i]));
    return all;
  }

  test::TemporaryFolder folder_;
};

}  // namespace vesper::sweep

/// What a point of a sweep comes to: its scenario analysed, and simulated where that does not prove it.
#pragma once

#include "platform/scenario/scenario.h"
#include "platform/sweep/results.h"

namespace vesper::cli {

class SweepPoints {
 public:
  /// Reads the base scenario. Throws InputError.
  explicit SweepPoints(const sweep::Sweep& sweep);

  [[nodiscard]] const Node& base() const { return base_; }
  /// Checks every value of every axis; throws InputError before anything is run.
  void check() const;
  [[nodiscard]] scenario::Scenario scenario(uint64_t point) const;
  /// Analyses here, and simulates in a process of its own. Throws InputError or std::runtime_error naming the
  /// point.
  [[nodiscard]] sweep::Verdict judge(uint64_t point) const;

 private:
  [[nodiscard]] sweep::Verdict judge_scenario(scenario::Scenario scenario) const;
  [[nodiscard]] scenario::Scenario read(const Node& root) const;

  const sweep::Sweep& sweep_;
  Node base_;
};

}  // namespace vesper::cli

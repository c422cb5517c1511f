/// Finds runs that will not get anywhere: nothing moves for a long simulated time although there is work, or
/// nothing is left to happen while somebody waits.
///
/// Moves       an instruction, the end of a region or job, and any change of what IPs and guards say they
///             wait for; so that slow traffic that gets on is no stall.
/// Patience    `run.patience`, or 20 times the longest region of the tasks and twice the longest request
///             alone, 50 ms at least (assumed: no shipped scenario comes near).
/// Cost        a few counted events; the IPs are asked some times in the patience.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "platform/builder/lowered_task.h"
#include "platform/observe/observer.h"

namespace vesper::builder {

class System;

class Watchdog final : public observe::Observer {
 public:
  Watchdog(const scenario::Scenario& scenario, const std::vector<LoweredTask>& tasks);

  [[nodiscard]] uint32_t topics() const override {
    return bit(observe::Topic::job) | bit(observe::Topic::instruction) | bit(observe::Topic::region);
  }
  void job_released(const observe::JobReleased&) override { ++unfinished_; }
  void job_completed(observe::JobId, observe::Time) override { --unfinished_; }
  void job_failed(observe::JobId, observe::Time) override { --unfinished_; }
  void instruction_issued(const observe::InstructionIssued&) override { ++moves_; }
  void region_ended(const observe::RegionEnded&) override { ++moves_; }

  /// When it wants to look again; the simulation should come to a stop there.
  [[nodiscard]] uint64_t next_look() const { return next_look_; }
  /// Looks at a system that has been simulated to `now`. Throws core::SimulationError that says what waits
  /// for what, when nothing has moved for the patience, or never will again.
  void look(const System& system, uint64_t now);
  /// At the end of a run: what has not moved for a good part of the patience; empty otherwise.
  [[nodiscard]] std::string doubts(const System& system, uint64_t now);

 private:
  void note(const System& system, uint64_t now);
  [[nodiscard]] std::string unfinished_text() const;

  uint64_t patience_;
  uint64_t next_look_;
  int64_t unfinished_ = 0;
  uint64_t moves_ = 0;
  uint64_t moves_seen_ = 0;
  uint64_t moved_at_ = 0;
  std::string waits_;
};

}  // namespace vesper::builder

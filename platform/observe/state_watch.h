/// Remembers what a run is doing, so that its state can be told whenever it stops: jobs, accelerators, and
/// the value of every traced signal.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/observe/run_info.h"

namespace vesper::observe {

class StateWatch final : public Observer {
 public:
  /// `now`: simulated time.
  StateWatch(const RunInfo& run, std::function<Time()> now);

  /// Unfinished jobs and accelerators, a line each.
  [[nodiscard]] std::string jobs() const;
  /// Every signal that has a value, a line each, by path.
  [[nodiscard]] std::string signals() const;

  [[nodiscard]] uint32_t topics() const override {
    return bit(Topic::job) | bit(Topic::instruction) | bit(Topic::region) | bit(Topic::signal);
  }
  void job_released(const JobReleased& event) override;
  void job_completed(JobId job, Time at) override;
  void job_failed(JobId job, Time at) override { job_completed(job, at); }
  void instruction_issued(const InstructionIssued& event) override;
  void region_ended(const RegionEnded& event) override;
  bool signal_declared(uint32_t id, const SignalInfo& info) override;
  void signal_changed(uint32_t id, uint64_t value, Time at) override;
  void signal_changed(uint32_t id, std::string_view text, Time at) override;

 private:
  struct Job {
    JobReleased release;
    uint32_t instructions = 0;
    uint32_t preempted = 0;  ///< times
  };
  struct Accelerator {
    std::string name;
    std::optional<InstructionIssued> running;
    std::optional<RegionEnded> last;
  };
  struct Change {
    Time at;
    std::string value;
  };
  struct State {
    SignalInfo info;
    std::deque<Change> changes;  ///< the present one, then those to come
  };

  void changed(uint32_t id, std::string value, Time at);
  [[nodiscard]] std::string name_of(JobId job) const;
  [[nodiscard]] std::string line_of(const Job& job) const;
  [[nodiscard]] std::string line_of(const Accelerator& accelerator) const;

  std::function<Time()> now_;
  std::vector<std::string> names_;
  std::map<JobId, Job> jobs_;  ///< unfinished
  std::vector<Accelerator> accelerators_;
  std::map<uint32_t, State> signals_;
};

}  // namespace vesper::observe

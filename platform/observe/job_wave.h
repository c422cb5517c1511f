/// Jobs as signals of a wave, two a task: `tasks.<name>.unfinished` counts jobs released and not completed,
/// `tasks.<name>.missed` the deadlines missed. Group `scheduler`.
///
/// Timing  a completion shows when its feedback does, a miss at the first event of a job or region after the
/// deadline:
///         nothing that an observer is told of happens at a deadline itself.
#pragma once

#include <queue>
#include <utility>
#include <vector>

#include "platform/observe/run_info.h"

namespace vesper::observe {

class JobWave final : public Observer {
 public:
  /// Declares the signals at `hub`: whoever wants them has joined before.
  JobWave(ObserverHub& hub, const RunInfo& run);

  [[nodiscard]] uint32_t topics() const override {
    return bit(Topic::job) | bit(Topic::instruction) | bit(Topic::region);
  }
  void job_released(const JobReleased& event) override;
  void job_completed(JobId job, Time at) override;
  /// Is unfinished no longer, and misses its deadline when that comes.
  void job_failed(JobId job, Time at) override;
  void instruction_issued(const InstructionIssued& event) override { pass(event.at, event.at); }
  void region_ended(const RegionEnded& event) override { pass(event.end, event.feedback); }

 private:
  using Due = std::pair<Time, JobId>;  // deadline first
  struct Task {
    Signal unfinished;
    Signal missed;
    std::vector<uint32_t> jobs;    ///< unfinished ones
    std::vector<uint32_t> failed;  ///< whose deadline has not come
    uint64_t misses = 0;
  };

  /// The job is over; whether it was under way.
  bool remove(JobId job, Time at);
  /// All that happened before `time` is known, and it is `now` at least: jobs unfinished at a deadline before
  /// `time` have missed it.
  void pass(Time time, Time now);

  std::vector<Task> tasks_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  Time now_ = 0;  ///< the latest time told: signals change then, never before
};

}  // namespace vesper::observe

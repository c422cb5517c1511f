/// Where a job's time went, from its release to its end, and why a job missed its deadline.
///
/// Account   every picosecond of a job's response time is in one part, and the parts add up to it:
///           - waited      another job held the accelerator, by task; its own task's are earlier jobs of its
///           own
///           - idle        nobody held it, between stretches: the scheduler was deciding, a job was being
///                         dispatched, or the policy left the accelerator idle
///           - scheduler, swap, compute, stall: of its own stretches, as in stretches.csv
///           Until its first stretch a job waits for the accelerator it then runs on, between two stretches
///           for that of the second, and after its last for that of the last. A job that never ran waits for
///           the only accelerator; with several, its time is idle. A job that is not finished is accounted
///           until the end of the run; its region under way then counts as idle. Stretches of one job that
///           overlap (several accelerators) count once, their parts cut in proportion.
/// Memory    of the stall, what its work takes longer than its time alone (isolated_s): min(stall,
///           max(0, compute + stall - isolated)). All of the stall, where that time is not known. A stall
///           that the job has alone as well is no reason for a miss.
/// Reason    of a miss: its time alone exceeds its relative deadline (`alone`); the job was abandoned
///           (`failed`); else the largest of the times waited by task, idle + scheduler, swap and memory;
///           none of these: `alone`. `enough` says that it is no shorter than the job was late: without it,
///           and all else alike, the deadline would have been met.
#pragma once

#include <optional>
#include <vector>

#include "platform/report/run_data.h"

namespace vesper::report {

struct Account {
  std::vector<Time> waited;  ///< by task
  Time idle = 0;
  Time scheduler = 0;
  Time swap = 0;
  Time compute = 0;
  Time stall = 0;

  [[nodiscard]] Time total() const;
};

/// The job that held the accelerator.
struct Holder {
  uint16_t task = 0;
  uint32_t job = 0;
  Time time = 0;
  bool later_deadline = false;  ///< than the job that waited, or none
};

enum class Cause : uint8_t { waited, scheduler, swap, memory, alone, failed };
std::string_view name_of(Cause cause);

struct Reason {
  Cause cause = Cause::alone;
  uint16_t task = 0;  ///< that was waited for
  Time time = 0;
  bool enough = false;
};

/// How much of the stall the job would not have alone.
Time memory_time(const Job& job, const Account& account);
/// How late the job was; one that is not finished, at the end of the run.
Time lateness(const Job& job, Time run_end);
Reason reason_of(const Job& job, const Account& account, Time run_end);

class Accounting {
 public:
  /// The run has stretches, and outlives this.
  explicit Accounting(const RunData& run);

  [[nodiscard]] Account account(const Job& job) const;
  /// The jobs that held the accelerator while this one waited, longest first, at most `most`.
  [[nodiscard]] std::vector<Holder> holders(const Job& job, size_t most) const;

 private:
  struct Gap {
    uint16_t accelerator;
    Time from, to;
  };
  struct Accelerator {
    std::vector<uint32_t> stretches;             ///< indices, by start
    std::vector<std::vector<Time>> checkpoints;  ///< busy time by task before every so many stretches
  };

  [[nodiscard]] const Stretch& at(uint32_t index) const { return (*run_.stretches)[index]; }
  [[nodiscard]] bool is_due_later(const Holder& holder, const Job& job) const;
  [[nodiscard]] std::vector<uint32_t> own(const Job& job) const;
  [[nodiscard]] std::vector<Gap> gaps(const Job& job, const std::vector<uint32_t>& own) const;
  void add_busy(const Accelerator& accelerator, Time until, int64_t sign, std::vector<int64_t>& sums) const;
  [[nodiscard]] size_t begun_before(const Accelerator& accelerator, Time time) const;

  const RunData& run_;
  std::vector<uint32_t> by_job_;  ///< stretches by task, job, start
  std::vector<const Job*> jobs_;  ///< by task and number
  std::vector<Accelerator> accelerators_;
};

}  // namespace vesper::report

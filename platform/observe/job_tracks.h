/// The jobs of a timeline: a track for each job that is under way, with the regions it runs inside, and the
/// arrow from its release to its completion.
///
/// Tracks  a task has as many as it has jobs under way at once; a job takes the first free one from release
/// to
///         completion. Of a single stream a job begins where the one before it ends.
/// Arrow   through the first decision for the job, its first operation, those decisions and operations that
///         swap it out and in, to its last operation. Slices without length take none of its points.
/// Order   what a job did is written when it is over.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/observe/run_info.h"
#include "platform/observe/trace_events.h"

namespace vesper::observe {

class JobTracks {
 public:
  JobTracks(TraceEvents& events, const RunInfo& run);

  void released(const JobReleased& event);
  void completed(JobId job, Time at) { over(job, at, "completed"); }
  void failed(JobId job, Time at) { over(job, at, "failed"); }
  /// The job ran this region.
  void ran(const InstructionIssued& instruction, Time end);
  /// A slice elsewhere that was about the job, from `start` to `end`; `landmark`: worth a point of the arrow.
  void passed(JobId job, TraceEvents::Track track, Time start, Time end, bool landmark);
  /// What is under way is over, though not complete.
  void finish(Time end);

  /// `camera 3`, as a JSON string.
  [[nodiscard]] std::string name_of(JobId job) const;

 private:
  struct Region {
    uint32_t region;
    std::optional<JobId> preempts;
    Time start;
    Time end;
  };
  struct Point {
    TraceEvents::Track track;
    Time at;
  };
  struct Job {
    JobReleased release;
    Time since = 0;
    size_t lane = 0;
    std::vector<Region> regions;
    std::vector<Point> points;
    std::optional<Point> last;
  };
  struct Task {
    uint32_t process = 0;
    std::vector<TraceEvents::Track> lanes;
    std::vector<bool> taken;       ///< by lane
    std::deque<JobReleased> next;  ///< of a single stream, behind the job under way
    bool single_stream = false;
    bool busy = false;  ///< of a single stream: a job is under way
  };

  void open(const JobReleased& event, Time since);
  void over(JobId id, Time at, const char* outcome);
  void write(const Job& job, Time end, const char* outcome);
  void write_arrow(const Job& job, TraceEvents::Track track, Time end);
  size_t free_lane(uint16_t task);

  TraceEvents& events_;
  std::vector<std::string> names_;
  std::vector<Task> tasks_;
  std::map<JobId, Job> jobs_;  ///< under way
};

}  // namespace vesper::observe

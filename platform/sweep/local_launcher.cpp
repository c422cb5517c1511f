#include <unistd.h>

#include "platform/sweep/launcher.h"
#include "platform/sweep/sweep_progress.h"
#include "platform/sweep/workers.h"

namespace vesper::sweep {
namespace {

std::optional<Rows> run_here(const LaunchRequest& request) {
  Journal journal(request.folder, request.key);
  std::vector<uint64_t> left;
  for (uint64_t point = request.key.shard.number - 1; point < request.key.points;
       point += request.key.shard.count) {
    if (!journal.rows().contains(point)) left.push_back(point);
  }
  uint64_t before = journal.rows().size();
  SweepProgress progress(request.key.shard.size(request.key.points), before);
  WorkerHooks hooks;
  hooks.work = [&](uint64_t point) { return row(*request.sweep, point, request.judge(point)); };
  hooks.done = [&](uint64_t point, const std::string& line) {
    journal.append(point, line);
    progress.update(journal.rows().size());
  };
  hooks.interrupted = request.interrupted;
  hooks.in_worker = [&] { close(journal.descriptor()); };
  bool complete = run_in_workers(left, request.processes, hooks);
  progress.finish();
  if (!complete) return std::nullopt;
  return journal.rows();
}

const LauncherRegistration registration{{"local", "processes on this machine", run_here}};

}  // namespace
}  // namespace vesper::sweep

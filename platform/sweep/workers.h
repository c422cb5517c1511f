/// Many pieces of work on all cores: a process a core, each given the next piece when it has answered.
///
/// A worker that a signal ends is replaced and its piece given out again, `kMostTries` times. Workers end
/// with this process, also when it is killed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace vesper::sweep {

struct WorkerHooks {
  /// Done in a worker process, which may fork; its exceptions are thrown by run_in_workers.
  std::function<std::string(uint64_t piece)> work;
  /// Told here, in order of completion.
  std::function<void(uint64_t piece, const std::string& answer)> done;
  /// Asked between answers and at least every 0.2 s; true ends the work early.
  std::function<bool()> interrupted;
  /// The first thing done in a new worker: closes what it must not hold.
  std::function<void()> in_worker;
};

constexpr unsigned kMostTries = 3;

/// True when all pieces are done. Throws what a piece's work throws, after ending the workers; Killed when a
/// piece's worker was killed kMostTries times.
bool run_in_workers(const std::vector<uint64_t>& pieces, unsigned workers, const WorkerHooks& hooks);

/// The cores that this process may use.
unsigned usable_cores();

}  // namespace vesper::sweep

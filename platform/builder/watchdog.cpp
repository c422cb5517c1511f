#include "platform/builder/watchdog.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/sim_error.h"
#include "platform/builder/system.h"

namespace vesper::builder {
namespace {

constexpr uint64_t kLeastPatience = 50'000'000'000;  // 50 ms
constexpr uint64_t kRegions = 20;
constexpr uint64_t kRequests = 2;
constexpr uint64_t kLooks = 8;  // in the patience

uint64_t longest_region(const LoweredTask& task) {
  const lowering::Program& program = task.program;
  if (program.execution_cycles == 0 || program.region_cycles.empty()) return task.isolated_ps;
  const double share = static_cast<double>(*std::ranges::max_element(program.region_cycles)) /
                       static_cast<double>(program.execution_cycles);
  return static_cast<uint64_t>(share * static_cast<double>(task.isolated_ps));
}

uint64_t longest_request(const LoweredTask& task) {
  uint64_t longest = 0;
  if (task.requests == nullptr) return longest;
  for (const core::Release& release : task.requests->releases())
    longest = std::max(longest, release.isolated);
  return longest;
}

uint64_t patience_of(const scenario::Scenario& scenario, const std::vector<LoweredTask>& tasks) {
  if (scenario.run.patience) return scenario.run.patience->ps;
  uint64_t patience = kLeastPatience;
  for (const LoweredTask& task : tasks)
    patience = std::max({patience, kRegions * longest_region(task), kRequests * longest_request(task)});
  return patience;
}

}  // namespace

Watchdog::Watchdog(const scenario::Scenario& scenario, const std::vector<LoweredTask>& tasks)
    : patience_(patience_of(scenario, tasks)), next_look_(std::max<uint64_t>(patience_ / kLooks, 1)) {}

std::string Watchdog::unfinished_text() const {
  return unfinished_ > 0 ? fmt::format(" {} jobs are unfinished.", unfinished_) : "";
}

void Watchdog::note(const System& system, uint64_t now) {
  std::string waits = system.waiting_for();
  if (moves_ == moves_seen_ && waits == waits_) return;
  moves_seen_ = moves_;
  waits_ = std::move(waits);
  moved_at_ = now;
}

void Watchdog::look(const System& system, uint64_t now) {
  const bool work = unfinished_ > 0 || !system.idle();
  if (work && system.starved()) {
    throw core::SimulationError(fmt::format("nothing will happen any more.{} What waits for what: {}",
                                            unfinished_text(), system.waiting_for()));
  }
  if (now < next_look_) return;
  next_look_ = now - now % (patience_ / kLooks) + patience_ / kLooks;
  note(system, now);
  if (!work) moved_at_ = now;
  if (now - moved_at_ < patience_) return;
  throw core::SimulationError(fmt::format(
      "nothing has moved for {} of simulated time, since {} at the latest (run.patience).{} What waits for "
      "what: {}",
      to_text(ps(now - moved_at_)), to_text(ps(moved_at_)), unfinished_text(), waits_));
}

std::string Watchdog::doubts(const System& system, uint64_t now) {
  if (unfinished_ <= 0 && system.idle()) return "";
  note(system, now);
  if (now - moved_at_ < patience_ / 2) return "";
  return fmt::format("nothing moved in the last {} of the run.{} What waits for what: {}",
                     to_text(ps(now - moved_at_)), unfinished_text(), waits_);
}

}  // namespace vesper::builder

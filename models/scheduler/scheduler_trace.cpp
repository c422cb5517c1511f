#include "models/scheduler/scheduler_trace.h"

#include <fmt/format.h>

#include <iterator>

namespace vesper::scheduler {
namespace {

constexpr std::string_view kTurnNames[] = {"poll", "feedback", "release", "issue"};

}  // namespace

SchedulerTrace::SchedulerTrace(observe::ObserverHub* hub, const std::string& path) {
  if (hub == nullptr) return;
  running_ = observe::Signal(*hub, {path + ".running", "scheduler", 0, true});
  occupancy_ = observe::Signal(*hub, {path + ".occupancy", "scheduler", 16});
  heap_ = observe::Signal(*hub, {path + ".heap", "scheduler", 0, true});
  state_ = observe::Signal(*hub, {path + ".state", "scheduler", 0, true});
  issue_ = observe::Signal(*hub, {path + ".issue", "scheduler", 1});
}

void SchedulerTrace::show(const DecisionLoop& loop, const policy::Dispatcher& dispatcher, Cycles cycle,
                          policy::Time now) {
  if (state_.traced() || issue_.traced()) show_turn(loop.doing_at(cycle), now);
  occupancy_.set(loop.ready(), now);
  if (heap_.traced()) show_heap(dispatcher, now);
  if (running_.traced()) {
    const policy::Instruction& last = loop.last_instruction();
    text_.clear();
    if (loop.region_runs()) fmt::format_to(std::back_inserter(text_), "{}:{}", last.task, last.job);
    running_.set(text_.empty() ? "-" : std::string_view(text_), now);
  }
}

void SchedulerTrace::show_turn(DecisionLoop::Doing doing, policy::Time now) {
  text_ = kTurnNames[static_cast<size_t>(doing.turn)];
  if (doing.turn == DecisionLoop::Turn::release) fmt::format_to(std::back_inserter(text_), " {}", doing.task);
  state_.set(std::string_view(text_), now);
  issue_.set(doing.turn == DecisionLoop::Turn::issue ? 1 : 0, now);
}

void SchedulerTrace::show_heap(const policy::Dispatcher& dispatcher, policy::Time now) {
  text_.clear();
  for (uint16_t i = 0; i < kShownEntries; ++i) {
    policy::JobRef ref = dispatcher.policy().queued(i);
    if (!ref) break;
    const policy::Job& job = dispatcher.jobs()[ref];
    fmt::format_to(std::back_inserter(text_), "{}{}:{}", i == 0 ? "" : " ", job.task, job.id);
  }
  heap_.set(std::string_view(text_), now);
}

}  // namespace vesper::scheduler

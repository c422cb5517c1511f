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
  occupancy_ = observe::Signal(*hub, {path + ".occupancy", "scheduler", 16, false, true});
  heap_ = observe::Signal(*hub, {path + ".heap", "scheduler", 0, true});
  full_ = observe::Signal(*hub, {path + ".full", "scheduler", 1});
  scores_ = observe::Signal(*hub, {path + ".scores", "scheduler", 0, true});
  chosen_ = observe::Signal(*hub, {path + ".chosen", "scheduler", 0, true});
  gamma_ = observe::Signal(*hub, {path + ".gamma", "scheduler", 0, true});
  state_ = observe::Signal(*hub, {path + ".state", "fsm", 0, true});
  issue_ = observe::Signal(*hub, {path + ".issue", "fsm", 1});
}

void SchedulerTrace::show(const DecisionLoop& loop, const policy::Dispatcher& dispatcher, bool full,
                          Cycles cycle, policy::Time now) {
  if (state_.traced() || issue_.traced()) show_turn(loop.doing_at(cycle), now);
  occupancy_.set(loop.ready(), now);
  full_.set(full ? 1 : 0, now);
  if (decided_ && !loop.issuing()) show_decision(loop, now);
  if (heap_.traced()) show_heap(dispatcher, now);
  if (running_.traced()) show_running(loop, now);
}

void SchedulerTrace::deciding(const policy::Dispatcher& dispatcher, const policy::Instruction& last,
                              policy::Time at) {
  decided_ = true;
  scores_text_.clear();
  gamma_text_.clear();
  const policy::Policy& policy = dispatcher.policy();
  policy::JobRef ref = policy.queued(0);
  for (uint16_t i = 0; ref; ref = policy.queued(++i)) {
    const policy::Job& job = dispatcher.jobs()[ref];
    policy::Weighed weighed;
    if (!policy.weigh(ref, at, weighed)) return;
    if (i < kShownEntries) {
      fmt::format_to(std::back_inserter(scores_text_), "{}{}:{}={:.4g}", i == 0 ? "" : " ", job.task, job.id,
                     weighed.score);
    }
    bool ran = job.task == last.task && job.id == last.job && job.next_region > 0;
    if (ran) gamma_text_ = fmt::format("{}:{}={:.4g}", job.task, job.id, weighed.gamma);
  }
}

void SchedulerTrace::show_decision(const DecisionLoop& loop, policy::Time now) {
  decided_ = false;
  scores_.set(std::string_view(scores_text_), now);
  gamma_.set(std::string_view(gamma_text_), now);
  const policy::Instruction& chosen = loop.last_instruction();
  chosen_.set(fmt::format("{}:{}", chosen.task, chosen.job), now);
}

void SchedulerTrace::show_running(const DecisionLoop& loop, policy::Time now) {
  constexpr observe::JobId kNone{0xFFFF, 0xFFFF'FFFF};
  const policy::Instruction& last = loop.last_instruction();
  bool busy = loop.region_runs() || loop.issuing() || loop.ready() > 0;
  observe::JobId job = busy ? observe::JobId{last.task, last.job} : kNone;
  if (job == running_job_) return;
  running_job_ = job;
  running_.set(busy ? fmt::format("{}:{}", job.task, job.job) : "-", now);
}

void SchedulerTrace::show_turn(DecisionLoop::Doing doing, policy::Time now) {
  text_ = kTurnNames[static_cast<size_t>(doing.turn)];
  if (doing.turn == DecisionLoop::Turn::release) fmt::format_to(std::back_inserter(text_), " {}", doing.fifo);
  state_.set(std::string_view(text_), now);
  issue_.set(doing.turn == DecisionLoop::Turn::issue ? 1 : 0, now);
}

void SchedulerTrace::show_heap(const policy::Dispatcher& dispatcher, policy::Time now) {
  bool same = true;
  uint16_t count = 0;
  for (; count < kShownEntries; ++count) {
    policy::JobRef ref = dispatcher.policy().queued(count);
    if (!ref) break;
    const policy::Job& job = dispatcher.jobs()[ref];
    observe::JobId entry{job.task, job.id};
    same = same && shown_[count] == entry;
    shown_[count] = entry;
  }
  if (same && count == shown_count_) return;
  shown_count_ = count;
  text_.clear();
  for (uint16_t i = 0; i < count; ++i) {
    fmt::format_to(std::back_inserter(text_), "{}{}:{}", i == 0 ? "" : " ", shown_[i].task, shown_[i].job);
  }
  heap_.set(std::string_view(text_), now);
}

}  // namespace vesper::scheduler

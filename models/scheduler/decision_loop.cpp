#include "models/scheduler/decision_loop.h"

#include <algorithm>
#include <bit>

namespace vesper::scheduler {
namespace {
constexpr uint32_t kNever = ~0U;
}

DecisionLoop::DecisionLoop(policy::Dispatcher& dispatcher, const MicroArchitecture& costs,
                           RequestSource& source, const core::ClockDomain& clock)
    : dispatcher_(dispatcher),
      costs_(costs),
      source_(source),
      clock_(clock),
      fifos_(source.channels()),
      at_once_(costs.instantaneous()),
      polls_(costs.polls()),
      least_issue_(costs.issue({}, 0, false)),
      least_feedback_(costs.feedback({})),
      waits_since_(fifos_, 0) {}

bool DecisionLoop::feedback(Cycles at, const policy::Feedback& message) {
  if (!region_runs_) return false;
  advance(at);
  region_runs_ = false;
  feedback_waits_ = true;
  feedback_ = message;
  return true;
}

void DecisionLoop::released(Cycles at) {
  advance(at);
  note_waiting(at);
}

void DecisionLoop::note_waiting(Cycles at) {
  uint64_t now_waiting = source_.waiting();
  for (uint64_t fresh = now_waiting & ~waiting_; fresh != 0; fresh &= fresh - 1) {
    waits_since_[static_cast<size_t>(std::countr_zero(fresh))] = at;
  }
  waiting_ = now_waiting;
}

uint32_t DecisionLoop::distance_to(uint32_t channel, Position from) const {
  return channel >= from.channel ? channel - from.channel : channel + channels() - from.channel;
}

uint32_t DecisionLoop::distance_to_release(Position from) const {
  if (waiting_ == 0 || !dispatcher_.has_room()) return kNever;
  uint32_t first_task = from.channel == 0 ? 0 : from.channel - 1;
  uint64_t ahead = first_task < policy::kMaxTasks ? waiting_ >> first_task << first_task : 0;
  uint64_t candidates = ahead != 0 ? ahead : waiting_;
  return distance_to(static_cast<uint32_t>(std::countr_zero(candidates)) + 1, from);
}

DecisionLoop::Found DecisionLoop::first_found(Position from, bool feedback, bool allowed) const {
  uint32_t to_feedback = feedback ? distance_to(0, from) : kNever;
  uint32_t to_release = distance_to_release(from);
  uint32_t to_issue = allowed && enabled_ && ready() > 0 ? distance_to(issue_channel(), from) : kNever;
  uint32_t nearest = std::min({to_feedback, to_release, to_issue});
  if (nearest == kNever) return {};
  Position there{(from.channel + nearest) % channels(), from.at + (polls_ ? nearest : 0)};
  if (nearest == to_feedback) return {Turn::feedback, there};
  return {nearest == to_release ? Turn::release : Turn::issue, there};
}

void DecisionLoop::advance(Cycles to) {
  if (at_once_) return;
  for (;;) {
    Found found = first_found(next_, feedback_waits_, allowed_);
    if (found.turn == Turn::poll || found.position.at >= to) break;
    commit(found);
  }
  if (next_.at >= to) return;
  idle_until(to);
}

void DecisionLoop::idle_until(Cycles to) {
  Cycles skipped = to - next_.at;
  if (!polls_ || skipped > issue_channel() - next_.channel) feedback_in_this_pass_.reset();
  next_ = {polls_ ? static_cast<uint32_t>((next_.channel + skipped) % channels()) : 0, to};
  last_ = {};
}

void DecisionLoop::commit(const Found& found) {
  bool wrapped = found.position.channel < next_.channel;
  if (wrapped) feedback_in_this_pass_.reset();
  last_ = found.doing();
  if (found.turn == Turn::feedback) {
    commit_feedback(found.position);
  } else if (found.turn == Turn::release) {
    commit_release(found.position);
  } else {
    commit_issue(found.position);
  }
}

DecisionLoop::Position DecisionLoop::after_feedback(Position turn) const {
  return {1, turn.at + least_feedback_};
}

void DecisionLoop::commit_feedback(Position turn) {
  dispatcher_.region_done(feedback_);
  Cycles took = costs_.feedback(dispatcher_.policy().take_work());
  feedback_waits_ = false;
  allowed_ = true;
  next_ = {1, turn.at + took};
  feedback_in_this_pass_ = next_.at;
  ++counters_.feedbacks;
  counters_.worst_feedback = std::max(counters_.worst_feedback, took);
}

void DecisionLoop::commit_release(Position turn) {
  uint32_t fifo = turn.channel - 1;
  Request request = source_.take(fifo);
  dispatcher_.release(request.task, request.job, request.release, request.deadline, request.weight,
                      request.static_score ? &*request.static_score : nullptr);
  Cycles took = costs_.release(dispatcher_.policy().take_work());
  next_ = {turn.channel + 1, turn.at + took};
  ++counters_.releases;
  counters_.worst_release = std::max(counters_.worst_release, took);
  counters_.worst_release_to_ready =
      std::max(counters_.worst_release_to_ready, next_.at - waits_since_[fifo]);
  waiting_ &= ~(uint64_t{1} << fifo);
  note_waiting(turn.at + 1);
}

void DecisionLoop::commit_issue(Position turn) {
  uint32_t queued = ready();
  policy::Time now = clock_.edge(turn.at);
  if (watcher_ != nullptr) watcher_->deciding(dispatcher_, instruction_, now);
  dispatcher_.next(now, instruction_);
  frees_entry_ = ready() < queued;
  Cycles took = costs_.issue(dispatcher_.policy().take_work(), queued, frees_entry_);
  allowed_ = false;
  next_ = {0, turn.at + took};
  leaves_ = next_.at;
  ++counters_.decisions;
  if (instruction_.preempt) ++counters_.preemptions;
  counters_.worst_issue = std::max(counters_.worst_issue, took);
  if (feedback_in_this_pass_) {
    counters_.worst_feedback_to_instruction =
        std::max(counters_.worst_feedback_to_instruction, next_.at - *feedback_in_this_pass_);
    feedback_in_this_pass_.reset();
  }
}

void DecisionLoop::handle_at_once(Cycles at) {
  next_.at = at;
  if (feedback_waits_) commit_feedback({0, at});
  note_waiting(at);
  take_all(at);
  if (allowed_ && enabled_ && ready() > 0) commit_issue({issue_channel(), at});
  take_all(at);  // where the job that was issued has left the queue
}

void DecisionLoop::take_all(Cycles at) {
  while (waiting_ != 0 && dispatcher_.has_room()) {
    bool alone = std::has_single_bit(waiting_);
    uint32_t channel = alone ? static_cast<uint32_t>(std::countr_zero(waiting_)) : source_.first();
    commit_release({channel + 1, at});
  }
}

std::optional<Cycles> DecisionLoop::next_wake() const {
  if (leaves_ || at_once_) return leaves_;
  Found found = first_found(next_, feedback_waits_, allowed_);
  if (found.turn == Turn::feedback) found = first_found(after_feedback(found.position), false, true);
  if (found.turn == Turn::poll) return std::nullopt;
  return found.position.at + (found.turn == Turn::release ? 1 : std::max<Cycles>(1, least_issue_));
}

std::optional<Cycles> DecisionLoop::next_change(Cycles now) const {
  if (at_once_) return leaves_;
  if (next_.at > now) return next_.at;
  Found found = first_found(next_, feedback_waits_, allowed_);
  if (found.turn == Turn::poll) return std::nullopt;
  return std::max(found.position.at, now + 1);
}

const policy::Instruction* DecisionLoop::take_instruction(Cycles now) {
  if (!leaves_ || *leaves_ > now) return nullptr;
  leaves_.reset();
  region_runs_ = true;
  return &instruction_;
}

DecisionLoop::Doing DecisionLoop::doing_at(Cycles now) const {
  if (at_once_) return {};
  if (next_.at > now) return last_;
  Found found = first_found(next_, feedback_waits_, allowed_);
  return found.position.at == now ? found.doing() : Doing{};
}

}  // namespace vesper::scheduler

#include "platform/observe/observer.h"

#include <algorithm>

namespace vesper::observe {

std::string_view name_of(OperationKind kind) {
  constexpr std::string_view kNames[] = {"load", "compute", "store", "clean", "persist", "resume"};
  static_assert(std::size(kNames) == static_cast<size_t>(OperationKind::kCount));
  return kNames[static_cast<size_t>(kind)];
}

void ObserverHub::join(Observer& observer) {
  subscriptions_.push_back({&observer, observer.topics()});
  topics_ |= observer.topics();
}

void ObserverHub::job_released(const JobReleased& event) const {
  tell(Topic::job, [&](Observer& o) { o.job_released(event); });
}
void ObserverHub::first_compute(JobId job, Time at) const {
  tell(Topic::job, [&](Observer& o) { o.first_compute(job, at); });
}
void ObserverHub::job_completed(JobId job, Time at) const {
  tell(Topic::job, [&](Observer& o) { o.job_completed(job, at); });
}
void ObserverHub::job_failed(JobId job, Time at) const {
  tell(Topic::job, [&](Observer& o) { o.job_failed(job, at); });
}
void ObserverHub::instruction_issued(const InstructionIssued& event) const {
  tell(Topic::instruction, [&](Observer& o) { o.instruction_issued(event); });
}
void ObserverHub::region_ended(const RegionEnded& event) const {
  tell(Topic::region, [&](Observer& o) { o.region_ended(event); });
}
void ObserverHub::operation(const Operation& event) const {
  tell(Topic::operation, [&](Observer& o) { o.operation(event); });
}
void ObserverHub::transfer(const Transfer& event) const {
  tell(Topic::transfer, [&](Observer& o) { o.transfer(event); });
}
void ObserverHub::latency(const Transfer& event) const {
  tell(Topic::latency, [&](Observer& o) { o.latency(event); });
}
void ObserverHub::activity(const Activity& event) const {
  tell(Topic::activity, [&](Observer& o) { o.activity(event); });
}
void ObserverHub::mark(Mark mark, uint32_t value, Time at) const {
  tell(Topic::mark, [&](Observer& o) { o.mark(mark, value, at); });
}
void ObserverHub::function_entered(const FunctionEntered& event) const {
  tell(Topic::function, [&](Observer& o) { o.function_entered(event); });
}
void ObserverHub::log(std::string_view source, std::string_view line, Time at) const {
  tell(Topic::log, [&](Observer& o) { o.log(source, line, at); });
}

namespace {

uint16_t number_of(std::vector<std::string>& names, std::string_view name) {
  auto it = std::ranges::find(names, name);
  if (it == names.end()) it = names.emplace(names.end(), name);
  return static_cast<uint16_t>(it - names.begin());
}

}  // namespace

uint16_t ObserverHub::port(std::string_view name) { return number_of(ports_, name); }
uint16_t ObserverHub::track(std::string_view name) { return number_of(tracks_, name); }

Signal::Signal(ObserverHub& hub, SignalInfo info) : id_(hub.next_signal_++) {
  hub.tell(Topic::signal, [&](Observer& o) {
    if (o.signal_declared(id_, info)) observers_.push_back(&o);
  });
}

void Signal::tell(uint64_t value, Time at) {
  known_ = true;
  value_ = value;
  for (Observer* observer : observers_) observer->signal_changed(id_, value, at);
}

void Signal::tell(std::string_view text, Time at) {
  known_ = true;
  text_ = text;
  for (Observer* observer : observers_) observer->signal_changed(id_, text, at);
}

}  // namespace vesper::observe

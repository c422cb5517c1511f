// Switches and NSUs that stop answering, and the payloads that wait for them.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "models/core/sim_error.h"
#include "models/noc/noc.h"

namespace vesper::noc {

namespace {

constexpr size_t kToldTimeouts = 10;

std::string time_text(uint64_t ps) { return to_text(Duration{ps}); }

}  // namespace

// Faults.

void Noc::plan_faults() {
  for (const Fault& fault : properties_.faults) silences_.push_back(silence_of(fault));
  std::ranges::stable_sort(silences_, std::greater<>{}, &Silence::from_ps);
  await_fault();
}

Noc::Silence Noc::silence_of(const Fault& fault) const {
  std::string nsus;
  for (const auto& unit : units_) {
    auto* nsu = dynamic_cast<Nsu*>(unit.get());
    if (nsu == nullptr) continue;
    if (nsu->endpoint() == fault.silent) return {.from_ps = fault.from.ps, .nsu = nsu};
    nsus += ", " + nsu->endpoint();
  }
  for (SwitchId at = 0; at < topology_->switches(); ++at) {
    if (fault.silent == fmt::format("s{}", at)) return {.from_ps = fault.from.ps, .at = at};
  }
  throw InputError(fmt::format("{}: faults: there is no switch or NSU '{}'; there are s0 to s{}{}",
                               basename(), fault.silent, topology_->switches() - 1, nsus));
}

void Noc::await_fault() {
  if (silences_.empty()) return;
  uint64_t now = core::now_ps();
  fault_.notify(core::to_time(std::max(silences_.back().from_ps, now) - now));
}

void Noc::strike() {
  catch_up();
  while (!silences_.empty() && silences_.back().from_ps <= core::now_ps()) {
    Silence silence = silences_.back();
    silences_.pop_back();
    if (silence.nsu != nullptr) {
      silence.nsu->silence();
    } else {
      fabric_->silence(silence.at);
    }
  }
  schedule();
  await_fault();
}

// Timeouts.

void Nmu::arm_timer(uint64_t deadline) {
  if (std::exchange(timer_armed_, true)) return;
  noc_.to_meet_.enter(deadline, {this, kTimer});
}

void Nmu::expire() {
  timer_armed_ = false;
  uint64_t next = TimingWheel::kNever;
  for (uint32_t i = 0; i < transactions_.size(); ++i) {
    const Transaction& transaction = transactions_[i];
    if (transaction.payload == nullptr) continue;
    if (transaction.deadline <= noc_.cycle()) {
      abandon(i);
    } else {
      next = std::min(next, transaction.deadline);
    }
  }
  if (next != TimingWheel::kNever) arm_timer(next);
  issue();
}

/// Answers the payload with an error. Its packets are dropped as they come; until then they count as in
/// flight.
void Nmu::abandon(uint32_t index) {
  noc_.tell_timeout(describe(index));
  Transaction& transaction = transactions_[index];
  tlm::tlm_generic_payload& payload = *std::exchange(transaction.payload, nullptr);
  std::erase(direction(payload.is_write()).to_issue, index);
  for (Chunk& chunk : noc_.chunks_) {
    if (chunk.payload == nullptr || chunk.nmu != id() || chunk.transaction != index) continue;
    chunk.abandoned = true;
    // The initiator may use its memory for something else by the time the data come.
    if (!chunk.write) chunk.payload->set_data_ptr(noc_.unread_.data());
  }
  payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  responses_.push_back({&payload, transaction.begun_ps, core::LatencyPart::other});
  if (transaction.answered == transaction.issued) free_.push_back(index);
}

void Nmu::drop(uint32_t index) {
  const Chunk& chunk = noc_.chunk(index);
  uint32_t transaction_index = chunk.transaction;
  Transaction& transaction = transactions_[transaction_index];
  direction(chunk.write).in_flight -= chunk.write ? 1 : chunk.bytes;
  transaction.answered += chunk.bytes;
  noc_.free_chunk(index);
  if (transaction.answered == transaction.issued) free_.push_back(transaction_index);
}

std::string Nmu::describe(uint32_t index) const {
  const Transaction& transaction = transactions_[index];
  const tlm::tlm_generic_payload& payload = *transaction.payload;
  std::string where = "it waits in its NMU for the answers to earlier ones";
  for (uint32_t i = 0; i < noc_.chunks_.size(); ++i) {
    const Chunk& chunk = noc_.chunks_[i];
    if (chunk.payload == nullptr || chunk.nmu != id() || chunk.transaction != index) continue;
    where = noc_.whereabouts(chunk, i);
    break;
  }
  return fmt::format("{} of {} bytes at {:#x} by {}, task '{}', requested at {}, has no answer at {}: {}",
                     payload.is_write() ? "write" : "read", transaction.bytes, payload.get_address(),
                     endpoint(), noc_.requester_names_[transaction.task], time_text(transaction.begun_ps),
                     time_text(core::now_ps()), where);
}

std::string Noc::whereabouts(const Chunk& chunk, uint32_t index) const {
  std::string nsu = units_[chunk.nsu]->endpoint();
  if (chunk.stage == Chunk::Stage::nsu) return fmt::format("its packet stands at NSU {}", nsu);
  if (chunk.stage == Chunk::Stage::target) return fmt::format("the target at {} has not answered", nsu);
  if (chunk.stage == Chunk::Stage::answer_kept) return fmt::format("its answer stands at NSU {}", nsu);
  bool answer = chunk.stage == Chunk::Stage::answer;
  std::string packet = answer ? "its answer" : "its packet";
  EndpointId source = answer ? chunk.nsu : chunk.nmu;
  auto place = fabric_->find(source, index);
  if (!place) return packet + " is moving";
  std::string text = place->at == kNone ? fmt::format("{} stands at {}", packet, units_[source]->endpoint())
                                        : fmt::format("{} stands at switch s{}", packet, place->at);
  if (place->held_by != kNone) return text + ", held up by " + units_[place->held_by]->endpoint();
  bool elsewhere = place->held_at != kNone && place->held_at != place->at;
  return elsewhere ? fmt::format("{}, held up by switch s{}", text, place->held_at) : text;
}

void Noc::tell_timeout(const std::string& text) {
  std::string line = fmt::format("{}: {}", basename(), text);
  core::note_cause(line);
  if (observers_ != nullptr && observers_->wants(observe::Topic::log))
    observers_->log(basename(), text, core::now_ps());
  if (timeouts_++ < kToldTimeouts) first_timeouts_.push_back(text);
}

void Noc::drop(uint32_t index) {
  auto& nmu = static_cast<Nmu&>(*units_[chunks_[index].nmu]);
  nmu.drop(index);
  wake_to_handle(nmu, cycle_);  // it may have room for more
}

}  // namespace vesper::noc

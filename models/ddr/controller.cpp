#include "models/ddr/controller.h"

#include <stdexcept>

namespace vesper::ddr {

EnumNames<PagePolicy> enum_names(PagePolicy) {
  static const EnumNames<PagePolicy> names{
      {PagePolicy::open, "open"}, {PagePolicy::closed, "closed"}, {PagePolicy::adaptive, "adaptive"}};
  return names;
}

void ControllerSettings::describe(Schema<ControllerSettings>& p) {
  p("policy", &ControllerSettings::policy, "how bursts are admitted and ordered: versal or frfcfs-drain");
  p("map", &ControllerSettings::map, "address map in AMD's notation, most significant bits first");
  p("page", &ControllerSettings::page, "what happens to a row after its last queued hit");
  p("ports", &ControllerSettings::ports, "NSU ports").between(1, kMaxPorts);
  p("outstanding", &ControllerSettings::outstanding,
    "bursts accepted and not answered; 0: no limit but the queues");
  p("read_queue", &ControllerSettings::read_queue,
    "bursts of the read buffer (versal: the read reorder buffer)")
      .between(1, 32);
  p("write_queue", &ControllerSettings::write_queue, "bursts of the write buffer").between(1, 32);
  p("bank_queue", &ControllerSettings::bank_queue, "entries of a bank's queue (frfcfs-drain)")
      .between(1, BankQueues::kMaxDepth);
  p("row_hit_cap", &ControllerSettings::row_hit_cap,
    "hits a row serves while another row is waited for; 0: the policy's own (versal 16, frfcfs-drain 4)");
  p("write_high", &ControllerSettings::write_high, "queued writes that turn the bus to writes (versal)");
  p("write_low", &ControllerSettings::write_low, "queued writes that turn it back (versal)");
  p("response_clocks", &ControllerSettings::response_clocks,
    "clocks a read holds its entry after its data (versal)");
  p("grant_bursts", &ControllerSettings::grant_bursts, "bursts a port sends in one grant").at_least(1);
  p("starvation", &ControllerSettings::starvation,
    "clocks until a waiting port goes before more urgent ones");
}

Controller::Controller(const Part& part, const ControllerSettings& settings)
    : part_(part),
      settings_(settings),
      map_(settings.map, part),
      device_(part),
      accounting_(part),
      refresher_(part_, device_, accounting_),
      bursts_(settings.read_queue + settings.write_queue + part.all_banks() * settings.bank_queue + 1024),
      ports_(settings.ports) {
  for (uint32_t i = 0; i < 256; ++i) free_requests_.push_back(255 - i);
  requests_.resize(256);
}

uint32_t Controller::new_request() {
  if (free_requests_.empty()) {
    requests_.emplace_back();
    return static_cast<uint32_t>(requests_.size() - 1);
  }
  const uint32_t index = free_requests_.back();
  free_requests_.pop_back();
  return index;
}

void Controller::submit(const Request& request, Clock arrival) {
  const uint32_t index = new_request();
  State& state = requests_[index];
  state.request = request;
  const uint32_t shift = map_.burst_bits();
  state.next_block = request.address >> shift;
  const uint64_t last = (request.address + std::max(request.bytes, 1U) - 1) >> shift;
  state.left_to_accept = static_cast<uint32_t>(last - state.next_block + 1);
  state.left_to_answer = state.left_to_accept;
  state.left_to_serve = state.left_to_accept;
  state.accepted = kNever;
  state.answered = 0;
  state.active_at = static_cast<uint32_t>(active_.size());
  active_.push_back(index);
  active_writes_ += request.write ? 1 : 0;
  accounting_.begin(state.account, Accounting::task_slot(request.task),
                    static_cast<uint8_t>(device_.rank_of(map_.locate(state.next_block).bank)), arrival);
  ports_[request.port].requests.push(index);
  ports_[request.port].bytes += request.bytes;
  ports_waiting_ |= uint64_t{1} << request.port;
  arrived(arrival);
}

void Controller::advance(Clock before) {
  if (before <= reached_) return;
  run(before);
  reached_ = before;
}

uint32_t Controller::choose_port(Clock clock, bool read_room, bool write_room) {
  if (grant_left_ != 0 && (ports_waiting_ >> granted_port_ & 1) != 0 &&
      fits(granted_port_, clock, read_room, write_room)) {
    --grant_left_;
    return granted_port_;
  }
  uint32_t best = kNoPort;
  uint32_t best_urgency = 0;
  for (uint64_t rest = ports_waiting_; rest != 0; rest &= rest - 1) {
    const uint32_t port = lowest(rest);
    if (!fits(port, clock, read_room, write_room)) continue;
    const State& head = head_of(port);
    const Clock since = std::max(head.account.arrival, ports_[port].granted);
    const uint32_t urgency = clock - since > settings_.starvation ? 0 : head.request.urgency + 1U;
    const bool better = best == kNoPort || urgency < best_urgency ||
                        (urgency == best_urgency && ports_[port].granted < ports_[best].granted);
    if (better) {
      best = port;
      best_urgency = urgency;
    }
  }
  granted_port_ = best;
  grant_left_ = best == kNoPort ? 0 : settings_.grant_bursts - 1;
  return best;
}

Clock Controller::next_acceptance(Clock from, bool read_room, bool write_room) const {
  Clock earliest = kNever;
  for (uint64_t rest = ports_waiting_; rest != 0; rest &= rest - 1) {
    const State& head = head_of(lowest(rest));
    if (head.request.write ? write_room : read_room) {
      earliest = std::min(earliest, std::max(from, head.account.arrival));
    }
  }
  return earliest;
}

BurstIndex Controller::accept(uint32_t port, Clock clock) {
  Port& from = ports_[port];
  const uint32_t index = from.first();
  State& state = requests_[index];
  const bool write = state.request.write;
  const uint64_t block = state.next_block++;
  if (state.accepted == kNever) state.accepted = clock;
  from.granted = clock;
  if (--state.left_to_accept == 0) {
    from.requests.pop();
    from.bytes -= state.request.bytes;
    if (from.requests.empty()) ports_waiting_ &= ~(uint64_t{1} << port);
  }

  ++outstanding_;
  const Coordinates place = map_.locate(block);
  Burst burst{.block = block,
              .row = place.row,
              .request = index,
              .bank = static_cast<uint8_t>(place.bank),
              .task = state.account.task,
              .port = static_cast<uint8_t>(port),
              .write = write};
  if (bursts_.writes() != 0 && bursts_.find(block, true) != kNoBurst) {
    if (!write && keeps_order_) return forward(burst, clock);
    answer_at_once(state, index, clock);
    return kNoBurst;
  }
  if (write) {
    answer_at_once(state, index, clock);
    return bursts_.add(burst);
  }
  const BurstIndex leader = keeps_order_ ? kNoBurst : bursts_.find(block, false);
  if (leader == kNoBurst) return bursts_.add(burst);
  bursts_.join(leader, burst);
  return kNoBurst;
}

BurstIndex Controller::forward(Burst& burst, Clock clock) {
  State& state = requests_[burst.request];
  accounting_.passed(state.account, clock);
  --state.left_to_serve;
  burst.forwarded = true;
  return bursts_.add_hidden(burst);
}

void Controller::answer_at_once(State& state, uint32_t index, Clock clock) {
  accounting_.passed(state.account, clock);
  --state.left_to_serve;
  if (settings_.outstanding != 0) quick_answers_.push(clock + 1);
  answer_burst(index, clock + 1);
}

Clock Controller::outstanding_room(Clock from) {
  if (settings_.outstanding == 0) return from;
  for (Ring<Clock>* answers : {&read_answers_, &quick_answers_}) {
    while (!answers->empty() && answers->front() < from) {
      answers->pop();
      --outstanding_;
    }
  }
  if (outstanding_ < settings_.outstanding) return from;
  Clock next = kNever;
  if (!read_answers_.empty()) next = read_answers_.front() + 1;
  if (!quick_answers_.empty()) next = std::min(next, quick_answers_.front() + 1);
  return std::max(from, next);
}

void Controller::answer_burst(uint32_t index, Clock clock) {
  State& state = requests_[index];
  state.answered = std::max(state.answered, clock);
  if (--state.left_to_answer != 0) return;

  accounting_.finish(state.account, state.request.write, state.request.bytes, state.answered);
  active_[state.active_at] = active_.back();
  requests_[active_.back()].active_at = state.active_at;
  active_.pop_back();
  active_writes_ -= state.request.write ? 1 : 0;
  known_.push_back({state.answered, completions_++, index});
  std::push_heap(known_.begin(), known_.end(), std::greater<>());
}

void Controller::activate(uint32_t bank, uint32_t row, Clock clock) {
  device_.activate(bank, row, clock);
  accounting_.activated(bank, clock);
  log(CommandKind::activate, bank, row, 0, clock);
}

void Controller::precharge(uint32_t bank, Clock clock) {
  log(CommandKind::precharge, bank, device_.row(bank), 0, clock);
  device_.precharge(bank, clock);
  accounting_.precharged(bank, clock);
}

void Controller::transfer(BurstIndex index, bool close, Clock clock) {
  const Burst burst = bursts_[index];
  accounting_.moved(burst.task, burst.bank, burst.write, clock);
  if (burst.write) {
    log(close ? CommandKind::write_precharge : CommandKind::write, burst.bank, burst.row, burst.block, clock);
    device_.write(burst.bank, close, clock);
    bursts_.remove(index);
  } else {
    log(close ? CommandKind::read_precharge : CommandKind::read, burst.bank, burst.row, burst.block, clock);
    device_.read(burst.bank, close, clock);
    bursts_.hide(index);
    for (BurstIndex i = index; i != kNoBurst; i = bursts_[i].joined) {
      State& state = requests_[bursts_[i].request];
      accounting_.served(state.account, burst.bank, clock);
      --state.left_to_serve;
    }
  }
  if (close) accounting_.closed(burst.bank);
}

void Controller::answer(BurstIndex index, Clock clock) {
  while (index != kNoBurst) {
    if (settings_.outstanding != 0) read_answers_.push(clock);
    answer_burst(bursts_[index].request, clock);
    index = bursts_.give_back(index);
  }
}

void Controller::refresh_step(const Refresher::Step& step) {
  log(step.kind, step.bank, 0, 0, step.clock);
  refresher_.done(step);
}

bool Controller::take_completed(Clock before, Completed& out) {
  if (handed_out_ != UINT32_MAX) {
    free_requests_.push_back(handed_out_);
    handed_out_ = UINT32_MAX;
  }
  if (known_.empty() || known_.front().clock >= before) return false;
  std::pop_heap(known_.begin(), known_.end(), std::greater<>());
  const Known known = known_.back();
  known_.pop_back();
  const State& state = requests_[known.request];
  out = {known.clock, state.account.arrival, state.accepted, state.request, &state.account.parts};
  handed_out_ = known.request;
  return true;
}

Clock Controller::bound_of(const State& state) const {
  const Clock from = std::max(reached_, state.account.arrival);
  // Writes, and reads that a write may come to answer, take a clock each at least.
  if (state.request.write || (state.left_to_accept != 0 && writes_about())) {
    return from + std::max(state.left_to_accept, 1U);
  }
  // Each burst left needs a read command of its own.
  return from + Clock{std::max(state.left_to_serve, 1U) - 1} * part_.tccd_s + part_.read_clocks();
}

Clock Controller::next_completion() const {
  const Clock least = reached_ + (writes_about() ? 1 : part_.read_clocks());
  Clock bound = kNever;
  for (const uint32_t index : active_) {
    bound = std::min(bound, bound_of(requests_[index]));
    if (bound <= least) break;
  }
  return bound;
}

namespace {
std::vector<PolicyEntry>& policies() {
  static std::vector<PolicyEntry> entries;
  return entries;
}
}  // namespace

PolicyRegistration::PolicyRegistration(const char* name, const char* help, MakeController make) {
  policies().push_back({name, help, make});
}

const std::vector<PolicyEntry>& controller_policies() { return policies(); }

std::unique_ptr<Controller> make_controller(const Part& part, const ControllerSettings& settings) {
  std::string names;
  for (const PolicyEntry& entry : policies()) {
    if (entry.name == settings.policy) return entry.make(part, settings);
    names += (names.empty() ? "" : ", ") + entry.name;
  }
  throw std::invalid_argument("no DDR controller policy '" + settings.policy + "'; there are " + names);
}

}  // namespace vesper::ddr

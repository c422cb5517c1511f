#include "models/noc/noc.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "models/core/run_report.h"

namespace vesper::noc {

namespace {

// Virtual channels by urgency, requests and responses apart (AMD PG313: 8 a port; their use is not
// published).
constexpr VcSet kIsochronous = 0b0001'0001;
constexpr VcSet kLowLatency = 0b0010'0010;
constexpr VcSet kBestEffort = 0b1100'1100;
constexpr std::array<VcSet, 3> kChannelsOf{kIsochronous, kLowLatency, kBestEffort};  // by QosClass
constexpr VcSet kRequests = 0b0000'1111;

struct Kind {
  const char* name;
  unsigned count;
};
// AMD VC1902: 28 PL NMUs, 16 AIE NMUs, 4 memory controllers of 4 ports; 6 of the PS (4 CCI, 2 others).
constexpr std::array<Kind, 4> kKinds{{{"pl", 28}, {"aie", 16}, {"cpu", 6}, {"ddr", 16}}};
constexpr unsigned kUnitsPerColumn = 7;  // 28 NMUs on 4 vertical NoCs
constexpr unsigned kNsuPackets =
    2;  // write packets an NSU buffers a channel: one filling, one leaving (assumed)
constexpr unsigned kDdrPorts = 4;
constexpr unsigned kFirstDdrColumn = 1;  // assumed: the DDR4 controller's place along the horizontal NoC

struct EndpointName {
  std::string kind;
  unsigned number = 0;
};

std::optional<EndpointName> parse_endpoint(std::string_view name) {
  size_t dot = name.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  EndpointName parsed{std::string(name.substr(0, dot)), 0};
  std::string_view digits = name.substr(dot + 1);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed.number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  for (const Kind& kind : kKinds) {
    if (parsed.kind == kind.name && parsed.number < kind.count) return parsed;
  }
  return std::nullopt;
}

FabricParameters fabric_parameters(const NocProperties& p) {
  return {.virtual_channels = kMaxVirtualChannels,
          .buffer_flits = p.buffer_flits,
          .hop_cycles = p.hop_cycles,
          .injection_cycles = p.interface_cycles,
          .credit_cycles = p.credit_cycles,
          .grant_flits = p.grant_flits,
          .priorities = {kChannelsOf.begin(), kChannelsOf.end()}};
}

uint64_t later(uint64_t cycle, uint64_t cycles) {
  return cycle == TimingWheel::kNever ? cycle : cycle + cycles;
}

unsigned distance(unsigned a, unsigned b) { return a > b ? a - b : b - a; }

}  // namespace

Noc::Noc(sc_core::sc_module_name name, const Properties& properties, const core::Environment& environment)
    : Ip(name),
      properties_(properties),
      clock_(properties.clock),
      observers_(environment.observers),
      requesters_(environment.requesters.size() + 1),
      requester_names_(environment.requesters),
      latencies_(requesters_) {
  requester_names_.emplace_back("other");
  SC_HAS_PROCESS(Noc);
  SC_METHOD(work);
  sensitive << wake_;
  dont_initialize();
  SC_METHOD(strike);
  sensitive << fault_;
  dont_initialize();
}

Noc::~Noc() = default;

// Endpoints and places.

core::Endpoint Noc::endpoint(std::string_view name) {
  if (!parse_endpoint(name)) return Ip::endpoint(name);
  Unit& made = unit(std::string(name));
  if (auto* nmu = dynamic_cast<Nmu*>(&made)) return core::TargetEndpoint{&nmu->socket};
  auto& nsu = dynamic_cast<Nsu&>(made);
  return core::InitiatorEndpoint{[&nsu](core::TargetSocket& target) { nsu.socket.bind(target); }};
}

std::vector<std::string> Noc::endpoint_names() const {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds)
    names.push_back(fmt::format("{}.0 to {}.{}", kind.name, kind.name, kind.count - 1));
  return names;
}

Unit& Noc::unit(const std::string& name) {
  for (const auto& existing : units_) {
    if (existing->endpoint() == name) return *existing;
  }
  // Made under this module, whenever it is asked for.
  sc_core::sc_get_curr_simcontext()->hierarchy_push(this);
  units_.push_back(make_unit(name));
  sc_core::sc_get_curr_simcontext()->hierarchy_pop();
  units_.back()->set_id(static_cast<EndpointId>(units_.size() - 1));
  return *units_.back();
}

std::unique_ptr<Unit> Noc::make_unit(const std::string& name) {
  EndpointName parsed = parse_endpoint(name).value();
  std::string module = fmt::format("{}_{}", parsed.kind, parsed.number);
  if (parsed.kind == "ddr") {
    return std::make_unique<Nsu>(module.c_str(), *this, name, properties_.nsu_reads, properties_.nsu_writes);
  }
  TokenBucket bucket(0, 0, clock_.hz());
  for (const Regulation& regulation : properties_.regulation) {
    if (regulation.endpoint == name) {
      bucket = TokenBucket(regulation.rate.bytes_per_second, regulation.burst.count, clock_.hz());
    }
  }
  return std::make_unique<Nmu>(module.c_str(), *this, name, parsed.number, bucket);
}

SwitchId Noc::location(const Unit& unit) const {
  VersalLayout layout(properties_.columns, properties_.rows, properties_.lanes);
  bool versal = properties_.layout == Layout::versal;
  for (const Placement& place : properties_.placement) {
    if (place.endpoint != unit.endpoint()) continue;
    unsigned rows = versal && place.horizontal ? properties_.lanes : properties_.rows;
    if (place.column >= properties_.columns || place.row >= rows) {
      throw InputError(fmt::format("{}: placement of {} at column {}, row {} is outside the network", name(),
                                   place.endpoint, place.column, place.row));
    }
    if (!versal) return static_cast<SwitchId>(place.row * properties_.columns + place.column);
    return place.horizontal ? layout.row_switch(place.column, place.row)
                            : layout.column_switch(place.column, place.row);
  }
  EndpointName parsed = parse_endpoint(unit.endpoint()).value();
  return default_location(parsed.kind, parsed.number);
}

SwitchId Noc::default_location(const std::string& kind, unsigned number) const {
  unsigned columns = properties_.columns, rows = properties_.rows, lanes = properties_.lanes;
  if (properties_.layout == Layout::mesh) {
    unsigned place =
        kind == "ddr" ? columns * rows - 1 - number % (columns * rows) : number % (columns * rows);
    return static_cast<SwitchId>(place);
  }
  VersalLayout layout(columns, rows, lanes);
  unsigned ddr_column = std::min(kFirstDdrColumn, columns - 1);
  if (kind == "ddr") return layout.row_switch((ddr_column + number / kDdrPorts) % columns, number % lanes);
  if (kind == "cpu") return layout.row_switch(0, number % lanes);
  if (kind == "aie") return layout.column_switch(number % columns, rows - 1);
  // Three rows a column, such that 4 to 6 switches lie between a PL unit and the first memory controller.
  unsigned column = number / kUnitsPerColumn % columns;
  unsigned away = distance(column, ddr_column);
  unsigned first_row = away < 2 ? 2 - away : 0;
  unsigned row = first_row + number % kUnitsPerColumn * 3 / kUnitsPerColumn;
  return layout.column_switch(column, std::min(row, rows - 1));
}

void Noc::end_of_elaboration() {
  std::vector<SwitchId> locations;
  for (const auto& unit : units_) locations.push_back(location(*unit));
  topology_ = std::make_unique<Topology>(
      properties_.layout == Layout::mesh
          ? make_mesh(properties_.columns, properties_.rows, locations)
          : VersalLayout(properties_.columns, properties_.rows, properties_.lanes).make(locations));
  DeliveryListener& listener = *this;
  fabric_ = std::make_unique<Fabric>(*topology_, fabric_parameters(properties_), listener);
  fabric_->accounting().enable(topology_->links().size(), requesters_);
  std::vector<Nsu*> nsus;
  for (const auto& unit : units_) {
    if (auto* nsu = dynamic_cast<Nsu*>(unit.get())) {
      nsus.push_back(nsu);
      fabric_->hold(unit->id(), kNsuPackets * (1 + kChopBytes / kFlitBytes));
    }
  }
  std::sort(nsus.begin(), nsus.end(), [](const Nsu* a, const Nsu* b) {
    return parse_endpoint(a->endpoint())->number < parse_endpoint(b->endpoint())->number;
  });
  for (const AddressRange& range : properties_.address_map) {
    Target target{range.base.value, range.base.value + range.size.count - 1, {}};
    for (Nsu* nsu : nsus) {
      if (nsu->endpoint() == range.to || parse_endpoint(nsu->endpoint())->kind == range.to)
        target.ports.push_back(nsu);
    }
    if (!target.ports.empty()) address_map_.push_back(target);
  }
  exit_cycles_ = properties_.hop_cycles + properties_.interface_cycles;
  transit_cycles_ = properties_.interface_cycles + exit_cycles_;
  timeout_cycles_ = clock_.cycles_covering(properties_.timeout.ps);
  plan_faults();
  declare_signals();
}

void Noc::declare_signals() {
  if (observers_ == nullptr) return;
  link_busy_until_.assign(topology_->links().size(), 0);
  const auto name_of = [this](LinkId link) {
    std::string text = link_name(link);
    std::ranges::replace(text, '.', '_');  // of an endpoint: no scope
    return text;
  };
  for (LinkId link = 0; link < topology_->link_count(); ++link) {
    link_busy_.emplace_back(
        *observers_,
        observe::SignalInfo{.path = fmt::format("{}.link.{}.{}", name(), link_group(link), name_of(link)),
                            .group = "noc"});
    traced_ |= link_busy_.back().traced();
  }
  if (traced_) fabric_->report_links();
}

// Reports.

std::string Noc::waiting_for() const {
  std::string text;
  for (const auto& unit : units_) {
    if (!unit->idle()) text += (text.empty() ? "" : ", ") + unit->endpoint();
  }
  return text.empty() ? "" : "payloads under way at " + text;
}

uint64_t Noc::structural_round_trip(const std::string& nmu, const std::string& nsu) const {
  const Unit *from = nullptr, *to = nullptr;
  for (const auto& unit : units_) {
    if (unit->endpoint() == nmu) from = unit.get();
    if (unit->endpoint() == nsu) to = unit.get();
  }
  if (from == nullptr || to == nullptr)
    throw std::out_of_range(fmt::format("no connection {} to {}", nmu, nsu));
  return 4 * properties_.interface_cycles +
         properties_.hop_cycles * (topology_->switches_between(from->id(), to->id()) +
                                   topology_->switches_between(to->id(), from->id()));
}

sc_core::sc_time Noc::structural_latency(const Nmu& nmu, const Nsu& nsu) const {
  uint64_t cycles = 2 * properties_.interface_cycles +
                    properties_.hop_cycles * topology_->switches_between(nmu.id(), nsu.id());
  return core::to_time(clock_.edge(cycles));
}

std::string Noc::link_name(LinkId id) const {
  const Link& link = topology_->links()[id];
  auto end = [&](SwitchId at) {
    return at == kNone ? units_[link.endpoint]->endpoint() : fmt::format("s{}", at);
  };
  return fmt::format("{}_to_{}", end(link.from), end(link.to));
}

/// Links that do the same: of one vertical NoC, of the horizontal one, between the two, to and from
/// endpoints.
std::string Noc::link_group(LinkId id) const {
  const Link& link = topology_->links()[id];
  if (link.from == kNone || link.to == kNone) return "ends";
  if (properties_.layout == Layout::mesh) return "mesh";
  const unsigned vertical = properties_.columns * properties_.rows;
  if (link.from >= vertical && link.to >= vertical) return "horizontal";
  if (link.from >= vertical || link.to >= vertical) return "crossing";
  return fmt::format("vertical{}", link.from / properties_.rows);
}

std::vector<LinkUse> Noc::link_uses() const {
  std::vector<LinkUse> uses;
  const Accounting& sums = fabric_->accounting();
  for (LinkId link = 0; link < topology_->link_count(); ++link) {
    LinkUse use{.name = link_name(link), .bytes = {}, .waited = {}};
    for (size_t task = 0; task < sums.tasks(); ++task) {
      use.bytes.push_back(sums.flits(link, task) * kFlitBytes);
      use.waited.push_back(sums.waiting(link, task));
    }
    uses.push_back(std::move(use));
  }
  return uses;
}

void Noc::report(core::RunReport& report) const {
  const Accounting& sums = fabric_->accounting();
  uint64_t end_cycle = clock_.cycle_at_or_after(report.end_ps);
  nlohmann::ordered_json links = nlohmann::ordered_json::array();
  std::vector<uint64_t> lost(sums.tasks() * sums.tasks());
  for (LinkId link = 0; link < topology_->link_count(); ++link) {
    nlohmann::ordered_json entry = link_report(link, end_cycle);
    if (!entry.empty()) links.push_back(std::move(entry));
    for (size_t pair = 0; pair < lost.size(); ++pair) {
      lost[pair] += sums.waited_for(link, pair / sums.tasks(), pair % sums.tasks());
    }
  }
  for (size_t pair = 0; pair < lost.size(); ++pair) {
    if (lost[pair] == 0) continue;
    report.interference.push_back({basename(), static_cast<uint32_t>(pair / sums.tasks()),
                                   static_cast<uint32_t>(pair % sums.tasks()), clock_.edge(lost[pair])});
  }
  report.memory["noc"] = {
      {"name", basename()}, {"links", std::move(links)}, {"latency", latencies_.report(requester_names_)}};
  if (timeouts_ != 0) {
    report.memory["noc"]["timeouts"] = {{"count", timeouts_}, {"first", first_timeouts_}};
  }
}

/// Empty for a link that carried nothing.
nlohmann::ordered_json Noc::link_report(LinkId link, uint64_t end_cycle) const {
  const Accounting& sums = fabric_->accounting();
  uint64_t flits = 0;
  nlohmann::ordered_json tasks = nlohmann::ordered_json::array();
  for (size_t task = 0; task < sums.tasks(); ++task) {
    if (sums.flits(link, task) == 0) continue;
    flits += sums.flits(link, task);
    tasks.push_back({{"name", requester_names_[task]},
                     {"bytes", sums.flits(link, task) * kFlitBytes},
                     {"waited_s", static_cast<double>(clock_.edge(sums.waiting(link, task))) * 1e-12}});
  }
  if (flits == 0) return {};
  double cycles = static_cast<double>(std::max<uint64_t>(end_cycle, 1));
  return {{"name", link_name(link)},
          {"bytes", flits * kFlitBytes},
          {"utilisation", static_cast<double>(flits) / cycles},
          {"tasks", std::move(tasks)}};
}

// Time.

/// The network and the units' own events in the order of their cycles. A packet is delivered `exit_cycles_`
/// after its last grant at the earliest, so that the network may run that far ahead of the units.
void Noc::advance(uint64_t cycle) {
  while (true) {
    uint64_t unit = to_handle_.next(), event = fabric_->next_event();
    if (std::min(unit, event) > cycle) break;
    fabric_->run_until(std::min({cycle, unit, later(event, exit_cycles_ - 1)}));
    if (unit > fabric_->now()) continue;
    cycle_ = unit;
    Due due = to_handle_.take();
    due.unit->handle(due.chunk);
  }
  fabric_->run_until(cycle);
  to_handle_.advance(cycle);
  cycle_ = cycle;
}

void Noc::schedule() {
  fabric_->run_until(cycle_);  // packets just handed over start
  uint64_t next = to_meet_.next(), event = fabric_->next_event(), unit = to_handle_.next();
  if (traced_) {
    if (!falls_.empty()) next = std::min(next, falls_.top().first);
    next = std::min({next, event, unit});
  } else {
    // The answer to a quiet packet matters to nobody but the NMU, which may send another.
    next = std::min({next, later(fabric_->next_pressing_event(), exit_cycles_),
                     later(event, exit_cycles_ + transit_cycles_), later(unit, transit_cycles_)});
  }
  if (next >= wake_at_) return;
  wake_at_ = next;
  uint64_t now = core::now_ps();
  uint64_t at = std::max(clock_.edge(next), now);
  wake_.notify(core::to_time(at - now));
}

void Noc::work() {
  wake_at_ = 0;  // no notification while the units work
  catch_up();
  uint64_t now = cycle_;
  while (to_meet_.next() <= now) {
    do {
      Due due = to_meet_.take();
      due.unit->meet(due.chunk);
    } while (to_meet_.next() <= now);
    advance(now);
  }
  to_meet_.advance(now);
  lower_links(now);
  wake_at_ = TimingWheel::kNever;
  schedule();
}

// Packets.

Nsu* Noc::decode(const Nmu& nmu, const tlm::tlm_generic_payload& payload) const {
  uint64_t first = payload.get_address(), last = first + std::max(payload.get_data_length(), 1U) - 1;
  for (const Target& target : address_map_) {
    if (first >= target.first && last <= target.last) return target.ports[nmu.number() % target.ports.size()];
  }
  return nullptr;
}

uint32_t Noc::new_chunk(const Chunk& chunk, const tlm::tlm_generic_payload& whole, uint32_t offset) {
  if (free_chunks_.empty()) {
    chunks_.emplace_back();
    free_chunks_.push_back(static_cast<uint32_t>(chunks_.size() - 1));
  }
  uint32_t index = free_chunks_.back();
  free_chunks_.pop_back();
  tlm::tlm_generic_payload& payload =
      pool_.allocate(whole.get_command(), whole.get_address() + offset, chunk.bytes, core::tag_of(whole));
  if (whole.get_data_ptr() != nullptr) payload.set_data_ptr(whole.get_data_ptr() + offset);
  chunks_[index] = chunk;
  chunks_[index].payload = &payload;
  return index;
}

void Noc::free_chunk(uint32_t index) {
  std::exchange(chunks_[index].payload, nullptr)->release();
  free_chunks_.push_back(index);
}

void Noc::send(uint32_t index, bool response) {
  Chunk& chunk = chunks_[index];
  if (!response) chunk.time.sent = cycle_;
  if (response) chunk.last = static_cast<Nmu&>(*units_[chunk.nmu]).is_last_answer(chunk);
  fabric_->inject({.source = response ? chunk.nsu : chunk.nmu,
                   .destination = response ? chunk.nmu : chunk.nsu,
                   .flits = response ? chunk.response_flits() : chunk.request_flits(),
                   .task = chunk.task,
                   .channels = static_cast<VcSet>(chunk.channels & (response ? ~kRequests : kRequests)),
                   .stream = static_cast<uint8_t>(chunk.write ? 1 : 0),
                   .quiet = response && !chunk.last,
                   .cookie = index},
                  cycle_);
}

/// One channel of the class for requests and one for responses per pair of units keeps a flow in order.
VcSet Noc::channels_of(const Nmu& nmu, const Nsu& nsu, core::QosClass qos) {
  VcSet channels = kChannelsOf[static_cast<size_t>(qos)];
  auto requests = static_cast<VcSet>(channels & kRequests),
       responses = static_cast<VcSet>(channels & ~kRequests);
  if (((nmu.id() + nsu.id()) & 1) != 0)
    return static_cast<VcSet>(std::bit_floor(requests) | std::bit_floor(responses));
  return static_cast<VcSet>((requests & -requests) | (responses & -responses));
}

void Noc::release_buffer(const Chunk& chunk) {
  fabric_->release(chunk.nsu, chunk.channel, chunk.request_flits(), cycle_);
}

void Noc::delivered(const Packet& packet, uint8_t channel, uint64_t tail_cycle) {
  Unit* unit = units_[packet.destination].get();
  Chunk& chunk = chunks_[packet.cookie];
  uint64_t at = tail_cycle + properties_.interface_cycles;
  if (packet.destination == chunk.nsu) {
    chunk.channel = channel;
    chunk.time.arrived = at;
    chunk.time.waited = packet.waited;
    to_meet_.enter(at, {unit, packet.cookie});
    return;
  }
  chunk.time.answer_arrived = at;
  chunk.time.answer_waited = packet.waited;
  to_handle_.enter(at, {unit, packet.cookie});
  if (chunk.last) to_meet_.enter(at, {unit, Unit::kWakeUp});
}

void Noc::link_used(LinkId link, uint64_t cycle, unsigned flits) {
  link_busy_[link].set(1, clock_.edge(cycle));
  link_busy_until_[link] = cycle + flits;
  falls_.emplace(cycle + flits, link);
}

void Noc::lower_links(uint64_t cycle) {
  while (!falls_.empty() && falls_.top().first <= cycle) {
    LinkId link = falls_.top().second;
    if (link_busy_until_[link] <= cycle) link_busy_[link].set(0, clock_.edge(falls_.top().first));
    falls_.pop();
  }
}

VESPER_IP(Noc, "noc", "programmable network-on-chip: NMUs, NSUs, packet switches");

}  // namespace vesper::noc

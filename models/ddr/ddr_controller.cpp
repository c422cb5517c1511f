#include "models/ddr/ddr_controller.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/core/payload_pool.h"
#include "models/core/run_report.h"

namespace vesper::ddr {

using tlm::tlm_generic_payload;

void DdrController::Properties::describe(Schema<Properties>& p) {
  p("part", &Properties::part, "the DRAM part (scenarios/platforms/dram/)");
  p("controller", &Properties::controller, "the controller's policy and queues");
  p("crossing_cycles", &Properties::crossing_cycles,
    "controller clocks to cross from and to the NoC, each way");
  p("request_cycles", &Properties::request_cycles, "controller clocks from port to scheduler");
  p("response_cycles", &Properties::response_cycles, "controller clocks from PHY to port");
  p("phy_clocks", &Properties::phy_clocks, "DRAM clocks of the PHY, command and read data together");
  p("port_packets", &Properties::port_packets, "requests a port buffers").at_least(1);
  p("port_bytes", &Properties::port_bytes,
    "bytes a port buffers; a single larger request is taken all the same");
  p("first_address", &Properties::first_address, "address of the first byte, as requests carry it");
  p("storage", &Properties::storage, "keep what is written, so that reads return it");
  p("ecc", &Properties::ecc, "correct one wrong bit of a 64-bit word, answer two with a bus error");
  p("ecc_clocks", &Properties::ecc_clocks, "DRAM clocks that ECC adds to every read").between(0, 1000);
  p("faults", &Properties::faults, "bytes that read wrong");
  p("error_rate", &Properties::error_rate, "random errors of reads");
}

namespace {
uint32_t ecc_clocks(const DdrController::Properties& properties) {
  return properties.ecc ? properties.ecc_clocks : 0;
}

ControllerSettings with_response(const DdrController::Properties& properties) {
  ControllerSettings settings = properties.controller;
  if (settings.response_clocks == 0)
    settings.response_clocks =
        properties.phy_clocks + 2 * properties.response_cycles + ecc_clocks(properties);
  return settings;
}

DdrController::Properties with_storage(DdrController::Properties properties, bool functional) {
  properties.storage = properties.storage || functional;
  return properties;
}

/// The seed of a controller's own draws, by its name.
uint64_t seed_of(std::string_view name, const core::Environment& environment) {
  return stream_seed(environment.seed, fnv1a(name));
}

/// The properties' faults at addresses of the memory.
std::vector<Fault> placed_faults(const DdrController::Properties& properties) {
  std::vector<Fault> faults = properties.faults;
  const uint64_t first = properties.first_address.value;
  for (Fault& fault : faults) {
    const uint64_t address = fault.address.value;
    if (address < first || address - first >= properties.part.capacity()) {
      throw std::invalid_argument(
          fmt::format("the fault at {:#x} is not in the memory, which is {:#x}..{:#x}", address, first,
                      first + properties.part.capacity() - 1));
    }
    if (fault.until && *fault.until <= fault.from) {
      throw std::invalid_argument(fmt::format("the fault at {:#x} ends at {} before it begins at {}", address,
                                              to_text(*fault.until), to_text(fault.from)));
    }
    fault.address.value -= first;
  }
  return faults;
}

std::unique_ptr<Faults> make_faults(const DdrController::Properties& properties, std::string_view name,
                                    const core::Environment& environment) {
  if (properties.faults.empty() && !properties.error_rate.any()) return nullptr;
  return std::make_unique<Faults>(placed_faults(properties), properties.error_rate,
                                  seed_of(name, environment), properties.part.burst_bytes());
}
}  // namespace

DdrController::DdrController(sc_core::sc_module_name name, const Properties& properties,
                             const core::Environment& environment)
    : Ip(name),
      properties_(with_storage(properties, environment.functional)),
      clock_(properties.part.clock),
      requesters_(environment.requesters),
      core_(make_controller(properties.part, with_response(properties))),
      observers_(environment.observers),
      storage_(properties.part.capacity()),
      faults_(make_faults(properties, basename(), environment)),
      errors_(kMaxTasks),
      request_ps_(clock_.edge(uint64_t{2} * (properties.crossing_cycles + properties.request_cycles))),
      read_response_ps_(clock_.edge(properties.phy_clocks + ecc_clocks(properties) +
                                    uint64_t{2} * (properties.response_cycles + properties.crossing_cycles))),
      write_response_ps_(clock_.edge(uint64_t{2} * properties.crossing_cycles)),
      ports_(properties.controller.ports) {
  for (uint32_t i = 0; i < ports_.size(); ++i) {
    const std::string index = std::to_string(i);
    Port& port = ports_[i];
    port.socket = std::make_unique<Socket>(("port" + index).c_str());
    port.socket->register_nb_transport_fw(this, &DdrController::forward, static_cast<int>(i));
    port.socket->register_b_transport(this, &DdrController::blocking, static_cast<int>(i));
    port.socket->register_transport_dbg(this, &DdrController::debug, static_cast<int>(i));
    expose("port." + index, static_cast<core::TargetSocket&>(*port.socket));
    if (observers_ != nullptr) port.observed = observers_->port(std::string(this->name()) + ".port." + index);
  }
  if (observers_ != nullptr) {
    trace_ = std::make_unique<Trace>(*observers_, this->name(), properties.part, clock_);
    if (trace_->wanted())
      core_->set_log(trace_.get());
    else
      trace_.reset();
  }
  SC_HAS_PROCESS(DdrController);
  SC_METHOD(work);
  sensitive << wake_;
  dont_initialize();
}

namespace {
/// An answer that was there waited for the network to take the one before.
void note_wait(tlm_generic_payload& payload, uint64_t picoseconds) {
  if (core::Latency* latency = core::latency_of(payload)) latency->add(core::LatencyPart::links, picoseconds);
}

double seconds(uint64_t ps) { return static_cast<double>(ps) * 1e-12; }
double share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}
}  // namespace

void DdrController::report(core::RunReport& report) const {
  const Accounting& accounting = core_->accounting();
  uint64_t bytes[2] = {0, 0};
  uint64_t busy = 0;
  std::array<uint64_t, 3> rows{};
  ErrorCounts all_errors;
  for (const ErrorCounts& counts : errors_) all_errors.add(counts);
  nlohmann::ordered_json tasks = nlohmann::ordered_json::array();
  for (uint32_t task = 0; task < accounting.tasks(); ++task) {
    const TaskTotals& totals = accounting.totals(task);
    bytes[0] += totals.read_bytes;
    bytes[1] += totals.write_bytes;
    busy += accounting.bus_clocks(task);
    for (size_t i = 0; i < rows.size(); ++i) rows[i] += totals.rows[i];
    tasks.push_back(task_report(task));
    report_interference(task, report);
  }
  report.memory["ddr"].push_back({{"name", basename()},
                                  {"read_bytes", bytes[0]},
                                  {"write_bytes", bytes[1]},
                                  {"utilisation", share(clock_.edge(busy), report.end_ps)},
                                  {"row_hit_rate", share(rows[0], rows[0] + rows[1] + rows[2])},
                                  {"row_hits", rows[0]},
                                  {"row_misses", rows[1]},
                                  {"row_conflicts", rows[2]},
                                  {"ecc", properties_.ecc},
                                  {"errors", json_of(all_errors)},
                                  {"tasks", std::move(tasks)}});
}

/// The requester that a slot of the accounting stands for; beyond them all for the slot that several share.
uint32_t DdrController::reported(uint32_t slot) const {
  const auto count = static_cast<uint32_t>(requesters_.size());
  return slot == kMaxTasks - 1 && count > kMaxTasks ? count : slot;
}

/// The entries of a task sum to its arbitration, to the picosecond.
void DdrController::report_interference(uint32_t task, core::RunReport& report) const {
  const Accounting& accounting = core_->accounting();
  const TaskTotals& totals = accounting.totals(task);
  uint64_t cut = totals.latency - totals.parts[static_cast<size_t>(Cause::arbitration)];
  for (uint32_t other = 0; other < accounting.tasks(); ++other) {
    const uint64_t lost = accounting.lost(task, other);
    if (lost > 0)
      report.interference.push_back({basename(), reported(task), reported(other), picoseconds_of(cut, lost)});
    cut += lost;
  }
}

nlohmann::ordered_json DdrController::task_report(uint32_t task) const {
  constexpr const char* kNames[kCauses] = {"service", "bank_conflict", "row_miss",
                                           "refresh", "turnaround",    "arbitration"};
  const TaskTotals& totals = core_->accounting().totals(task);
  nlohmann::ordered_json time = nlohmann::ordered_json::object();
  uint64_t cut = 0;  // arbitration, the last part, ends at the latency
  for (size_t cause = 0; cause < kCauses; ++cause) {
    time[kNames[cause]] = seconds(picoseconds_of(cut, totals.parts[cause]));
    cut += totals.parts[cause];
  }
  return {{"name", reported(task) < requesters_.size() ? requesters_[task] : "other"},
          {"requests", totals.requests},
          {"read_bytes", totals.read_bytes},
          {"write_bytes", totals.write_bytes},
          {"latency_s", seconds(clock_.edge(totals.latency))},
          {"time_s", std::move(time)},
          {"errors", json_of(errors_[Accounting::task_slot(task)])}};
}

nlohmann::ordered_json DdrController::json_of(const ErrorCounts& counts) {
  return {{"corrected", counts.corrected},
          {"uncorrectable", counts.uncorrectable},
          {"undetected", counts.undetected}};
}

std::string DdrController::waiting_for() const {
  const size_t under_way = flights_.size() - free_flights_.size();
  return under_way == 0 ? "" : std::to_string(under_way) + " requests under way";
}

// Requests.

bool DdrController::decodes(const tlm_generic_payload& payload) const {
  const uint64_t address = payload.get_address();
  const uint64_t first = properties_.first_address.value;
  const uint64_t capacity = properties_.part.capacity();
  return address >= first && address - first < capacity &&
         payload.get_data_length() <= capacity - (address - first);
}

bool DdrController::has_room(uint32_t port, const tlm_generic_payload& payload) const {
  const size_t packets = core_->queued(port);
  return packets == 0 ||
         (packets < properties_.port_packets &&
          core_->queued_bytes(port) + payload.get_data_length() <= properties_.port_bytes.count);
}

uint32_t DdrController::new_flight() {
  if (free_flights_.empty()) {
    flights_.emplace_back();
    return static_cast<uint32_t>(flights_.size() - 1);
  }
  const uint32_t index = free_flights_.back();
  free_flights_.pop_back();
  return index;
}

/// `since` is when the request came to the port.
void DdrController::take_in(uint32_t port, tlm_generic_payload& payload, uint64_t since,
                            sc_core::sc_event* done) {
  const uint64_t now = core::now_ps();
  const uint32_t flight = new_flight();
  flights_[flight] = {&payload, done, now, now - since, 0, port, false};
  const core::JobTag& tag = core::tag_of(payload);
  const bool write = payload.is_write();
  if (write && (properties_.storage || done != nullptr)) copy(payload);
  core_->submit({.address = payload.get_address() - properties_.first_address.value,
                 .bytes = payload.get_data_length(),
                 .port = port,
                 .task = tag.task,
                 .urgency = static_cast<uint8_t>(tag.qos),
                 .write = write,
                 .cookie = flight},
                clock_.cycle_at_or_after(now + request_ps_));
  if (trace_) trace_->requests(flights_.size() - free_flights_.size(), now);
}

tlm::tlm_sync_enum DdrController::forward(int index, tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                          sc_core::sc_time&) {
  const auto number = static_cast<uint32_t>(index);
  Port& port = ports_[number];
  if (phase == tlm::END_RESP) {
    port.answering = nullptr;
    payload.release();
    if (!port.to_answer.empty()) {
      const uint32_t next = port.to_answer.front();
      port.to_answer.pop_front();
      send_response(number, next);
    }
    return tlm::TLM_COMPLETED;
  }
  if (!decodes(payload)) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  if (payload.get_byte_enable_ptr() != nullptr) {
    payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  payload.acquire();
  catch_up();
  if (!has_room(number, payload)) {
    port.at_door = &payload;
    port.at_door_since = core::now_ps();
    ++doors_;
    schedule();
    return tlm::TLM_ACCEPTED;
  }
  take_in(number, payload, core::now_ps(), nullptr);
  schedule();
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void DdrController::blocking(int index, tlm_generic_payload& payload, sc_core::sc_time& delay) {
  if (!decodes(payload)) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  if (payload.get_byte_enable_ptr() != nullptr) {
    payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    return;
  }
  if (delay != sc_core::SC_ZERO_TIME) wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  sc_core::sc_event done;
  catch_up();
  take_in(static_cast<uint32_t>(index), payload, core::now_ps(), &done);
  schedule();
  wait(done);
}

unsigned DdrController::debug(int, tlm_generic_payload& payload) {
  if (!decodes(payload)) return 0;
  copy(payload);
  return payload.get_data_length();
}

void DdrController::copy(tlm_generic_payload& payload) {
  if (!core::PayloadPool::carries_data(payload)) return;
  const uint64_t address = payload.get_address() - properties_.first_address.value;
  if (payload.is_write())
    storage_.write(address, payload.get_data_ptr(), payload.get_data_length());
  else if (payload.is_read())
    storage_.read(address, payload.get_data_ptr(), payload.get_data_length());
}

// Work.

void DdrController::work() {
  wake_at_ = UINT64_MAX;
  catch_up();
  const uint64_t now = core::now_ps();
  while (!responses_.empty() && responses_.top().at <= now) {
    const uint32_t flight = responses_.top().flight;
    responses_.pop();
    respond(flight);
  }
  if (doors_ != 0) open_doors();
  schedule();
}

/// Requests that reach their port from now on enter the core after `request_ps_`: it may work up to then.
void DdrController::catch_up() {
  core_->advance(clock_.cycle_at_or_after(core::now_ps() + request_ps_));
  collect();
  if (trace_) trace_->tell_until(core::now_ps());
}

void DdrController::collect() {
  Completed completed;
  while (core_->take_completed(kNever, completed)) {
    const uint64_t latency = completed.request.write ? write_response_ps_ : read_response_ps_;
    const auto index = static_cast<uint32_t>(completed.request.cookie);
    Flight& flight = flights_[index];
    flight.due = clock_.edge(completed.clock) + latency;
    account(completed, flight);
    if (faults_ && !completed.request.write) check(completed, flight);
    responses_.push({flight.due, order_++, index});
  }
}

/// Writes to the payload where its time went. The clocks of the core are cut at edges, so that no rounding is
/// lost or counted twice; service is what is left.
void DdrController::account(const Completed& completed, const Flight& flight) const {
  using core::LatencyPart;
  core::Latency* latency = core::latency_of(*flight.payload);
  if (latency == nullptr) return;
  constexpr LatencyPart kParts[kCauses] = {LatencyPart::service,    LatencyPart::bank_conflict,
                                           LatencyPart::row_miss,   LatencyPart::refresh,
                                           LatencyPart::turnaround, LatencyPart::arbitration};
  Clock cut = completed.arrival + (*completed.parts)[0];
  uint64_t cut_ps = clock_.edge(cut);
  const uint64_t waits_begin = cut_ps;
  for (size_t cause = 1; cause < kCauses; ++cause) {
    const uint64_t clocks = (*completed.parts)[cause];
    if (clocks == 0) continue;
    const uint64_t before = cut_ps;
    cut_ps = clock_.edge(cut += clocks);
    latency->add(kParts[cause], cut_ps - before);
  }
  const uint64_t service = flight.due - flight.began - (cut_ps - waits_begin);
  latency->add(LatencyPart::service, service);
  latency->add(LatencyPart::door, flight.door);
}

/// What ECC makes of a read's wrong words.
void DdrController::check(const Completed& completed, Flight& flight) {
  const Request& request = completed.request;
  const std::span<const WrongWord> words =
      faults_->read(request.address, request.bytes, clock_.edge(completed.clock));
  if (words.empty()) return;
  ErrorCounts& counts = errors_[Accounting::task_slot(request.task)];
  std::vector<WrongWord> passed_on;
  for (const WrongWord& word : words) {
    const bool corrected = properties_.ecc && word.correctable();
    if (corrected)
      ++counts.corrected;
    else
      passed_on.push_back(word);
  }
  (properties_.ecc ? counts.uncorrectable : counts.undetected) += passed_on.size();
  flight.failed = properties_.ecc && !passed_on.empty();
  if (!passed_on.empty()) wrong_[static_cast<uint32_t>(request.cookie)] = std::move(passed_on);
}

/// Turns the wrong bits of what was read.
void DdrController::pass_on_wrong(uint32_t flight, tlm_generic_payload& payload, bool moves) {
  const auto words = wrong_.extract(flight);
  if (words.empty() || !moves || !core::PayloadPool::carries_data(payload)) return;
  const uint64_t address = payload.get_address() - properties_.first_address.value;
  for (const WrongWord& word : words.mapped()) {
    for (uint64_t i = 0; i < kEccWordBytes; ++i) {
      const uint64_t offset = word.address + i - address;  // beyond the data also where it wraps
      if (offset < payload.get_data_length())
        payload.get_data_ptr()[offset] ^= static_cast<unsigned char>(word.bits >> (8 * i));
    }
  }
}

void DdrController::open_doors() {
  for (uint32_t i = 0; i < ports_.size(); ++i) {
    Port& port = ports_[i];
    if (port.at_door == nullptr || !has_room(i, *port.at_door)) continue;
    tlm_generic_payload& payload = *port.at_door;
    port.at_door = nullptr;
    --doors_;
    take_in(i, payload, port.at_door_since, nullptr);
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    (*port.socket)->nb_transport_bw(payload, phase, delay);
  }
}

void DdrController::schedule() {
  uint64_t at = responses_.empty() ? UINT64_MAX : responses_.top().at;
  const Clock bound = core_->next_completion();
  if (bound < kNever) {
    const uint64_t latency = core_->writes_under_way() ? write_response_ps_ : read_response_ps_;
    at = std::min(at, clock_.edge(bound) + latency);
  }
  if (trace_) {
    // Waves are told in time: the core must not fall behind its lead.
    if (bound < kNever) at = std::min(at, core::now_ps() + std::max<uint64_t>(request_ps_, clock_.edge(1)));
    at = std::min(at, trace_->next());
  }
  if (at >= wake_at_) return;
  at = std::max(at, core::now_ps());
  wake_at_ = at;
  wake_.notify(core::to_time(at - core::now_ps()));
}

// Responses.

void DdrController::respond(uint32_t index) {
  const Flight& flight = flights_[index];
  if (flight.done != nullptr) {
    sc_core::sc_event* done = flight.done;
    finish(index);
    done->notify();
    return;
  }
  Port& port = ports_[flight.port];
  if (port.answering != nullptr)
    port.to_answer.push_back(index);
  else
    send_response(flight.port, index);
}

void DdrController::send_response(uint32_t number, uint32_t flight) {
  Port& port = ports_[number];
  tlm_generic_payload& payload = *flights_[flight].payload;
  const uint64_t waited = core::now_ps() - flights_[flight].due;
  if (waited != 0) note_wait(payload, waited);
  finish(flight);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  port.answering = &payload;
  const tlm::tlm_sync_enum answer = (*port.socket)->nb_transport_bw(payload, phase, delay);
  const bool ended = answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::END_RESP);
  if (!ended) return;
  port.answering = nullptr;
  payload.release();
}

void DdrController::finish(uint32_t index) {
  const Flight flight = flights_[index];
  tlm_generic_payload& payload = *flight.payload;
  const bool moves = payload.is_read() && (properties_.storage || flight.done != nullptr);
  if (moves) copy(payload);
  if (!wrong_.empty()) pass_on_wrong(index, payload, moves);
  payload.set_response_status(flight.failed ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE);
  free_flights_.push_back(index);
  if (observers_ != nullptr && observers_->wants(observe::Topic::transfer)) {
    const core::JobTag& tag = core::tag_of(payload);
    observers_->transfer({.job = {tag.task, tag.job},
                          .layer = tag.layer,
                          .port = ports_[flight.port].observed,
                          .write = payload.is_write(),
                          .bytes = payload.get_data_length(),
                          .start = flight.began,
                          .end = core::now_ps()});
  }
  if (trace_) trace_->requests(flights_.size() - free_flights_.size(), core::now_ps());
}

VESPER_IP(DdrController, "ddr_controller", "DDR memory controller with bank-accurate timing");

}  // namespace vesper::ddr

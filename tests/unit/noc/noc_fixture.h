/// Initiators, memories and a NoC between them, for tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <map>
#include <nlohmann/json.hpp>

#include "models/core/run_report.h"
#include "models/noc/noc.h"

namespace vesper::noc {

using core::to_time;
using sc_core::sc_time;

inline constexpr uint64_t kNs = 1000;

/// Sends payloads at given times and notes when they were accepted and answered.
class Initiator : public sc_core::sc_module {
 public:
  struct Request {
    uint64_t at;
    bool write;
    uint64_t address;
    uint32_t bytes;
    core::JobTag tag;
    uint64_t begun = 0;
    uint64_t accepted = 0;
    uint64_t answered = 0;
    tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
    core::LatencyParts parts{};
    [[nodiscard]] uint64_t part_ns(core::LatencyPart part) const {
      return parts[static_cast<size_t>(part)] / kNs;
    }
  };

  explicit Initiator(sc_core::sc_module_name module_name) : sc_module(module_name) {
    SC_HAS_PROCESS(Initiator);
    SC_THREAD(run);
    socket.register_nb_transport_bw(this, &Initiator::backward);
  }
  tlm_utils::simple_initiator_socket<Initiator> socket{"socket"};
  std::vector<Request> requests;
  size_t answers = 0;
  core::PayloadPool pool;

 private:
  void run() {
    for (size_t i = 0; i < requests.size(); ++i) {
      if (requests[i].at > core::now_ps()) wait(to_time(requests[i].at - core::now_ps()));
      send(i);
      if (requests[i].accepted == 0) wait(accepted_);
    }
  }
  void send(size_t i) {
    Request& request = requests[i];
    auto command = request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
    auto& payload = pool.allocate(command, request.address, request.bytes, request.tag);
    index_[&payload] = i;
    request.begun = core::now_ps();
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_time delay;
    tlm::tlm_sync_enum status = socket->nb_transport_fw(payload, phase, delay);
    if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ) request.accepted = core::now_ps() + 1;
  }
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_time&) {
    Request& request = requests[index_.at(&payload)];
    if (request.accepted == 0) {
      request.accepted = core::now_ps() + 1;
      accepted_.notify(sc_core::SC_ZERO_TIME);
    }
    if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
    EXPECT_EQ(request.answered, 0U) << "answered twice";
    request.answered = core::now_ps();
    request.status = payload.get_response_status();
    request.parts = core::latency_of(payload)->ps;
    EXPECT_EQ(core::latency_of(payload)->sum(), request.answered - request.begun) << "parts of the latency";
    ++answers;
    index_.erase(&payload);
    payload.release();
    return tlm::TLM_COMPLETED;
  }
  std::map<tlm::tlm_generic_payload*, size_t> index_;
  sc_core::sc_event accepted_;
};

/// A memory that answers `latency` after a request was taken; takes at most `room` at a time.
class Memory : public sc_core::sc_module {
 public:
  struct Seen {
    uint64_t at;
    uint64_t address;
    uint32_t bytes;
    bool write;
    uint16_t task;
    unsigned char* data;
  };
  explicit Memory(sc_core::sc_module_name module_name) : sc_module(module_name) {
    SC_HAS_PROCESS(Memory);
    SC_METHOD(answer);
    sensitive << due_;
    dont_initialize();
    socket.register_nb_transport_fw(this, &Memory::forward);
    socket.register_b_transport(this, &Memory::blocking);
    socket.register_transport_dbg(this, &Memory::debug);
  }
  tlm_utils::simple_target_socket<Memory> socket{"socket"};
  uint64_t latency = 0;
  size_t room = 1000;
  std::vector<Seen> seen;

 private:
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_time&) {
    EXPECT_EQ(phase, tlm::BEGIN_REQ);
    EXPECT_EQ(at_door_, nullptr) << "BEGIN_REQ before the END_REQ of the one before";
    payload.acquire();
    seen.push_back({core::now_ps(), payload.get_address(), payload.get_data_length(), payload.is_write(),
                    core::tag_of(payload).task, payload.get_data_ptr()});
    if (pending_.size() >= room) {
      at_door_ = &payload;
      return tlm::TLM_ACCEPTED;
    }
    take(payload);
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  void take(tlm::tlm_generic_payload& payload) {
    pending_.emplace(core::now_ps() + latency, &payload);
    due_.notify(to_time(pending_.begin()->first - core::now_ps()));
  }
  void answer() {
    while (!pending_.empty() && pending_.begin()->first <= core::now_ps()) {
      auto* payload = pending_.begin()->second;
      pending_.erase(pending_.begin());
      payload->set_response_status(tlm::TLM_OK_RESPONSE);
      call(*payload, tlm::BEGIN_RESP);
      payload->release();
      if (at_door_ != nullptr) {
        auto* next = std::exchange(at_door_, nullptr);
        take(*next);
        call(*next, tlm::END_REQ);
      }
    }
    if (!pending_.empty()) due_.notify(to_time(pending_.begin()->first - core::now_ps()));
  }
  void call(tlm::tlm_generic_payload& payload, tlm::tlm_phase phase) {
    sc_time delay;
    socket->nb_transport_bw(payload, phase, delay);
  }
  void blocking(tlm::tlm_generic_payload& payload, sc_time& delay) {
    delay += to_time(latency);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  unsigned debug(tlm::tlm_generic_payload& payload) { return payload.get_data_length(); }

  std::multimap<uint64_t, tlm::tlm_generic_payload*> pending_;
  tlm::tlm_generic_payload* at_door_ = nullptr;
  sc_core::sc_event due_;
};

class NocTest : public testing::Test {
 protected:
  void make(const std::vector<std::string>& nmus, const NocProperties& properties = {}) {
    environment.requesters = {"a", "b", "c"};
    environment.observers = &hub;
    noc = std::make_unique<Noc>("noc", properties, environment);
    for (size_t i = 0; i < nmus.size(); ++i) {
      initiators.push_back(std::make_unique<Initiator>(("initiator" + std::to_string(i)).c_str()));
      core::connect(noc->endpoint(nmus[i]), core::InitiatorEndpoint{[&](core::TargetSocket& target) {
                      initiators[i]->socket.bind(target);
                    }});
    }
    for (unsigned i = 0; i < 4; ++i) {
      memories.push_back(std::make_unique<Memory>(("memory" + std::to_string(i)).c_str()));
      core::connect(noc->endpoint("ddr." + std::to_string(i)), core::TargetEndpoint{&memories[i]->socket});
    }
  }
  void read(size_t initiator, uint64_t at_ns, uint64_t address, uint32_t bytes, uint16_t task = 0) {
    add(initiator, at_ns, false, address, bytes, task);
  }
  void write(size_t initiator, uint64_t at_ns, uint64_t address, uint32_t bytes, uint16_t task = 0) {
    add(initiator, at_ns, true, address, bytes, task);
  }
  void add(size_t initiator, uint64_t at_ns, bool write, uint64_t address, uint32_t bytes, uint16_t task) {
    Initiator::Request request{
        .at = at_ns * kNs, .write = write, .address = address, .bytes = bytes, .tag = {}};
    request.tag.task = task;
    initiators[initiator]->requests.push_back(request);
  }
  void run(uint64_t until_ns = 1'000'000) { sc_core::sc_start(to_time(until_ns * kNs)); }
  [[nodiscard]] uint64_t latency_ns(size_t initiator, size_t request = 0) const {
    const auto& one = initiators[initiator]->requests[request];
    EXPECT_NE(one.answered, 0U);
    return (one.answered - one.at) / kNs;
  }
  [[nodiscard]] uint64_t last_answer_ns(size_t initiator) const {
    uint64_t last = 0;
    for (const auto& one : initiators[initiator]->requests) last = std::max(last, one.answered);
    return last / kNs;
  }
  /// The first timeouts of the report.
  [[nodiscard]] std::vector<std::string> told() const {
    core::RunReport report;
    report.end_ps = core::now_ps();
    noc->report(report);
    auto timeouts = report.memory["noc"].find("timeouts");
    if (timeouts == report.memory["noc"].end()) return {};
    return (*timeouts)["first"].get<std::vector<std::string>>();
  }

  observe::ObserverHub hub;
  core::Environment environment;
  std::unique_ptr<Noc> noc;
  std::vector<std::unique_ptr<Initiator>> initiators;
  std::vector<std::unique_ptr<Memory>> memories;
};

/// Random traffic; the parameter is its seed.
class RandomNocTraffic : public NocTest, public testing::WithParamInterface<uint64_t> {
 protected:
  uint64_t below(uint64_t n) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state_ >> 33) % n;
  }
  void make_random(NocProperties properties = {}) {
    properties.nmu_reads = properties.nmu_writes = static_cast<uint32_t>(2 + below(8));
    properties.nsu_reads = properties.nsu_writes = static_cast<uint32_t>(1 + below(8));
    // 783 MHz has no whole number of picoseconds.
    if (GetParam() % 2 == 0) properties.clock = MHz(783);
    if (GetParam() % 3 == 0)
      properties.regulation = {{.endpoint = "pl.1", .rate = {3'000'000'000}, .burst = KiB(4)}};
    make({"pl.0", "pl.1", "pl.9", "aie.3", "cpu.0"}, properties);
    for (auto& memory : memories) {
      memory->latency = (20 + below(200)) * kNs;
      memory->room = 1 + below(8);
    }
    for (auto& initiator : initiators) {
      for (uint64_t n = 0; n < kRequests; ++n) initiator->requests.push_back(random_request(n));
    }
  }
  Initiator::Request random_request(uint64_t n) {
    uint64_t page = below(1 << 18) * 4096, offset = below(64) * 64;
    Initiator::Request request{.at = below(2'000'000) + n * 50 * kNs,
                               .write = below(2) == 0,
                               .address = below(50) == 0 ? 0x4'0000'0000 : page + offset,
                               .bytes = static_cast<uint32_t>(1 + below(4096 - offset)),
                               .tag = {}};
    request.tag.qos = static_cast<core::QosClass>(below(3));
    request.tag.task = static_cast<uint16_t>(below(3));
    if (below(2) == 0) request.tag.port_rate = 2'000'000'000 + below(14) * 1'000'000'000;
    return request;
  }
  static constexpr uint64_t kRequests = 300;
  uint64_t state_ = GetParam() * 0x9e3779b97f4a7c15;
};

}  // namespace vesper::noc

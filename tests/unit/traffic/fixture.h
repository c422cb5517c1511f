/// What tests of traffic generators stand on: a memory that answers after a set time, and generators made by
/// type.
#pragma once

#include <gmock/gmock.h>
#include <tlm_utils/simple_target_socket.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/traffic/generator.h"
#include "tests/support/stimulus.h"

namespace vesper::traffic::testing {

struct Seen {
  uint64_t at = 0;
  bool write = false;
  uint64_t address = 0;
  uint32_t bytes = 0;
  bool operator==(const Seen&) const = default;
  friend void PrintTo(const Seen& seen, std::ostream* out) {
    *out << seen.at << " ps: " << (seen.write ? "write " : "read ") << seen.bytes << " at " << seen.address;
  }
};

/// Answers each request `latency` after it came; takes it at once, or END_REQ comes `door` later.
class Memory : public sc_core::sc_module {
 public:
  Memory(sc_core::sc_module_name name, test::Agenda& agenda) : sc_module(name), agenda_(agenda) {
    socket.register_nb_transport_fw(this, &Memory::forward);
  }

  tlm_utils::simple_target_socket<Memory> socket{"socket"};
  uint64_t latency = 0;
  uint64_t door = 0;
  tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
  std::vector<Seen> seen;

  [[nodiscard]] std::vector<uint64_t> times() const {
    std::vector<uint64_t> all;
    for (const Seen& request : seen) all.push_back(request.at);
    return all;
  }
  [[nodiscard]] std::vector<uint64_t> addresses() const {
    std::vector<uint64_t> all;
    for (const Seen& request : seen) all.push_back(request.address);
    return all;
  }

 private:
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
    EXPECT_EQ(phase, tlm::BEGIN_REQ);
    EXPECT_FALSE(at_door_) << "BEGIN_REQ before END_REQ of the request before";
    uint64_t now = core::now_ps();
    seen.push_back({now, payload.is_write(), payload.get_address(), payload.get_data_length()});
    payload.set_response_status(status);
    if (latency == 0 && door == 0) return tlm::TLM_COMPLETED;
    if (door != 0) {
      at_door_ = true;
      agenda_.at(now + door, [this, &payload] { tell(payload, tlm::END_REQ); });
    }
    agenda_.at(now + door + latency, [this, &payload] { tell(payload, tlm::BEGIN_RESP); });
    if (door != 0) return tlm::TLM_ACCEPTED;
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  void tell(tlm::tlm_generic_payload& payload, tlm::tlm_phase phase) {
    if (phase == tlm::END_REQ) at_door_ = false;
    sc_core::sc_time delay;
    socket->nb_transport_bw(payload, phase, delay);
  }

  test::Agenda& agenda_;
  bool at_door_ = false;
};

class TransferRecorder : public observe::Observer {
 public:
  [[nodiscard]] uint32_t topics() const override {
    return bit(observe::Topic::transfer) | bit(observe::Topic::latency);
  }
  void transfer(const observe::Transfer& event) override { transfers.push_back(event); }
  void latency(const observe::Transfer& event) override { ledgers.emplace_back(event, *event.parts); }
  [[nodiscard]] std::vector<uint64_t> ends() const {
    std::vector<uint64_t> all;
    for (const observe::Transfer& transfer : transfers) all.push_back(transfer.end);
    return all;
  }
  std::vector<observe::Transfer> transfers;
  std::vector<std::pair<observe::Transfer, observe::LatencyParts>> ledgers;
};

using Settings = std::initializer_list<std::pair<const char*, std::string>>;

/// The port's clock is 250 MHz and it is 512 bits wide unless set otherwise: 1 KiB takes 16 cycles of 4 ns.
class TrafficTest : public test::Stimulus {
 protected:
  TrafficTest() : Stimulus(MHz(250)) {
    observers.join(transfers);
    observers.join(signals);
    environment.observers = &observers;
    environment.requesters = {"camera", "logger", "probe"};
  }

  Generator& make(const std::string& type, Settings settings, const char* name = "logger") {
    Node properties = Node::map();
    properties.at_or_add("clock", {}) = Node::scalar("250 MHz");
    for (const auto& [key, value] : settings) properties.at_or_add(key, {}) = Node::scalar(value);
    const core::IpFactory* factory = core::IpRegistry::instance().find(type);
    if (factory == nullptr) throw std::invalid_argument("no type " + type);
    ips_.emplace_back(factory->create(name, properties, name, {}, environment));
    core::connect(ips_.back()->endpoint("port"), core::TargetEndpoint{&memory.socket});
    return dynamic_cast<Generator&>(*ips_.back());
  }

  observe::ObserverHub observers;
  TransferRecorder transfers;
  test::RecordingObserver signals{{"outstanding"}};
  core::Environment environment;
  Memory memory{"memory", agenda};

 private:
  std::vector<std::unique_ptr<core::Ip>> ips_;
};

}  // namespace vesper::traffic::testing

// Plain TLM-2.0 modules that know nothing of Vesper, behind the adapters.
#include "models/core/tlm_adapter.h"

#include <gmock/gmock.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <array>
#include <numeric>

#include "tests/support/asker.h"
#include "tests/support/memory_target.h"
#include "tests/support/stimulus.h"

namespace theirs {

/// Loosely timed, 64 bits wide, a delay of 70 ns an access.
struct LtMemory : sc_core::sc_module {
  explicit LtMemory(sc_core::sc_module_name name) : sc_module(name) {
    socket.register_b_transport(this, &LtMemory::b_transport);
  }
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    addresses.push_back(payload.get_address());
    delay += sc_core::sc_time(70, sc_core::SC_NS);
    payload.set_response_status(payload.get_address() < 0x1000 ? tlm::TLM_OK_RESPONSE
                                                               : tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
  tlm_utils::simple_target_socket<LtMemory, 64> socket{"socket"};
  static inline std::vector<uint64_t> addresses;
};

/// Approximately timed with all four phases: END_REQ is annotated 10 ns, BEGIN_RESP comes 50 ns later.
struct AtMemory : sc_core::sc_module {
  explicit AtMemory(sc_core::sc_module_name name) : sc_module(name), peq_(this, &AtMemory::on) {
    socket.register_nb_transport_fw(this, &AtMemory::forward);
  }
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay) {
    if (phase == tlm::END_RESP) {
      ended.push_back(vesper::core::now_ps());
      return tlm::TLM_COMPLETED;
    }
    peq_.notify(payload, phase, delay + sc_core::sc_time(60, sc_core::SC_NS));
    phase = tlm::END_REQ;
    delay += sc_core::sc_time(10, sc_core::SC_NS);
    return tlm::TLM_UPDATED;
  }
  void on(tlm::tlm_generic_payload& payload, const tlm::tlm_phase&) {
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay;
    socket->nb_transport_bw(payload, phase, delay);
  }
  tlm_utils::simple_target_socket<AtMemory> socket{"socket"};
  static inline std::vector<uint64_t> ended;

 private:
  tlm_utils::peq_with_cb_and_phase<AtMemory> peq_;
};

/// Answers in the call, 25 ns ahead.
struct EarlyMemory : sc_core::sc_module {
  explicit EarlyMemory(sc_core::sc_module_name name) : sc_module(name) {
    socket.register_nb_transport_fw(this, &EarlyMemory::forward);
  }
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase&, sc_core::sc_time& delay) {
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    delay += sc_core::sc_time(25, sc_core::SC_NS);
    return tlm::TLM_COMPLETED;
  }
  tlm_utils::simple_target_socket<EarlyMemory> socket{"socket"};
};

/// Loosely timed: reads 10000 bytes from 0x1F00 on at 100 ns.
struct LtCore : sc_core::sc_module {
  SC_HAS_PROCESS(LtCore);
  explicit LtCore(sc_core::sc_module_name name) : sc_module(name) { SC_THREAD(run); }
  void run() {
    std::vector<unsigned char> data(10'000);
    tlm::tlm_generic_payload payload;
    payload.set_read();
    payload.set_address(0x1F00);
    payload.set_data_ptr(data.data());
    payload.set_data_length(10'000);
    payload.set_streaming_width(10'000);
    sc_core::sc_time delay(100, sc_core::SC_NS);
    socket->b_transport(payload, delay);
    done = vesper::core::now_ps();
    status = payload.get_response_status();
  }
  tlm_utils::simple_initiator_socket<LtCore, 128> socket{"socket"};
  static inline uint64_t done = 0;
  static inline tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
};

/// Approximately timed, with END_RESP 5 ns after BEGIN_RESP: two writes.
struct AtCore : sc_core::sc_module {
  SC_HAS_PROCESS(AtCore);
  explicit AtCore(sc_core::sc_module_name name) : sc_module(name), peq_(this, &AtCore::end) {
    socket.register_nb_transport_bw(this, &AtCore::backward);
    SC_THREAD(run);
  }
  void run() {
    for (uint64_t i = 0; i < 2; ++i) {
      tlm::tlm_generic_payload& payload = payloads_[i];
      payload.set_write();
      payload.set_address(0x100 * i);
      payload.set_data_ptr(data_.data());
      payload.set_data_length(64);
      payload.set_streaming_width(64);
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay(10, sc_core::SC_NS);
      socket->nb_transport_fw(payload, phase, delay);
      wait(accepted_);
    }
  }
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
    heard.emplace_back(phase.get_name(), vesper::core::now_ps());
    if (phase == tlm::END_REQ) accepted_.notify();
    if (phase == tlm::BEGIN_RESP) peq_.notify(payload, tlm::END_RESP, sc_core::sc_time(5, sc_core::SC_NS));
    return tlm::TLM_ACCEPTED;
  }
  void end(tlm::tlm_generic_payload& payload, const tlm::tlm_phase&) {
    tlm::tlm_phase phase = tlm::END_RESP;
    sc_core::sc_time delay;
    socket->nb_transport_fw(payload, phase, delay);
  }
  tlm_utils::simple_initiator_socket<AtCore> socket{"socket"};
  static inline std::vector<std::pair<std::string, uint64_t>> heard;

 private:
  std::array<tlm::tlm_generic_payload, 2> payloads_;
  std::array<unsigned char, 64> data_{};
  sc_core::sc_event accepted_;
  tlm_utils::peq_with_cb_and_phase<AtCore> peq_;
};

}  // namespace theirs

namespace vesper::core {
namespace {

VESPER_TLM_TARGET(theirs::LtMemory, socket, "their_lt_memory", "a memory");
VESPER_TLM_TARGET(theirs::AtMemory, socket, "their_at_memory", "a memory");
VESPER_TLM_TARGET(theirs::EarlyMemory, socket, "their_early_memory", "a memory");
VESPER_TLM_INITIATOR(theirs::LtCore, socket, "their_lt_core", "a core");
VESPER_TLM_INITIATOR(theirs::AtCore, socket, "their_at_core", "a core");

using test::Asker;

class TlmAdapter : public test::Stimulus {
 protected:
  Ip& make(const std::string& type, const std::string& properties = "") {
    Node node = Node::map();
    if (!properties.empty()) node.at_or_add("first_address", {}) = Node::scalar(properties);
    environment_.observers = &hub_;
    environment_.requesters = {"a", "b"};
    ip_.reset(IpRegistry::instance().find(type)->create("ip", node, "ip", {}, environment_));
    return *ip_;
  }
  Asker& asker_before(Ip& ip) {
    asker_ = std::make_unique<Asker>("asker");
    asker_->socket.bind(*std::get<TargetEndpoint>(ip.endpoint("socket")).socket);
    return *asker_;
  }
  test::MemoryTarget& memory_behind(Ip& ip) {
    memory_ = std::make_unique<test::MemoryTarget>("memory");
    std::get<InitiatorEndpoint>(ip.endpoint("socket")).bind(memory_->socket);
    return *memory_;
  }

 private:
  observe::ObserverHub hub_;
  Environment environment_;
  std::unique_ptr<Ip> ip_;
  std::unique_ptr<Asker> asker_;
  std::unique_ptr<test::MemoryTarget> memory_;
};

using ::testing::ElementsAre;
using Heard = Asker::Heard;

TEST_F(TlmAdapter, ALooselyTimedTargetTakesItsTime) {
  Ip& ip = make("their_lt_memory", "0x100000");
  Asker& asker = asker_before(ip);
  agenda.at(1'000, [&] { asker.read(0x100040, 64); });
  agenda.at(200'000, [&] { asker.read(0x200000, 64); });
  agenda.at(400'000, [&] { asker.read(0x40, 64); });
  run_until(us(1));
  EXPECT_THAT(theirs::LtMemory::addresses, ElementsAre(0x40, 0x100000));
  EXPECT_THAT(asker.heard, ElementsAre(Heard{"BEGIN_RESP", 71'000, 0x100040, "TLM_OK_RESPONSE"},
                                       Heard{"BEGIN_RESP", 270'000, 0x200000, "TLM_ADDRESS_ERROR_RESPONSE"},
                                       Heard{"COMPLETED", 400'000, 0x40, "TLM_ADDRESS_ERROR_RESPONSE"}));
  EXPECT_EQ(ip.waiting_for(), "");
}

TEST_F(TlmAdapter, AnApproximatelyTimedTargetSeesAllFourPhases) {
  Asker& asker = asker_before(make("their_at_memory"));
  agenda.at(1'000, [&] { asker.read(0x40, 64); });
  run_until(us(1));
  EXPECT_THAT(asker.heard, ElementsAre(Heard{"END_REQ", 11'000, 0x40},
                                       Heard{"BEGIN_RESP", 61'000, 0x40, "TLM_OK_RESPONSE"}));
  EXPECT_THAT(theirs::AtMemory::ended, ElementsAre(61'000));
}

TEST_F(TlmAdapter, AnAnswerAheadOfTimeComesAtItsTime) {
  Asker& asker = asker_before(make("their_early_memory"));
  agenda.at(1'000, [&] { asker.read(0x40, 64); });
  run_until(us(1));
  EXPECT_THAT(asker.heard, ElementsAre(Heard{"BEGIN_RESP", 26'000, 0x40, "TLM_OK_RESPONSE"}));
}

TEST_F(TlmAdapter, ABlockingCallGoesOutInBurstsThatCrossNoBoundary) {
  test::MemoryTarget& memory = memory_behind(make("their_lt_core"));
  run_until(us(10));
  std::vector<std::pair<uint64_t, uint32_t>> bursts;
  for (const auto& request : memory.requests) {
    bursts.emplace_back(request.address, request.bytes);
    EXPECT_EQ(request.at, 100'000U);
    EXPECT_EQ(request.task, 2U) << "none of the two that the environment names";
  }
  EXPECT_THAT(bursts, ElementsAre(std::pair{0x1F00, 0x100}, std::pair{0x2000, 0x1000},
                                  std::pair{0x3000, 0x1000}, std::pair{0x4000, 10'000 - 0x2100}));
  EXPECT_EQ(theirs::LtCore::done, 200'000U);
  EXPECT_EQ(theirs::LtCore::status, tlm::TLM_OK_RESPONSE);
  EXPECT_THAT(memory.violations, ::testing::IsEmpty());
}

TEST_F(TlmAdapter, OneBurstsErrorIsTheWholeCalls) {
  test::MemoryTarget& memory = memory_behind(make("their_lt_core"));
  memory.acceptance = test::MemoryTarget::Acceptance::later;
  memory.accept_ps = 3'000;
  memory.respond = [](const test::MemoryTarget::Request& request) {
    return request.address == 0x3000 ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
  };
  run_until(us(10));
  EXPECT_EQ(theirs::LtCore::done, 100'000U + 4 * 3'000 + 100'000);
  EXPECT_EQ(theirs::LtCore::status, tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_THAT(memory.violations, ::testing::IsEmpty());
}

TEST_F(TlmAdapter, AnApproximatelyTimedInitiatorHearsItsPhases) {
  test::MemoryTarget& memory = memory_behind(make("their_at_core"));
  memory.acceptance = test::MemoryTarget::Acceptance::later;
  memory.accept_ps = 20'000;
  run_until(us(10));
  using Phase = std::pair<std::string, uint64_t>;
  EXPECT_THAT(theirs::AtCore::heard, ElementsAre(Phase{"END_REQ", 30'000}, Phase{"END_REQ", 60'000},
                                                 Phase{"BEGIN_RESP", 130'000}, Phase{"BEGIN_RESP", 160'000}));
  EXPECT_THAT(memory.violations, ::testing::IsEmpty());
}

}  // namespace
}  // namespace vesper::core

#include "flat_memory.h"

#include "tests/support/stimulus.h"

namespace flat_memory {
namespace {

using namespace vesper;

class FlatMemoryTest : public test::Stimulus {
 protected:
  FlatMemoryTest() {
    FlatMemory::Properties properties;
    properties.first_address.value = 0x1000;
    properties.bandwidth.bytes_per_second = 1'000'000'000;  // a byte a nanosecond
    properties.latency = ns(60);
    memory_ = std::make_unique<FlatMemory>("memory", properties, core::Environment{});
    core::connect(memory_->endpoint("port.1"),
                  core::InitiatorEndpoint{[this](core::TargetSocket& target) { socket_.bind(target); }});
    socket_.register_nb_transport_bw(this, &FlatMemoryTest::backward);
  }
  tlm::tlm_sync_enum ask(tlm::tlm_generic_payload& payload, uint64_t address, uint32_t bytes) {
    payload.set_read();
    payload.set_address(address);
    payload.set_data_length(bytes);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    return socket_->nb_transport_fw(payload, phase, delay);
  }
  std::vector<uint64_t> answers;

 private:
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) {
    answers.push_back(core::now_ps());
    return tlm::TLM_COMPLETED;
  }
  tlm_utils::simple_initiator_socket<FlatMemoryTest> socket_{"socket"};
  std::unique_ptr<FlatMemory> memory_;
};

TEST_F(FlatMemoryTest, RequestsShareTheBusAndEachWaitsTheLatency) {
  tlm::tlm_generic_payload first, second;
  agenda.at(ns(10).ps, [&] { ask(first, 0x1000, 256); });
  agenda.at(ns(20).ps, [&] { ask(second, 0x1100, 64); });
  run_until(us(1));
  EXPECT_THAT(answers, ::testing::ElementsAre(ns(10 + 256 + 60).ps, ns(10 + 256 + 64 + 60).ps));
}

TEST_F(FlatMemoryTest, OutsideOfItNothingAnswers) {
  tlm::tlm_generic_payload payload;
  run_until(ns(1));
  EXPECT_EQ(ask(payload, 0xFFF, 1), tlm::TLM_COMPLETED);
  EXPECT_EQ(payload.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

}  // namespace
}  // namespace flat_memory

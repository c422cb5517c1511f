#include "shaper.h"

#include "models/core/payload_pool.h"
#include "tests/support/memory_target.h"

namespace shaper {
namespace {

using namespace vesper;

class ShaperTest : public test::Stimulus {
 protected:
  ShaperTest() {
    environment_.observers = &hub_;
    Shaper::Properties properties;  // a byte a nanosecond, 4 KiB at once
    shaper_ = std::make_unique<Shaper>("shaper", properties, environment_);
    socket_.bind(shaper_->in);
    shaper_->out.bind(memory.socket);
    socket_.register_nb_transport_bw(this, &ShaperTest::backward);
    memory.latency_ps = 10'000;
  }
  void ask(uint32_t bytes) {
    core::JobTag tag;
    tlm::tlm_generic_payload& payload = pool_.allocate(tlm::TLM_READ_COMMAND, 0, bytes, tag);
    payload.get_extension<core::JobTag>()->issued = core::now_ps();
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    socket_->nb_transport_fw(payload, phase, delay);
  }
  [[nodiscard]] std::vector<uint64_t> passed() const {
    std::vector<uint64_t> times;
    for (const auto& request : memory.requests) times.push_back(request.at);
    return times;
  }
  test::MemoryTarget memory{"memory"};
  std::vector<std::pair<std::string, uint64_t>> heard;

 private:
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload&, tlm::tlm_phase& phase, sc_core::sc_time&) {
    heard.emplace_back(phase.get_name(), core::now_ps());
    return phase == tlm::BEGIN_RESP ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
  }
  observe::ObserverHub hub_;
  core::Environment environment_;
  core::PayloadPool pool_;
  tlm_utils::simple_initiator_socket<ShaperTest> socket_{"socket"};
  std::unique_ptr<Shaper> shaper_;
};

TEST_F(ShaperTest, ABurstPassesAtOnceAndTheRestAtTheRate) {
  agenda.at(ns(1).ps, [&] { ask(4096); });
  agenda.at(ns(2).ps, [&] { ask(256); });
  run_until(us(10));
  EXPECT_THAT(passed(), ::testing::ElementsAre(ns(1).ps, ns(1 + 256).ps));
}

TEST_F(ShaperTest, ARequestThatWaitedIsAcceptedWhenItPasses) {
  agenda.at(ns(1).ps, [&] { ask(4096); });
  agenda.at(ns(2).ps, [&] { ask(256); });
  run_until(us(10));
  using Heard = std::pair<std::string, uint64_t>;
  EXPECT_THAT(heard, ::testing::ElementsAre(Heard{"BEGIN_RESP", ns(11).ps}, Heard{"END_REQ", ns(257).ps},
                                            Heard{"BEGIN_RESP", ns(267).ps}));
}

}  // namespace
}  // namespace shaper

#include "shaper.h"

#include "tests/support/asker.h"
#include "tests/support/memory_target.h"

namespace shaper {
namespace {

using namespace vesper;
using Heard = test::Asker::Heard;

class ShaperTest : public test::Stimulus {
 protected:
  ShaperTest() {
    environment_.observers = &hub_;
    Shaper::Properties properties;  // a byte a nanosecond, 4 KiB at once
    shaper_ = std::make_unique<Shaper>("shaper", properties, environment_);
    asker.socket.bind(shaper_->in);
    shaper_->out.bind(memory.socket);
    memory.latency_ps = 10'000;
  }
  test::Asker asker{"asker"};
  test::MemoryTarget memory{"memory"};

 private:
  observe::ObserverHub hub_;
  core::Environment environment_;
  std::unique_ptr<Shaper> shaper_;
};

TEST_F(ShaperTest, ABurstPassesAtOnceAndTheRestAtTheRate) {
  agenda.at(ns(1).ps, [&] { asker.read(0, 4096); });
  agenda.at(ns(2).ps, [&] { asker.read(0, 256); });
  run_until(us(10));
  std::vector<uint64_t> passed;
  for (const auto& request : memory.requests) passed.push_back(request.at);
  EXPECT_THAT(passed, ::testing::ElementsAre(ns(1).ps, ns(1 + 256).ps));
}

TEST_F(ShaperTest, ARequestThatWaitedIsAcceptedWhenItPasses) {
  agenda.at(ns(1).ps, [&] { asker.read(0x1000, 4096); });
  agenda.at(ns(2).ps, [&] { asker.read(0x2000, 256); });
  run_until(us(10));
  EXPECT_THAT(asker.heard,
              ::testing::ElementsAre(Heard{"BEGIN_RESP", ns(11).ps, 0x1000, "TLM_OK_RESPONSE"},
                                     Heard{"END_REQ", ns(257).ps, 0x2000, "TLM_OK_RESPONSE"},
                                     Heard{"BEGIN_RESP", ns(267).ps, 0x2000, "TLM_OK_RESPONSE"}));
}

}  // namespace
}  // namespace shaper

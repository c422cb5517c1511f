#include "flat_memory.h"

#include "tests/support/asker.h"
#include "tests/support/stimulus.h"

namespace flat_memory {
namespace {

using namespace vesper;
using Heard = test::Asker::Heard;

class FlatMemoryTest : public test::Stimulus {
 protected:
  FlatMemoryTest() {
    FlatMemory::Properties properties;
    properties.first_address.value = 0x1000;
    properties.bandwidth.bytes_per_second = 1'000'000'000;  // a byte a nanosecond
    properties.latency = ns(60);
    memory_ = std::make_unique<FlatMemory>("memory", properties, core::Environment{});
    asker.socket.bind(*std::get<core::TargetEndpoint>(memory_->endpoint("port.1")).socket);
  }
  test::Asker asker{"asker"};

 private:
  std::unique_ptr<FlatMemory> memory_;
};

TEST_F(FlatMemoryTest, RequestsShareTheBusAndEachWaitsTheLatency) {
  agenda.at(ns(10).ps, [&] { asker.read(0x1000, 256); });
  agenda.at(ns(20).ps, [&] { asker.read(0x1100, 64); });
  run_until(us(1));
  EXPECT_THAT(asker.heard, ::testing::ElementsAre(
                               Heard{"BEGIN_RESP", ns(10 + 256 + 60).ps, 0x1000, "TLM_OK_RESPONSE"},
                               Heard{"BEGIN_RESP", ns(10 + 256 + 64 + 60).ps, 0x1100, "TLM_OK_RESPONSE"}));
}

TEST_F(FlatMemoryTest, OutsideOfItNothingAnswers) {
  agenda.at(ns(10).ps, [&] { asker.read(0xFFF, 1); });
  run_until(us(1));
  EXPECT_THAT(asker.heard,
              ::testing::ElementsAre(Heard{"COMPLETED", ns(10).ps, 0xFFF, "TLM_ADDRESS_ERROR_RESPONSE"}));
}

}  // namespace
}  // namespace flat_memory

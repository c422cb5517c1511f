// Switches, NSUs and targets that stop answering.

#include "tests/unit/noc/noc_fixture.h"

namespace vesper::noc {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class FaultTest : public NocTest {
 protected:
  void make_with(const std::string& silent, uint64_t from_us,
                 const std::vector<std::string>& nmus = {"pl.0"}) {
    NocProperties properties;
    properties.timeout = us(2);
    if (!silent.empty()) properties.faults = {{.silent = silent, .from = us(from_us)}};
    make(nmus, properties);
  }
};

// ddr.0 is at the horizontal NoC's switch of column 1, lane 0: 4 columns of 5 switches come first.
constexpr const char* kSwitchOfDdr0 = "s24";

TEST_F(FaultTest, APayloadThatASilentSwitchKeepsIsAnsweredWithAnErrorAndTheSwitchNamed) {
  make_with(kSwitchOfDdr0, 1);
  read(0, 500, 0x1000, 256);
  read(0, 1500, 0x2000, 256, 1);
  run();
  const auto& requests = initiators[0]->requests;
  EXPECT_EQ(requests[0].status, tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(requests[1].status, tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_EQ(latency_ns(0, 1), 2000U);
  ASSERT_FALSE(told().empty());
  EXPECT_EQ(told()[0],
            "read of 256 bytes at 0x2000 by pl.0, task 'b', requested at 1500 ns, has no answer at 3500 ns: "
            "its packet "
            "stands at switch s24");
  EXPECT_EQ(noc->waiting_for(), "");
}

TEST_F(FaultTest, PacketsOnAFreePathStopAtASwitchThatFallsSilent) {
  make_with(kSwitchOfDdr0, 1);
  write(0, 990, 0x1000, 256);
  run();
  EXPECT_EQ(initiators[0]->requests[0].status, tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_THAT(told(), ElementsAre(EndsWith("its packet stands at switch s24")));
}

TEST_F(FaultTest, APacketBehindOthersNamesTheSwitchThatHoldsThemUp) {
  make_with(kSwitchOfDdr0, 1);
  write(0, 1500, 0x1000, 4096);
  write(0, 1600, 0x2000, 4096);
  run();
  ASSERT_EQ(told().size(), 2U);
  EXPECT_THAT(told()[0], EndsWith("its packet stands at switch s24"));
  EXPECT_THAT(told()[1], EndsWith("it waits in its NMU for the answers to earlier ones"));
}

TEST_F(FaultTest, APacketInTheNetworkNamesTheSwitchThatHoldsItUp) {
  // All three to ddr.0; the first and the last on the same channel.
  make_with(kSwitchOfDdr0, 1, {"pl.0", "pl.8", "pl.4"});
  write(0, 1500, 0x1000, 256);
  write(2, 1600, 0x2000, 256);
  run();
  EXPECT_THAT(told(), ElementsAre(EndsWith("its packet stands at switch s24"),
                                  EndsWith("its packet stands at switch s20, held up by switch s24")));
}

TEST_F(FaultTest, ASilentNsuIsNamedForARequestAndForAnAnswer) {
  make_with("ddr.0", 1);
  memories[0]->latency = 300 * kNs;
  read(0, 800, 0x1000, 256);
  read(0, 1500, 0x2000, 256);
  run();
  for (const auto& request : initiators[0]->requests)
    EXPECT_EQ(request.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_THAT(told(), ElementsAre(EndsWith("its answer stands at NSU ddr.0"),
                                  EndsWith("its packet stands at NSU ddr.0")));
}

TEST_F(FaultTest, TheFullBuffersBehindASilentNsuLeadToIt) {
  make_with("ddr.0", 1);
  for (unsigned i = 0; i < 3; ++i) write(0, 1500, 0x1000 * (i + 1), 4096);
  run(3'600);
  ASSERT_FALSE(told().empty());
  EXPECT_THAT(told()[0], EndsWith("its packet stands at NSU ddr.0"));
}

TEST_F(FaultTest, AnAnswerThatComesTooLateIsDroppedAndOthersGoOn) {
  make_with("", 0);
  memories[0]->latency = 5000 * kNs;
  for (unsigned i = 0; i < 4; ++i) read(0, 100 + i, 0x1000 * (i + 1), 4096);
  run(20'000);
  for (const auto& request : initiators[0]->requests) {
    EXPECT_EQ(request.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
    EXPECT_EQ(request.answered - request.begun, 2000 * kNs);
  }
  EXPECT_EQ(noc->payloads_in_use(), 0U);
  EXPECT_THAT(told()[0], EndsWith("the target at ddr.0 has not answered"));
  EXPECT_THAT(memories[0]->seen, testing::SizeIs(2048 / 256)) << "packets not yet sent are not sent any more";
}

TEST_F(FaultTest, WithoutATimeoutAPayloadWaitsForEver) {
  NocProperties properties;
  properties.timeout = us(0);
  make({"pl.0"}, properties);
  memories[0]->latency = 50'000'000 * kNs;
  read(0, 100, 0x1000, 64);
  run(60'000'000);
  EXPECT_EQ(initiators[0]->requests[0].status, tlm::TLM_OK_RESPONSE);
}

TEST_F(FaultTest, UnknownNamesAreRefusedWithThoseThereAre) {
  make_with("s99", 1);
  try {
    run(1);
    FAIL() << "not refused";
  } catch (const InputError& error) {
    EXPECT_STREQ(
        error.what(),
        "noc: faults: there is no switch or NSU 's99'; there are s0 to s35, ddr.0, ddr.1, ddr.2, ddr.3");
  }
}

class RandomFaults : public RandomNocTraffic {};

TEST_P(RandomFaults, EveryPayloadIsAnsweredOnceAndEveryTimeoutNamesAPlace) {
  NocProperties properties;
  properties.timeout = us(20);
  for (int i = 0; i < 3; ++i) {
    std::string silent = below(3) == 0 ? "ddr." + std::to_string(below(4)) : "s" + std::to_string(below(36));
    properties.faults.push_back({.silent = silent, .from = ns(below(20'000))});
  }
  make_random(properties);
  run(100'000'000);
  for (const auto& initiator : initiators) EXPECT_EQ(initiator->answers, kRequests);
  EXPECT_THAT(noc->waiting_for(),
              AllOf(Not(HasSubstr("pl.")), Not(HasSubstr("aie.")), Not(HasSubstr("cpu."))));
  EXPECT_THAT(told(), Each(AnyOf(HasSubstr("stands at"), HasSubstr("has not answered"),
                                 EndsWith("it waits in its NMU for the answers to earlier ones"))));
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomFaults, testing::Range<uint64_t>(1, 41));

}  // namespace
}  // namespace vesper::noc

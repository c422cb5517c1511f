// Errors of the DRAM as requesters meet them, with ECC and without.
#include <array>
#include <numeric>

#include "tests/unit/ddr/ddr_fixture.h"

namespace vesper::ddr {
namespace {

using ::testing::HasSubstr;
using testing::Initiator;

constexpr uint64_t kFirst = 0x8'0000'0000;
constexpr uint64_t kClock = 625;

class EccTest : public testing::DdrFixture {
 protected:
  static DdrController::Properties with(bool ecc, std::vector<Fault> faults, bool storage = true) {
    DdrController::Properties properties;
    properties.first_address = {kFirst};
    properties.ecc = ecc;
    properties.storage = storage;
    properties.faults = std::move(faults);
    return properties;
  }
  using Data = std::array<unsigned char, 64>;
  static Data pattern() {
    Data data{};
    std::iota(data.begin(), data.end(), 1);
    return data;
  }
  tlm::tlm_response_status access(tlm::tlm_command command, uint64_t address, Data& data) {
    core::JobTag tag;
    tag.task = 1;
    auto& payload = initiator().pool.allocate(command, address, static_cast<uint32_t>(data.size()), tag);
    payload.set_data_ptr(data.data());
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    initiator().socket->nb_transport_fw(payload, phase, delay);
    run_for(1'000'000);
    return initiator().answers.back().status;
  }
  /// Writes the pattern and reads it back.
  tlm::tlm_response_status round_trip(Data& got, uint64_t address = kFirst) {
    Data written = pattern();
    EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, address, written), tlm::TLM_OK_RESPONSE);
    return access(tlm::TLM_READ_COMMAND, address, got);
  }
  void expect_counts(uint64_t corrected, uint64_t uncorrectable, uint64_t undetected) {
    const nlohmann::ordered_json expected = {
        {"corrected", corrected}, {"uncorrectable", uncorrectable}, {"undetected", undetected}};
    EXPECT_EQ(summary()["errors"], expected);
    EXPECT_EQ(summary()["tasks"][1]["errors"], expected);
    EXPECT_EQ(summary()["tasks"][1]["name"], "lidar");
  }
};

TEST_F(EccTest, OneWrongBitIsCorrectedAndCounted) {
  make(with(true, {{.address = {kFirst + 17}}}));
  Data got{};
  EXPECT_EQ(round_trip(got), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(got, pattern());
  expect_counts(1, 0, 0);
}

TEST_F(EccTest, TwoWrongBitsAreABusError) {
  make(with(true, {{.address = {kFirst + 17}, .bits = 2}}));
  Data got{};
  EXPECT_EQ(round_trip(got), tlm::TLM_GENERIC_ERROR_RESPONSE);
  expect_counts(0, 1, 0);
  EXPECT_EQ(round_trip(got, kFirst + 64), tlm::TLM_OK_RESPONSE) << "others are served";
  EXPECT_EQ(got, pattern());
  EXPECT_EQ(initiator().pool.in_use(), 0U);
}

TEST_F(EccTest, TwoFaultsOfOneBitInAWordAreABusErrorInTwoWordsNone) {
  make(with(true, {{.address = {kFirst}},
                   {.address = {kFirst + 7}},
                   {.address = {kFirst + 72}},
                   {.address = {kFirst + 80}}}));
  Data got{};
  EXPECT_EQ(round_trip(got), tlm::TLM_GENERIC_ERROR_RESPONSE);
  EXPECT_EQ(round_trip(got, kFirst + 64), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(got, pattern());
  expect_counts(2, 1, 0);
}

TEST_F(EccTest, WithoutEccWrongDataArriveUndetected) {
  make(with(false, {{.address = {kFirst + 17}}, {.address = {kFirst + 40}, .bits = 2}}));
  Data got{};
  EXPECT_EQ(round_trip(got), tlm::TLM_OK_RESPONSE);
  Data expected = pattern();
  expected[17] ^= 1;
  expected[40] ^= 3;
  EXPECT_EQ(got, expected);
  expect_counts(0, 0, 2);
}

TEST_F(EccTest, TheWrongWordMayLieOnlyPartlyInTheData) {
  make(with(false, {{.address = {kFirst + 1}}, {.address = {kFirst + 68}}}));
  Data got{};
  Data written = pattern();
  access(tlm::TLM_WRITE_COMMAND, kFirst + 4, written);
  access(tlm::TLM_READ_COMMAND, kFirst + 4, got);
  EXPECT_EQ(got, pattern()) << "byte 1 is before the data, byte 68 after them";
  expect_counts(0, 0, 2);
}

TEST_F(EccTest, TheBackDoorReadsWhatWasWritten) {
  make(with(false, {{.address = {kFirst}}}));
  Data got{};
  round_trip(got);
  EXPECT_NE(got, pattern());
  tlm::tlm_generic_payload payload;
  payload.set_read();
  payload.set_address(kFirst);
  payload.set_data_ptr(got.data());
  payload.set_data_length(static_cast<uint32_t>(got.size()));
  initiator().socket->transport_dbg(payload);
  EXPECT_EQ(got, pattern());
}

TEST_F(EccTest, AFaultBeginsAtItsTime) {
  make(with(true, {{.address = {kFirst}, .bits = 2, .from = us(10), .until = us(20)}}));
  std::vector<tlm::tlm_response_status> seen;
  for (int i = 0; i < 3; ++i) {
    initiator().read(kFirst);
    run_for(us(10).ps);
    seen.push_back(initiator().answers.back().status);
  }
  EXPECT_THAT(seen, ::testing::ElementsAre(tlm::TLM_OK_RESPONSE, tlm::TLM_GENERIC_ERROR_RESPONSE,
                                           tlm::TLM_OK_RESPONSE));
}

TEST_F(EccTest, EccTakesItsClocksOnEveryReadWrongOrNot) {
  make(with(true, {{.address = {kFirst}}}, false));
  run_for(us(1).ps);
  initiator().read(kFirst);
  run_for(us(1).ps);
  initiator().read(kFirst + 0x40);
  run_for(us(1).ps);
  // The pipeline, ACT to RD, RD to data, burst, PHY and pipeline of the default part, and four clocks.
  constexpr uint64_t kRead = (26 + 1 + 22 + 22 + 4 + 44 + 4) * kClock;
  EXPECT_EQ(initiator().answers.at(0).at, us(1).ps + kRead);
  EXPECT_EQ(initiator().answers.at(1).at - us(2).ps, kRead);
  EXPECT_EQ(summary()["ecc"], true);
}

TEST_F(EccTest, RandomErrorsAreCountedOnceEach) {
  DdrController::Properties properties = with(true, {}, false);
  properties.error_rate = {.single = ratio(100'000'000), .twofold = ratio(20'000'000)};
  make(properties);
  size_t failed = 0;
  for (uint64_t i = 0; i < 2000; ++i) {
    initiator().read(kFirst + i * 64);
    run_for(200'000);
    failed += initiator().answers.back().status == tlm::TLM_GENERIC_ERROR_RESPONSE ? 1 : 0;
  }
  ASSERT_EQ(initiator().answers.size(), 2000U);
  const auto errors = summary()["errors"];
  EXPECT_GE(errors["uncorrectable"].get<size_t>(), failed);
  EXPECT_NEAR(static_cast<double>(failed), 40, 32);
  EXPECT_NEAR(errors["corrected"].get<double>(), 200, 71);
}

TEST_F(EccTest, AFaultOutsideTheMemoryIsRefused) {
  EXPECT_THAT([&] { make(with(true, {{.address = {0x1000}}})); },
              ::testing::ThrowsMessage<std::invalid_argument>(
                  HasSubstr("the fault at 0x1000 is not in the memory, which is 0x800000000..0x9ffffffff")));
}

TEST_F(EccTest, AFaultThatEndsBeforeItBeginsIsRefused) {
  EXPECT_THAT(
      [&] { make(with(true, {{.address = {kFirst}, .from = us(2), .until = us(1)}})); },
      ::testing::ThrowsMessage<std::invalid_argument>(HasSubstr("ends at 1 us before it begins at 2 us")));
}

}  // namespace
}  // namespace vesper::ddr

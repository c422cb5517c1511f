#include "models/ddr/faults.h"

#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <map>

namespace vesper::ddr {
namespace {

using ::testing::ElementsAre;
using ::testing::FieldsAre;
using ::testing::IsEmpty;

std::vector<WrongWord> wrong(Faults& faults, uint64_t address, uint32_t bytes, uint64_t time = 0) {
  const auto words = faults.read(address, bytes, time);
  return {words.begin(), words.end()};
}

TEST(Faults, AFaultIsInReadsOfItsWord) {
  Faults faults({{.address = {0x1003}}, {.address = {0x2000}, .bits = 2}}, {}, 1, 64);
  EXPECT_THAT(wrong(faults, 0x1000, 64), ElementsAre(FieldsAre(0x1000U, uint64_t{1} << 24)));
  EXPECT_THAT(wrong(faults, 0x1007, 1), ElementsAre(FieldsAre(0x1000U, uint64_t{1} << 24)));
  EXPECT_THAT(wrong(faults, 0x1FC0, 128), ElementsAre(FieldsAre(0x2000U, 3U)));
  EXPECT_THAT(wrong(faults, 0x1008, 64), IsEmpty());
  EXPECT_THAT(wrong(faults, 0x0FC0, 64), IsEmpty());
  EXPECT_THAT(wrong(faults, 0x1000, 4096), ElementsAre(FieldsAre(0x1000U, uint64_t{1} << 24)));
}

TEST(Faults, AFaultLastsFromItsBeginningToItsEnd) {
  Faults faults({{.address = {0}, .from = us(1), .until = us(2)}}, {}, 1, 64);
  EXPECT_THAT(wrong(faults, 0, 8, us(1).ps - 1), IsEmpty());
  EXPECT_EQ(wrong(faults, 0, 8, us(1).ps).size(), 1U);
  EXPECT_EQ(wrong(faults, 0, 8, us(2).ps - 1).size(), 1U);
  EXPECT_THAT(wrong(faults, 0, 8, us(2).ps), IsEmpty());
}

TEST(Faults, FaultsOfOneWordAddUp) {
  Faults faults({{.address = {9}}, {.address = {8}}, {.address = {8}}, {.address = {24}}}, {}, 1, 64);
  const std::vector<WrongWord> words = wrong(faults, 0, 64);
  EXPECT_THAT(words, ElementsAre(FieldsAre(8U, 0x101U), FieldsAre(24U, 1U)));
  EXPECT_FALSE(words[0].correctable());
  EXPECT_TRUE(words[1].correctable());
}

/// All wrong words of 16 MiB read from address 0 on in pieces, and where they lie.
std::map<uint64_t, uint64_t> strike(const ErrorRates& rates, uint64_t seed, uint32_t piece) {
  Faults faults({}, rates, seed, 64);
  std::map<uint64_t, uint64_t> all;
  for (uint64_t address = 0; address < uint64_t{16} << 20; address += piece) {
    for (const WrongWord& word : faults.read(address, piece, 0)) {
      EXPECT_GE(word.address, address);
      EXPECT_LT(word.address, address + piece);
      all[word.address] = word.bits;
    }
  }
  return all;
}

TEST(Faults, RandomErrorsDependOnTheSeedAndNotOnHowReadsAreCut) {
  const ErrorRates rates{.single = ratio(10'000'000), .twofold = ratio(2'000'000)};
  const auto once = strike(rates, 7, 64);
  EXPECT_EQ(strike(rates, 7, 64), once);
  EXPECT_EQ(strike(rates, 7, 4096), once);
  EXPECT_NE(strike(rates, 8, 64), once);
}

TEST(Faults, RandomErrorsKeepTheirRates) {
  // 40 times 2^18 bursts, of which 1 % have one wrong bit and 0.2 % two.
  uint64_t counts[3] = {0, 0, 0};
  for (uint64_t seed = 0; seed < 40; ++seed) {
    for (const auto& [address, bits] : strike({ratio(10'000'000), ratio(2'000'000)}, seed, 512))
      ++counts[std::min(std::popcount(bits), 3) - 1];
  }
  const double bursts = 40.0 * (1 << 18);
  EXPECT_NEAR(static_cast<double>(counts[0]), bursts * 0.01, 5 * std::sqrt(bursts * 0.01));
  EXPECT_NEAR(static_cast<double>(counts[1]), bursts * 0.002, 5 * std::sqrt(bursts * 0.002));
}

TEST(Faults, WithoutRatesNothingIsStruck) { EXPECT_THAT(strike({}, 1, 4096), IsEmpty()); }

TEST(Faults, AnErrorInEveryBurstAndMoreIsPossible) {
  const auto all = strike({.single = ratio(1'000'000'000)}, 3, 64);
  EXPECT_GT(all.size(), (1U << 18) * 9 / 10);
}

}  // namespace
}  // namespace vesper::ddr

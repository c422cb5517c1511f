// Where requests go.
#include <algorithm>
#include <set>

#include "platform/property/random.h"
#include "tests/unit/traffic/fixture.h"

namespace vesper::traffic::testing {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PatternTest : public TrafficTest {
 protected:
  std::vector<uint64_t> addresses_of(const std::string& type, Settings settings) {
    make(type, settings);
    run_until(ms(1));
    return memory.addresses();
  }
};

TEST_F(PatternTest, LinearGoesRoundItsRange) {
  EXPECT_THAT(addresses_of("linear_reader", {{"base", "0x10000"}, {"size", "4 KiB"}, {"requests", "6"}}),
              ElementsAre(0x10000, 0x10400, 0x10800, 0x10c00, 0x10000, 0x10400));
  EXPECT_THAT(memory.seen, Each(::testing::Field(&Seen::write, false)));
}

TEST_F(PatternTest, StridedWalksColumnByColumn) {
  EXPECT_THAT(
      addresses_of(
          "strided_writer",
          {{"base", "0"}, {"size", "12 KiB"}, {"burst", "2 KiB"}, {"stride", "4 KiB"}, {"requests", "7"}}),
      ElementsAre(0, 4096, 8192, 2048, 6144, 10240, 0));
  EXPECT_THAT(memory.seen, Each(::testing::Field(&Seen::write, true)));
}

TEST_F(PatternTest, StridedStaysInARangeThatIsNoMultipleOfTheStride) {
  EXPECT_THAT(
      addresses_of(
          "strided_reader",
          {{"base", "0"}, {"size", "12 KiB"}, {"burst", "4 KiB"}, {"stride", "8 KiB"}, {"requests", "4"}}),
      ElementsAre(0, 8192, 4096, 0));
}

TEST_F(PatternTest, AStrideMustBeAMultipleOfTheBurst) {
  EXPECT_THAT(
      [this] {
        make("strided_reader", {{"stride", "1536 B"}});
      },
      ::testing::ThrowsMessage<std::invalid_argument>(HasSubstr("not a multiple of burst 1 KiB")));
}

TEST_F(PatternTest, RandomCoversItsRangeEvenly) {
  std::vector<uint64_t> addresses = addresses_of(
      "random_reader", {{"base", "0x10000"}, {"size", "16 KiB"}, {"burst", "1 KiB"}, {"requests", "1600"}});
  ASSERT_EQ(addresses.size(), 1600U);
  for (uint64_t position = 0; position < 16; ++position) {
    auto visits = std::ranges::count(addresses, 0x10000 + position * 1024);
    EXPECT_NEAR(static_cast<double>(visits), 100, 40) << position;  // four standard deviations
  }
}

TEST(TrafficStreams, DependOnTheSeedAndTheRequester) {
  auto draws = [](uint64_t seed, const char* name) {
    core::Environment environment;
    environment.seed = seed;
    environment.requesters = {"logger", "probe"};
    return stream_of(name, environment);
  };
  std::set<uint64_t> streams{draws(1, "logger"), draws(1, "probe"), draws(2, "logger"), draws(2, "probe")};
  EXPECT_EQ(streams.size(), 4U);
  EXPECT_EQ(draws(1, "logger"), draws(1, "logger"));
}

TEST_F(PatternTest, RandomAddressesFollowTheSeed) {
  environment.seed = 7;
  std::vector<uint64_t> addresses =
      addresses_of("random_writer", {{"base", "0"}, {"size", "1 MiB"}, {"requests", "8"}});
  SplitMix64 expected(stream_seed(7, 1));
  for (uint64_t address : addresses) EXPECT_EQ(address, expected.up_to(1023) * 1024);
}

TEST_F(PatternTest, MixedKeepsItsShareAndItsHalves) {
  make("mixed", {{"base", "0"}, {"size", "8 KiB"}, {"reads", "0.25"}, {"requests", "4000"}});
  run_until(ms(1));
  auto reads = std::ranges::count(memory.seen, false, &Seen::write);
  EXPECT_NEAR(static_cast<double>(reads), 1000, 110);  // four standard deviations
  uint64_t next[] = {0, 4096};
  for (const Seen& request : memory.seen) {
    uint64_t& expected = next[request.write ? 1 : 0];
    ASSERT_EQ(request.address, expected);
    expected = expected % 4096 == 3072 ? expected - 3072 : expected + 1024;
  }
}

TEST_F(PatternTest, MixedTakesOnlyReadsOrOnlyWritesAtTheEnds) {
  make("mixed", {{"reads", "0"}, {"requests", "50"}});
  run_until(us(10));
  EXPECT_THAT(memory.seen, Each(::testing::Field(&Seen::write, true)));
}

TEST_F(PatternTest, MixedGoesAnywhereIfRandom) {
  make("mixed", {{"base", "0"}, {"size", "8 KiB"}, {"addresses", "random"}, {"requests", "400"}});
  run_until(us(100));
  std::set<std::pair<bool, uint64_t>> visited;
  for (const Seen& request : memory.seen) visited.insert({request.write, request.address});
  EXPECT_EQ(visited.size(), 16U);
}

}  // namespace
}  // namespace vesper::traffic::testing

#include "platform/workload/arrival.h"

#include <gmock/gmock.h>

#include "platform/property/random.h"

namespace vesper::workload {
namespace {

using ::testing::HasSubstr;

Node settings(std::initializer_list<std::pair<const char*, const char*>> values) {
  Node node = Node::map();
  for (const auto& [key, value] : values) node.at_or_add(key, {}) = Node::scalar(value);
  return node;
}

std::unique_ptr<ArrivalProcess> make(const char* name,
                                     std::initializer_list<std::pair<const char*, const char*>> values,
                                     const ArrivalContext& context = {}) {
  const ArrivalFactory* factory = find_arrival_process(name);
  EXPECT_NE(factory, nullptr) << name;
  return factory->create(settings(values), "task", {}, context);
}

TEST(PeriodicTest, ReleasesEveryPeriodFromTheOffset) {
  auto process = make("periodic", {{"period", "10 ms"}, {"offset", "1 ms"}});
  for (uint64_t k = 0; k < 5; ++k) {
    auto arrival = process->next();
    ASSERT_TRUE(arrival);
    EXPECT_EQ(arrival->release_ps, (ms(1).ps + k * ms(10).ps));
    EXPECT_EQ(arrival->deadline_ps, arrival->release_ps + ms(10).ps);
  }
  EXPECT_EQ(process->period_ps(), ms(10).ps);
}

TEST(PeriodicTest, NoJobIsReleasedOrDueBeyondTheEndOfTime) {
  auto process = make("periodic", {{"period", "15000000 s"}});  // 2^64 ps are 18446744 s
  auto first = process->next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->deadline_ps, 15'000'000'000'000'000'000U);
  EXPECT_FALSE(process->next());
  EXPECT_FALSE(process->next());
}

TEST(SporadicTest, NoJobIsReleasedOrDueBeyondTheEndOfTime) {
  auto process = make("sporadic", {{"minimum_distance", "15000000 s"}, {"mean_extra", "1 s"}});
  EXPECT_TRUE(process->next());
  EXPECT_FALSE(process->next());
  EXPECT_FALSE(process->next());
}

TEST(PeriodicTest, DeadlineCountsFromTheNominalArrivalWhateverTheJitter) {
  auto process = make("periodic", {{"period", "10 ms"}, {"jitter", "2 ms"}}, {42, ms(4), {}});
  bool some_lag = false;
  for (uint64_t k = 0; k < 1000; ++k) {
    auto arrival = process->next();
    uint64_t nominal = k * ms(10).ps;
    EXPECT_GE(arrival->release_ps, nominal);
    EXPECT_LE(arrival->release_ps, nominal + ms(2).ps);
    EXPECT_EQ(arrival->deadline_ps, nominal + ms(4).ps);
    some_lag = some_lag || arrival->release_ps > nominal + ms(1).ps;
  }
  EXPECT_TRUE(some_lag);
  EXPECT_EQ(process->relative_deadline_ps(), ms(4).ps);
}

TEST(PeriodicTest, SameSeedSameReleasesOtherSeedOthers) {
  auto a = make("periodic", {{"period", "10 ms"}, {"jitter", "5 ms"}}, {1, {}, {}});
  auto b = make("periodic", {{"period", "10 ms"}, {"jitter", "5 ms"}}, {1, {}, {}});
  auto c = make("periodic", {{"period", "10 ms"}, {"jitter", "5 ms"}}, {2, {}, {}});
  int different = 0;
  for (int k = 0; k < 100; ++k) {
    uint64_t release = a->next()->release_ps;
    EXPECT_EQ(release, b->next()->release_ps);
    different += release != c->next()->release_ps ? 1 : 0;
  }
  EXPECT_GT(different, 90);
}

TEST(PeriodicTest, RefusesAZeroPeriodAMissingOneAndTooMuchJitter) {
  EXPECT_THROW(make("periodic", {{"period", "0 s"}}), InputError);
  EXPECT_THROW(make("periodic", {{"offset", "1 ms"}}), InputError);
  EXPECT_THROW(make("periodic", {{"period", "1 ms"}, {"jitter", "2 ms"}}), InputError);
  EXPECT_THROW(make("periodic", {{"period", "1 ms"}, {"perod", "2 ms"}}), InputError);
}

TEST(SporadicTest, KeepsTheMinimumDistance) {
  auto process =
      make("sporadic", {{"minimum_distance", "10 ms"}, {"mean_extra", "5 ms"}, {"offset", "3 ms"}});
  uint64_t earliest = ms(3).ps;
  double extra = 0;
  for (int k = 0; k < 20'000; ++k) {
    auto arrival = process->next();
    ASSERT_GE(arrival->release_ps, earliest);
    extra += static_cast<double>(arrival->release_ps - earliest);
    EXPECT_EQ(arrival->deadline_ps, arrival->release_ps + ms(10).ps);
    earliest = arrival->release_ps + ms(10).ps;
  }
  EXPECT_NEAR(extra / 20'000 / static_cast<double>(ms(5).ps), 1, 0.032);  // 4.5 standard deviations
}

TEST(SporadicTest, WithoutExtraIsPeriodic) {
  auto process = make("sporadic", {{"minimum_distance", "10 ms"}});
  EXPECT_EQ(process->next()->release_ps, 0U);
  EXPECT_EQ(process->next()->release_ps, ms(10).ps);
}

TEST(ArrivalRegistryTest, KnowsItsProcessesAndNoOthers) {
  EXPECT_NE(find_arrival_process("trace"), nullptr);
  EXPECT_EQ(find_arrival_process("fractal"), nullptr);
  for (const ArrivalFactory& factory : arrival_processes()) {
    EXPECT_FALSE(factory.help.empty());
    EXPECT_FALSE(factory.properties().empty());
  }
}

}  // namespace
}  // namespace vesper::workload

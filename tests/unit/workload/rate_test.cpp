// Arrival processes that are given as rates.
#include <gmock/gmock.h>

#include <cmath>

#include "platform/workload/arrival.h"

namespace vesper::workload {
namespace {

using ::testing::HasSubstr;

using Settings = std::initializer_list<std::pair<const char*, const char*>>;

std::unique_ptr<ArrivalProcess> make(const char* name, Settings values, uint64_t seed = 1,
                                     std::optional<Duration> deadline = ms(5)) {
  Node node = Node::map();
  for (const auto& [key, value] : values) node.at_or_add(key, {}) = Node::scalar(value);
  return find_arrival_process(name)->create(node, "task", {}, {seed, deadline, {}});
}

std::vector<double> releases(const char* name, Settings values, size_t count) {
  auto process = make(name, values);
  std::vector<double> seconds;
  while (seconds.size() < count) seconds.push_back(static_cast<double>(process->next()->release_ps) * 1e-12);
  return seconds;
}

TEST(Poisson, GapsAreExponential) {
  std::vector<double> times = releases("poisson", {{"rate", "200"}, {"offset", "1 s"}}, 20'000);
  EXPECT_GT(times.front(), 1);
  double sum = 0, squares = 0;
  for (size_t i = 1; i < times.size(); ++i) {
    double gap = times[i] - times[i - 1];
    sum += gap;
    squares += gap * gap;
  }
  auto count = static_cast<double>(times.size() - 1);
  double mean = sum / count;
  EXPECT_NEAR(mean, 1.0 / 200, 0.02 / 200);
  EXPECT_NEAR(std::sqrt(squares / count - mean * mean) / mean, 1, 0.03);
}

TEST(Uniform, GapsAreAllAlike) {
  auto process = make("uniform", {{"rate", "3"}, {"offset", "1 s"}}, 1, {});
  uint64_t gap = 333'333'333'333;
  for (uint64_t i = 0; i < 5; ++i) {
    auto arrival = process->next();
    EXPECT_EQ(arrival->release_ps, 1'000'000'000'000 + i * gap);
    EXPECT_EQ(arrival->deadline_ps, arrival->release_ps + gap);
  }
  EXPECT_EQ(process->period_ps(), gap);
}

TEST(Bursty, OfConstantSpansNothingComesWhileItIsOff) {
  std::vector<double> times =
      releases("bursty", {{"rate", "1000"}, {"on", "1 s"}, {"off", "3 s"}, {"spans", "constant"}}, 20'000);
  for (double time : times) EXPECT_LE(std::fmod(time, 4), 1) << time;
  EXPECT_NEAR(static_cast<double>(times.size()) / times.back(), 250, 10);
}

TEST(Bursty, OfExponentialSpansHasTheMeanRateAndVariesMoreThanPoisson) {
  std::vector<double> times = releases("bursty", {{"rate", "100"}, {"on", "1 s"}, {"off", "1 s"}}, 100'000);
  EXPECT_NEAR(static_cast<double>(times.size()) / times.back(), 50, 3);
  // Squared variation of the gaps of an interrupted Poisson process (Kuczura 1973): 1 + 2 rate a / (a + b)^2,
  // with a and b the rates at which spans on and off end.
  double sum = 0, squares = 0;
  for (size_t i = 1; i < times.size(); ++i) {
    sum += times[i] - times[i - 1];
    squares += (times[i] - times[i - 1]) * (times[i] - times[i - 1]);
  }
  double mean = sum / static_cast<double>(times.size()), square = squares / static_cast<double>(times.size());
  EXPECT_NEAR((square - mean * mean) / (mean * mean), 51, 5);
}

std::string refusal(const char* name, Settings values, std::optional<Duration> deadline) {
  try {
    make(name, values, 1, deadline);
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing was refused";
}

TEST(Rates, NeedADeadlineWhereNoPeriodGivesOne) {
  EXPECT_THAT(refusal("poisson", {{"rate", "1"}}, {}), HasSubstr("needs a 'deadline'"));
  EXPECT_THAT(refusal("bursty", {{"rate", "1"}, {"on", "1 s"}, {"off", "1 s"}}, {}),
              HasSubstr("needs a 'deadline'"));
}

TEST(Rates, OfBurstsThatHardlyEverHaveAnArrivalAreRefused) {
  EXPECT_THAT(refusal("bursty", {{"rate", "0.001"}, {"on", "1 ps"}, {"off", "1 ps"}}, ms(5)),
              HasSubstr("raise one of them"));
}

TEST(Rates, EndWithTime) {
  auto process = make("uniform", {{"rate", "0.000001"}});
  size_t count = 0;
  while (process->next()) ++count;
  EXPECT_EQ(count, 19U);  // 2^64 ps are 18446744 s
}

}  // namespace
}  // namespace vesper::workload

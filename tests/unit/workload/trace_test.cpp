#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "platform/workload/arrival.h"

namespace vesper::workload {
namespace {

using ::testing::HasSubstr;

class TraceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
    context_.where = {std::make_shared<const std::string>((folder_ / "scenario.yaml").string()), 3, 5};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::vector<Arrival> read(const std::string& csv, std::optional<Duration> deadline = ms(5)) {
    std::ofstream(folder_ / "trace.csv") << csv;
    Node node = Node::map();
    node.at_or_add("file", {}) = Node::scalar("trace.csv");
    return drain(node, deadline);
  }
  std::vector<Arrival> drain(const Node& node, std::optional<Duration> deadline) {
    context_.deadline = deadline;
    auto process = find_arrival_process("trace")->create(node, "task", {}, context_);
    std::vector<Arrival> all;
    while (auto arrival = process->next()) all.push_back(*arrival);
    return all;
  }
  std::string error_of(const std::string& csv, std::optional<Duration> deadline = ms(5)) {
    try {
      read(csv, deadline);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }

  std::filesystem::path folder_;
  ArrivalContext context_;
};

TEST_F(TraceTest, ReadsSeconds) {
  auto arrivals = read("release_s\n0\n0.001\n# a comment\n\n0.0025\r\n");
  ASSERT_EQ(arrivals.size(), 3U);
  EXPECT_EQ(arrivals[2].release_ps, us(2500).ps);
  EXPECT_EQ(arrivals[2].deadline_ps, us(7500).ps);
}

TEST_F(TraceTest, ReadsQuantitiesWithAbsoluteDeadlines) {
  auto arrivals = read("release,deadline\n1 ms,3 ms\n1 ms,2 ms\n", std::nullopt);
  ASSERT_EQ(arrivals.size(), 2U);
  EXPECT_EQ(arrivals[0].deadline_ps, ms(3).ps);
  EXPECT_EQ(arrivals[1].deadline_ps, ms(2).ps);
}

TEST_F(TraceTest, NamesFileAndLineOfWhatIsWrong) {
  EXPECT_THAT(error_of("release_s\n0.2\n0.1\n"), HasSubstr("trace.csv:3: release 100 ms lies before"));
  EXPECT_THAT(error_of("release_s\n-0.1\n"), HasSubstr("trace.csv:2: the release '-0.1'"));
  EXPECT_THAT(error_of("release_s\n\nsoon\n"), HasSubstr("trace.csv:3: the release 'soon'"));
  EXPECT_THAT(error_of("release_s\n0.1,0.2\n"), HasSubstr("trace.csv:2:"));
  EXPECT_THAT(error_of("release,deadline\n2 ms,1 ms\n"), HasSubstr("trace.csv:2: deadline 1 ms lies before"));
  EXPECT_THAT(error_of("release,deadline\n2 ms\n"), HasSubstr("trace.csv:2:"));
  EXPECT_THAT(error_of("time\n0.1\n"), HasSubstr("trace.csv:1: the header is 'time'"));
  EXPECT_THAT(error_of(""), HasSubstr("begins with a header"));
  EXPECT_THAT(error_of("release_s\n0.1\n", std::nullopt), HasSubstr("no deadlines"));
}

TEST_F(TraceTest, AMissingFileIsReportedWhereItIsNamed) {
  Node node = Node::map();
  node.at_or_add("file", {}) = Node::scalar("nowhere.csv");
  try {
    drain(node, ms(1));
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("scenario.yaml:3:5: the trace"));
  }
}

TEST_F(TraceTest, TakesAListOfTimes) {
  Node node = Node::map();
  Node times = Node::list();
  for (const char* time : {"0 s", "1 ms", "1 ms"}) times.add(Node::scalar(time));
  node.at_or_add("times", {}) = times;
  auto arrivals = drain(node, ms(2));
  ASSERT_EQ(arrivals.size(), 3U);
  EXPECT_EQ(arrivals[2].release_ps, ms(1).ps);
  EXPECT_EQ(arrivals[2].deadline_ps, ms(3).ps);
}

TEST_F(TraceTest, RefusesAnUnsortedListNeitherAndBoth) {
  Node node = Node::map();
  EXPECT_THROW(drain(node, ms(2)), InputError);
  Node times = Node::list();
  for (const char* time : {"1 ms", "0 s"}) times.add(Node::scalar(time));
  node.at_or_add("times", {}) = times;
  EXPECT_THROW(drain(node, ms(2)), InputError);
  node.at_or_add("file", {}) = Node::scalar("trace.csv");
  EXPECT_THROW(drain(node, ms(2)), InputError);
}

}  // namespace
}  // namespace vesper::workload

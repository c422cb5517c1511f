// Request by request, against the published code's decisions.
#include "tests/conformance/dysta/published.h"

#include <gmock/gmock.h>

namespace vesper::test {
namespace {

class PublishedDysta : public ::testing::TestWithParam<PublishedPolicy> {};

TEST_P(PublishedDysta, EveryRequestFinishesAtThePublishedPicosecond) {
  Published published = read_published();
  ASSERT_EQ(published.load.requests.size(), 1000U);
  QueueSimulator simulator(published.load.tasks, published.load.requests);
  std::vector<policy::Time> finish = simulator.run({GetParam().first, "artifact", {}});
  const std::vector<policy::Time>& expected = published.finish.at(GetParam().second);
  ASSERT_EQ(finish.size(), expected.size());
  size_t differ = 0;
  for (size_t i = 0; i < finish.size(); ++i) differ += finish[i] == expected[i] ? 0 : 1;
  EXPECT_EQ(differ, 0U) << "of " << finish.size() << " requests finish at another time";
}

INSTANTIATE_TEST_SUITE_P(Policies, PublishedDysta, ::testing::ValuesIn(kPublishedPolicies),
                         [](const auto& tested) { return std::string(tested.param.first); });

}  // namespace
}  // namespace vesper::test

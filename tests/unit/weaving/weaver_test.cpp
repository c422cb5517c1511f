#include "schedulers/weaving/weaver.h"

#include <gmock/gmock.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace vesper::weaving {
namespace {

using ::testing::ElementsAre;

constexpr Ticks kBuffer = 1000;

/// A weaver of networks given as lists of {compute, fetch}, and the order in which it serves them.
class Weaving : public ::testing::Test {
 protected:
  void make(const char* name, std::vector<std::vector<Layer>> networks, std::vector<double> parameters = {}) {
    layers_ = std::move(networks);
    tables_.clear();
    for (const auto& network : layers_)
      tables_.push_back({network.data(), static_cast<uint32_t>(network.size())});
    const WeaverInfo* info = find_weaver(name);
    ASSERT_NE(info, nullptr);
    for (size_t i = parameters.size(); i < info->parameter_count; ++i)
      parameters.push_back(info->parameters[i].default_value);
    weaver_ = info->make(storage_.get(), kBuffer, tables_.data(), static_cast<uint16_t>(tables_.size()),
                         parameters.data());
  }
  void dispatch_all(int queries = 1) {
    for (uint16_t i = 0; i < weaver_->networks(); ++i) {
      for (int q = 0; q < queries; ++q) weaver_->dispatch(i);
    }
  }
  std::vector<uint16_t> order(size_t most = 100) {
    std::vector<uint16_t> all;
    for (uint16_t n = 0; all.size() < most && (n = weaver_->next()) != Weaver::kNone;) all.push_back(n);
    return all;
  }
  /// The longest time, as scheduled, that a network's next layer waits while every network streams.
  Ticks longest_wait(int layers) {
    Ticks longest = 0;
    for (int i = 0; i < layers; ++i) {
      for (uint16_t n = 0; n < weaver_->networks(); ++n) {
        if (!weaver_->waits(n)) weaver_->dispatch(n);
        longest = std::max(longest, weaver_->schedule().computed() - weaver_->waiting_since(n));
      }
      EXPECT_NE(weaver_->next(), Weaver::kNone);
    }
    return longest;
  }

  std::unique_ptr<std::byte[]> storage_{new std::byte[kWeaverStorage]};
  std::vector<std::vector<Layer>> layers_;
  std::vector<Network> tables_;
  Weaver* weaver_ = nullptr;
};

TEST_F(Weaving, WeaversAreFoundByName) {
  for (const char* name : {"layerweaver", "ai_mt", "fair", "compute_only", "memory_only"})
    EXPECT_NE(find_weaver(name), nullptr) << name;
  EXPECT_EQ(find_weaver("loom"), nullptr);
}

TEST_F(Weaving, FairGivesEqualTimeInWholeQueries) {
  make("fair", {{{100, 10}, {100, 10}}, {{10, 50}}});
  dispatch_all(5);
  // Of 210 for the first query of network 0 the second network gets four queries, of about 50 each.
  EXPECT_THAT(order(7), ElementsAre(0, 0, 1, 1, 1, 1, 1));
}

TEST_F(Weaving, ComputeAndMemoryOnlyServeTheirKind) {
  std::vector<std::vector<Layer>> networks{{{100, 10}}, {{10, 50}}};
  make("compute_only", networks);
  dispatch_all(2);
  EXPECT_THAT(order(), ElementsAre(0, 0));
  make("memory_only", networks);
  dispatch_all(2);
  EXPECT_THAT(order(), ElementsAre(1, 1));
}

TEST_F(Weaving, GreedyHidesFetchesBehindComputations) {
  // At first network 0 idles the array for 10, network 1 for 60. Then neither does, and 0 leaves the larger
  // distance.
  make("layerweaver", {{{100, 10}, {100, 10}}, {{20, 60}, {20, 60}}});
  dispatch_all();
  EXPECT_THAT(order(), ElementsAre(0, 0, 1, 1));
  EXPECT_EQ(weaver_->schedule().computed(), 10U + 240);  // the array never waits again
}

TEST_F(Weaving, WhenAllWouldIdleTheComputeIntensiveNetworkGoesOn) {
  // Its first layer is the worse of the two: 300 against 60.
  make("layerweaver", {{{10, 300}, {900, 10}}, {{20, 60}, {20, 60}}});
  dispatch_all();
  EXPECT_EQ(order(1).front(), 0);
}

TEST_F(Weaving, FailsafeServesWholeQueriesWhenAllAreOfAKind) {
  make("layerweaver", {{{100, 10}, {100, 10}, {100, 10}}, {{100, 20}, {100, 20}, {100, 20}}});
  dispatch_all(2);
  EXPECT_THAT(order(),
              ElementsAre(0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0));  // 310 against 300 after a query each
  make("layerweaver", {{{10, 100}, {10, 100}}, {{20, 100}, {20, 100}}});
  dispatch_all();
  EXPECT_THAT(order(), ElementsAre(0, 0, 1, 1));
}

TEST_F(Weaving, QueriesEndAndMoreAreDispatched) {
  make("layerweaver", {{{100, 10}}, {{20, 60}}});
  EXPECT_EQ(weaver_->next(), Weaver::kNone);
  weaver_->dispatch(1);
  EXPECT_EQ(weaver_->next(), 1);
  EXPECT_TRUE(weaver_->query_ended());
  EXPECT_EQ(weaver_->next(), Weaver::kNone);
  dispatch_all();
  EXPECT_EQ(order().size(), 2U);
}

TEST_F(Weaving, AiMtKeepsToItsThresholds) {
  // Distance 0 is below 0.1 of the buffer: the compute-rich layer; then 100 is not: the memory-rich one
  // ahead.
  make("ai_mt", {{{100, 10}, {100, 10}}, {{20, 60}, {20, 60}}}, {0, 0.1, 1});
  dispatch_all();
  EXPECT_THAT(order(), ElementsAre(0, 1, 0, 1));
  // Two blocks of 40 are merged before the fetch of 60 is covered.
  make("ai_mt", {{{40, 10}, {40, 10}, {40, 10}}, {{20, 60}, {20, 60}}}, {0, 0.02, 1});
  dispatch_all();
  EXPECT_THAT(order(3), ElementsAre(0, 0, 1));
  // Less than all of the buffer is free: least compute time first.
  make("ai_mt", {{{100, 10}, {100, 10}}, {{20, 60}, {20, 60}}}, {1, 0.1, 1});
  dispatch_all();
  EXPECT_THAT(order(), ElementsAre(0, 1, 1, 0));
}

struct Adversary {
  const char* name;
  std::vector<std::vector<Layer>> networks;
};
void PrintTo(const Adversary& adversary, std::ostream* out) { *out << adversary.name; }

/// With the default patience a layer waits until twice the buffer's fill has passed and those before it
/// are served: of each network at most one layer, which takes at most its fetch and its computation.
class Starvation : public Weaving, public ::testing::WithParamInterface<Adversary> {};

TEST_P(Starvation, NoLayerWaitsForEver) {
  make("layerweaver", GetParam().networks);
  Ticks bound = 2 * kBuffer;
  for (const auto& network : layers_) {
    Ticks largest = 0;
    for (const Layer& layer : network) largest = std::max(largest, layer.compute + layer.fetch);
    bound += 2 * largest;
  }
  // Where only whole queries are served in turn, those before it are whole queries.
  for (const auto& network : layers_) {
    for (const Layer& layer : network) bound += 2 * (layer.compute + layer.fetch);
  }
  EXPECT_LE(longest_wait(100'000), bound);
}

std::vector<Layer> repeated(size_t count, const Layer& layer) { return std::vector<Layer>(count, layer); }

std::vector<Layer> with(std::vector<Layer> layers, const Layer& first) {
  layers.insert(layers.begin(), first);
  return layers;
}

INSTANTIATE_TEST_SUITE_P(
    Mixes, Starvation,
    ::testing::Values(
        // A memory-intensive network of balanced layers idles nothing, the other one's first layer always
        // does.
        Adversary{"OneHugeFetchAmongBalanced",
                  {with(repeated(9, {200, 1}), {1, 990}), repeated(5, {99, 100})}},
        Adversary{"AllMemoryBound", {repeated(3, {1, 500}), repeated(5, {2, 900})}},
        Adversary{"AllComputeBound", {repeated(3, {500, 1}), repeated(5, {9000, 2})}},
        Adversary{"HugeComputation", {with(repeated(3, {10, 1}), {50'000, 1}), repeated(5, {1, 100})}},
        Adversary{"TinyAgainstHuge", {repeated(3, {5000, 900}), repeated(1, {0, 1})}},
        Adversary{"NothingToDo", {repeated(3, {0, 0}), repeated(3, {1, 100})}},
        Adversary{"Five",
                  {repeated(3, {500, 1}), with(repeated(3, {500, 1}), {1, 1000}), repeated(3, {99, 100}),
                   repeated(3, {1, 1000}), repeated(1, {0, 1})}},
        // 3 buffers of weights, cut into parts of half a buffer as the lowering does.
        Adversary{"LargerThanTheBuffer", {with(repeated(4, {800, 1}), {10, 10}), repeated(6, {300, 500})}}),
    [](const auto& adversary) { return std::string(adversary.param.name); });

TEST_F(Weaving, ThePapersRulesAloneStarveANetwork) {
  std::vector<std::vector<Layer>> networks{{{1, 990}, {2000, 1}}, {{99, 100}}};
  make("layerweaver", networks, {0});
  EXPECT_GT(longest_wait(10'000), 500 * kBuffer);
  make("layerweaver", networks);
  EXPECT_LT(longest_wait(10'000), 6 * kBuffer);
}

}  // namespace
}  // namespace vesper::weaving

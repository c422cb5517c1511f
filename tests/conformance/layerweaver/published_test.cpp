// Layerweaver's evaluation (HPCA 2021, section IV) on the NPU timeline. README.md has the figures these tests
// print.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <ostream>

#include "tests/conformance/layerweaver/weave.h"

namespace vesper::test {
namespace {

/// Sequence length of the transformers: the paper gives none. README.md shows others.
constexpr uint32_t kTokens = 16;

struct Published {
  const char* name;
  Setting setting;
  double throughput;  ///< over the baselines, mean of the pairs
  double turnaround;  ///< ANTT
};
void PrintTo(const Published& published, std::ostream* out) { *out << published.name; }

// Figures 14 to 16.
const Published kPublished[] = {{"SingleBatchOnMemoryCentric", {"memory_centric", 1, kTokens}, 1.601, 1.27},
                                {"Batch16OnComputeCentric", {"compute_centric", 16, kTokens}, 1.539, 1.36}};

struct Summary {
  double throughput = 0, best = 0, turnaround = 0, compute = 0, fetch = 0;
  std::vector<double> throughputs, longest;
};

Summary summary_of(Evaluation& evaluation, const std::vector<Evaluation::Mix>& mixes, const Choice& choice) {
  Summary all;
  auto share = 1.0 / static_cast<double>(mixes.size());
  for (const Evaluation::Mix& mix : mixes) {
    Woven woven = evaluation.run(mix, choice);
    Figures f = evaluation.figures_of(mix, woven);
    all.throughput += share * f.throughput;
    all.best = std::max(all.best, f.throughput);
    all.turnaround += share * f.turnaround;
    all.compute += share * woven.compute_active;
    all.fetch += share * woven.fetch_active;
    all.throughputs.push_back(f.throughput);
    all.longest.push_back(f.longest);
    fmt::print("  {:12} {:12} STP {:.3f} ANTT {:.3f} longest {:.2f} PE {:.3f} DRAM {:.3f}\n", mix[0], mix[1],
               f.throughput, f.turnaround, f.longest, woven.compute_active, woven.fetch_active);
  }
  fmt::print(
      "{}: STP {:.3f} (best {:.3f}, geometric {:.3f}) ANTT {:.3f} longest {:.2f} PE {:.3f} DRAM {:.3f}\n",
      choice.weaver, all.throughput, all.best, geometric_mean(all.throughputs), all.turnaround,
      geometric_mean(all.longest), all.compute, all.fetch);
  return all;
}

class Layerweaver : public ::testing::TestWithParam<Published> {
 protected:
  Evaluation evaluation_{GetParam().setting};
};

TEST_P(Layerweaver, MeetsThePublishedThroughputTurnaroundAndActivity) {
  Summary all = summary_of(evaluation_, Evaluation::pairs(), {"layerweaver"});
  EXPECT_NEAR(all.throughput, GetParam().throughput, 0.05);
  EXPECT_NEAR(all.turnaround, GetParam().turnaround, 0.1);
  EXPECT_GE(all.compute, 0.95);
}

TEST_P(Layerweaver, MeetsThroughputAndTurnaroundWithoutTheTablesOfNcfAsWell) {
  Summary all = summary_of(evaluation_, Evaluation::pairs({"bert_base", "bert_large", "ncf", "xlnet"}),
                           {"layerweaver"});
  EXPECT_NEAR(all.throughput, GetParam().throughput, 0.05);
  EXPECT_NEAR(all.turnaround, GetParam().turnaround, 0.1);
  EXPECT_GE(all.compute, 0.95);
}

TEST_P(Layerweaver, IsAheadOfAiMtWithItsBestThresholds) {
  Choice ai_mt = evaluation_.best_thresholds(Evaluation::pairs());
  fmt::print("thresholds: buffer {}, distance {}\n", ai_mt.parameters[0], ai_mt.parameters[1]);
  Summary theirs = summary_of(evaluation_, Evaluation::pairs(), ai_mt);
  double ours = evaluation_.mean_throughput(Evaluation::pairs(), {"layerweaver"});
  double ahead = ours / geometric_mean(theirs.throughputs);
  fmt::print("layerweaver over ai_mt: {:.3f}\n", ahead);
  EXPECT_GT(ahead, 1.0);
}

TEST_P(Layerweaver, ComputeOnlyAndMemoryOnlyServeAsMuchAsANetworkAlone) {
  for (const char* baseline : {"compute_only", "memory_only"}) {
    for (const Evaluation::Mix& mix : Evaluation::pairs()) {
      Figures f = evaluation_.figures_of(mix, evaluation_.run(mix, {baseline}));
      EXPECT_NEAR(f.throughput, 1.0, 0.005) << baseline << " " << mix[0] << " " << mix[1];
    }
  }
}

TEST_P(Layerweaver, IsAheadOfWholeQueriesInTurn) {
  // In turns of a query `fair` fetches one network's first weights while the other still computes; the
  // paper's fair, in halves of the time, does so once.
  Summary fair = summary_of(evaluation_, Evaluation::pairs(), {"fair"});
  for (double throughput : fair.throughputs) EXPECT_GE(throughput, 0.995);
  EXPECT_GT(evaluation_.mean_throughput(Evaluation::pairs(), {"layerweaver"}),
            geometric_mean(fair.throughputs));
}

TEST_P(Layerweaver, EveryWeaversEstimateIsWhatTheNpuDoesToTheTick) {
  std::vector<std::string> memory = memory_networks();
  memory.emplace_back("ncf");
  for (const char* weaver : {"layerweaver", "ai_mt", "fair", "compute_only", "memory_only"}) {
    for (const Evaluation::Mix& mix : Evaluation::pairs(memory)) {
      Woven woven = evaluation_.run(mix, {weaver}, 4);
      EXPECT_GT(woven.layers, 0U);
      EXPECT_EQ(woven.estimates_off, 0U) << weaver << " " << mix[0] << " " << mix[1];
    }
  }
}

TEST_P(Layerweaver, PatienceNeverDecidesInThesePairs) {
  std::vector<std::string> memory = memory_networks();
  memory.emplace_back("ncf");
  for (const Evaluation::Mix& mix : Evaluation::pairs(memory)) {
    Woven with = evaluation_.run(mix, {"layerweaver"}), without = evaluation_.run(mix, {"layerweaver", {0}});
    EXPECT_EQ(with.layers, without.layers);
    EXPECT_EQ(with.longest_wait, without.longest_wait);
    EXPECT_EQ(with.networks[0].period, without.networks[0].period) << mix[0] << mix[1];
  }
}

INSTANTIATE_TEST_SUITE_P(Settings, Layerweaver, ::testing::ValuesIn(kPublished),
                         [](const auto& published) { return std::string(published.param.name); });

/// Two of InceptionV3, MobileNetV2 and ResNet50 with two of BERT-base, NCF and XLNet: figure 20.
std::vector<Evaluation::Mix> fours() {
  std::vector<Evaluation::Mix> all;
  const Evaluation::Mix compute{"inception_v3", "mobilenet_v2", "resnet50"};
  const Evaluation::Mix memory{"bert_base", "ncf_tables", "xlnet"};
  for (size_t c = 0; c < 3; ++c) {
    for (size_t m = 0; m < 3; ++m)
      all.push_back({compute[c], compute[(c + 1) % 3], memory[m], memory[(m + 1) % 3]});
  }
  return all;
}

TEST(FourNetworks, AreWovenAheadOfAiMtWithExactEstimates) {
  for (const Setting& setting :
       {Setting{"memory_centric", 1, kTokens}, Setting{"compute_centric", 16, kTokens}}) {
    Evaluation evaluation(setting);
    double ours = evaluation.mean_throughput(fours(), {"layerweaver"});
    double theirs = evaluation.mean_throughput(fours(), evaluation.best_thresholds(fours()));
    fmt::print("four networks, {} batch {}: STP {:.3f}, ai_mt {:.3f}, over it {:.3f}\n", setting.npu,
               setting.batch, ours, theirs, ours / theirs);
    EXPECT_GT(ours, theirs);
    for (const Evaluation::Mix& mix : fours()) {
      Woven woven = evaluation.run(mix, {"layerweaver"});
      EXPECT_EQ(woven.estimates_off, 0U);
      for (const Service& service : woven.networks) EXPECT_GE(service.queries, 10U);
    }
  }
}

TEST(FourNetworks, StarveByThePapersRulesAlone) {
  Evaluation evaluation({"memory_centric", 1, kTokens});
  for (const Evaluation::Mix& mix : fours()) {
    Woven woven = evaluation.run(mix, {"layerweaver", {0}});
    EXPECT_TRUE(std::ranges::any_of(woven.networks, [](const Service& s) { return s.queries == 0; }));
  }
}

TEST(FourNetworks, AreAllMemoryIntensiveOnComputeCentricInSingleBatch) {
  // Figure 20's setting as its caption reads. Every network keeps the memory busy by itself: nothing is to be
  // gained.
  Evaluation evaluation({"compute_centric", 1, kTokens});
  for (const Evaluation::Mix& mix : fours()) {
    Woven woven = evaluation.run(mix, {"layerweaver"});
    EXPECT_GT(woven.fetch_active, 0.995);
    EXPECT_NEAR(evaluation.figures_of(mix, woven).throughput, 1.0, 0.01);
  }
}

TEST(Sensitivity, NpusAreUsedBestAtTheBatchTheyAreMadeFor) {
  // Figure 19: a larger batch takes from the memory-centric NPU's gain and adds to the compute-centric one's.
  for (const char* npu : {"memory_centric", "compute_centric"}) {
    std::vector<double> gains;
    for (uint32_t batch : {1U, 2U, 4U, 8U, 16U}) {
      Evaluation evaluation({npu, batch, kTokens});
      double ours = evaluation.mean_throughput(Evaluation::pairs(), {"layerweaver"});
      double theirs =
          evaluation.mean_throughput(Evaluation::pairs(), evaluation.best_thresholds(Evaluation::pairs()));
      fmt::print("{} batch {}: STP {:.3f}, ai_mt {:.3f}\n", npu, batch, ours, theirs);
      gains.push_back(ours);
    }
    bool memory_centric = std::string(npu) == "memory_centric";
    EXPECT_EQ(gains.front() > gains.back(), memory_centric) << npu;
  }
}

TEST(Sensitivity, LongerSequencesMakeTransformersComputeIntensive) {
  for (const Published& published : kPublished) {
    double last = 2;
    for (uint32_t tokens : {8U, 16U, 32U, 64U, 128U}) {
      Setting setting = published.setting;
      setting.tokens = tokens;
      Evaluation evaluation(setting);
      std::vector<double> all;
      double turnaround = 0, mean = 0;
      for (const Evaluation::Mix& mix : Evaluation::pairs()) {
        Figures f = evaluation.figures_of(mix, evaluation.run(mix, {"layerweaver"}));
        mean += f.throughput / 16;
        turnaround += f.turnaround / 16;
      }
      fmt::print("{} tokens {}: STP {:.3f} ANTT {:.3f}\n", published.name, tokens, mean, turnaround);
      EXPECT_LT(mean, last);
      last = mean;
    }
  }
}

}  // namespace
}  // namespace vesper::test

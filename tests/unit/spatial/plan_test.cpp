#include "models/spatial/plan.h"

#include <gmock/gmock.h>

#include <set>

#include "tests/unit/spatial/designs.h"

namespace vesper::spatial {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using workload::Graph;

Plan plan_of(const Design& design, Graph graph = deit_t(), uint32_t images = 6) {
  return {design, {{2, std::make_shared<const Graph>(std::move(graph)), images, 5}}};
}

uint32_t number(const Plan& plan, const std::string& name) {
  const std::vector<workload::Operator>& operators = plan.graph_of(2)->operators;
  for (uint32_t i = 0; i < operators.size(); ++i) {
    if (operators[i].name == name) return i;
  }
  throw std::out_of_range(name);
}

std::vector<std::string> receivers(const Plan& plan, const std::string& op) {
  std::vector<std::string> names;
  for (const Delivery& delivery :
       plan.deliveries(2, op == "input" ? workload::Edge::kInput : number(plan, op))) {
    const bool outside = delivery.accelerator == Delivery::kOutside;
    names.push_back(outside ? "outside" : plan.design().accelerators[delivery.accelerator].name);
  }
  return names;
}

const Delivery& delivery(const Plan& plan, const std::string& op, const std::string& to) {
  for (const Delivery& one : plan.deliveries(2, number(plan, op))) {
    if (one.accelerator == plan.accelerator_number(to)) return one;
  }
  throw std::out_of_range(op);
}

TEST(SpatialPlan, ResultsGoToAllThatTakeThem) {
  const Plan plan = plan_of(accelerators(6));
  EXPECT_THAT(receivers(plan, "input"), ElementsAre("embedding"));
  EXPECT_THAT(receivers(plan, "embedding"), ElementsAre());
  EXPECT_THAT(receivers(plan, "position"), ElementsAre("projection"));
  EXPECT_THAT(receivers(plan, "block0.attention_quantise"), ElementsAre("qkv"));
  EXPECT_THAT(receivers(plan, "block0.qkv"), ElementsAre("scores", "context"));
  EXPECT_THAT(receivers(plan, "block0.keys"), ElementsAre("scores"));
  EXPECT_THAT(receivers(plan, "block0.scores"), ElementsAre());
  EXPECT_THAT(receivers(plan, "block0.softmax_quantise"), ElementsAre("context"));
  EXPECT_THAT(receivers(plan, "block0.attention_residual"), ElementsAre("fc2"));
  EXPECT_THAT(receivers(plan, "block0.mlp_residual"), ElementsAre("projection"));
  EXPECT_THAT(receivers(plan, "block11.mlp_residual"), ElementsAre());
  EXPECT_THAT(receivers(plan, "head_quantise"), ElementsAre("head"));
  EXPECT_THAT(receivers(plan, "head"), ElementsAre("outside"));
}

TEST(SpatialPlan, VisitsAreJobsOfStageTasksAndBack) {
  const Plan plan = plan_of(accelerators(3), deit_t(), 4);
  ASSERT_EQ(plan.stages().size(), 8U);
  EXPECT_EQ(plan.stages()[0].task, 5U);
  EXPECT_EQ(plan.stages()[0].stage, "embedding");
  EXPECT_EQ(plan.stages()[1].parent, 2U);
  EXPECT_EQ(plan.stages()[1].accelerator, plan.accelerator_number("qkv"));
  EXPECT_EQ(plan.stage(5 + 8), nullptr);
  EXPECT_EQ(plan.graph_of(5), nullptr);
  const uint32_t product = number(plan, "block7.fc1");
  const StageTask& stage = plan.stage_of(2, product);
  EXPECT_EQ(stage.stage, "fc1");
  EXPECT_EQ(plan.stage_job(2, product, 9, 3), (9U * 4 + 3) * 12 + 7);
  std::set<std::pair<uint16_t, uint32_t>> seen;
  for (uint32_t i : plan.graph_of(2)->products()) {
    for (uint32_t image = 0; image < 4; ++image) {
      const observe::JobId id{plan.stage_of(2, i).task, plan.stage_job(2, i, 9, image)};
      EXPECT_TRUE(seen.insert({id.task, id.job}).second);
      const Visit visit = plan.visit_of(id);
      EXPECT_EQ(visit.task, 2U);
      EXPECT_EQ(visit.job, 9U);
      EXPECT_EQ(visit.image, image);
      EXPECT_EQ(visit.product, i);
    }
  }
  EXPECT_THROW((void)plan.visit_of({2, 0}), std::out_of_range);
}

TEST(SpatialPlan, PublishedSpatialDesignHasNoExposedMoveWithinABlock) {
  const Plan plan = plan_of(accelerators(6));
  for (uint32_t op = 0; op < plan.graph_of(2)->operators.size(); ++op) {
    if (plan.graph_of(2)->operators[op].name == "head_quantise") continue;
    for (const Delivery& one : plan.deliveries(2, op)) {
      EXPECT_EQ(one.exposed_ps, 0U) << plan.graph_of(2)->operators[op].name << ": " << one.reason;
      EXPECT_EQ(one.on_chip, one.accelerator != Delivery::kOutside);
    }
  }
}

TEST(SpatialPlan, IncompatiblePartitionsAreMovedAfterTheLastRow) {
  const Plan plan = plan_of(accelerators(3));
  // 192 x 192 bytes out of 4 x 6 banks into 1 x 4: by 2 streams of 16 bytes at 230 MHz.
  const Delivery& moved = delivery(plan, "block0.attention_quantise", "qkv");
  EXPECT_EQ(moved.exposed_ps, 0U);  // from the embedding, 1 x 4
  const Delivery& later = delivery(plan, "block1.attention_quantise", "qkv");
  EXPECT_TRUE(later.on_chip);
  EXPECT_EQ(later.exposed_ps, pl_ps(192 * 192 / 32, plan.design().device));
  EXPECT_THAT(later.reason, HasSubstr("lies in 4 x 6 banks and 'block1.qkv' reads 1 x 4"));
  EXPECT_EQ(delivery(plan, "block1.qkv", "attention").exposed_ps,
            0U);  // 6 columns of banks for Q, K and V each
  EXPECT_EQ(delivery(plan, "block1.context", "mlp").exposed_ps, 0U);
}

TEST(SpatialPlan, OnlyTheRowsThatAreTakenAreMoved) {
  const Plan plan = plan_of(accelerators(6));
  // A row of 192 bytes from 4 banks into 5.
  EXPECT_EQ(delivery(plan, "head_quantise", "head").exposed_ps, pl_ps(12, plan.design().device));
}

TEST(SpatialPlan, ThroughMemoryEverythingButTheInputGoes) {
  Design design = accelerators(1);
  design.forwarding = Forwarding::ddr;
  const Plan plan = plan_of(design);
  EXPECT_TRUE(plan.deliveries(2, workload::Edge::kInput)[0].on_chip);
  const Delivery& one = delivery(plan, "block0.softmax_quantise", "all");
  EXPECT_FALSE(one.on_chip);
  EXPECT_EQ(one.reason, "forwarding: ddr");
  EXPECT_TRUE(plan.allocation().buffers.empty());
}

TEST(SpatialPlan, WhatDoesNotFitGoesThroughMemoryWithTheReason) {
  Design design = accelerators(6);
  design.device.bram = 500;
  design.device.uram = 50;
  const Plan plan = plan_of(design);
  const Delivery& one = delivery(plan, "block0.gelu_quantise", "fc2");
  EXPECT_FALSE(one.on_chip);
  EXPECT_EQ(one.exposed_ps, 0U);
  EXPECT_THAT(one.reason,
              HasSubstr("A of stage 'fc2' (884736 bytes for 6 images in 1 x 24 banks) would take 240 BRAM"));
}

TEST(SpatialPlan, WeightsThatDoNotFitAreRefusedWithTheNumbers) {
  Design design = accelerators(1);
  design.device.uram = 100;
  try {
    plan_of(design);
    FAIL() << "taken";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("weights of accelerator 'all' (5455872 bytes in 6 x 6 banks) take 216 URAM; 100 "
                          "of 100 are left"));
  }
}

// ---- on-chip memory

TEST(SpatialMemory, BanksAreWholeBlocksOfTheFinerPartition) {
  const Graph graph = deit_t();
  const Graph* const graphs[] = {&graph};
  const Allocation all = allocate(accelerators(6), graphs);
  auto buffer = [&](const std::string& stage, const std::string& what) -> const Buffer& {
    for (const Buffer& b : all.buffers) {
      if (b.stage == stage && b.what == what) return b;
    }
    throw std::out_of_range(stage);
  };
  const Buffer& shares = buffer("context", "A");  // 192 x 576 for 6 images
  EXPECT_EQ(shares.bytes, 6U * 192 * 576);
  EXPECT_EQ(shares.banks.rows, 2U);
  EXPECT_EQ(shares.banks.columns, 6U);
  EXPECT_EQ(shares.blocks, 12U * 7 * 2);  // 55296 bytes a bank: 7 pairs of 8 KiB
  EXPECT_EQ(buffer("fc2", "A").banks.columns, 24U);
  EXPECT_EQ(buffer("scores", "B").banks.rows, 2U);  // keys: rows of K are columns of the product
  EXPECT_EQ(buffer("projection", "attention_residual").bytes, 6U * 192 * 192);
  // Table 8: BRAM 624 and URAM 104 in all.
  EXPECT_LE(all.resources.bram, 867U);
}

TEST(SpatialMemory, StagesOfAnAcceleratorShareItsBanks) {
  const Graph graph = deit_t();
  const Graph* const graphs[] = {&graph};
  const Allocation one = allocate(accelerators(1, 1), graphs);
  uint64_t blocks = 0, bytes = 0;
  for (const Buffer& b : one.buffers) {
    if (b.what != "A" || b.stage == "head") continue;
    blocks += b.blocks;
    bytes += b.bytes;
    EXPECT_EQ(b.place, Place::bram);
  }
  // 36 banks, filled one behind the other, each rounded up once.
  EXPECT_EQ(blocks, 36 * ((bytes / 36 + 8191) / 8192) * 2);
}

TEST(SpatialMemory, EdgesAreComparedByTheColumnsTheyTake) {
  const Graph graph = deit_t();
  Design design = accelerators(3);
  const workload::Operator& scores = graph.operators[graph.products_of("scores").front()];
  const Banks q = written_banks(graph, scores.inputs[0], named(design, "qkv"));
  EXPECT_EQ(q.rows, 1U);
  EXPECT_EQ(q.columns, 6U);  // 192 of 576 columns, in 6 of 18 streams
  const Banks whole = written_banks(graph, scores.inputs[0], accelerators(1).accelerators[0]);
  EXPECT_EQ(whole.columns, 6U);  // tiles of 32 go round 6 banks
  EXPECT_TRUE(compatible({4, 6}, {2, 18}));
  EXPECT_FALSE(compatible({4, 6}, {1, 4}));
}

}  // namespace
}  // namespace vesper::spatial

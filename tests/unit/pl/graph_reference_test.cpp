// The reference computation of graphs: by hand where they are tiny, else against the definition in wide
// arithmetic.
#include "models/pl/graph_reference.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "models/aie/arithmetic.h"
#include "models/pl/row_arithmetic.h"
#include "tests/unit/pl/graphs.h"

namespace vesper::pl {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using testing::GraphBuilder;
using workload::Edge;
using workload::Format;

Matrix int8_matrix(uint32_t rows, uint32_t columns, const std::vector<int>& values) {
  Matrix matrix(rows, columns, Format::int8);
  for (size_t i = 0; i < values.size(); ++i) matrix.bytes[i] = static_cast<std::byte>(values[i]);
  return matrix;
}
template <class T>
std::vector<T> values_of(const Matrix& matrix) {
  auto all = elements<T>(matrix.bytes.data(), matrix.bytes.size() / sizeof(T));
  return {all.begin(), all.end()};
}
std::vector<int> ints(const Matrix& matrix) {
  std::vector<int> all;
  for (int8_t x : values_of<int8_t>(matrix)) all.push_back(x);
  return all;
}
const Values kValues(1, "task");

TEST(GraphReference, AttentionOfTwoHeadsByHand) {
  // Two tokens; q, k, v of two heads of one column each. K = 1: sums are drained by 6 bits.
  GraphBuilder b(2, 6);
  b.attention("scores", {Edge::kInput, 0, 2}, {Edge::kInput, 2, 2}, 2, 1, 4, true);
  const auto results = GraphReference(b.graph, kValues)
                           .results(int8_matrix(2, 6, {64, 32, 10, 20, 0, 0, -64, 16, 30, -40, 0, 0}));
  // Head 0: q (64, -64), k (10, 30); head 1: q (32, 16), k (20, -40).
  EXPECT_THAT(ints(results[0]), ElementsAre(10, 30, 10, -20, -10, -30, 5, -10));
}

TEST(GraphReference, ContextTakesProbabilitiesOfAHeadAndItsValues) {
  // K = 2 tokens: drained by 6 bits.
  GraphBuilder b(2, 6);
  b.attention("context", {Edge::kInput, 0, 4}, {Edge::kInput, 4, 2}, 2, 2, 2, false);
  const auto results = GraphReference(b.graph, kValues)
                           .results(int8_matrix(2, 6, {64, 0, 32, 32, 11, 22, 0, 64, 16, 0, 33, 44}));
  // Head 0: p (64 0; 0 64), v (11, 33); head 1: p (32 32; 16 0), v (22, 44).
  EXPECT_THAT(ints(results[0]), ElementsAre(11, 33, 33, 6));  // 22 * 16 / 64 = 5.5
}

TEST(GraphReference, SumsSaturateAndEdgesCutColumns) {
  GraphBuilder b(1, 4);
  const uint32_t wide = b.other("vector_add", {Edge::kInput, 0, 2}, Format::int8);
  b.graph.operators[wide].inputs.push_back({Edge::kInput, 2, 2});
  const auto results = GraphReference(b.graph, kValues).results(int8_matrix(1, 4, {100, -100, 27, -29}));
  EXPECT_THAT(ints(results[0]), ElementsAre(127, -128));
}

TEST(GraphReference, ReformatsThereAndBack) {
  GraphBuilder b(2, 3);
  const uint32_t real = b.other("reformat", Edge::kInput, Format::fp32);
  b.other("reformat", real, Format::int8);
  const auto results = GraphReference(b.graph, kValues).results(int8_matrix(2, 3, {1, 2, 3, -4, 5, 127}));
  EXPECT_THAT(values_of<float>(results[0]),
              ElementsAre(1 / 32.0F, 2 / 32.0F, 3 / 32.0F, -4 / 32.0F, 5 / 32.0F, 127 / 32.0F));
  EXPECT_THAT(ints(results[1]), ElementsAre(1, 2, 3, -4, 5, 127));
}

TEST(GraphReference, RowsStayRowsBehindATranspose) {
  GraphBuilder b(2, 3);
  b.other("transpose", {Edge::kInput, 1, 2}, Format::int8);
  const auto results = GraphReference(b.graph, kValues).results(int8_matrix(2, 3, {1, 2, 3, -4, 5, 127}));
  EXPECT_THAT(ints(results[0]), ElementsAre(2, 3, 5, 127));
}

TEST(GraphReference, TwoProbabilitiesHaveSevenBits) {
  GraphBuilder b(1, 4);
  uint32_t p = b.other("reformat", Edge::kInput, Format::fp32);
  p = b.other("softmax", p, Format::fp32, 2);
  p = b.other("reformat", p, Format::int8);
  b.other("reformat", p, Format::fp32);
  const auto results = GraphReference(b.graph, kValues).results(int8_matrix(1, 4, {5, 5, 127, -128}));
  EXPECT_THAT(ints(results[2]), ElementsAre(64, 64, 127, 0));
  EXPECT_THAT(values_of<float>(results[3]), ElementsAre(0.5F, 0.5F, 127 / 128.0F, 0.0F));
}

TEST(GraphReference, AWholeBlockHoldsInWideArithmetic) {
  const workload::Graph graph = testing::transformer_block(192, 192, 3);
  const GraphReference reference(graph, kValues);
  const Matrix input = kValues.input(graph, 0, 0);
  const auto results = reference.results(input);
  ASSERT_EQ(results.size(), graph.operators.size());
  for (uint32_t i = 0; i < results.size(); ++i) {
    const workload::Operator& op = graph.operators[i];
    EXPECT_EQ(results[i].rows, op.rows);
    EXPECT_EQ(results[i].columns, op.columns);
    EXPECT_EQ(results[i].format, op.format);
    if (!op.has_weights()) continue;
    const Matrix& a = op.inputs[0].from == Edge::kInput ? input : results[op.inputs[0].from];
    for (uint32_t element = 0; element < 200; ++element) {
      const uint32_t row = element * 37 % op.rows, column = element * 101 % op.columns;
      ASSERT_TRUE(aie::find_arithmetic(1)->holds(results[i].at(row, column), a.at(row, 0),
                                                 reference.weights(i).at(0, column), op.columns, op.inner))
          << op.name;
    }
  }
}

TEST(GraphReference, NothingOfABlockIsConstant) {
  const workload::Graph graph = testing::transformer_block(192, 192, 3);
  const auto results = GraphReference(graph, kValues).results(kValues.input(graph, 0, 0));
  for (uint32_t i = 0; i < results.size(); ++i) {
    if (graph.operators[i].format != Format::int8) continue;
    std::vector<int> values = ints(results[i]);
    EXPECT_GT(std::set<int>(values.begin(), values.end()).size(), 20U) << graph.operators[i].name;
  }
}

TEST(GraphReference, AttentionIsThatOfOneHeadInItsColumns) {
  const workload::Graph graph = testing::transformer_block(24, 32, 4);
  const auto results = GraphReference(graph, kValues).results(kValues.input(graph, 0, 0));
  const Matrix& qkv = results[0];
  for (uint32_t head = 0; head < 4; ++head) {
    for (uint32_t q = 0; q < 24; ++q) {
      for (uint32_t k = 0; k < 24; ++k) {
        int64_t sum = 0;
        for (uint32_t i = 0; i < 8; ++i) {
          sum += int64_t{static_cast<int8_t>(*qkv.at(q, head * 8 + i))} *
                 static_cast<int8_t>(*qkv.at(k, 32 + head * 8 + i));
        }
        // K = 8: 7 bits, half up.
        const auto expected =
            static_cast<int>(std::clamp(std::floor(static_cast<double>(sum) / 128 + 0.5), -128.0, 127.0));
        ASSERT_EQ(static_cast<int8_t>(*results[2].at(q, head * 24 + k)), expected);
      }
    }
  }
}

TEST(GraphReference, SaysWhatItCannotCompute) {
  GraphBuilder b(2, 2);
  b.other("tanh", Edge::kInput, Format::fp32);
  EXPECT_THROW(GraphReference(b.graph, kValues), std::invalid_argument);
}

TEST(GraphReference, SaysWhereMatricesDiffer) {
  Matrix a = int8_matrix(2, 2, {1, 2, 3, 4}), b = int8_matrix(2, 2, {1, 2, -3, 4});
  EXPECT_EQ(difference(a, a), "");
  EXPECT_EQ(difference(a, b), "row 1, column 0 is 3, not -3");
  EXPECT_EQ(difference(a, Matrix(2, 3, Format::int8)), "a matrix of 2 x 2, not 2 x 3");
}

TEST(Values, DependOnSeedTaskAndNameAlone) {
  GraphBuilder b(4, 64);
  const uint32_t first = b.product("first", b.all_of(Edge::kInput), 64, 32);
  const uint32_t second = b.product("second", b.all_of(first), 32, 64);
  GraphBuilder reversed(8, 64);
  const uint32_t other = reversed.product("second", {Edge::kInput, 0, 32}, 32, 64);
  const auto weights = [](const GraphBuilder& builder, uint32_t op, const Values& values) {
    return values.weights(builder.graph.operators[op]);
  };
  EXPECT_EQ(weights(b, second, kValues), weights(reversed, other, kValues));
  EXPECT_NE(weights(b, second, kValues), weights(b, second, Values(2, "task")));
  EXPECT_NE(weights(b, second, kValues), weights(b, second, Values(1, "other")));
  EXPECT_NE(weights(b, second, kValues).bytes, weights(b, first, kValues).bytes);
  EXPECT_NE(kValues.input(b.graph, 0, 0), kValues.input(b.graph, 0, 1));
  EXPECT_NE(kValues.input(b.graph, 0, 1), kValues.input(b.graph, 1, 0));
}

TEST(Values, AreInTheirRanges) {
  GraphBuilder b(64, 192);
  const uint32_t table = b.other("vector_add", Edge::kInput, Format::int8);
  const uint32_t norm = b.other("layer_norm", Edge::kInput, Format::fp32);
  std::vector<int> positions = ints(kValues.addend(b.graph.operators[table]));
  EXPECT_EQ(std::ranges::min(positions), -32);
  EXPECT_EQ(std::ranges::max(positions), 31);
  std::vector<float> both = values_of<float>(kValues.gamma_beta(b.graph.operators[norm]));
  for (size_t i = 0; i < 192; ++i) {
    EXPECT_TRUE(both[i] >= 0.5F && both[i] < 1.5F);
    EXPECT_TRUE(both[192 + i] >= -0.5F && both[192 + i] < 0.5F);
  }
}

}  // namespace
}  // namespace vesper::pl

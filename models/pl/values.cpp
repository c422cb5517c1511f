#include "models/pl/values.h"

#include "models/aie/arithmetic.h"
#include "platform/property/random.h"

namespace vesper::pl {
namespace {

using workload::Format;

uint64_t stream(uint64_t seed, std::string_view name) { return stream_seed(seed, fnv1a(name)); }

/// Multiples of 2^-23 in [middle - 2^-shift, middle + 2^-shift), exact in FP32.
void draw(SplitMix64& random, float middle, uint32_t shift, std::span<float> row) {
  for (float& x : row) {
    const auto fraction = static_cast<int32_t>(random.next() >> (40 + shift)) - (1 << (23 - shift));
    x = middle + static_cast<float>(fraction) * 0x1p-23F;
  }
}

}  // namespace

Values::Values(uint64_t run_seed, std::string_view task) : seed_(stream(run_seed, task)) {}

Matrix Values::input(const workload::Graph& graph, uint32_t job, uint32_t image) const {
  Matrix matrix(graph.input_rows, graph.input_columns, Format::int8);
  const uint64_t own = stream_seed(stream_seed(stream(seed_, "input"), job), image);
  aie::find_arithmetic(1)->draw_inputs(own, matrix.bytes.data(), matrix.bytes.size());
  return matrix;
}

Matrix Values::weights(const workload::Operator& product) const {
  Matrix matrix(product.inner, product.columns, Format::int8);
  aie::find_arithmetic(1)->draw_weights(stream(seed_, product.name), matrix.bytes.data(), matrix.bytes.size(),
                                        product.inner);
  return matrix;
}

Matrix Values::addend(const workload::Operator& op) const {
  Matrix matrix(op);
  SplitMix64 random(stream(seed_, op.name));
  if (op.format == Format::fp32) {
    draw(random, 0, 0, elements<float>(matrix.bytes.data(), matrix.bytes.size() / sizeof(float)));
    return matrix;
  }
  for (std::byte& element : matrix.bytes)
    element = static_cast<std::byte>(static_cast<int8_t>(random.next() >> 58) - 32);
  return matrix;
}

Matrix Values::gamma_beta(const workload::Operator& op) const {
  Matrix matrix(2, op.columns, Format::fp32);
  SplitMix64 random(stream(seed_, op.name));
  draw(random, 1, 1, elements<float>(matrix.at(0, 0), op.columns));
  draw(random, 0, 1, elements<float>(matrix.at(1, 0), op.columns));
  return matrix;
}

}  // namespace vesper::pl

/// The values of a functional run: inputs, weights and the constants that operators hold. SystemC-free.
///
/// Contract    drawn from the run's seed, the task's name and the operator's name, inputs from the numbers of
///             job and image too: they do not depend on what runs where, on other tasks or on the order of
///             calls.
/// Ranges      inputs and weights are INT8 over their whole range, as everywhere (aie::Arithmetic). Stored
///             addends (the position table) are INT8 in -32..31, or FP32 in [-1, 1); gamma is in [0.5, 1.5),
///             beta in [-0.5, 0.5).
/// Leaves out  trained values: what a network says about an image.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/pl/matrix.h"

namespace vesper::pl {

class Values {
 public:
  Values(uint64_t run_seed, std::string_view task);

  /// One input of a job.
  [[nodiscard]] Matrix input(const workload::Graph& graph, uint32_t job, uint32_t image) const;
  /// inner x columns.
  [[nodiscard]] Matrix weights(const workload::Operator& product) const;
  /// What a vector_add without a second input adds, in its own format.
  [[nodiscard]] Matrix addend(const workload::Operator& op) const;
  /// Two rows: gamma and beta of each column.
  [[nodiscard]] Matrix gamma_beta(const workload::Operator& op) const;

 private:
  uint64_t seed_;
};

}  // namespace vesper::pl

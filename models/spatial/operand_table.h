/// What an accelerator's memory has to wait for: the results that come to it, and the products that take
/// them. SystemC-free.
#pragma once

#include "models/spatial/plan.h"

namespace vesper::spatial {

/// A result, or the network's input, that is delivered to the accelerator.
struct Operand {
  uint32_t op = 0;
  uint32_t rows = 0, columns = 0;  ///< of the whole result
  workload::Format format = workload::Format::int8;
  uint64_t bytes = 0;  ///< of the columns that anything here takes
  bool on_chip = true;
  uint64_t exposed_ps = 0;
  std::string reason;
  uint64_t offset = 0;           ///< in the image's space in DDR, where it goes through that
  std::vector<uint32_t> takers;  ///< products, as places in OperandTable::products
  [[nodiscard]] uint64_t elements() const { return uint64_t{rows} * columns; }
};

/// Bytes that a visit has to fetch from DDR before it can start.
struct Fetch {
  static constexpr uint32_t kWeights = ~0U;
  uint32_t operand = 0;  ///< place in OperandTable::operands, or kWeights
  uint64_t bytes = 0;
  uint64_t offset = 0;  ///< in the image's space, or in the weights'
};

struct ProductNeeds {
  uint32_t op = 0;
  uint16_t stage_task = 0;
  std::vector<uint32_t> operands;  ///< places
  std::vector<Fetch> fetches;
};

/// Of one task of the scenario on one accelerator.
struct OperandTable {
  static constexpr uint32_t kNone = ~0U;
  std::vector<Operand> operands;
  std::vector<ProductNeeds> products;
  std::vector<uint32_t> operand_of;  ///< place by 1 + number of the operator, 0 the input; kNone: not here
  std::vector<uint32_t> product_of;  ///< place by number of the operator; kNone

  [[nodiscard]] uint32_t operand(uint32_t op) const { return operand_of[op + 1]; }
  /// Space in DDR of one image's operands that go through it, and of all weights that do.
  uint64_t image_bytes = 0, weight_bytes = 0;
};

/// Empty for a task that does not run on the design. Throws std::logic_error where a product's operand is not
/// delivered to its accelerator, and InputError where a matrix takes 4 GiB.
OperandTable operand_table(const Plan& plan, uint16_t task, uint16_t accelerator);

}  // namespace vesper::spatial

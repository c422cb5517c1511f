/// Whether the rows that operators deliver are those of the reference computation
/// (models/pl/graph_reference.h).
#pragma once

#include <map>
#include <memory>
#include <span>

#include "models/core/environment.h"
#include "models/pl/graph_reference.h"
#include "models/pl/stream.h"
#include "models/spatial/plan.h"

namespace vesper::spatial {

class ResultCheck {
 public:
  explicit ResultCheck(const core::Environment& environment);

  /// Throws core::SimulationError naming operator, row and column where rows are not what they must be.
  void check(const pl::StreamPacket& packet, std::span<const std::byte> rows);
  [[nodiscard]] const observe::FunctionalTotals& totals() const { return totals_; }

 private:
  struct Task {
    const workload::Graph* graph = nullptr;
    std::unique_ptr<pl::Values> values;
    std::unique_ptr<pl::GraphReference> reference;
  };
  struct Image {
    std::vector<pl::Matrix> results;
    uint64_t missing = 0;  // elements of the last operator
  };
  struct Key {
    observe::JobId job;
    uint32_t image;
    auto operator<=>(const Key&) const = default;
  };

  Image& image_of(const Task& task, const Key& key);
  void compare(const pl::StreamPacket& packet, std::span<const std::byte> rows, const Task& task,
               const pl::Matrix& expected);
  void count(const pl::StreamPacket& packet, const Key& key, Image& image);

  const std::shared_ptr<const Plan> plan_;
  std::vector<Task> tasks_;
  std::map<Key, Image> images_;                 // not complete
  std::map<observe::JobId, uint32_t> checked_;  // images of jobs that are not complete
  observe::FunctionalTotals totals_;
};

}  // namespace vesper::spatial

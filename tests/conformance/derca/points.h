/// The points of `points.jsonl` (README.md): task sets run through DERCA's published code, a line a set and
/// design.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schedulers/offline/analysis.h"

namespace vesper::test {

struct DercaPoint {
  struct Regions {
    uint64_t count = 0;
    int64_t longest = 0, wcet = 0, first_overhead = 0;
  };
  /// Of the simulation over `horizon` cycles, the hyperperiod.
  struct Simulated {
    int64_t horizon = 0;
    bool meets_all_deadlines = false;  ///< jobs due at the horizon counted
    std::vector<int64_t> max_response;
    std::vector<int64_t> released, finished;
    int64_t regions_run = 0, preemptions = 0;
  };
  int line = 0;
  std::string family, strategy;  ///< strategy: a design's name
  std::vector<double> utilisations;
  std::vector<int64_t> periods, execution;
  int64_t hyperperiod = 0;
  bool passes = false;  ///< analysis or placement
  std::vector<int64_t> beta;
  std::vector<int64_t> q_max;  ///< one more than tasks, the last 0; empty with placement
  std::vector<Regions> regions;
  bool placed = false;  ///< the placed regions were simulated, not those of the analysis
  Simulated simulated;

  [[nodiscard]] std::string text() const;
};

std::vector<DercaPoint> read_derca_points();

/// The layers of a family's tasks: two layers of MLP1 for fig11a, two BERT-tiny, two PointNet.
std::vector<offline::LayerShape> layers_of_family(const std::string& family);

/// The accelerator's costs as the publication's configuration file has them.
accelerator::OperationCosts derca_costs();

/// As the published code analyses it: without scheduler, kernel management and release delay.
offline::TaskSet task_set(const DercaPoint& point);

}  // namespace vesper::test

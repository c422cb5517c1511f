/// Analytic latency of a batch of images on a spatial design: the inner loop of a search, and what a
/// simulation is compared with. SystemC-free.
///
/// Schedule    greedy: a product of an image starts when its accelerator is free and all rows of all it takes
///             are there; first come first served, of those that came at once the earlier image (SSR, section
///             4.4). No overlap between a product and the next of one image.
/// Product     its steps, and what engines stall the array; results are there when their last row is through
///             the engines before them, and where partitions do not fit, after the move (models/spatial).
///             Engines that are not pipelined occupy the accelerator until they are through.
/// Images      at most Design::images are in the design; each is loaded behind those before it, and its place
///             is free when its result is in memory.
/// Memory      a transfer takes the latency and its bytes at the bandwidth. With forwarding through memory,
///             or where a result has no room on chip, it is written at the consumer's port when its last row
///             is there; operands, addends and streamed weights are read when all are, one transfer of a port
///             after the other. Ports do not slow one another down.
/// Engines     that are still busy with a product hold up the first rows of the next one.
/// Leaves out  schedulers' and kernel manager's time; contention in memory; edges of clocks.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/spatial/memory.h"
#include "models/spatial/timing.h"
#include "platform/workload/graph.h"

namespace vesper::offline {

/// As `memory.fidelity: fixed` has it: one reader of the board (platforms/ssr_vck190.yaml).
struct SpatialMemory {
  Bandwidth bandwidth{12'900'000'000};
  Duration latency = ns(120);
  [[nodiscard]] uint64_t transfer_ps(uint64_t bytes) const;
};

/// What the scheduler needs of a graph, without a string: made once a graph.
struct SpatialShape {
  /// Uses that are alike but for the block: one of these costs what all do.
  struct Route {
    workload::Edge edge;
    spatial::Use use;
    uint16_t from_stage = 0;  ///< kInput: of the image
    uint16_t to_stage = 0;
    uint32_t behind = 0;  ///< 0: the product itself, else so many operators behind it
    static constexpr uint16_t kInput = 0xFFFF;
  };
  struct Stage {
    uint32_t product = 0;  ///< the first of them
    uint32_t visits = 0;
  };
  struct Arrow {
    uint32_t to = 0;  ///< product, by its place among the products
    uint16_t route = 0;
  };
  const workload::Graph* graph = nullptr;
  std::vector<std::string> names;  ///< of stages
  std::vector<Stage> stages;
  std::vector<Route> routes;
  std::vector<uint16_t> stage_of;     ///< of each product
  std::vector<uint16_t> operands;     ///< how many arrows come to it
  std::vector<Arrow> arrows;          ///< from each product in turn
  std::vector<uint32_t> first_arrow;  ///< of each product, and the end
  std::vector<Arrow> from_input;
};
/// The graph has to outlive it.
SpatialShape shape_of(const workload::Graph& graph);

/// What stages and routes cost on one design.
struct SpatialCosts {
  struct Stage {
    uint16_t accelerator = 0;
    uint64_t steps = 0;
    uint64_t array_ps = 0;     ///< its steps
    uint64_t stall_ps = 0;     ///< of the array, for engines
    uint64_t chain_ps = 0;     ///< from the last step to the last row behind all engines
    uint64_t read_ps = 0;      ///< from memory, before it can start
    uint64_t occupied_ps = 0;  ///< the accelerator is, from start to next
    uint64_t packet_ps = 0;    ///< of the array, for what it gives to engines at once
    uint64_t engines_ps = 0;   ///< of the engines, for that: the next packet ends no sooner after it
  };
  struct Route {
    uint64_t there_ps = 0;  ///< from a product's start to when its result has reached the consumer's memory
    uint64_t write_ps = 0;  ///< from there on, where it goes through memory
  };
  std::vector<Stage> stages;
  std::vector<Route> routes;
  uint32_t accelerators = 0;
  uint32_t places = 1;     ///< images in the design
  uint64_t image_ps = 0;   ///< to load one
  uint64_t result_ps = 0;  ///< from the start of the last product to its result in memory
};
/// `map`: the accelerator of each stage of the shape. Without an allocation all operands have room.
void costs_of(const SpatialShape& shape, const spatial::Design& design, std::span<const uint16_t> map,
              const spatial::Allocation* allocation, const SpatialMemory& memory, SpatialCosts& costs);

/// Runs images through; keeps its tables from call to call.
class SpatialSchedule {
 public:
  struct Visit {
    uint32_t product = 0;  ///< by its place among the products
    uint32_t image = 0;
    uint64_t start = 0;
  };
  /// Picoseconds until the last result is in memory.
  uint64_t run(const SpatialShape& shape, const SpatialCosts& costs, uint32_t images);
  /// Of each accelerator, in the last run.
  [[nodiscard]] const std::vector<uint64_t>& busy_ps() const { return busy_; }
  /// In order of their start; kept only if asked for.
  [[nodiscard]] const std::vector<Visit>& visits() const { return visits_; }
  void keep_visits(bool keep) { keep_visits_ = keep; }

 private:
  struct Ready {
    uint64_t since = 0;
    uint32_t product = 0;
    uint32_t image = 0;
  };
  void begin(const SpatialShape& shape, const SpatialCosts& costs, uint32_t images);
  void load(const SpatialShape& shape, const SpatialCosts& costs, uint64_t from);
  void arrive(const SpatialShape& shape, const SpatialCosts& costs, SpatialShape::Arrow arrow, uint32_t image,
              uint64_t at);
  /// When a transfer asked for at `at` ends; nothing to move takes no turn.
  uint64_t move(uint16_t accelerator, uint64_t at, uint64_t ps);
  [[nodiscard]] size_t next(const SpatialShape& shape, const SpatialCosts& costs) const;

  std::vector<Ready> ready_;
  std::vector<uint64_t> there_;  ///< by image and product: when the last operand so far came
  std::vector<uint16_t> open_;   ///< operands that are still to come
  std::vector<uint64_t> free_, taken_, busy_, port_free_;  ///< of accelerators; engines took all rows
  uint64_t load_free_ = 0;
  uint32_t loaded_ = 0, images_ = 0;
  std::vector<Visit> visits_;
  bool keep_visits_ = false;
};

struct SpatialEstimate {
  uint64_t latency_ps = 0;
  double ops_per_second = 0;               ///< two for each MAC of all images
  std::vector<uint64_t> busy_ps;           ///< of each accelerator
  std::vector<std::string> stages;         ///< names
  std::vector<SpatialCosts::Stage> table;  ///< of each stage
};
/// Throws InputError as spatial::check() and allocate() do.
SpatialEstimate estimate(const workload::Graph& graph, const spatial::Design& design, uint32_t images,
                         const SpatialMemory& memory = {});

}  // namespace vesper::offline

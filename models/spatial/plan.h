/// What networks do on a spatial design: on which accelerator each product runs, where each result goes, and
/// how visits of a stage are numbered as jobs. SystemC-free; read by models, scheduling and reports alike.
///
/// Stage task  a task that stands for one stage of a user's task on the stage's accelerator. A visit is one
///             product of one image of one job: number (job images + image) visits + visit, the visits being
///             the products of the stage in order. Numbers wrap at 2^32.
/// Delivery    a result, or the network's input, goes once to each accelerator that takes it as an operand of
///             a product or as the addend of a vector_add; the last one to the outside. A chain hands its
///             rows from engine to engine without one.
/// Alignment   rows of a result lie in A banks and its columns in C (of each unit); a tile of w2 columns goes
///             to the next bank. The consumer reads an operand A in A' x B' banks, an operand B in B' x C'
///             (in C' x B' where it is transposed), an addend in A' x C', columns of heads unit by unit.
///             Where in rows and columns one number divides the other, RAM banks are partitioned to the finer
///             and the move is hidden; else the columns taken are moved after the last row by gcd of rows
///             times gcd of columns streams (SSR, section 4.3).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/spatial/design.h"
#include "models/spatial/memory.h"
#include "platform/observe/observer.h"
#include "platform/workload/graph.h"

namespace vesper::spatial {

/// Of one operator's result, or of the input.
struct Delivery {
  static constexpr uint16_t kOutside = 0xFFFF;
  uint16_t accelerator = kOutside;
  bool on_chip = false;     ///< else through memory
  uint64_t exposed_ps = 0;  ///< on chip: the move that incompatible partitions cost after the last row
  std::string reason;       ///< why not on chip, or why exposed; empty otherwise
};

/// Numbers are those of tasks in core::Environment.
struct StageTask {
  uint16_t task = 0, parent = 0, accelerator = 0;
  std::string stage;
  std::vector<uint32_t> products;  ///< of the parent's graph, in order of visits
};

struct Visit {
  uint16_t task = 0;  ///< the user's
  uint32_t job = 0;
  uint32_t image = 0;
  uint32_t product = 0;
};

/// A user's task whose network is a graph. Its stage tasks have the numbers from `first_stage` on, in the
/// order of Graph::stages().
struct GraphTask {
  uint16_t task = 0;
  std::shared_ptr<const workload::Graph> graph;
  uint32_t images = 1;  ///< of a job
  uint16_t first_stage = 0;
};

class Plan {
 public:
  /// Throws InputError at `where` as check() and allocate() do.
  Plan(Design design, std::vector<GraphTask> tasks, const Location& where = {});

  [[nodiscard]] const Design& design() const { return design_; }
  [[nodiscard]] const std::vector<GraphTask>& tasks() const { return tasks_; }
  /// Of a user's task; null where it has none.
  [[nodiscard]] const workload::Graph* graph_of(uint16_t task) const;
  /// Inputs that a job of a user's task has.
  [[nodiscard]] uint32_t images_of(uint16_t task) const;
  /// Of an operator's result or of the input (workload::Edge::kInput), in order of accelerators, the outside
  /// last.
  [[nodiscard]] std::span<const Delivery> deliveries(uint16_t task, uint32_t op) const;

  /// In order of their numbers.
  [[nodiscard]] const std::vector<StageTask>& stages() const { return stages_; }
  /// Null where the task is none.
  [[nodiscard]] const StageTask* stage(uint16_t stage_task) const;
  [[nodiscard]] const StageTask& stage_of(uint16_t task, uint32_t product) const;
  /// Number of the job of the stage's task.
  [[nodiscard]] uint32_t stage_job(uint16_t task, uint32_t product, uint32_t job, uint32_t image) const;
  [[nodiscard]] Visit visit_of(observe::JobId stage_job) const;

  [[nodiscard]] std::optional<uint16_t> accelerator_number(std::string_view name) const;
  /// What the whole design takes of the device, and which buffers lie where.
  [[nodiscard]] const Allocation& allocation() const { return allocation_; }

 private:
  struct Routes {
    std::vector<std::vector<Delivery>> of_operator;
    std::vector<Delivery> of_input;
    std::vector<uint16_t> stage_of_product;  ///< by operator: index in stages_
    std::vector<uint32_t> visit_of_product;
  };
  [[nodiscard]] size_t index_of(uint16_t task) const;

  Design design_;
  std::vector<GraphTask> tasks_;
  Allocation allocation_;
  std::vector<Routes> routes_;  ///< of each of tasks_
  std::vector<StageTask> stages_;
};

}  // namespace vesper::spatial

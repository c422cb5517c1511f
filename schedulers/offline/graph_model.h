/// The search's model of a network's graph: times, resources and banks as designs have them (models/spatial),
/// whole schedules by the analytic estimate.
#pragma once

#include "schedulers/offline/spatial_estimate.h"
#include "schedulers/offline/spatial_model.h"

namespace vesper::offline {

class GraphModel final : public SpatialModel {
 public:
  /// `base` has the device, forwarding and pipeline of all designs. Throws InputError at `where` on a graph
  /// of more than kMostStages stages.
  GraphModel(workload::Graph graph, const spatial::Design& base, const SpatialMemory& memory = {},
             const Location& where = {});
  GraphModel(const GraphModel&) = delete;
  GraphModel& operator=(const GraphModel&) = delete;

  [[nodiscard]] const workload::Graph& graph() const { return graph_; }
  [[nodiscard]] const spatial::Device& device() const override { return base_.device; }
  [[nodiscard]] const std::vector<SpatialStage>& stages() const override { return stages_; }
  [[nodiscard]] const std::vector<SpatialEdge>& edges() const override { return edges_; }
  [[nodiscard]] const std::vector<uint8_t>& spine() const override { return spine_; }
  [[nodiscard]] uint64_t operations() const override { return 2 * graph_.macs(); }

  void array_ps(StageSet stages, const spatial::Accelerator& accelerator,
                std::vector<uint64_t>& out) const override;
  [[nodiscard]] StageCost cost(uint8_t stage, const spatial::Accelerator& accelerator,
                               uint64_t array_ps) const override;
  [[nodiscard]] std::optional<spatial::Resources> resources(
      StageSet stages, const spatial::Accelerator& accelerator) const override;
  void written(const SpatialEdge& edge, const spatial::Accelerator& producer,
               std::vector<spatial::Banks>& out) const override;
  void read(const SpatialEdge& edge, const spatial::Accelerator& consumer,
            std::vector<spatial::Banks>& out) const override;
  [[nodiscard]] uint64_t move_ps(const SpatialEdge& edge, std::span<const spatial::Banks> from,
                                 std::span<const spatial::Banks> to) const override;
  [[nodiscard]] std::optional<DesignCost> evaluate(const spatial::Design& design) const override;

 private:
  [[nodiscard]] const workload::Operator& product(uint8_t stage) const {
    return graph_.operators[shape_.stages[stage].product];
  }
  void find_spine();
  void add_edge(uint32_t from, uint32_t to);

  workload::Graph graph_;
  spatial::Design base_;
  SpatialMemory memory_;
  SpatialShape shape_;
  std::vector<SpatialStage> stages_;
  std::vector<uint32_t> places_;  ///< of the engines behind each stage, as bits
  std::vector<uint32_t> behind_;  ///< of each stage: operators through which the spine goes on, at least
  std::vector<SpatialEdge> edges_;
  std::vector<uint8_t> spine_;
};

}  // namespace vesper::offline

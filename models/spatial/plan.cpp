#include "models/spatial/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace vesper::spatial {
namespace {

using workload::Edge;
using workload::Graph;
using workload::Operator;

std::vector<const Graph*> graphs_of(const std::vector<GraphTask>& tasks) {
  std::vector<const Graph*> graphs;
  for (const GraphTask& task : tasks) graphs.push_back(task.graph.get());
  return graphs;
}

/// Works out where results of one graph go.
class Router {
 public:
  Router(const Design& design, const Allocation& allocation, uint16_t number, const Graph& graph)
      : design_(design), allocation_(allocation), number_(number), graph_(graph) {}

  /// By operator, the input's last.
  std::vector<std::vector<Delivery>> run() {
    all_.resize(graph_.operators.size() + 1);
    for (const Use& use : uses_of(graph_)) {
      const Edge& edge = graph_.operators[use.consumer].inputs[use.input];
      add(edge.from == Edge::kInput ? all_.back() : all_[edge.from], use, edge);
    }
    for (std::vector<Delivery>& deliveries : all_) std::ranges::sort(deliveries, {}, &Delivery::accelerator);
    all_[graph_.operators.size() - 1].push_back({Delivery::kOutside, false, 0, ""});
    return std::move(all_);
  }

 private:
  [[nodiscard]] uint16_t accelerator_of(uint32_t product) const {
    return spatial::accelerator_of(design_, graph_.operators[product].stage).value();
  }

  void add(std::vector<Delivery>& deliveries, const Use& use, const Edge& edge) const {
    const uint16_t to = accelerator_of(use.product);
    auto it = std::ranges::find(deliveries, to, &Delivery::accelerator);
    if (it == deliveries.end()) it = deliveries.insert(it, {to, true, 0, ""});
    if (design_.forwarding == Forwarding::ddr) {
      if (edge.from == Edge::kInput) return;  // brought by DMA
      it->on_chip = false;
      it->reason = "forwarding: ddr";
      return;
    }
    const Buffer& buffer = allocation_.buffer(number_, graph_, use);
    if (buffer.place == Place::outside) {
      it->on_chip = false;
      it->exposed_ps = 0;
      it->reason = no_room(buffer);
    }
    if (it->on_chip) align(*it, use, edge);
  }

  [[nodiscard]] std::string no_room(const Buffer& buffer) const {
    return fmt::format(
        "{} of stage '{}' ({} bytes for {} images in {} x {} banks) would take {} BRAM; {} BRAM and {} "
        "URAM are left",
        buffer.what, buffer.stage, buffer.bytes, design_.images, buffer.banks.rows, buffer.banks.columns,
        buffer.blocks, allocation_.bram_free, allocation_.uram_free);
  }

  void align(Delivery& delivery, const Use& use, const Edge& edge) const {
    if (edge.from == Edge::kInput) return;  // written row by row as it comes
    const Banks from =
        written_banks(graph_, edge, design_.accelerators[accelerator_of(graph_.product_of(edge.from))]);
    const Banks to = read_banks(graph_, use, design_.accelerators[delivery.accelerator]);
    const uint64_t exposed = move_ps(from, to, bytes_of(graph_, use), design_.device);
    if (exposed <= delivery.exposed_ps) return;
    delivery.exposed_ps = exposed;
    delivery.reason =
        fmt::format("'{}' lies in {} x {} banks and '{}' reads {} x {}", graph_.operators[edge.from].name,
                    from.rows, from.columns, graph_.operators[use.consumer].name, to.rows, to.columns);
  }

  const Design& design_;
  const Allocation& allocation_;
  const uint16_t number_;
  const Graph& graph_;
  std::vector<std::vector<Delivery>> all_;
};

}  // namespace

Plan::Plan(Design design, std::vector<GraphTask> tasks, const Location& where)
    : design_(std::move(design)), tasks_(std::move(tasks)) {
  const std::vector<const Graph*> graphs = graphs_of(tasks_);
  check(design_, graphs, where);
  allocation_ = allocate(design_, graphs, where);
  for (uint16_t i = 0; i < tasks_.size(); ++i) {
    const Graph& graph = *graphs[i];
    Routes& routes = routes_.emplace_back();
    routes.of_operator = Router(design_, allocation_, i, graph).run();
    routes.of_input = std::move(routes.of_operator.back());
    routes.of_operator.pop_back();
    routes.stage_of_product.resize(graph.operators.size());
    routes.visit_of_product.resize(graph.operators.size());
    uint16_t number = tasks_[i].first_stage;
    for (const std::string& stage : graph.stages()) {
      StageTask task{number++, tasks_[i].task, accelerator_of(design_, stage).value(), stage,
                     graph.products_of(stage)};
      for (uint32_t visit = 0; visit < task.products.size(); ++visit) {
        routes.stage_of_product[task.products[visit]] = static_cast<uint16_t>(stages_.size());
        routes.visit_of_product[task.products[visit]] = visit;
      }
      stages_.push_back(std::move(task));
    }
  }
}

size_t Plan::index_of(uint16_t task) const {
  auto it = std::ranges::find(tasks_, task, &GraphTask::task);
  if (it == tasks_.end()) throw std::out_of_range(fmt::format("task {} has no graph", task));
  return static_cast<size_t>(it - tasks_.begin());
}

const Graph* Plan::graph_of(uint16_t task) const {
  auto it = std::ranges::find(tasks_, task, &GraphTask::task);
  return it == tasks_.end() ? nullptr : it->graph.get();
}

uint32_t Plan::images_of(uint16_t task) const { return tasks_[index_of(task)].images; }

std::span<const Delivery> Plan::deliveries(uint16_t task, uint32_t op) const {
  const Routes& routes = routes_[index_of(task)];
  if (op == Edge::kInput) return routes.of_input;
  return routes.of_operator.at(op);
}

const StageTask* Plan::stage(uint16_t stage_task) const {
  auto it = std::ranges::find(stages_, stage_task, &StageTask::task);
  return it == stages_.end() ? nullptr : &*it;
}

const StageTask& Plan::stage_of(uint16_t task, uint32_t product) const {
  return stages_[routes_[index_of(task)].stage_of_product.at(product)];
}

uint32_t Plan::stage_job(uint16_t task, uint32_t product, uint32_t job, uint32_t image) const {
  const size_t i = index_of(task);
  const Routes& routes = routes_[i];
  const auto visits = static_cast<uint32_t>(stages_[routes.stage_of_product.at(product)].products.size());
  return (job * tasks_[i].images + image) * visits + routes.visit_of_product[product];
}

Visit Plan::visit_of(observe::JobId stage_job) const {
  const StageTask* task = stage(stage_job.task);
  if (task == nullptr) throw std::out_of_range(fmt::format("task {} is no stage's", stage_job.task));
  const auto visits = static_cast<uint32_t>(task->products.size());
  const uint32_t images = images_of(task->parent);
  const uint32_t number = stage_job.job / visits;
  return {task->parent, number / images, number % images, task->products[stage_job.job % visits]};
}

std::optional<uint16_t> Plan::accelerator_number(std::string_view name) const {
  for (uint16_t i = 0; i < design_.accelerators.size(); ++i) {
    if (design_.accelerators[i].name == name) return i;
  }
  return std::nullopt;
}

}  // namespace vesper::spatial

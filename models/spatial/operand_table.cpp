#include "models/spatial/operand_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace vesper::spatial {
namespace {

using workload::Edge;
using workload::Graph;

struct Columns {
  uint32_t first, end;
};

/// Columns that any of the ranges holds.
uint64_t covered(std::vector<Columns> ranges) {
  std::ranges::sort(ranges, {}, &Columns::first);
  uint64_t sum = 0;
  uint32_t end = 0;
  for (const Columns& range : ranges) {
    if (range.end > end) sum += range.end - std::max(range.first, end);
    end = std::max(end, range.end);
  }
  return sum;
}

class Builder {
 public:
  Builder(const Plan& plan, const Graph& graph, uint16_t task, uint16_t accelerator)
      : plan_(plan), graph_(graph), task_(task), accelerator_(accelerator) {
    table_.operand_of.assign(graph.operators.size() + 1, OperandTable::kNone);
    table_.product_of.assign(graph.operators.size(), OperandTable::kNone);
  }

  OperandTable run() {
    for (uint32_t op = 0; op < graph_.operators.size(); ++op) {
      if (!graph_.operators[op].is_product()) continue;
      const StageTask& stage = plan_.stage_of(task_, op);
      if (stage.accelerator == accelerator_) add_product(op, stage.task);
    }
    for (size_t i = 0; i < table_.operands.size(); ++i) place(table_.operands[i], taken_[i]);
    for (ProductNeeds& product : table_.products) {
      for (Fetch& fetch : product.fetches) {
        if (fetch.operand != Fetch::kWeights) fetch.offset = table_.operands[fetch.operand].offset;
      }
    }
    return std::move(table_);
  }

 private:
  void place(Operand& operand, const std::vector<Columns>& taken) {
    operand.bytes = covered(taken) * operand.rows * bytes_of(operand.format);
    if (operand.bytes > std::numeric_limits<uint32_t>::max()) too_large();
    if (operand.on_chip) return;
    operand.offset = table_.image_bytes;
    table_.image_bytes += operand.bytes;
  }

  void add_product(uint32_t op, uint16_t stage_task) {
    place_ = static_cast<uint32_t>(table_.products.size());
    table_.product_of[op] = place_;
    ProductNeeds& product = table_.products.emplace_back();
    product.op = op;
    product.stage_task = stage_task;
    const std::vector<uint32_t> chain = graph_.chain_of(op);
    add_inputs(graph_.operators[op], op, chain);
    for (uint32_t behind : chain) add_inputs(graph_.operators[behind], op, chain);
    for (uint32_t operand : product.operands) add_fetch(product, operand);
    add_weights(product);
  }

  /// All inputs that do not come along behind the product itself.
  void add_inputs(const workload::Operator& user, uint32_t product, const std::vector<uint32_t>& chain) {
    for (const Edge& edge : user.inputs) {
      if (edge.from == product || std::ranges::find(chain, edge.from) != chain.end()) continue;
      const uint32_t operand = operand_at(edge.from);
      std::vector<uint32_t>& needs = table_.products[place_].operands;
      if (std::ranges::find(needs, operand) == needs.end()) {
        needs.push_back(operand);
        table_.operands[operand].takers.push_back(place_);
      }
      taken_[operand].push_back({edge.first_column, edge.first_column + edge.columns});
      taker_[operand].push_back(place_);
    }
  }

  uint32_t operand_at(uint32_t op) {
    uint32_t& place = table_.operand_of[op + 1];
    if (place != OperandTable::kNone) return place;
    place = static_cast<uint32_t>(table_.operands.size());
    Operand& operand = table_.operands.emplace_back();
    operand.op = op;
    if (op == Edge::kInput) {
      operand.rows = graph_.input_rows;
      operand.columns = graph_.input_columns;
    } else {
      operand.rows = graph_.operators[op].rows;
      operand.columns = graph_.operators[op].columns;
      operand.format = graph_.operators[op].format;
    }
    const Delivery& delivery = delivery_of(op);
    operand.on_chip = delivery.on_chip || comes_by_dma(op);
    operand.exposed_ps = delivery.exposed_ps;
    if (!comes_by_dma(op)) operand.reason = delivery.reason;
    taken_.emplace_back();
    taker_.emplace_back();
    return place;
  }

  /// From DDR already, however results go.
  [[nodiscard]] bool comes_by_dma(uint32_t op) const {
    return op == Edge::kInput && plan_.design().forwarding == Forwarding::ddr;
  }

  const Delivery& delivery_of(uint32_t op) const {
    for (const Delivery& delivery : plan_.deliveries(task_, op)) {
      if (delivery.accelerator == accelerator_) return delivery;
    }
    throw std::logic_error(fmt::format("the result of {} of '{}' is not delivered to accelerator '{}'",
                                       op == Edge::kInput ? "the input" : graph_.operators[op].name,
                                       graph_.name, plan_.design().accelerators[accelerator_].name));
  }

  void add_fetch(ProductNeeds& product, uint32_t place) {
    const Operand& operand = table_.operands[place];
    if (operand.on_chip) return;
    std::vector<Columns> columns;
    for (size_t i = 0; i < taken_[place].size(); ++i) {
      if (taker_[place][i] == place_) columns.push_back(taken_[place][i]);
    }
    product.fetches.push_back({place, covered(columns) * operand.rows * bytes_of(operand.format), 0});
  }

  void add_weights(ProductNeeds& product) {
    const uint64_t bytes = graph_.operators[product.op].weights();
    const bool stay =
        plan_.design().forwarding != Forwarding::ddr || plan_.design().accelerators[accelerator_].pinned;
    if (stay || bytes == 0) return;
    if (bytes > std::numeric_limits<uint32_t>::max()) too_large();
    product.fetches.push_back({Fetch::kWeights, bytes, table_.weight_bytes});
    table_.weight_bytes += bytes;
  }

  [[noreturn]] void too_large() const {
    throw InputError(fmt::format("network '{}' has a matrix of 4 GiB or more", graph_.name));
  }

  const Plan& plan_;
  const Graph& graph_;
  const uint16_t task_, accelerator_;
  OperandTable table_;
  uint32_t place_ = 0;                       // of the product that is added
  std::vector<std::vector<Columns>> taken_;  // by operand: what each edge takes
  std::vector<std::vector<uint32_t>> taker_;
};

}  // namespace

OperandTable operand_table(const Plan& plan, uint16_t task, uint16_t accelerator) {
  const Graph* graph = plan.graph_of(task);
  return graph == nullptr ? OperandTable{} : Builder(plan, *graph, task, accelerator).run();
}

}  // namespace vesper::spatial

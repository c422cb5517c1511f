#include "platform/workload/graph_order.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>

namespace vesper::workload {
namespace {

using Needs = std::vector<std::vector<uint32_t>>;

/// Numbers in an order in which each comes behind what it needs, the least first of several; those that are
/// in a cycle or need one that is are missing.
std::vector<uint32_t> sorted(const Needs& needs) {
  std::vector<uint32_t> open(needs.size());
  Needs takers(needs.size());
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> free;
  for (uint32_t i = 0; i < needs.size(); ++i) {
    open[i] = static_cast<uint32_t>(needs[i].size());
    for (uint32_t from : needs[i]) takers[from].push_back(i);
    if (open[i] == 0) free.push(i);
  }
  std::vector<uint32_t> order;
  while (!free.empty()) {
    const uint32_t i = free.top();
    free.pop();
    order.push_back(i);
    for (uint32_t taker : takers[i]) {
      if (--open[taker] == 0) free.push(taker);
    }
  }
  return order;
}

/// The numbers of one cycle, when `order` misses some.
std::vector<uint32_t> cycle(const Needs& needs, const std::vector<uint32_t>& order) {
  std::vector<bool> fine(needs.size());
  for (uint32_t i : order) fine[i] = true;
  auto at = static_cast<uint32_t>(std::ranges::find(fine, false) - fine.begin());
  std::vector<uint32_t> path;
  while (std::ranges::find(path, at) == path.end()) {
    path.push_back(at);
    at = *std::ranges::find_if(needs[at], [&](uint32_t from) { return !fine[from]; });
  }
  path.erase(path.begin(), std::ranges::find(path, at));
  std::ranges::reverse(path);
  return path;
}

std::vector<uint32_t> sorted_or_refused(const Needs& needs, const std::vector<Operator>& operators,
                                        const std::vector<Location>& places, const char* remedy) {
  std::vector<uint32_t> order = sorted(needs);
  if (order.size() == needs.size()) return order;
  std::vector<std::string> names;
  const std::vector<uint32_t> members = cycle(needs, order);
  for (uint32_t i : members) names.push_back(operators[i].name);
  names.push_back(names.front());
  throw InputError(places[members.front()],
                   fmt::format("operators wait for one another: {}{}", fmt::join(names, " -> "), remedy));
}

/// The product behind which each operator works.
std::vector<uint32_t> products(const std::vector<Operator>& operators, const std::vector<uint32_t>& order,
                               const std::vector<Location>& places) {
  std::vector<uint32_t> product(operators.size());
  for (uint32_t i : order) {
    const Operator& op = operators[i];
    if (!op.is_product() && op.inputs[0].from == Edge::kInput) {
      throw InputError(places[i],
                       fmt::format("operator '{}' ({}) works on the input; only behind a matmul there "
                                   "are engines",
                                   op.name, op.op));
    }
    product[i] = op.is_product() ? i : product[op.inputs[0].from];
  }
  return product;
}

void check_result(const std::vector<Operator>& operators, const std::vector<Location>& places) {
  std::vector<bool> taken(operators.size());
  for (const Operator& op : operators) {
    for (const Edge& edge : op.inputs) {
      if (edge.from != Edge::kInput) taken[edge.from] = true;
    }
  }
  std::vector<uint32_t> results;
  for (uint32_t i = 0; i < operators.size(); ++i) {
    if (!taken[i]) results.push_back(i);
  }
  if (results.size() == 1) return;
  throw InputError(places[results[1]], fmt::format("a graph has one result; nobody takes '{}' nor '{}'",
                                                   operators[results[0]].name, operators[results[1]].name));
}

}  // namespace

std::vector<uint32_t> sort_operators(const std::vector<Operator>& operators,
                                     const std::vector<Location>& places) {
  Needs needs(operators.size());
  for (uint32_t i = 0; i < operators.size(); ++i) {
    for (const Edge& edge : operators[i].inputs) {
      if (edge.from != Edge::kInput) needs[i].push_back(edge.from);
    }
  }
  return sorted_or_refused(needs, operators, places, "");
}

void arrange(Graph& graph, const std::vector<Location>& places) {
  const std::vector<Operator>& operators = graph.operators;
  const std::vector<uint32_t> order = sort_operators(operators, places);
  check_result(operators, places);
  const std::vector<uint32_t> product = products(operators, order, places);
  Needs needs(operators.size());  // of products: what they and the operators behind them wait for
  for (uint32_t i : order) {
    const Operator& op = operators[i];
    if (!op.is_product()) needs[i].push_back(product[i]);
    for (size_t k = op.is_product() ? 0 : 1; k < op.inputs.size(); ++k) {
      if (op.inputs[k].from != Edge::kInput) needs[product[i]].push_back(product[op.inputs[k].from]);
    }
  }
  const std::vector<uint32_t> groups =
      sorted_or_refused(needs, operators, places, "; a vector_add takes the later result first");
  std::vector<uint32_t> place(operators.size());
  std::vector<Operator> arranged;
  auto take = [&](uint32_t i) {
    place[i] = static_cast<uint32_t>(arranged.size());
    arranged.push_back(operators[i]);
  };
  for (uint32_t group : groups) {
    if (!operators[group].is_product()) continue;
    take(group);
    for (uint32_t i : order) {
      if (i != group && product[i] == group) take(i);
    }
  }
  for (Operator& op : arranged) {
    for (Edge& edge : op.inputs) {
      if (edge.from != Edge::kInput) edge.from = place[edge.from];
    }
  }
  graph.operators = std::move(arranged);
}

}  // namespace vesper::workload

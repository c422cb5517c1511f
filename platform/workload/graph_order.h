/// The order of a graph's operators: products before those that take their results, and behind each product
/// the operators that work on its rows.
#pragma once

#include <cstdint>
#include <vector>

#include "platform/workload/graph.h"

namespace vesper::workload {

/// Numbers of the operators, each behind those it takes. Throws InputError at the place of an operator in a
/// cycle, naming all of the cycle.
std::vector<uint32_t> sort_operators(const std::vector<Operator>& operators,
                                     const std::vector<Location>& places);

/// Brings the operators into the order of Graph::operators and renumbers what they take. Throws InputError on
/// an operator that no product comes before, on a sum that waits for a product that waits for it, and on a
/// graph with several results.
void arrange(Graph& graph, const std::vector<Location>& places);

}  // namespace vesper::workload

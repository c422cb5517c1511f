/// The `traffic:` list of a scenario: generators that load the memory beside the tasks.
///
///     traffic:
///       - {name: logger, type: linear_writer, port: pl.3, rate: 3 GB/s}
#pragma once

#include <functional>
#include <string>

#include "platform/scenario/scenario.h"

namespace vesper::scenario {

/// Reads and checks the list. In burst memory each item adds an instance, connected to `noc.<port>`; tasks,
/// instances and connections are read before. Throws InputError.
void read_traffic(const Node& list, Scenario& scenario);

/// The list with every property; `relative` shortens the paths of files.
Node effective_traffic(const Scenario& scenario,
                       const std::function<std::string(const std::string&)>& relative);

}  // namespace vesper::scenario

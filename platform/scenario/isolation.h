/// A scenario reduced to one of its tasks: the baseline that slowdowns are measured against.
#pragma once

#include "platform/scenario/scenario.h"

namespace vesper::scenario {

/// The same platform, policy, releases and end, with task `index` alone and no traffic generators.
Scenario alone(const Scenario& scenario, size_t index);

}  // namespace vesper::scenario

/// What observers are told of a spatial design: the ways of results, and what it takes of its device.
#pragma once

#include "platform/observe/run_info.h"
#include "platform/scenario/scenario.h"

namespace vesper::builder {

/// Of a scenario that has a design. Results of a stage that go the same way are one entry: bytes and exposed
/// time of one input of a task.
observe::RunDesign run_design(const scenario::Scenario& scenario);

}  // namespace vesper::builder

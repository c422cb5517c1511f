/// The `design:` section of a scenario: spatial accelerators that networks given as graphs run on.
///
///     design:
///       images: 3
///       accelerators:
///         - {name: qkv, array: [1, 4, 18], tile: [32, 48, 32], pinned: true, stages: [qkv]}
///         - ...
///       each:
///         spatial_accelerator: {launch_cycles: 0}
///
/// Tasks       each task, whose model is a graph, gets a task a stage (`deit_t.qkv`) behind the scenario's
///             own, on the accelerator that the stage is mapped onto. Deadline, priority and weight are the
///             task's.
/// Instances   the section stands for those of design_instances.h; `each` holds properties for all of a type.
#pragma once

#include <memory>
#include <optional>

#include "platform/scenario/scenario.h"

namespace vesper::scenario {

/// Of a scenario's tree; none without the section. Throws InputError.
std::optional<spatial::Design> read_design(const Node& root);

/// Adds the stage tasks of all tasks and makes the plan. Throws InputError at `design` when there are too
/// many, or when the design does not fit its device or the networks.
void add_stage_tasks(Scenario& scenario, const Location& design);

/// The plan of the scenario's design over its tasks as they are now. Throws InputError at `design`.
std::shared_ptr<const spatial::Plan> plan_of(const Scenario& scenario, const Location& design = {});

/// The section with every value.
Node effective_design(const Scenario& scenario, const Node& written);

}  // namespace vesper::scenario

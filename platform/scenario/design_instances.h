/// The instances and connections that a `design:` section stands for.
///
/// Of accelerator X    X (spatial_accelerator), X_memory (activation_memory), X_scheduler and
/// X_ideal_scheduler
///                     (scheduler_block, for placement hardware and ideal), and of the PL engines those that
///                     its stages need, in this order: X_vector_add, X_dequantise, X_softmax, X_gelu,
///                     X_layer_norm, X_quantise, X_transpose.
/// Of all              image_dma and stream_switch, under these names.
/// Overriding          an instance of the same name in the scenario goes over what is made here, and that
/// over
///                     what the section's `each` has for its type.
/// Addresses           register banks of the accelerators from 0x4'0000'0000 (M_AXI_FPD's high range, AM011),
/// of
///                     the memories from 0x8002'0000 (M_AXI_LPD).
/// Interrupts          accelerator number i: GIC inputs 122 + 2 i (feedback) and 123 + 2 i (releases), behind
/// that
///                     of the job release module. A device with fewer lines from PL takes a concentrator,
///                     which is left out.
#pragma once

#include <string>

#include "platform/scenario/scenario.h"

namespace vesper::scenario {

/// Adds them to the tree of a scenario whose plan is made.
void add_instances(const Scenario& scenario, Node& root);

/// The memory in front of an accelerator, which releases its jobs.
inline std::string memory_of(const std::string& accelerator) { return accelerator + "_memory"; }

}  // namespace vesper::scenario

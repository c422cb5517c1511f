/// How models find their part of the design.
#pragma once

#include <fmt/format.h>

#include "models/core/environment.h"
#include "models/spatial/plan.h"

namespace vesper::spatial {

/// Throws InputError without a design.
inline const Plan& plan_of(const core::Environment& environment) {
  if (environment.spatial) return *environment.spatial;
  throw InputError("a part of a spatial design, but the scenario has no section 'design'");
}

/// Throws InputError when the design has no accelerator of that name.
inline uint16_t number_of(const Plan& plan, const std::string& accelerator) {
  if (auto number = plan.accelerator_number(accelerator)) return *number;
  std::string names;
  for (const Accelerator& known : plan.design().accelerators) {
    names += (names.empty() ? "" : ", ") + known.name;
  }
  throw InputError(fmt::format("the design has no accelerator '{}'; it has {}", accelerator, names));
}

}  // namespace vesper::spatial

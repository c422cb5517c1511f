/// How models find their part of the design.
#pragma once

#include <fmt/format.h>

#include <stdexcept>

#include "models/core/environment.h"
#include "models/spatial/plan.h"

namespace vesper::spatial {

/// Throws std::invalid_argument without a design.
inline const Plan& plan_of(const core::Environment& environment) {
  if (environment.spatial) return *environment.spatial;
  throw std::invalid_argument("it is a part of a spatial design, and the scenario has no section 'design'");
}

/// Throws std::invalid_argument when the design has no accelerator of that name.
inline uint16_t number_of(const Plan& plan, const std::string& accelerator) {
  if (auto number = plan.accelerator_number(accelerator)) return *number;
  std::string names;
  for (const Accelerator& known : plan.design().accelerators) {
    names += (names.empty() ? "" : ", ") + known.name;
  }
  throw std::invalid_argument(
      fmt::format("the design has no accelerator '{}'; it has {}", accelerator, names));
}

}  // namespace vesper::spatial

/// What goes wrong in a model ends the simulation with the model's name and the time.
#pragma once

#include <fmt/format.h>

#include "models/core/ip.h"
#include "models/core/sim_error.h"

namespace vesper::spatial {

template <class Work>
void guarded(const core::Ip& ip, const Work& work) {
  try {
    work();
  } catch (const core::SimulationError& error) {
    core::fail_simulation(fmt::format("{}: {}, at {} ps", ip.name(), error.what(), core::now_ps()));
  }
}

}  // namespace vesper::spatial

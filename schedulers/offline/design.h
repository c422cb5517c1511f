/// The designs that DERCA (RTSS 2025) compares: where a task may be preempted, and how.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vesper::offline {

/// Where regions may end: at the job's end, at a layer's, after every tile iteration.
enum class Cuts : uint8_t { none, layers, iterations };

/// How a job is swapped out within a layer; flexible takes recompute unless its swap-in costs more than
/// persist's.
enum class Preemption : uint8_t { recompute, persist, flexible };

/// What happens at one preemption point; nothing is on chip between layers.
enum class Strategy : uint8_t { none, recompute, persist };
const char* name_of(Strategy strategy);

struct Design {
  const char* name;   ///< `if-ppp`
  const char* title;  ///< as the publication calls it
  Cuts cuts;
  Preemption preemption;
  bool placed;  ///< with preemption-point placement
};

/// NP, LW, IR, IP, IF, IR+PPP, IP+PPP, IF+PPP.
std::span<const Design> designs();
/// Null when there is none of that name.
const Design* find_design(std::string_view name);

}  // namespace vesper::offline

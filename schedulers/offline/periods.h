/// Periods that give tasks a utilisation, all in cycles.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "schedulers/offline/cycles.h"

namespace vesper::offline {

/// How periods are rounded, so that hyperperiods stay small. Defaults: DERCA's published code (230000 cycles
/// are a millisecond at 230 MHz).
struct PeriodRounding {
  Cycles base = 230'000;
  Cycles step = 1'000;
  /// `published`: of so many steps more, the one with the least hyperperiod is taken. The publication does
  /// not tell; any number from 22 to 31 gives the periods that its code has made (tests/conformance/derca).
  uint32_t search = 25;
};

/// A way to find periods from execution times and utilisations; throws AnalysisError when one is not above 0
/// or a period overflows.
struct PeriodMethod {
  const char* name;
  const char* help;
  std::vector<Cycles> (*make)(std::span<const Cycles> execution, std::span<const double> utilisations,
                              const PeriodRounding& rounding);
};

/// exact: execution / utilisation, rounded up to a cycle. rounded: up to a multiple of `base`. published: as
/// rounded, then the first task's period shrinks by `step` until the total utilisation is met again.
std::span<const PeriodMethod> period_methods();
/// Null when there is none of that name.
const PeriodMethod* find_period_method(std::string_view name);

}  // namespace vesper::offline

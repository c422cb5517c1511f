#include "schedulers/offline/periods.h"

#include <array>
#include <cmath>
#include <numeric>

namespace vesper::offline {
namespace {

using Periods = std::vector<Cycles>;

void check_rounding(const PeriodRounding& rounding) {
  if (rounding.base < 1 || rounding.step < 1) throw AnalysisError("periods are rounded to at least 1 cycle");
}

Periods rounded_to(std::span<const Cycles> execution, std::span<const double> utilisations, Cycles base) {
  if (execution.size() != utilisations.size()) throw AnalysisError("each task takes one utilisation");
  Periods periods;
  for (size_t i = 0; i < execution.size(); ++i) {
    if (execution[i] < 1 || !(utilisations[i] > 0)) {
      throw AnalysisError("an execution time or utilisation that is not above 0");
    }
    double bases = std::ceil(static_cast<double>(execution[i]) / utilisations[i] / static_cast<double>(base));
    if (!(bases < 0x1p62)) throw AnalysisError("a period overflows 64 bits");
    periods.push_back(narrow(Wide{static_cast<Cycles>(bases)} * base, "a period"));
  }
  return periods;
}

Periods exact(std::span<const Cycles> execution, std::span<const double> utilisations,
              const PeriodRounding&) {
  return rounded_to(execution, utilisations, 1);
}

Periods rounded(std::span<const Cycles> execution, std::span<const double> utilisations,
                const PeriodRounding& rounding) {
  check_rounding(rounding);
  return rounded_to(execution, utilisations, rounding.base);
}

double utilisation(std::span<const Cycles> execution, const Periods& periods) {
  double total = 0;
  for (size_t i = 0; i < periods.size(); ++i) {
    total += static_cast<double>(execution[i]) / static_cast<double>(periods[i]);
  }
  return total;
}

/// Of the first task's period and the others; the greatest 128-bit value for what is beyond 64 bits.
Wide hyperperiod(const Periods& periods) {
  Wide all = 1;
  for (Cycles period : periods) {
    all *= period / std::gcd(static_cast<Cycles>(all), period);
    if (all > kMostCycles) return Wide{kMostCycles} + 1;
  }
  return all;
}

void shrink_first(Periods& periods, Cycles step) {
  if (periods[0] <= step)
    throw AnalysisError("the first period shrinks to nothing before the utilisation is met");
  periods[0] -= step;
}

Periods published(std::span<const Cycles> execution, std::span<const double> utilisations,
                  const PeriodRounding& rounding) {
  Periods periods = rounded(execution, utilisations, rounding);
  double target = 0;
  for (double u : utilisations) target += u;
  while (utilisation(execution, periods) < target) shrink_first(periods, rounding.step);
  Periods best = periods;
  for (uint32_t i = 0; i < rounding.search && periods[0] > rounding.step; ++i) {
    shrink_first(periods, rounding.step);
    if (hyperperiod(periods) < hyperperiod(best)) best = periods;
  }
  return best;
}

constexpr std::array<PeriodMethod, 3> kMethods{{
    {"exact", "execution time over utilisation, rounded up to a cycle", exact},
    {"rounded", "rounded up to a multiple of the base", rounded},
    {"published", "rounded, then the first task's shrunk until the total utilisation is met", published},
}};

}  // namespace

std::span<const PeriodMethod> period_methods() { return kMethods; }

const PeriodMethod* find_period_method(std::string_view name) {
  for (const PeriodMethod& method : kMethods) {
    if (name == method.name) return &method;
  }
  return nullptr;
}

}  // namespace vesper::offline

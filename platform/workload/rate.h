/// Rates of arrivals, as the processes that have one declare them.
#pragma once

#include <cmath>
#include <optional>

#include "platform/workload/arrival.h"

namespace vesper::workload {

constexpr double kLeastRate = 1e-6;  // twelve days between two arrivals
constexpr double kMostRate = 1e12;   // a picosecond

/// `name`: arrivals a second, required.
template <class Properties>
void declare_rate(Schema<Properties>& p, double Properties::*member, const char* name, const char* help) {
  p(name, member, help).between(kLeastRate, kMostRate).required();
}

/// Mean picoseconds between two arrivals, rounded down.
inline uint64_t gap_ps(double rate) { return static_cast<uint64_t>(1e12 / rate); }

/// Due `deadline` after each release; processes that promise no distance between two have no other.
inline uint64_t required_deadline(const ArrivalContext& context, const char* process) {
  if (context.deadline) return context.deadline->ps;
  throw InputError(context.where, std::string("a ") + process +
                                      " task needs a 'deadline': nothing else says when a job is due");
}

/// The job released at `release`, or none beyond the end of time.
inline std::optional<Arrival> due_after(std::optional<uint64_t> release, uint64_t deadline_ps) {
  std::optional<uint64_t> deadline = release ? later(*release, deadline_ps) : std::nullopt;
  if (!deadline) return std::nullopt;
  return Arrival{*release, *deadline};
}

}  // namespace vesper::workload

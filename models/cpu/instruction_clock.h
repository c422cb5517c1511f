/// Exact time of instruction counts: instruction n after a stall ends at the clock edge that n times the
/// cycles per instruction, rounded down to whole cycles, lead to. SystemC-free.
///
/// Fractions of a cycle are kept across stalls, in millionths. At 0 cycles per instruction no time passes.
#pragma once

#include <cstdint>

#include "models/core/clock_domain.h"
#include "platform/property/units.h"

namespace vesper::cpu {

class InstructionClock {
 public:
  InstructionClock(Frequency clock, Ratio cycles_per_instruction)
      : clock_(clock), microcycles_(cycles_per_instruction.millionths) {}

  [[nodiscard]] bool is_infinitely_fast() const { return microcycles_ == 0; }

  /// The core goes on with instruction `executed` at the first clock edge at or after `ps`.
  void resume(uint64_t ps, uint64_t executed) {
    fraction_ = elapsed(executed) % kWhole;
    origin_executed_ = executed;
    origin_ps_ = ps;
    origin_cycle_ = clock_.cycle_at_or_after(ps);
  }

  /// When `executed` instructions are done, in picoseconds.
  [[nodiscard]] uint64_t time(uint64_t executed) const {
    if (microcycles_ == 0) return origin_ps_;
    return clock_.edge(origin_cycle_ + static_cast<uint64_t>(elapsed(executed) / kWhole));
  }

  /// The least number of instructions beyond `executed` that are not done before `ps`.
  [[nodiscard]] uint64_t instructions_until(uint64_t ps, uint64_t executed) const {
    uint64_t cycle = clock_.cycle_at_or_after(ps);
    if (cycle <= origin_cycle_) return 0;
    Wide needed = static_cast<Wide>(cycle - origin_cycle_) * kWhole;
    Wide done = elapsed(executed);
    return needed <= done ? 0 : static_cast<uint64_t>((needed - done + microcycles_ - 1) / microcycles_);
  }

 private:
  __extension__ using Wide = unsigned __int128;
  static constexpr uint64_t kWhole = 1'000'000;

  /// Millionths of cycles from the origin.
  [[nodiscard]] Wide elapsed(uint64_t executed) const {
    return fraction_ + static_cast<Wide>(executed - origin_executed_) * microcycles_;
  }

  core::ClockDomain clock_;
  uint64_t microcycles_;
  uint64_t origin_ps_ = 0;
  uint64_t origin_cycle_ = 0;
  uint64_t origin_executed_ = 0;
  Wide fraction_ = 0;
};

}  // namespace vesper::cpu

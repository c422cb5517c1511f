/// What a debugger waits for in a core: breakpoints, watchpoints and steps. Decides, instruction by
/// instruction, whether the core halts in front of it. Knows no core.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "models/cpu/debugger.h"
#include "models/cpu/load_store.h"

namespace vesper::cpu {

class DebugPoints {
 public:
  void set_breakpoint(uint64_t address, bool set);
  void set_watchpoint(const Watchpoint& watchpoint, bool set);
  void step(uint64_t begin, uint64_t end) { step_ = Range{begin, end}; }

  [[nodiscard]] const std::set<uint64_t>& breakpoints() const { return breakpoints_; }
  /// Whether every instruction is to be looked at, not only those at breakpoints.
  [[nodiscard]] bool look_at_all() const { return step_ || !watchpoints_.empty(); }

  /// The core goes on from `pc`: the instruction there is executed before anything can be met.
  void resume(uint64_t pc) {
    unmet_ = pc;
    served_.reset();
  }
  /// The core serves an interrupt and will return to `pc` with stack pointer `sp`.
  void interrupted(uint64_t pc, uint64_t sp) {
    if (step_ && !served_) served_ = Place{pc, sp};
  }
  /// Whether the core halts in front of `instruction` at `pc`, and why.
  std::optional<HaltEvent> met(uint64_t pc, uint32_t instruction, const RegisterFile& x);

 private:
  struct Range {
    uint64_t begin, end;
  };
  struct Place {
    uint64_t pc, sp;
  };
  [[nodiscard]] std::optional<HaltEvent> watched(uint64_t pc, uint32_t instruction,
                                                 const RegisterFile& x) const;

  std::set<uint64_t> breakpoints_;
  std::vector<Watchpoint> watchpoints_;
  std::optional<Range> step_;
  std::optional<uint64_t> unmet_;
  std::optional<Place> served_;
};

}  // namespace vesper::cpu

#include "models/cpu/debug_points.h"

#include <array>

namespace vesper::cpu {
namespace {

/// The L bit of single registers and pairs; literals are loads. Source: Arm DDI 0487, C4.1.66.
bool is_load(uint32_t instruction) {
  const bool literal = (instruction & 0x3B000000) == 0x18000000;
  const bool single = (instruction & 0x38000000) == 0x38000000;
  return literal || (single ? (instruction >> 22 & 3) != 0 : (instruction >> 22 & 1) != 0);
}

}  // namespace

std::span<const DebugRegister> debug_registers() {
  static constexpr DebugRegister kRegisters[] = {
      {"x0", 64},      {"x1", 64},   {"x2", 64},      {"x3", 64},       {"x4", 64},      {"x5", 64},
      {"x6", 64},      {"x7", 64},   {"x8", 64},      {"x9", 64},       {"x10", 64},     {"x11", 64},
      {"x12", 64},     {"x13", 64},  {"x14", 64},     {"x15", 64},      {"x16", 64},     {"x17", 64},
      {"x18", 64},     {"x19", 64},  {"x20", 64},     {"x21", 64},      {"x22", 64},     {"x23", 64},
      {"x24", 64},     {"x25", 64},  {"x26", 64},     {"x27", 64},      {"x28", 64},     {"x29", 64},
      {"x30", 64},     {"sp", 64},   {"pc", 64},      {"cpsr", 32},     {"v0", 128},     {"v1", 128},
      {"v2", 128},     {"v3", 128},  {"v4", 128},     {"v5", 128},      {"v6", 128},     {"v7", 128},
      {"v8", 128},     {"v9", 128},  {"v10", 128},    {"v11", 128},     {"v12", 128},    {"v13", 128},
      {"v14", 128},    {"v15", 128}, {"v16", 128},    {"v17", 128},     {"v18", 128},    {"v19", 128},
      {"v20", 128},    {"v21", 128}, {"v22", 128},    {"v23", 128},     {"v24", 128},    {"v25", 128},
      {"v26", 128},    {"v27", 128}, {"v28", 128},    {"v29", 128},     {"v30", 128},    {"v31", 128},
      {"fpsr", 32},    {"fpcr", 32}, {"ELR_EL1", 64}, {"SPSR_EL1", 64}, {"ESR_EL1", 64}, {"FAR_EL1", 64},
      {"VBAR_EL1", 64}};
  return kRegisters;
}

void DebugPoints::set_breakpoint(uint64_t address, bool set) {
  if (set) {
    breakpoints_.insert(address);
  } else {
    breakpoints_.erase(address);
  }
}

void DebugPoints::set_watchpoint(const Watchpoint& watchpoint, bool set) {
  std::erase(watchpoints_, watchpoint);
  if (set) watchpoints_.push_back(watchpoint);
}

std::optional<HaltEvent> DebugPoints::met(uint64_t pc, uint32_t instruction, const RegisterFile& x) {
  const bool serving = served_ && !(served_->pc == pc && served_->sp == x(31));
  if (!serving) {
    served_.reset();
    if (unmet_ == pc) {
      unmet_.reset();
      return std::nullopt;
    }
  }
  std::optional<HaltEvent> event;
  if (breakpoints_.contains(pc)) {
    event = HaltEvent{.reason = HaltReason::breakpoint};
  } else if (auto access = watched(pc, instruction, x)) {
    event = access;
  } else if (step_ && !serving && (pc < step_->begin || pc >= step_->end)) {
    event = HaltEvent{.reason = HaltReason::step};
  }
  if (event) step_.reset();
  return event;
}

std::optional<HaltEvent> DebugPoints::watched(uint64_t pc, uint32_t instruction,
                                              const RegisterFile& x) const {
  if (watchpoints_.empty()) return std::nullopt;
  const std::optional<MemoryOperand> operand = memory_operand(instruction, pc, x);
  if (!operand) return std::nullopt;
  const Watch kind = is_load(instruction) ? Watch::read : Watch::write;
  auto touched = [&](const Watchpoint& watch) {
    const bool overlaps =
        operand->address < watch.address + watch.bytes && watch.address < operand->address + operand->bytes;
    return overlaps && (watch.kind == Watch::access || watch.kind == kind);
  };
  auto watch = std::ranges::find_if(watchpoints_, touched);
  if (watch == watchpoints_.end()) return std::nullopt;
  return HaltEvent{HaltReason::watchpoint, *watch, std::max(watch->address, operand->address), {}};
}

}  // namespace vesper::cpu

/// A Cortex-A72 by Unicorn 2.0.1: a functional core, one translated block at a time.
///
/// Models      AArch64 at EL1 with SP_EL1: all A64 instructions of the Cortex-A72, IRQ entry by VBAR_EL1 +
///             0x280, synchronous exceptions (SVC, BRK, undefined instruction, external abort) by VBAR_EL1 +
///             0x200, WFI.
/// Timing      none; instructions are counted exactly (an A64 instruction is 4 bytes, a block size/4 of
///             them).
/// Aborts      Unicorn stops in front of the next instruction but names only the block: the faulting one is
///             found by comparing the block's memory operands with the refused address. What follows it in
///             the block is not executed, but counted. A refused load leaves its general destination
///             registers as they were.
/// Debugging   breakpoints, watchpoints and steps are hooks in front of instructions: a block that is halted
///             within and goes on is still one block, charged once.
/// Loops       16 equal synchronous exceptions in a row (same ELR and FAR) are a fault, as is a fetch outside
///             memory.
/// Leaves out  EL0, EL2, EL3, FIQ, SError, the MMU, caches, exception entry with SP_EL0 (all faults). WFE and
///             SEV are no operations.
/// Source      Arm Architecture Reference Manual (DDI 0487), D1.10 exception entry, D17.2 ESR_EL1.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "models/cpu/cpu_core.h"

struct uc_struct;

namespace vesper::cpu {

class UnicornCore final : public CpuCore {
 public:
  explicit UnicornCore(CoreClient& client);
  ~UnicornCore() override;

  void map_memory(uint64_t base, std::span<std::byte> memory) override;
  void map_rest_to_client() override;
  void reset(uint64_t pc) override;
  Stop run(uint64_t instructions) override;
  void stop() override { limit_ = 0; }
  void interrupt(bool level) override { interrupt_ = level; }
  void watch(bool on) override { watching_ = on; }

  [[nodiscard]] uint64_t executed() const override { return executed_; }
  [[nodiscard]] const std::string& fault() const override { return fault_; }
  [[nodiscard]] uint64_t x(unsigned n) const override;
  void set_x(unsigned n, uint64_t value) override;
  [[nodiscard]] uint64_t pc() const override;

  bool read_register(unsigned number, std::span<std::byte> value) const override;
  bool write_register(unsigned number, std::span<const std::byte> value) override;
  void memory_written(uint64_t address, uint64_t bytes) override;
  DebugPoints& debug_points() override { return points_; }
  void ask_to_halt() override { asked_to_halt_ = true; }

 private:
  struct Hooks;  // Unicorn's callbacks
  struct Region {
    uint64_t base;
    uint64_t size;
    UnicornCore* core;
    std::byte* host;
  };
  struct Abort {
    uint64_t address;
    bool write;
    uint64_t pc;
    uint64_t destinations[2];  ///< what a refused load found in Rt and Rt2
  };
  enum class Halt : uint8_t { none, budget, interrupt, exception, abort, thrown, debug };

  void block(uint64_t pc, uint32_t bytes);
  void continue_block(uint64_t pc, uint32_t bytes);
  void instruction(uint64_t pc);
  void exception(uint32_t number);
  bool access(bool write, uint64_t address, unsigned size, uint32_t& value);
  template <class Call>
  void guarded(Call&& call);

  void place_hooks();
  void resolve_debug_halt();
  void map_client(uint64_t begin, uint64_t end);
  void emulate();
  void halt(Halt why);
  void halt_at(uint64_t pc, Halt why);
  std::optional<Stop> resolve();
  std::optional<Stop> resolve_exception();
  Stop finish_unasked();
  std::optional<Stop> resolve_abort();
  [[nodiscard]] Abort abort_at(uint64_t address, bool write) const;
  void restore_destinations(const Abort& abort);
  [[nodiscard]] uint64_t aborting_instruction(uint64_t address) const;
  [[nodiscard]] bool interrupt_ready() const;
  bool enter_exception(uint64_t vector_offset, uint64_t return_address);
  std::optional<Stop> synchronous_exception(uint32_t syndrome, uint64_t return_address,
                                            uint64_t fault_address);
  Stop fail(std::string why);
  [[nodiscard]] uint32_t instruction_at(uint64_t address) const;
  [[nodiscard]] uint64_t system(uint32_t encoding) const;
  void set_system(uint32_t encoding, uint64_t value);

  CoreClient& client_;
  uc_struct* unicorn_ = nullptr;
  std::vector<std::unique_ptr<Region>> regions_;

  uint64_t executed_ = 0;
  uint64_t limit_ = 0;
  bool interrupt_ = false;
  bool watching_ = false;
  uint64_t block_pc_ = 0;
  uint32_t block_bytes_ = 0;
  Halt halt_ = Halt::none;
  std::optional<uint64_t> halt_pc_;  ///< where it halted, if not by what an instruction did

  uint64_t pc_ = 0;
  uint32_t exception_ = 0;
  std::optional<Abort> abort_;
  std::exception_ptr thrown_;
  std::string fault_;

  DebugPoints points_;
  std::vector<size_t> hooks_;  ///< on instructions, for points_
  std::set<uint64_t> hooked_;  ///< breakpoints that hooks_ are for
  bool hooked_all_ = false;    ///< hooks_ is one on every instruction
  bool asked_to_halt_ = false;
  bool continues_block_ = false;  ///< the next block is the rest of one that was charged
  HaltEvent halt_event_;

  uint64_t last_return_address_ = ~uint64_t{0};
  uint64_t last_fault_address_ = 0;
  unsigned repeated_exceptions_ = 0;
};

}  // namespace vesper::cpu

#include "models/cpu/unicorn_core.h"

#include <fmt/format.h>
#include <unicorn/unicorn.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "models/cpu/load_store.h"

namespace vesper::cpu {
namespace {

constexpr uint32_t kElrEl1 = system_register(3, 0, 4, 0, 1);
constexpr uint32_t kSpsrEl1 = system_register(3, 0, 4, 0, 0);
constexpr uint32_t kEsrEl1 = system_register(3, 0, 5, 2, 0);
constexpr uint32_t kFarEl1 = system_register(3, 0, 6, 0, 0);
constexpr uint32_t kVbarEl1 = system_register(3, 0, 12, 0, 0);
constexpr uint32_t kHcrEl2 = system_register(3, 4, 1, 1, 0);
constexpr uint32_t kScrEl3 = system_register(3, 6, 1, 1, 0);

constexpr uint64_t kPhysicalAddresses = uint64_t{1} << 44;  // Cortex-A72 TRM, ID_AA64MMFR0_EL1.PARange
constexpr uint64_t kPage = 4096;

constexpr uint64_t kPstateI = 1U << 7;
constexpr uint64_t kPstateMode = 0xF;
constexpr uint64_t kModeEl1h = 0x5;
constexpr uint64_t kPstateDaifEl1h = 0x3C5;

constexpr uint64_t kSynchronousVector = 0x200;  // current exception level with SP_ELx
constexpr uint64_t kIrqVector = 0x280;

// ESR_EL1: exception class in bits 31..26, bit 25 set for a 32-bit instruction.
constexpr uint32_t kSyndromeUndefined = 0x00U << 26 | 1U << 25;
constexpr uint32_t kSyndromeSvc = 0x15U << 26 | 1U << 25;
constexpr uint32_t kSyndromeBrk = 0x3CU << 26 | 1U << 25;
constexpr uint32_t kSyndromeDataAbort =
    0x25U << 26 | 1U << 25 | 0x10;  // same level, synchronous external abort
constexpr uint32_t kSyndromeWrite = 1U << 6;

// Exception numbers that Unicorn's interrupt hook gives (QEMU target/arm/cpu.h).
constexpr uint32_t kExcpUndefined = 1;
constexpr uint32_t kExcpSvc = 2;
constexpr uint32_t kExcpBreakpoint = 7;

constexpr uint32_t kWfi = 0xD503207F;
constexpr uint32_t kSemihosting = 0xD45E0000;  // HLT #0xF000
constexpr unsigned kLoopLimit = 16;

void check(uc_err error, const char* what) {
  if (error != UC_ERR_OK) throw std::runtime_error(fmt::format("unicorn: {}: {}", what, uc_strerror(error)));
}

int register_id(unsigned n) {
  if (n == 31) return UC_ARM64_REG_SP;
  return static_cast<int>(n < 29 ? UC_ARM64_REG_X0 + n : UC_ARM64_REG_X29 + (n - 29));
}

constexpr uint32_t encoding_of(const uc_arm64_cp_reg& r) {
  return system_register(r.op0, r.op1, r.crn, r.crm, r.op2);
}

}  // namespace

/// C callbacks to members. Nothing may be thrown through Unicorn's frames: `guarded` keeps it for `run`.
struct UnicornCore::Hooks {
  static void block(uc_engine*, uint64_t address, uint32_t size, void* self) {
    static_cast<UnicornCore*>(self)->block(address, size);
  }
  static void instruction(uc_engine*, uint64_t address, uint32_t, void* self) {
    static_cast<UnicornCore*>(self)->instruction(address);
  }
  static void interrupt(uc_engine*, uint32_t number, void* self) {
    static_cast<UnicornCore*>(self)->exception(number);
  }
  static uint64_t read(uc_engine*, uint64_t offset, unsigned size, void* region) {
    auto& io = *static_cast<Region*>(region);
    uint32_t value = 0;
    io.core->guarded([&] {
      if (!io.core->access(false, io.base + offset, size, value)) value = 0;
    });
    return value;
  }
  static void write(uc_engine*, uint64_t offset, unsigned size, uint64_t value, void* region) {
    auto& io = *static_cast<Region*>(region);
    auto word = static_cast<uint32_t>(value);
    io.core->guarded([&] { io.core->access(true, io.base + offset, size, word); });
  }
  static uint32_t mrs(uc_engine* unicorn, uc_arm64_reg destination, const uc_arm64_cp_reg* source,
                      void* self) {
    auto& core = *static_cast<UnicornCore*>(self);
    bool answered = false;
    core.guarded([&] {
      uint64_t value = 0;
      answered = core.client_.read_system(encoding_of(*source), value);
      if (answered && destination != UC_ARM64_REG_XZR) uc_reg_write(unicorn, destination, &value);
    });
    return answered ? 1 : 0;
  }
  static uint32_t msr(uc_engine*, uc_arm64_reg, const uc_arm64_cp_reg* target, void* self) {
    auto& core = *static_cast<UnicornCore*>(self);
    bool answered = false;
    core.guarded([&] { answered = core.client_.write_system(encoding_of(*target), target->val); });
    return answered ? 1 : 0;
  }
};

UnicornCore::UnicornCore(CoreClient& client) : client_(client) {
  check(uc_open(UC_ARCH_ARM64, UC_MODE_ARM, &unicorn_), "open");
  check(uc_ctl_set_cpu_model(unicorn_, UC_CPU_ARM64_A72), "CPU model");
  uc_hook hook = 0;
  check(uc_hook_add(unicorn_, &hook, UC_HOOK_BLOCK, reinterpret_cast<void*>(&Hooks::block), this, 1, 0),
        "hook");
  check(uc_hook_add(unicorn_, &hook, UC_HOOK_INTR, reinterpret_cast<void*>(&Hooks::interrupt), this, 1, 0),
        "hook");
  check(uc_hook_add(unicorn_, &hook, UC_HOOK_INSN, reinterpret_cast<void*>(&Hooks::mrs), this, 1, 0,
                    UC_ARM64_INS_MRS),
        "hook");
  check(uc_hook_add(unicorn_, &hook, UC_HOOK_INSN, reinterpret_cast<void*>(&Hooks::msr), this, 1, 0,
                    UC_ARM64_INS_MSR),
        "hook");
}

UnicornCore::~UnicornCore() { uc_close(unicorn_); }

void UnicornCore::map_memory(uint64_t base, std::span<std::byte> memory) {
  if (base % kPage != 0 || memory.size() % kPage != 0 || memory.empty()) {
    throw std::invalid_argument(
        fmt::format("CPU memory {:#x} of {:#x} bytes is not whole 4 KiB pages", base, memory.size()));
  }
  check(uc_mem_map_ptr(unicorn_, base, memory.size(), UC_PROT_ALL, memory.data()), "memory");
  regions_.push_back(std::make_unique<Region>(Region{base, memory.size(), this, memory.data()}));
}

void UnicornCore::map_rest_to_client() {
  std::vector<std::pair<uint64_t, uint64_t>> memory;
  for (const auto& region : regions_) memory.emplace_back(region->base, region->base + region->size);
  std::ranges::sort(memory);
  uint64_t from = 0;
  for (auto [begin, end] : memory) {
    map_client(from, begin);
    from = end;
  }
  map_client(from, kPhysicalAddresses);
}

void UnicornCore::map_client(uint64_t begin, uint64_t end) {
  if (begin >= end) return;
  regions_.push_back(std::make_unique<Region>(Region{begin, end - begin, this, nullptr}));
  check(uc_mmio_map(unicorn_, begin, end - begin, &Hooks::read, regions_.back().get(), &Hooks::write,
                    regions_.back().get()),
        "client region");
}

void UnicornCore::reset(uint64_t pc) {
  set_system(kScrEl3, 1U << 10 | 1U);      // RW, NS: EL1 is AArch64, non-secure
  set_system(kHcrEl2, uint64_t{1} << 31);  // RW
  uint64_t pstate = kPstateDaifEl1h;
  check(uc_reg_write(unicorn_, UC_ARM64_REG_PSTATE, &pstate), "PSTATE");
  pc_ = pc;
  fault_.clear();
  repeated_exceptions_ = 0;
}

Stop UnicornCore::run(uint64_t instructions) {
  limit_ = executed_ + instructions;
  for (;;) {
    if (!continues_block_ && interrupt_ready()) {
      points_.interrupted(pc_, x(31));
      if (!enter_exception(kIrqVector, pc_)) return Stop::fault;
    }
    place_hooks();
    emulate();
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    if (std::optional<Stop> stop = resolve()) return *stop;
  }
}

void UnicornCore::emulate() {
  halt_ = Halt::none;
  halt_pc_.reset();
  uc_err error = uc_emu_start(unicorn_, pc_, ~uint64_t{0}, 0, 0);
  check(uc_reg_read(unicorn_, UC_ARM64_REG_PC, &pc_), "PC");
  if (halt_pc_) pc_ = *halt_pc_;
  if (error == UC_ERR_OK) return;
  bool fetch = error == UC_ERR_FETCH_PROT || error == UC_ERR_FETCH_UNMAPPED;
  fault_ = fetch ? "instruction fetch outside memory" : fmt::format("core error: {}", uc_strerror(error));
}

void UnicornCore::halt(Halt why) {
  if (halt_ == Halt::none) halt_ = why;
  uc_emu_stop(unicorn_);
}

/// Halts in front of `pc`: with a hook on some instructions, Unicorn's own PC is behind in front of a block.
void UnicornCore::halt_at(uint64_t pc, Halt why) {
  if (halt_ == Halt::none) halt_pc_ = pc;
  halt(why);
}

void UnicornCore::block(uint64_t pc, uint32_t bytes) {
  if (continues_block_) return continue_block(pc, bytes);
  if (executed_ >= limit_) return halt_at(pc, Halt::budget);
  if (interrupt_ && interrupt_ready()) return halt_at(pc, Halt::interrupt);
  if (asked_to_halt_) {
    halt_event_ = {};
    return halt_at(pc, Halt::debug);
  }
  block_pc_ = pc;
  block_bytes_ = bytes;
  if (watching_) guarded([&] { client_.block_entered(pc); });
  executed_ += bytes / 4;
}

/// Charges what lies beyond the block that was charged when it began.
void UnicornCore::continue_block(uint64_t pc, uint32_t bytes) {
  continues_block_ = false;
  const uint64_t charged = block_pc_ + block_bytes_;
  if (pc + bytes <= charged) return;
  executed_ += (pc + bytes - charged) / 4;
  block_bytes_ = static_cast<uint32_t>(pc + bytes - block_pc_);
}

void UnicornCore::instruction(uint64_t pc) {
  if (halt_ != Halt::none) return;
  std::optional<HaltEvent> event = points_.met(pc, instruction_at(pc), [this](unsigned n) { return x(n); });
  if (!event) return;
  halt_event_ = *event;
  continues_block_ = true;
  halt_at(pc, Halt::debug);
}

/// Hooks on all instructions cost time: they are there while they are needed. Translations know their hooks.
void UnicornCore::place_hooks() {
  const bool all = points_.look_at_all();
  if (all == hooked_all_ && (all || points_.breakpoints() == hooked_)) return;
  for (size_t hook : hooks_) check(uc_hook_del(unicorn_, hook), "hook");
  hooks_.clear();
  const auto add = [&](uint64_t begin, uint64_t end) {
    uc_hook hook = 0;
    check(uc_hook_add(unicorn_, &hook, UC_HOOK_CODE, reinterpret_cast<void*>(&Hooks::instruction), this,
                      begin, end),
          "hook");
    hooks_.push_back(hook);
  };
  if (all) {
    add(1, 0);
  } else {
    for (uint64_t address : points_.breakpoints()) add(address, address);
  }
  hooked_all_ = all;
  hooked_ = points_.breakpoints();
  for (const auto& region : regions_) {
    if (region->host != nullptr) memory_written(region->base, region->size);
  }
}

void UnicornCore::memory_written(uint64_t address, uint64_t bytes) {
  check(uc_ctl_remove_cache(unicorn_, address, address + bytes), "translations");
}

void UnicornCore::resolve_debug_halt() {
  asked_to_halt_ = false;
  const uint64_t halted_at = pc_;
  client_.debug_halted(halt_event_);
  if (pc_ != halted_at) continues_block_ = false;
  points_.resume(pc_);
}

void UnicornCore::exception(uint32_t number) {
  exception_ = number;
  halt(Halt::exception);
}

template <class Call>
void UnicornCore::guarded(Call&& call) {
  try {
    call();
  } catch (...) {
    if (!thrown_) thrown_ = std::current_exception();
    halt(Halt::thrown);
  }
}

bool UnicornCore::access(bool write, uint64_t address, unsigned size, uint32_t& value) {
  if (abort_ || thrown_) return false;  // the rest of an access that failed already
  bool done = write ? client_.write(address, size, value) : client_.read(address, size, value);
  if (!done) {
    abort_ = abort_at(address, write);
    halt(Halt::abort);
  }
  return done;
}

/// What the end of an emulation means to `run`: a reason to return, or nothing to go on.
std::optional<Stop> UnicornCore::resolve() {
  if (!fault_.empty()) return Stop::fault;
  switch (halt_) {
    case Halt::budget:
      return Stop::budget;
    case Halt::exception:
      return resolve_exception();
    case Halt::abort:
      return resolve_abort();
    case Halt::debug:
      resolve_debug_halt();
      return std::nullopt;
    case Halt::none:
      return finish_unasked();
    default:
      return std::nullopt;  // an interrupt: `run` takes it
  }
}

/// Unicorn returns by itself from WFI alone.
Stop UnicornCore::finish_unasked() {
  if (instruction_at(pc_ - 4) == kWfi) return Stop::wait_for_interrupt;
  return fail("the core stopped for no known reason");
}

std::optional<Stop> UnicornCore::resolve_exception() {
  if (exception_ == kExcpUndefined && instruction_at(pc_) == kSemihosting) {
    pc_ += 4;
    return Stop::semihosting;
  }
  if (exception_ == kExcpUndefined) return synchronous_exception(kSyndromeUndefined, pc_, 0);
  if (exception_ == kExcpBreakpoint) return synchronous_exception(kSyndromeBrk, pc_, 0);
  if (exception_ == kExcpSvc) {
    uint32_t immediate = instruction_at(pc_ - 4) >> 5 & 0xFFFF;
    return synchronous_exception(kSyndromeSvc | immediate, pc_, 0);
  }
  return fail(fmt::format("exception {} is not modelled", exception_));
}

std::optional<Stop> UnicornCore::resolve_abort() {
  Abort abort = *std::exchange(abort_, std::nullopt);
  pc_ = abort.pc;
  restore_destinations(abort);
  return synchronous_exception(kSyndromeDataAbort | (abort.write ? kSyndromeWrite : 0), pc_, abort.address);
}

UnicornCore::Abort UnicornCore::abort_at(uint64_t address, bool write) const {
  uint64_t pc = aborting_instruction(address);
  uint32_t instruction = instruction_at(pc);
  return {address, write, pc, {x(instruction & 0x1F), x(instruction >> 10 & 0x1F)}};
}

/// Unicorn completes a refused load: it wrote Rt, or Rt and Rt2 of a pair.
void UnicornCore::restore_destinations(const Abort& abort) {
  uint32_t instruction = instruction_at(abort.pc);
  constexpr uint32_t kVector = 1U << 26;
  if (abort.write || (instruction & kVector) != 0) return;
  unsigned rt = instruction & 0x1F;
  unsigned rt2 = instruction >> 10 & 0x1F;
  if (rt != 31) set_x(rt, abort.destinations[0]);
  if ((instruction & 0x3A000000) == 0x28000000 && rt2 != 31) set_x(rt2, abort.destinations[1]);
}

/// The first instruction of the block whose memory operand covers the refused address.
uint64_t UnicornCore::aborting_instruction(uint64_t address) const {
  RegisterFile registers = [this](unsigned n) { return x(n); };
  for (uint64_t pc = block_pc_; pc < block_pc_ + block_bytes_; pc += 4) {
    auto operand = memory_operand(instruction_at(pc), pc, registers);
    if (operand && address - operand->address < operand->bytes) return pc;
  }
  return block_pc_;
}

bool UnicornCore::interrupt_ready() const {
  if (!interrupt_) return false;
  uint64_t pstate = 0;
  uc_reg_read(unicorn_, UC_ARM64_REG_PSTATE, &pstate);
  return (pstate & kPstateI) == 0;
}

bool UnicornCore::enter_exception(uint64_t vector_offset, uint64_t return_address) {
  uint64_t pstate = 0;
  check(uc_reg_read(unicorn_, UC_ARM64_REG_PSTATE, &pstate), "PSTATE");
  if ((pstate & kPstateMode) != kModeEl1h) {
    fail("an exception outside EL1 with SP_EL1 is not modelled");
    return false;
  }
  set_system(kElrEl1, return_address);
  set_system(kSpsrEl1, pstate);
  check(uc_reg_write(unicorn_, UC_ARM64_REG_PSTATE, &kPstateDaifEl1h), "PSTATE");
  pc_ = system(kVbarEl1) + vector_offset;
  if (vector_offset == kIrqVector) client_.interrupt_taken();
  return true;
}

std::optional<Stop> UnicornCore::synchronous_exception(uint32_t syndrome, uint64_t return_address,
                                                       uint64_t fault_address) {
  bool again = return_address == last_return_address_ && fault_address == last_fault_address_ &&
               syndrome >> 26 != kSyndromeSvc >> 26;
  repeated_exceptions_ = again ? repeated_exceptions_ + 1 : 0;
  last_return_address_ = return_address;
  last_fault_address_ = fault_address;
  if (repeated_exceptions_ >= kLoopLimit) {
    pc_ = return_address;
    return fail(fmt::format("exception loop: ESR_EL1 {:#x}, FAR_EL1 {:#x}", syndrome, fault_address));
  }
  set_system(kEsrEl1, syndrome);
  set_system(kFarEl1, fault_address);
  if (!enter_exception(kSynchronousVector, return_address)) return Stop::fault;
  return std::nullopt;
}

Stop UnicornCore::fail(std::string why) {
  fault_ = std::move(why);
  return Stop::fault;
}

uint64_t UnicornCore::x(unsigned n) const {
  uint64_t value = 0;
  check(uc_reg_read(unicorn_, register_id(n), &value), "register");
  return value;
}

void UnicornCore::set_x(unsigned n, uint64_t value) {
  check(uc_reg_write(unicorn_, register_id(n), &value), "register");
}

uint64_t UnicornCore::pc() const { return pc_; }

namespace {

/// Unicorn's number of a register that it names, by the debugger's number.
int unicorn_register(unsigned number) {
  constexpr int kControl[] = {UC_ARM64_REG_PSTATE, UC_ARM64_REG_FPSR, UC_ARM64_REG_FPCR};
  if (number < kDebugPc) return register_id(number);
  if (number < kFirstDebugVector) return kControl[0];
  if (number < kFirstDebugVector + 32) return UC_ARM64_REG_V0 + static_cast<int>(number - kFirstDebugVector);
  return kControl[number - kFirstDebugVector - 32 + 1];
}

constexpr uint32_t kDebugSystem[] = {kElrEl1, kSpsrEl1, kEsrEl1, kFarEl1, kVbarEl1};

}  // namespace

bool UnicornCore::read_register(unsigned number, std::span<std::byte> value) const {
  if (number >= debug_registers().size()) return false;
  std::byte raw[16] = {};
  if (number == kDebugPc) {
    std::memcpy(raw, &pc_, sizeof pc_);
  } else if (number >= kFirstDebugSystem) {
    const uint64_t word = system(kDebugSystem[number - kFirstDebugSystem]);
    std::memcpy(raw, &word, sizeof word);
  } else {
    check(uc_reg_read(unicorn_, unicorn_register(number), raw), "register");
  }
  std::memcpy(value.data(), raw, std::min(value.size(), sizeof raw));
  return true;
}

bool UnicornCore::write_register(unsigned number, std::span<const std::byte> value) {
  if (number >= debug_registers().size()) return false;
  std::byte raw[16] = {};
  std::memcpy(raw, value.data(), std::min(value.size(), sizeof raw));
  uint64_t word = 0;
  std::memcpy(&word, raw, sizeof word);
  if (number == kDebugPc) {
    pc_ = word;
  } else if (number >= kFirstDebugSystem) {
    set_system(kDebugSystem[number - kFirstDebugSystem], word);
  } else {
    check(uc_reg_write(unicorn_, unicorn_register(number), raw), "register");
  }
  return true;
}

uint32_t UnicornCore::instruction_at(uint64_t address) const {
  for (const auto& region : regions_) {
    if (region->host == nullptr || address < region->base || address - region->base > region->size - 4)
      continue;
    uint32_t word = 0;
    std::memcpy(&word, region->host + (address - region->base), sizeof word);
    return word;
  }
  return 0;
}

uint64_t UnicornCore::system(uint32_t encoding) const {
  uc_arm64_cp_reg r{encoding >> 7 & 0xF,  encoding >> 3 & 0xF, encoding >> 14,
                    encoding >> 11 & 0x7, encoding & 0x7,      0};
  check(uc_reg_read(unicorn_, UC_ARM64_REG_CP_REG, &r), "system register");
  return r.val;
}

void UnicornCore::set_system(uint32_t encoding, uint64_t value) {
  uc_arm64_cp_reg r{encoding >> 7 & 0xF,  encoding >> 3 & 0xF, encoding >> 14,
                    encoding >> 11 & 0x7, encoding & 0x7,      value};
  check(uc_reg_write(unicorn_, UC_ARM64_REG_CP_REG, &r), "system register");
}

}  // namespace vesper::cpu

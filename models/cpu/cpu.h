/// The host CPU: a Cortex-A72 that runs real AArch64 firmware from private memory.
///
/// Models      one core at EL1 (unicorn_core.h says what of the architecture), private memory, an IRQ input,
///             a bus for everything outside the memory, a port for the architected timer's system registers,
///             and semihosting (HLT #0xF000: SYS_WRITE0, SYS_EXIT) by which firmware panics.
/// Timing      instructions take `cycles_per_instruction` cycles of `clock`, exactly; the default of 1 is an
///             assumption, no published figure: no pipeline, cache or branch prediction is modelled. A block
///             (straight-line code) is charged whole when it begins: a bus access leaves when its block has
///             been charged, and takes the time the bus takes; the core goes on at the next clock edge. A
///             64-bit access is two of 32 bits. A write occupies the core as long as the bus says.
/// Interrupts  are taken at the first block boundary at or after the line rises with PSTATE.I clear. The core
///             runs ahead of simulated time to the next activity in the system, but at least by `quantum`: an
///             interrupt raised by activity that lies nearer is seen up to `quantum` (and one block) late.
///             With quantum 0 it is exact. The core synchronises before every bus access and timer write.
/// WFI         sleeps until the line is high, masked or not; on waking it waits one delta cycle, so that all
///             interrupts of that instant are pending. WFE does not sleep.
/// Speed 0     with cycles_per_instruction 0 no time passes in firmware; more than `instructions_per_instant`
///             without time passing ends the simulation.
/// Observers   function_entered and the trace `<cpu>.function` (group cpu) by ELF symbols, vector_entered at
///             IRQ entry, policy_entered and policy_left around `policy_function`; at the core's own time,
///             which may lie ahead of simulated time by as much as the core runs ahead.
/// Errors      a panic, an exception loop, a fetch outside memory or anything not modelled ends the
///             simulation with a message that names program counter, function and time, and the last bus
///             error.
/// Leaves out  MMU, caches, EL0/EL2/EL3, FIQ, SError, other cores.
/// Sources     Arm DDI 0487 (architecture), Arm IHI 0100 / DUI 0203 (semihosting); 1400 MHz: AMD DS957.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/core/ip.h"
#include "models/cpu/cpu_core.h"
#include "models/cpu/elf_image.h"
#include "models/cpu/function_trace.h"
#include "models/cpu/instruction_clock.h"
#include "platform/property/schema.h"

namespace vesper::cpu {

class Cpu : public core::Ip, private CoreClient {
 public:
  struct Properties {
    Frequency clock = MHz(1400);
    Ratio cycles_per_instruction = ratio(1);
    Address memory_base{0x1'0000};
    Bytes memory_size = KiB(960);
    Duration quantum = ns(100);
    uint64_t instructions_per_instant = 100'000'000;
    std::string firmware = {};
    std::string policy_function = {};
    static void describe(Schema<Properties>& p);
  };

  Cpu(sc_core::sc_module_name name, const Properties& properties, const core::Environment& environment);
  ~Cpu() override;

  tlm_utils::simple_initiator_socket<Cpu> bus{"bus"};
  /// System registers of the timer: address 8 x encoding, 64-bit data (see system_register).
  tlm_utils::simple_initiator_socket_optional<Cpu> system{"system"};
  core::InterruptIn irq{[this](bool level) { irq_changed(level); }};

  /// Places the firmware in memory; it starts at its entry point when simulation does. Without firmware the
  /// core stays off.
  void load(const ElfImage& image);
  /// Copies bytes into private memory; throws std::out_of_range where there is none.
  void write_memory(uint64_t address, std::span<const std::byte> bytes);
  [[nodiscard]] std::span<std::byte> memory() { return {memory_.get(), properties_.memory_size.count}; }

  /// From now on the CPU halts for this debugger: before its first instruction, at what the debugger sets,
  /// and before a failure of firmware ends the simulation. Outlives the simulation.
  void attach(Debugger& debugger);
  /// Halts at the next block; at once if the CPU sleeps, before this returns. Not while the simulation runs.
  void ask_to_halt();
  /// The firmware that runs; empty without.
  [[nodiscard]] std::string firmware() const { return image_ ? image_->name() : ""; }

  [[nodiscard]] uint64_t instructions() const { return core_->executed(); }
  [[nodiscard]] bool exited() const { return exited_; }
  void report(core::RunReport& report) const override;
  [[nodiscard]] std::string waiting_for() const override;
  /// Asleep, firmware may have nothing left to do.
  [[nodiscard]] bool idle() const override { return true; }
  /// Program counter, function, instructions executed.
  [[nodiscard]] std::string state() const override;

 private:
  class DebugAccess;
  struct FreePages {
    void operator()(std::byte* pages) const;
  };

  void run();
  void run_firmware();
  bool step();
  void settle();
  [[nodiscard]] uint64_t budget() const;
  void check_progress();
  void synchronise();
  void sleep();
  bool semihosting();
  bool semihosted_exit();
  void irq_changed(bool level);

  bool read(uint64_t address, unsigned size, uint32_t& value) override;
  bool write(uint64_t address, unsigned size, uint32_t value) override;
  bool read_system(uint32_t encoding, uint64_t& value) override;
  bool write_system(uint32_t encoding, uint64_t value) override;
  void interrupt_taken() override;
  void block_entered(uint64_t pc) override;

  void debug_halted(const HaltEvent& event) override;
  bool transport(tlm::tlm_command command, uint64_t address, unsigned size, uint32_t& value);
  bool transport_system(tlm::tlm_command command, uint32_t encoding, uint64_t& value);
  void prepare(tlm::tlm_command command, uint64_t address, void* data, unsigned size);
  void note_bus_error();
  [[nodiscard]] uint64_t local_time() const;
  [[nodiscard]] std::string text_at(uint64_t address) const;
  [[nodiscard]] std::string place() const;
  [[noreturn]] void fail(const std::string& cause);

  Properties properties_;
  observe::ObserverHub* observers_;
  std::unique_ptr<std::byte[], FreePages> memory_;
  std::unique_ptr<CpuCore> core_;
  InstructionClock clock_;
  std::optional<FunctionTrace> trace_;
  std::optional<ElfImage> image_;

  tlm::tlm_generic_payload payload_;
  sc_core::sc_event irq_rises_;
  observe::Signal awake_;
  std::unique_ptr<DebugAccess> debug_;  ///< with a debugger
  bool sleeping_ = false;
  bool exited_ = false;
  uint64_t instant_ = 0;
  uint64_t executed_at_instant_ = 0;
  std::string last_text_;
  std::string last_bus_error_;
};

}  // namespace vesper::cpu

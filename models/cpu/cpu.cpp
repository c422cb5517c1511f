#include "models/cpu/cpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

#include "models/core/run_report.h"
#include "models/core/sim_error.h"
#include "models/cpu/debug_access.h"
#include "models/cpu/unicorn_core.h"

namespace vesper::cpu {
namespace {

using core::now_ps;
using core::to_time;

constexpr size_t kPage = 4096;
/// TLM targets, SystemC and Unicorn's translator share the thread's stack.
constexpr size_t kStackBytes = 4 << 20;
/// The core runs at most this far ahead of simulated time, so that a run can be ended or watched.
constexpr uint64_t kLongestSlicePs = 100'000'000;
/// Bounded, as two cores would wait for each other.
constexpr int kSettlingDeltas = 16;

// Arm semihosting: operations, and the reasons of SYS_EXIT.
constexpr uint64_t kSysWrite0 = 0x04;
constexpr uint64_t kSysExit = 0x18;
constexpr uint64_t kApplicationExit = 0x20026;
constexpr size_t kLongestText = 4096;

/// Every system register of the architected timer has op0 3, op1 3, CRn 14.
bool is_timer_register(uint32_t encoding) { return encoding >> 7 == system_register(3, 3, 14, 0, 0) >> 7; }

}  // namespace

VESPER_IP(Cpu, "cortex_a72", "host CPU that runs AArch64 firmware from private memory");

void Cpu::Properties::describe(Schema<Properties>& p) {
  p("clock", &Properties::clock, "core clock").at_least(Frequency{1});
  p("cycles_per_instruction", &Properties::cycles_per_instruction,
    "clock cycles an instruction takes; 0 is infinitely fast");
  p("memory_base", &Properties::memory_base, "first address of private memory")
      .must([](const Address& a) { return a.value % kPage == 0; }, "a multiple of 4 KiB");
  p("memory_size", &Properties::memory_size,
    "size of private memory; tables that the platform gives firmware at boot come on top")
      .must([](const Bytes& b) { return b.count != 0 && b.count % kPage == 0; }, "a multiple of 4 KiB");
  p("quantum", &Properties::quantum, "least time the core runs ahead; 0 sees every interrupt exactly");
  p("instructions_per_instant", &Properties::instructions_per_instant,
    "instructions without time passing that count as an endless loop")
      .at_least(1000);
  p("firmware", &Properties::firmware, "ELF file to load; empty leaves loading to the platform");
  p("policy_function", &Properties::policy_function, "firmware function whose calls count as policy time");
}

void Cpu::FreePages::operator()(std::byte* pages) const {
  ::operator delete[](pages, std::align_val_t{kPage});
}

Cpu::Cpu(sc_core::sc_module_name name, const Properties& properties, const core::Environment& environment)
    : Ip(name),
      properties_(properties),
      observers_(environment.observers),
      memory_(new (std::align_val_t{kPage}) std::byte[properties.memory_size.count]{}),
      core_(std::make_unique<UnicornCore>(static_cast<CoreClient&>(*this))),
      clock_(properties.clock, properties.cycles_per_instruction) {
  core_->map_memory(properties_.memory_base.value, memory());
  core_->map_rest_to_client();
  if (observers_ != nullptr) {
    trace_.emplace(*observers_, this->name());
    awake_ = observe::Signal(*observers_, {.path = std::string(this->name()) + ".awake", .group = "cpu"});
  }
  if (!properties_.firmware.empty()) load(ElfImage::load(properties_.firmware));
  expose("bus", bus);
  expose("system", system);
  expose("irq", irq);
  SC_HAS_PROCESS(Cpu);
  SC_THREAD(run);
  set_stack_size(kStackBytes);
}

Cpu::~Cpu() = default;

void Cpu::load(const ElfImage& image) {
  image.place(memory(), properties_.memory_base.value);
  image_ = image;
  core_->reset(image.entry());
  if (!properties_.policy_function.empty() && image.function_named(properties_.policy_function) == nullptr) {
    throw ElfError(fmt::format("{}: has no function '{}'", image.name(), properties_.policy_function));
  }
  if (trace_) {
    trace_->load(image, properties_.policy_function);
    core_->watch(trace_->wanted());
  }
}

void Cpu::write_memory(uint64_t address, std::span<const std::byte> bytes) {
  uint64_t offset = address - properties_.memory_base.value;
  if (offset > memory().size() || bytes.size() > memory().size() - offset) {
    throw std::out_of_range(
        fmt::format("{}: {} bytes at {:#x} are outside private memory", name(), bytes.size(), address));
  }
  std::ranges::copy(bytes, memory().begin() + static_cast<std::ptrdiff_t>(offset));
}

void Cpu::irq_changed(bool level) {
  core_->interrupt(level);
  if (level) irq_rises_.notify();
}

void Cpu::run() {
  if (!image_) return;
  try {
    run_firmware();
  } catch (const sc_core::sc_unwind_exception&) {
    throw;
  } catch (const std::exception& error) {
    core::fail_simulation(error.what());
  }
}

void Cpu::run_firmware() {
  clock_.resume(now_ps(), core_->executed());
  awake_.set(1, now_ps());
  if (debug_) debug_halted({});
  while (step()) {
  }
}

/// Runs a slice; false once firmware has exited.
bool Cpu::step() {
  settle();
  Stop stop = core_->run(budget());
  synchronise();
  switch (stop) {
    case Stop::wait_for_interrupt:
      sleep();
      return true;
    case Stop::semihosting:
      return semihosting();
    case Stop::fault:
      fail(core_->fault());
    default:
      check_progress();
      return true;
  }
}

/// Lets what is due at this instant happen first.
void Cpu::settle() {
  for (int delta = 0; delta < kSettlingDeltas && sc_core::sc_pending_activity_at_current_time(); ++delta) {
    wait(sc_core::SC_ZERO_TIME);
  }
}

uint64_t Cpu::budget() const {
  if (clock_.is_infinitely_fast()) return properties_.instructions_per_instant;
  uint64_t pending = sc_core::sc_time_to_pending_activity(sc_core::sc_get_curr_simcontext()).value();
  uint64_t ahead =
      std::clamp(pending, properties_.quantum.ps, std::max(kLongestSlicePs, properties_.quantum.ps));
  return std::max<uint64_t>(clock_.instructions_until(now_ps() + ahead, core_->executed()), 1);
}

void Cpu::check_progress() {
  if (!clock_.is_infinitely_fast()) return;
  if (now_ps() != instant_) {
    instant_ = now_ps();
    executed_at_instant_ = core_->executed();
  }
  if (core_->executed() - executed_at_instant_ >= properties_.instructions_per_instant) {
    fail(fmt::format("endless loop: {} instructions without time passing",
                     core_->executed() - executed_at_instant_));
  }
}

uint64_t Cpu::local_time() const { return std::max(clock_.time(core_->executed()), now_ps()); }

void Cpu::synchronise() {
  uint64_t at = local_time();
  if (at > now_ps()) wait(to_time(at - now_ps()));
}

void Cpu::sleep() {
  if (!irq.level()) {
    sleeping_ = true;
    awake_.set(0, now_ps());
    while (!irq.level()) wait(irq_rises_);
    sleeping_ = false;
    wait(sc_core::SC_ZERO_TIME);
  }
  clock_.resume(now_ps(), core_->executed());
  awake_.set(1, now_ps());
}

void Cpu::report(core::RunReport& report) const { report.cpu_instructions += core_->executed(); }

std::string Cpu::waiting_for() const { return sleeping_ ? "firmware waits for an interrupt" : ""; }

std::string Cpu::state() const {
  return image_ ? fmt::format("{}, {} instructions executed", place(), core_->executed()) : "";
}

bool Cpu::semihosting() {
  uint64_t operation = core_->x(0);
  if (operation == kSysExit) return semihosted_exit();
  if (operation != kSysWrite0) fail(fmt::format("semihosting operation {:#x} is not modelled", operation));
  last_text_ = text_at(core_->x(1));
  if (observers_ != nullptr) observers_->log(name(), last_text_, now_ps());
  core_->set_x(0, 0);
  return true;
}

/// SYS_EXIT: x1 points at reason and status.
bool Cpu::semihosted_exit() {
  uint64_t offset = core_->x(1) - properties_.memory_base.value;
  uint64_t block[2] = {0, 0};
  if (offset <= memory().size() - sizeof block) std::memcpy(block, memory().data() + offset, sizeof block);
  if (block[0] != kApplicationExit) fail(fmt::format("firmware panic: {}", last_text_));
  if (block[1] != 0) fail(fmt::format("firmware exited with status {}: {}", block[1], last_text_));
  exited_ = true;
  awake_.set(0, now_ps());
  return false;
}

bool Cpu::read(uint64_t address, unsigned size, uint32_t& value) {
  return transport(tlm::TLM_READ_COMMAND, address, size, value);
}

bool Cpu::write(uint64_t address, unsigned size, uint32_t value) {
  return transport(tlm::TLM_WRITE_COMMAND, address, size, value);
}

void Cpu::prepare(tlm::tlm_command command, uint64_t address, void* data, unsigned size) {
  payload_.set_command(command);
  payload_.set_address(address);
  payload_.set_data_ptr(static_cast<unsigned char*>(data));
  payload_.set_data_length(size);
  payload_.set_streaming_width(size);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
}

bool Cpu::transport(tlm::tlm_command command, uint64_t address, unsigned size, uint32_t& value) {
  synchronise();
  prepare(command, address, &value, size);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  bus->b_transport(payload_, delay);
  if (delay != sc_core::SC_ZERO_TIME) wait(delay);
  clock_.resume(now_ps(), core_->executed());
  core_->stop();  // the access may have brought new activity nearer than the core would run ahead
  check_progress();
  if (payload_.is_response_ok()) return true;
  note_bus_error();
  return false;
}

void Cpu::note_bus_error() {
  last_bus_error_ =
      fmt::format("; last bus error: {} of {} bytes at {:#x} by {} ({}) at {}",
                  payload_.is_write() ? "write" : "read", payload_.get_data_length(), payload_.get_address(),
                  name(), payload_.get_response_string(), sc_core::sc_time_stamp().to_string());
}

bool Cpu::read_system(uint32_t encoding, uint64_t& value) {
  return is_timer_register(encoding) && transport_system(tlm::TLM_READ_COMMAND, encoding, value);
}

bool Cpu::write_system(uint32_t encoding, uint64_t value) {
  if (!is_timer_register(encoding)) return false;
  synchronise();
  core_->stop();
  return transport_system(tlm::TLM_WRITE_COMMAND, encoding, value);
}

bool Cpu::transport_system(tlm::tlm_command command, uint32_t encoding, uint64_t& value) {
  prepare(command, uint64_t{encoding} * 8, &value, sizeof value);
  sc_core::sc_time delay = to_time(local_time() - now_ps());
  if (system.size() != 0) system->b_transport(payload_, delay);
  if (payload_.is_response_ok()) return true;
  fail(fmt::format("timer register with encoding {:#x} is not modelled or no timer is connected", encoding));
}

void Cpu::interrupt_taken() {
  if (observers_ != nullptr) observers_->mark(observe::Mark::vector_entered, 0, local_time());
}

void Cpu::block_entered(uint64_t pc) {
  trace_->block(pc, local_time(), [this] { return core_->x(30); });
}

std::string Cpu::text_at(uint64_t address) const {
  std::string text;
  uint64_t offset = address - properties_.memory_base.value;
  for (; offset < properties_.memory_size.count && text.size() < kLongestText; ++offset) {
    char character = static_cast<char>(memory_[offset]);
    if (character == '\0') break;
    text += character;
  }
  return text;
}

std::string Cpu::place() const {
  const ElfImage::Function* function = image_->function_at(core_->pc());
  return fmt::format("pc {:#x} in {}, at {}", core_->pc(),
                     function != nullptr ? function->name : "no function",
                     sc_core::sc_time_stamp().to_string());
}

void Cpu::fail(const std::string& cause) {
  const std::string message = fmt::format("{}: {} ({}){}", name(), cause, place(), last_bus_error_);
  if (debug_) debug_halted({.reason = HaltReason::failure, .text = message});
  throw core::SimulationError(message);
}

void Cpu::attach(Debugger& debugger) { debug_ = std::make_unique<DebugAccess>(*this, debugger); }

void Cpu::ask_to_halt() {
  if (sleeping_) {
    if (!debug_->halt({})) core::stop_simulation();
  } else {
    core_->ask_to_halt();
  }
}

void Cpu::debug_halted(const HaltEvent& event) {
  if (debug_->halt(event)) return;
  core::stop_simulation();
  sc_core::sc_event never;
  wait(never);
}

}  // namespace vesper::cpu

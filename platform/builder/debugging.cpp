#include "platform/builder/debugging.h"

#include <fmt/format.h>

#include "models/core/ip.h"
#include "models/cpu/cpu.h"
#include "platform/builder/system.h"
#include "platform/debug/gdb_server.h"
#include "platform/observe/format.h"
#include "platform/property/node.h"

namespace vesper::builder {
namespace {

cpu::Cpu& cpu_of(const System& system) {
  for (const auto& [name, ip] : system.ips()) {
    auto* cpu = dynamic_cast<cpu::Cpu*>(ip.get());
    if (cpu != nullptr && !cpu->firmware().empty()) return *cpu;
  }
  throw InputError(
      "--gdb: the platform runs no firmware; --placement software has the scheduler run as firmware");
}

std::string registers_of(const core::Ip& ip) {
  std::string text;
  const core::RegisterPort* bank = ip.register_bank();
  if (bank == nullptr) return text;
  for (const core::Register* one : bank->registers()) {
    for (uint32_t i = 0; i < one->count(); ++i) {
      const uint32_t value = one->peek(i);
      if (value == one->reset_value()) continue;
      const std::string index = one->count() > 1 ? fmt::format("[{}]", i) : "";
      text += fmt::format("  {}.{}{} = {:#x}\n", ip.basename(), one->name(), index, value);
    }
  }
  return text;
}

}  // namespace

std::string states_of(const System& system) {
  std::string waiting, states, registers;
  for (const auto& [name, ip] : system.ips()) {
    if (const std::string why = ip->waiting_for(); !why.empty())
      waiting += fmt::format("  {}: {}\n", name, why);
    if (const std::string state = ip->state(); !state.empty())
      states += fmt::format("  {}: {}\n", name, state);
    registers += registers_of(*ip);
  }
  return "who waits for what\n" + (waiting.empty() ? "  nobody\n" : waiting) + "processors\n" +
         (states.empty() ? "  none\n" : states) + "registers that are not as after reset\n" + registers;
}

Debugging::Debugging(const System& system, uint16_t port, const RunOptions& options,
                     std::function<std::string()> state)
    : cpu_(&cpu_of(system)) {
  const auto tell = [](const std::string& line) { fmt::print(stderr, "vesper: {}\n", line); };
  debug::GdbOptions server{port, options.interrupted, tell, {}};
  server.monitor["time"] = [] { return observe::readable_time(core::now_ps()); };
  server.monitor["state"] = std::move(state);
  server_ = std::make_unique<debug::GdbServer>(std::move(server));
  tell(fmt::format("waiting for a debugger: gdb-multiarch {} -ex 'target remote localhost:{}'",
                   cpu_->firmware(), server_->port()));
  if (server_->await()) cpu_->attach(*server_);
}

Debugging::~Debugging() { ended(1); }

bool Debugging::poll() {
  if (server_->asked_to_halt()) cpu_->ask_to_halt();
  return !server_->killed();
}

void Debugging::ended(int status) {
  if (!over_) server_->ended(status);
  over_ = true;
}

}  // namespace vesper::builder

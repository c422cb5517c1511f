/// Serves firmware on a modelled CPU to GDB (gdb-multiarch) over TCP on this machine.
///
/// Speaks   the remote serial protocol: registers by a target description (AArch64 with floating point and
/// some
///          system registers of EL1), memory and memory-mapped registers, breakpoints, watchpoints, steps
///          (also over ranges), continue, Ctrl-C, detach, kill, `monitor` commands.
/// Time     the simulation stands still while GDB thinks. Breakpoints of both kinds are alike and leave
/// memory
///          as it is, so that results are those of a run without a debugger.
/// GDB goes when the connection ends without a word, the simulation goes on as after `detach`.
/// Source: "Debugging with GDB" 13, appendix E (protocol) and G (target descriptions).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "models/cpu/debugger.h"

namespace vesper::debug {

struct GdbOptions {
  uint16_t port = 0;                             ///< 0: one that is free
  std::function<bool()> interrupted;             ///< asked while waiting: give up and end the run
  std::function<void(const std::string&)> tell;  ///< gets what the user should know, a line each
  /// `monitor NAME` in GDB prints what the function answers.
  std::map<std::string, std::function<std::string()>> monitor;
};

class GdbServer final : public cpu::Debugger {
 public:
  /// Listens. Throws InputError when the port cannot be had.
  explicit GdbServer(GdbOptions options);
  ~GdbServer() override;

  [[nodiscard]] uint16_t port() const;
  /// Waits for a debugger; false when interrupted() came before it.
  bool await();

  /// Answers the debugger until the CPU is to go on. At the first halt it is told nothing: it asks.
  bool halted(cpu::DebugTarget& cpu, const cpu::HaltEvent& event) override;
  /// Whether the debugger asked to halt (Ctrl-C), once.
  bool asked_to_halt();
  /// Whether the debugger ended the run.
  [[nodiscard]] bool killed() const;
  /// Tells the debugger that the program has ended with this status.
  void ended(int status);

 private:
  class Session;
  std::unique_ptr<Session> session_;
};

}  // namespace vesper::debug

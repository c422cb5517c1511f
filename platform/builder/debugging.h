/// A run in the hands of a debugger: GDB on the firmware, and the state of everything in words.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "platform/builder/run.h"

namespace vesper::debug {
class GdbServer;
}
namespace vesper::cpu {
class Cpu;
}

namespace vesper::builder {

class System;

/// Who waits for what, and all registers that are not as after reset, a line each.
std::string states_of(const System& system);

/// GDB's side of a run.
class Debugging {
 public:
  /// Waits for GDB on `port` of this machine. Throws InputError when the port cannot be had, or the platform
  /// runs no firmware. `state` makes what `monitor state` prints.
  Debugging(const System& system, uint16_t port, const RunOptions& options,
            std::function<std::string()> state);
  ~Debugging();
  Debugging(const Debugging&) = delete;
  Debugging& operator=(const Debugging&) = delete;

  /// Between slices of simulation: heeds Ctrl-C in GDB. False when GDB ended the run.
  bool poll();
  /// The program is over: GDB is told, with its exit status.
  void ended(int status);

 private:
  std::unique_ptr<debug::GdbServer> server_;
  cpu::Cpu* cpu_ = nullptr;
  bool over_ = false;
};

}  // namespace vesper::builder

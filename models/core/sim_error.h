/// A failure of the simulation itself (exit status 1), as against wrong input (InputError, exit status 2).
#pragma once

#include <stdexcept>
#include <string>

namespace vesper::core {

class SimulationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Ends the simulation from any process: remembers the first message and stops the kernel.
void fail_simulation(const std::string& message);
/// What a model saw that may explain a failure to come; the first is added to the message of the failure.
void note_cause(const std::string& cause);
/// The message given to fail_simulation and the cause noted before it, or empty.
const std::string& failure_message();

/// Ends the simulation at the present time, from any process; no failure.
void stop_simulation();
/// SystemC reports of severity warning and above become exceptions (a warning is an error here).
void throw_on_systemc_reports();

}  // namespace vesper::core

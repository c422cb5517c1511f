/// The subcommands of `vesper`. Each takes its own arguments and answers an exit status:
/// 0 done; 1 the simulation failed; 2 the command line or scenario is wrong; 3 done, and --fail-on found
/// some.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace vesper::cli {

constexpr int kDone = 0;
constexpr int kSimulationFailed = 1;
constexpr int kWrongInput = 2;
constexpr int kFoundMisses = 3;

using Arguments = std::vector<std::string>;

/// A subcommand, registered where it is written.
struct Command {
  const char* name;
  const char* help;
  int (*run)(const Arguments& arguments);
  const Command* next = nullptr;
  Command(const char* name_, const char* help_, int (*run_)(const Arguments&));
};

/// Does `work`; an exception is told on standard error and answered with its exit status.
int guarded(const std::function<int()>& work);
/// From now on the first Ctrl-C or SIGTERM makes interrupted() true; a second one ends the process.
void heed_interrupts();
[[nodiscard]] bool interrupted();

/// Does `work`, guarded, in a process of its own, as a SystemC kernel cannot be rebuilt; its exit status.
int in_child(const std::function<int()>& work);

/// Runs `vesper ARGUMENTS`, guarded.
int run_command(const Arguments& arguments);

}  // namespace vesper::cli

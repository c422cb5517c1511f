#include "platform/cli/commands.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <csignal>
#include <cstdio>

#include "models/core/sim_error.h"
#include "platform/property/node.h"
#include "platform/sweep/process.h"
#include "vesper_version.h"

namespace vesper::cli {
namespace {

const Command* head = nullptr;

volatile std::sig_atomic_t interrupt_came = 0;

void on_interrupt(int signal) {
  interrupt_came = 1;
  std::signal(signal, SIG_DFL);
}

std::vector<const Command*> commands() {
  std::vector<const Command*> all;
  for (const Command* command = head; command != nullptr; command = command->next) all.push_back(command);
  std::ranges::sort(all, {}, [](const Command* command) { return std::string_view(command->name); });
  return all;
}

void print_help() {
  fmt::print("vesper {}: evaluate schedulers for neural networks that share an accelerator\n\n",
             VESPER_VERSION);
  fmt::print("usage: vesper COMMAND [OPTIONS]\n\n");
  for (const Command* command : commands()) fmt::print("  {:10} {}\n", command->name, command->help);
  fmt::print(
      "\n`vesper COMMAND --help` tells more. Exit status: 0 done; 1 the simulation failed; 2 the command "
      "line or\n"
      "scenario is wrong; 3 done, and --fail-on found some.\n");
}

int dispatch(const Arguments& arguments) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    print_help();
    return arguments.empty() ? kWrongInput : kDone;
  }
  if (arguments[0] == "--version") {
    fmt::print("vesper {}\n", VESPER_VERSION);
    return kDone;
  }
  std::vector<std::string> names;
  for (const Command* command : commands()) {
    if (arguments[0] == command->name) return command->run({arguments.begin() + 1, arguments.end()});
    names.emplace_back(command->name);
  }
  throw InputError(fmt::format("there is no command '{}'{}; see vesper --help", arguments[0],
                               did_you_mean(arguments[0], names)));
}

}  // namespace

Command::Command(const char* name_, const char* help_, int (*run_)(const Arguments&))
    : name(name_), help(help_), run(run_), next(head) {
  head = this;
}

int run_command(const Arguments& arguments) {
  return guarded([&] { return dispatch(arguments); });
}

int guarded(const std::function<int()>& work) {
  int status = kSimulationFailed;
  try {
    return work();
  } catch (const InputError& error) {
    fmt::print(stderr, "vesper: {}\n", error.what());
    status = kWrongInput;
  } catch (const boost::program_options::error& error) {
    fmt::print(stderr, "vesper: {}; see --help\n", error.what());
    status = kWrongInput;
  } catch (const core::SimulationError& error) {
    fmt::print(stderr, "vesper: the simulation failed: {}\n", error.what());
  } catch (const std::exception& error) {
    fmt::print(stderr, "vesper: {}\n", error.what());
  }
  return status;
}

void heed_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

bool interrupted() { return interrupt_came != 0; }

int in_child(const std::function<int()>& work) {
  pid_t child = sweep::fork_process();
  if (child == 0) {
    int status = guarded(work);
    std::fflush(nullptr);
    _exit(status);
  }
  int status = sweep::wait_for(child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : kSimulationFailed;
}

}  // namespace vesper::cli

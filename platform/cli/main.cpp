#include <systemc>

#include "platform/cli/commands.h"

int sc_main(int /*argc*/, char** /*argv*/) { return 0; }

// SystemC is not started through sc_main: a command may simulate nothing, or in several processes.
int main(int argc, char** argv) { return vesper::cli::run_command({argv + 1, argv + argc}); }

/// The installed Vesper, used from a shell as its users do.
#pragma once

#include <filesystem>
#include <string>

#include "tests/support/command.h"

namespace vesper::test {

/// Runs a script by bash, which stops at the first error, with the installed Vesper first in the path;
/// standard error comes with the output.
CommandResult run_script(const std::string& script, const std::filesystem::path& folder);

/// A folder of the build that is emptied first: its path is the same in each run, so that compilers' caches
/// help.
std::filesystem::path emptied_folder(const std::string& name);

}  // namespace vesper::test

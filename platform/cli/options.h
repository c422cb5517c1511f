/// Command lines of subcommands: options by Boost.Program_options, everything else is a scenario.
#pragma once

#include <boost/program_options.hpp>
#include <string>

#include "platform/cli/commands.h"

namespace vesper::cli {

struct Parsed {
  boost::program_options::variables_map values;
  Arguments scenarios;
  bool help = false;  ///< the help text was printed; nothing else is to be done

  [[nodiscard]] bool has(const char* name) const { return values.count(name) != 0; }
  /// The values of an option that may be given many times.
  [[nodiscard]] Arguments all(const char* name) const {
    return has(name) ? values[name].as<Arguments>() : Arguments{};
  }
  [[nodiscard]] std::string text(const char* name) const { return values[name].as<std::string>(); }
};

/// Throws InputError when no scenario is named, boost::program_options::error on an unknown option.
Parsed parse(const Arguments& arguments, const boost::program_options::options_description& options,
             const char* usage);

}  // namespace vesper::cli

#include "platform/cli/options.h"

#include <fmt/format.h>

#include <sstream>

#include "platform/property/node.h"

namespace vesper::cli {
namespace po = boost::program_options;

Parsed parse(const Arguments& arguments, const po::options_description& options, const char* usage) {
  po::options_description all;
  all.add(options).add_options()("scenario", po::value<Arguments>());
  po::positional_options_description positional;
  positional.add("scenario", -1);
  // Without guessing: a shortened option is an error, so that scripts go on to mean what they meant.
  int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  Parsed parsed;
  po::store(po::command_line_parser(arguments).options(all).positional(positional).style(style).run(),
            parsed.values);
  po::notify(parsed.values);
  if (parsed.has("help")) {
    std::ostringstream text;
    text << options;
    fmt::print("{}\n\n{}", usage, text.str());
    parsed.help = true;
    return parsed;
  }
  parsed.scenarios = parsed.all("scenario");
  if (parsed.scenarios.empty()) throw InputError(fmt::format("no scenario is named; {}", usage));
  return parsed;
}

}  // namespace vesper::cli

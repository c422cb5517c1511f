#include "platform/observe/vcd_selection.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include "platform/property/node.h"

namespace vesper::observe {

const std::vector<std::string>& signal_groups() {
  static const std::vector<std::string> groups = {"scheduler", "cpu", "accelerator", "irq",
                                                  "fsm",       "noc", "ddr"};
  return groups;
}

bool VcdSelection::wants(const SignalInfo& signal) const {
  if (all || std::ranges::find(groups, signal.group) != groups.end()) return true;
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), signal.path.c_str(), 0) == 0;
  });
}

VcdSelection parse_vcd_selection(std::string_view text) {
  VcdSelection selection;
  selection.groups.clear();
  while (!text.empty()) {
    size_t comma = text.find(',');
    std::string item(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    if (item == "all") {
      selection.all = true;
    } else if (item.find_first_of(".*?[") != std::string::npos) {
      selection.patterns.push_back(item);
    } else if (std::ranges::find(signal_groups(), item) != signal_groups().end()) {
      selection.groups.push_back(item);
    } else if (!item.empty()) {
      throw InputError(
          fmt::format("'{}' is no group of signals{}", item, did_you_mean(item, signal_groups())));
    }
  }
  return selection;
}

}  // namespace vesper::observe

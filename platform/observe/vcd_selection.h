/// Which signals a wave holds: whole groups, and patterns of paths.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/observe/observer.h"

namespace vesper::observe {

/// The groups signals of the shipped models belong to.
const std::vector<std::string>& signal_groups();

struct VcdSelection {
  /// By default without `noc` and `ddr`, whose links and banks change with every burst, and without `fsm`,
  /// the turns of the hardware scheduler.
  std::vector<std::string> groups = {"scheduler", "cpu", "accelerator", "irq"};
  std::vector<std::string> patterns;  ///< shell patterns over the whole path: `noc.link*`
  bool all = false;

  [[nodiscard]] bool wants(const SignalInfo& signal) const;
};

/// Reads `scheduler,ddr,noc.link*` or `all`: what holds none of `.*?[` is a group. Throws InputError for an
/// unknown group, naming the nearest.
VcdSelection parse_vcd_selection(std::string_view text);

}  // namespace vesper::observe

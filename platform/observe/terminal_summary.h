/// What a run says of itself on the terminal, at most a screen. Pure functions of the figures.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "platform/observe/summary.h"

namespace vesper::observe {

/// What the terminal shows beside the figures of the summary.
struct TerminalExtras {
  double wall_s = 0;
  std::string memory;   ///< the line on memory, without its label; empty: no line
  std::string written;  ///< the line on where the outputs are, without its label; empty: no line
};

std::string terminal_summary(const Summary& summary, const TerminalExtras& extras);

/// Where the outputs are and how to see the wave: `TerminalExtras::written`.
std::string written_text(std::string_view folder, const std::set<std::string>& files);

/// Runs of one task set side by side, each under its `placement`: latencies, blocking, deadlines.
std::string compare(std::span<const Summary> runs);

}  // namespace vesper::observe

#include "platform/observe/gtkwave_save.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <vector>

namespace vesper::observe {
namespace {

// Trace flags of GTKWave's save files. Source: gtkwave 3.3.118, src/analyzer.h, enum TraceEntFlagBits.
constexpr unsigned kHex = 1U << 1;
constexpr unsigned kDecimal = 1U << 2;
constexpr unsigned kBinary = 1U << 3;
constexpr unsigned kRightJustified = 1U << 5;
constexpr unsigned kBlank = 1U << 9;
constexpr unsigned kAscii = 1U << 11;
constexpr unsigned kGroupBegin = 1U << 23;
constexpr unsigned kGroupEnd = 1U << 24;

constexpr uint16_t kWidestDecimal = 32;
/// log2 of the pixels the waves have on a common screen.
constexpr int kPixelsLog2 = 10;

std::vector<std::string> groups_of(std::span<const WaveSignal> signals) {
  std::vector<std::string> groups;
  for (const WaveSignal& signal : signals) {
    if (std::ranges::find(groups, signal.group) == groups.end()) groups.push_back(signal.group);
  }
  return groups;
}

unsigned format_of(const WaveSignal& signal) {
  if (signal.is_text) return kAscii | kRightJustified;
  if (signal.width == 1) return kBinary | kRightJustified;
  return (signal.width <= kWidestDecimal ? kDecimal : kHex) | kRightJustified;
}

std::string name_of(const WaveSignal& signal) {
  if (signal.is_text || signal.width == 1) return signal.path;
  return fmt::format("{}[{}:0]", signal.path, signal.width - 1);
}

}  // namespace

std::string gtkwave_save(std::string_view wave, std::span<const WaveSignal> signals, Time end) {
  int zoom = std::max(static_cast<int>(std::bit_width(end)) - kPixelsLog2, 0);
  std::string text = fmt::format(
      "[*]\n[dumpfile] \"{}\"\n[timestart] 0\n[size] 1600 900\n[pos] -1 -1\n"
      "*-{}.0 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1\n"
      "[signals_width] 320\n[sst_expanded] 1\n",
      wave, zoom);
  for (const std::string& group : groups_of(signals)) {
    text += fmt::format("@{:x}\n-{}\n", kGroupBegin | kBlank, group);
    for (const WaveSignal& signal : signals) {
      if (signal.group == group) text += fmt::format("@{:x}\n{}\n", format_of(signal), name_of(signal));
    }
    text += fmt::format("@{:x}\n-{}\n", kGroupEnd | kBlank, group);
  }
  return text;
}

}  // namespace vesper::observe

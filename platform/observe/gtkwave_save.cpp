#include "platform/observe/gtkwave_save.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
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
// At zoom -z, 200 pixels show 2^z units of time (measured on a screen of gtkwave 3.3.118).
constexpr double kZoomPixels = 200;
/// What the waves have of the window asked for.
constexpr double kWavePixels = 900;

std::vector<std::string> groups_of(std::span<const WaveSignal> signals) {
  std::vector<std::string> groups;
  for (const WaveSignal& signal : signals) {
    if (std::ranges::find(groups, signal.group) == groups.end()) groups.push_back(signal.group);
  }
  return groups;
}

bool shows_text(const WaveSignal& signal) { return signal.is_text || !signal.value_names.empty(); }

unsigned format_of(const WaveSignal& signal) {
  if (shows_text(signal)) return kAscii | kRightJustified;
  if (signal.width == 1) return kBinary | kRightJustified;
  return (signal.width <= kWidestDecimal ? kDecimal : kHex) | kRightJustified;
}

/// The signal under its whole path; GTKWave would show what follows the last dot alone.
std::string trace_of(const WaveSignal& signal) {
  std::string shown = signal.path;
  std::ranges::replace(shown, '.', '/');
  std::string range = shows_text(signal) || signal.width == 1 ? "" : fmt::format("[{}:0]", signal.width - 1);
  return fmt::format("@{:x}\n+{{{}}} {}{}\n", format_of(signal), shown, signal.path, range);
}

}  // namespace

std::string gtkwave_save(std::string_view wave, std::span<const WaveSignal> signals, Time begin, Time end) {
  double zoom =
      std::ceil(std::log2(std::max(static_cast<double>(end - begin) * kZoomPixels / kWavePixels, 1.0)) * 10) /
      10;
  std::string text = fmt::format(
      "[*]\n[dumpfile] \"{}\"\n[timestart] {}\n[size] 1600 900\n[pos] -1 -1\n"
      "*-{:.1f} -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1\n"
      "[signals_width] 320\n[sst_expanded] 1\n",
      wave, begin, zoom);
  for (const std::string& group : groups_of(signals)) {
    text += fmt::format("@{:x}\n-{}\n", kGroupBegin | kBlank, group);
    for (const WaveSignal& signal : signals) {
      if (signal.group == group) text += trace_of(signal);
    }
    text += fmt::format("@{:x}\n-{}\n", kGroupEnd | kBlank, group);
  }
  return text;
}

}  // namespace vesper::observe

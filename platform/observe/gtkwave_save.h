/// A GTKWave save file that shows a wave's signals, a foldable group for each group of signals.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "platform/observe/observer.h"
#include "platform/observe/wave_signal.h"

namespace vesper::observe {

/// The save file's text. `wave` is the name of the VCD file as GTKWave is to find it; the view spans
/// `begin` to `end`.
std::string gtkwave_save(std::string_view wave, std::span<const WaveSignal> signals, Time begin, Time end);

}  // namespace vesper::observe

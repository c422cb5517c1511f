/// A signal as a wave file names it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vesper::observe {

struct WaveSignal {
  std::string path;  ///< as SignalInfo::path, each level with the characters a wave file allows, and unique
  std::string group;
  uint16_t width = 1;
  bool is_text = false;
  std::vector<std::string> value_names = {};  ///< as SignalInfo::value_names
};

}  // namespace vesper::observe

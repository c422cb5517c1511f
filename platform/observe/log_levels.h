/// Which lines of the log a user wants: levels by place in the hierarchy.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vesper::observe {

enum class LogLevel : uint8_t { trace, debug, info, warn, error, off };

class LogLevels {
 public:
  /// Reads items such as `info` (for all) or `scheduler=debug,noc=trace`; `*?[` make a place a shell pattern.
  /// Throws InputError on an unknown level, and on a place that is none of `places`, naming the nearest.
  void add(std::string_view text, const std::vector<std::string>& places);

  /// What is wanted of `place`, or of signals in `group`: the last item that fits tells. An item fits a place
  /// and all below it (`noc` also `noc.link.ends`).
  [[nodiscard]] LogLevel of(std::string_view place, std::string_view group = {}) const;
  /// The most that is wanted of any place.
  [[nodiscard]] LogLevel lowest() const;

 private:
  struct Rule {
    std::string place;  ///< empty: all
    LogLevel level;
  };
  std::vector<Rule> rules_;
};

}  // namespace vesper::observe

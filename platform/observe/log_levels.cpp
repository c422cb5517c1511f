#include "platform/observe/log_levels.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include "platform/property/node.h"

namespace vesper::observe {
namespace {

const std::vector<std::string> kNames = {"trace", "debug", "info", "warn", "error", "off"};

LogLevel level_of(const std::string& name) {
  auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) {
    throw InputError(fmt::format("--log: '{}' is no level{}; levels are {}", name, did_you_mean(name, kNames),
                                 fmt::join(kNames, ", ")));
  }
  return static_cast<LogLevel>(found - kNames.begin());
}

bool fits(const std::string& rule, std::string_view place) {
  if (rule.empty() || rule == place) return true;
  if (place.starts_with(rule) && place[rule.size()] == '.') return true;
  return ::fnmatch(rule.c_str(), std::string(place).c_str(), 0) == 0;
}

}  // namespace

void LogLevels::add(std::string_view text, const std::vector<std::string>& places) {
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string item(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    const size_t equals = item.find('=');
    const std::string place = equals == std::string::npos ? "" : item.substr(0, equals);
    const std::string first = place.substr(0, place.find('.'));
    const bool pattern = place.find_first_of("*?[") != std::string::npos;
    if (!place.empty() && !pattern && std::ranges::find(places, first) == places.end()) {
      throw InputError(fmt::format("--log: '{}' is no place of this platform{}; places are {}", first,
                                   did_you_mean(first, places), fmt::join(places, ", ")));
    }
    rules_.push_back({place, level_of(equals == std::string::npos ? item : item.substr(equals + 1))});
  }
}

LogLevel LogLevels::of(std::string_view place, std::string_view group) const {
  auto rule = std::find_if(rules_.rbegin(), rules_.rend(), [&](const Rule& one) {
    return fits(one.place, place) || (!group.empty() && one.place == group);
  });
  return rule == rules_.rend() ? LogLevel::info : rule->level;
}

LogLevel LogLevels::lowest() const {
  LogLevel lowest = LogLevel::info;
  for (const Rule& rule : rules_) lowest = std::min(lowest, rule.level);
  return lowest;
}

}  // namespace vesper::observe

/// Policies as scenarios name them, and their parameters as scenarios write them: a number, or one of the
/// names that stand for 0, 1, ...
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schedulers/policy/policy.h"

namespace vesper::policy {

/// What `scheduler.policy` can be: a policy, or a weaver (schedulers/weaving), which schedules an NPU ahead.
struct Choice {
  std::string name;
  const char* help = "";
  const ParameterInfo* parameters = nullptr;
  size_t parameter_count = 0;
  const PresetInfo* presets = nullptr;
  size_t preset_count = 0;
  bool weaves = false;

  /// Null when there is none of that name.
  [[nodiscard]] const PresetInfo* find_preset(const std::string& preset) const;
};
/// In order of their names.
std::vector<Choice> choices();
std::optional<Choice> find_choice(const std::string& name);

/// The names, in order; none for a number.
std::vector<std::string> choices_of(const ParameterInfo& parameter);
/// How a value is written.
std::string text_of(const ParameterInfo& parameter, double value);

}  // namespace vesper::policy

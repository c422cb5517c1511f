#include "platform/scenario/policy_choices.h"

#include <sstream>

#include "platform/property/units.h"

namespace vesper::policy {

std::vector<std::string> choices_of(const ParameterInfo& parameter) {
  std::vector<std::string> names;
  if (parameter.choices == nullptr) return names;
  std::istringstream words(parameter.choices);
  for (std::string name; words >> name;) names.push_back(name);
  return names;
}

std::string text_of(const ParameterInfo& parameter, double value) {
  std::vector<std::string> names = choices_of(parameter);
  return names.empty() ? to_text(value) : names.at(static_cast<size_t>(value));
}

}  // namespace vesper::policy

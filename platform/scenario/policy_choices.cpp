#include "platform/scenario/policy_choices.h"

#include <algorithm>
#include <sstream>

#include "platform/property/units.h"
#include "schedulers/weaving/weaver.h"

namespace vesper::policy {

const PresetInfo* Choice::find_preset(const std::string& preset) const {
  for (size_t i = 0; i < preset_count; ++i) {
    if (presets[i].name == preset) return &presets[i];
  }
  return nullptr;
}

std::vector<Choice> choices() {
  std::vector<Choice> all;
  for (const PolicyInfo* p = first_policy(); p != nullptr; p = p->next)
    all.push_back({p->name, p->help, p->parameters, p->parameter_count, p->presets, p->preset_count, false});
  for (const weaving::WeaverInfo* w = weaving::first_weaver(); w != nullptr; w = w->next)
    all.push_back({w->name, w->help, w->parameters, w->parameter_count, nullptr, 0, true});
  std::ranges::sort(all, {}, &Choice::name);
  return all;
}

std::optional<Choice> find_choice(const std::string& name) {
  for (Choice& choice : choices()) {
    if (choice.name == name) return choice;
  }
  return std::nullopt;
}

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

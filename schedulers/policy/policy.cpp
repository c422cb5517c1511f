#include "schedulers/policy/policy.h"

#include "schedulers/policy/named.h"

namespace vesper::policy {
namespace {

// Not initialised dynamically, so that policies can register in any order of construction.
const PolicyInfo* head = nullptr;

}  // namespace

PolicyInfo::PolicyInfo(const char* name_, const char* help_, size_t size_, PolicyMaker make_,
                       const PolicyTraits& traits)
    : name(name_),
      help(help_),
      parameters(traits.parameters.entries),
      parameter_count(traits.parameters.count),
      size(size_),
      make(make_),
      presets(traits.presets.entries),
      preset_count(traits.presets.count),
      reads_monitor(traits.reads_monitor),
      next(head) {
  head = this;
}

const PresetInfo* PolicyInfo::find_preset(const char* preset) const {
  for (size_t i = 0; i < preset_count; ++i) {
    if (same_name(presets[i].name, preset)) return &presets[i];
  }
  return nullptr;
}

const PolicyInfo* first_policy() { return head; }

const PolicyInfo* find_policy(const char* name) { return find_named(head, name); }

}  // namespace vesper::policy

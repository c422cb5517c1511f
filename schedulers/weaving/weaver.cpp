#include "schedulers/weaving/weaver.h"

#include "schedulers/policy/named.h"

namespace vesper::weaving {
namespace {

// Not initialised dynamically, so that weavers can register in any order of construction.
const WeaverInfo* head = nullptr;

}  // namespace

WeaverInfo::WeaverInfo(const char* name_, const char* help_, const policy::ParameterInfo* parameters_,
                       size_t parameter_count_,
                       Weaver* (*make_)(void*, Ticks, const Network*, uint16_t, const double*))
    : name(name_),
      help(help_),
      parameters(parameters_),
      parameter_count(parameter_count_),
      make(make_),
      next(head) {
  head = this;
}

const WeaverInfo* first_weaver() { return head; }

const WeaverInfo* find_weaver(const char* name) { return policy::find_named(head, name); }

Weaver::Weaver(Ticks buffer, const Network* networks, uint16_t count)
    : networks_(networks), count_(count), schedule_(buffer) {
  for (uint16_t i = 0; i < count; ++i) {
    Profile& profile = profiles_[i];
    for (uint32_t l = 0; l < networks[i].count; ++l) {
      const Layer& layer = networks[i].layers[l];
      profile.compute += layer.compute;
      profile.fetch += layer.fetch;
      if (layer.fetch > profile.largest) profile.largest = layer.fetch;
    }
  }
}

void Weaver::dispatch(uint16_t network) {
  if (progress_[network].queries++ == 0) progress_[network].since = schedule_.computed();
}

uint16_t Weaver::next() {
  uint16_t network = choose();
  if (network == kNone) return kNone;
  const Layer& layer = candidate(network);
  schedule_.append(layer, schedule_.place(layer));
  Progress& progress = progress_[network];
  progress.since = schedule_.computed();
  ended_ = ++progress.layer == networks_[network].count;
  if (ended_) {
    progress.layer = 0;
    --progress.queries;
  }
  chosen(network, layer);
  return network;
}

}  // namespace vesper::weaving

#include "schedulers/offline/design.h"

#include <array>

namespace vesper::offline {
namespace {

constexpr std::array<Design, 8> kDesigns{{
    {"np", "NP", Cuts::none, Preemption::flexible, false},
    {"lw", "LW", Cuts::layers, Preemption::flexible, false},
    {"ir", "IR", Cuts::iterations, Preemption::recompute, false},
    {"ip", "IP", Cuts::iterations, Preemption::persist, false},
    {"if", "IF", Cuts::iterations, Preemption::flexible, false},
    {"ir-ppp", "IR w/ PPP", Cuts::iterations, Preemption::recompute, true},
    {"ip-ppp", "IP w/ PPP", Cuts::iterations, Preemption::persist, true},
    {"if-ppp", "IF w/ PPP", Cuts::iterations, Preemption::flexible, true},
}};

constexpr std::array<const char*, 3> kStrategyNames{"none", "recompute", "persist"};

}  // namespace

const char* name_of(Strategy strategy) { return kStrategyNames[static_cast<size_t>(strategy)]; }

std::span<const Design> designs() { return kDesigns; }

const Design* find_design(std::string_view name) {
  for (const Design& design : kDesigns) {
    if (name == design.name) return &design;
  }
  return nullptr;
}

}  // namespace vesper::offline

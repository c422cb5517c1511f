#include "schedulers/policy/heap.h"

namespace vesper::policy {
namespace {

struct ReleasedBefore {
  bool operator()(const Job& a, const Job& b) const { return a.release < b.release; }
};

/// First come, first served.
class Fcfs final : public HeapPolicy<ReleasedBefore> {
 public:
  using HeapPolicy::HeapPolicy;
};

constexpr PresetInfo kPresets[] = {
    {"artifact", nullptr, "the code published with Sparse-Dysta does the same"}};

VESPER_POLICY(Fcfs, "fcfs", "first come, first served", {.presets = kPresets});

}  // namespace
}  // namespace vesper::policy

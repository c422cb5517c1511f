#include "schedulers/policy/heap.h"

namespace vesper::policy {
namespace {

struct Earlier {
  bool operator()(const Job& a, const Job& b) const { return a.deadline < b.deadline; }
};

/// Earliest deadline first.
class Edf final : public HeapPolicy<Earlier> {
 public:
  using HeapPolicy::HeapPolicy;
};

VESPER_POLICY(Edf, "edf", "earliest deadline first");

}  // namespace
}  // namespace vesper::policy

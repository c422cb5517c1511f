// A policy outside the tree: latest release first, the opposite of FCFS.
#include "schedulers/policy/heap.h"

namespace {

using namespace vesper::policy;

struct ReleasedAfter {
  bool operator()(const Job& a, const Job& b) const { return a.release > b.release; }
};

class Lcfs final : public HeapPolicy<ReleasedAfter> {
 public:
  using HeapPolicy::HeapPolicy;
};

VESPER_POLICY(Lcfs, "lcfs", "last come, first served");

}  // namespace

#include "schedulers/policy/heap.h"

namespace vesper::policy {
namespace {

struct MoreUrgent {
  bool operator()(const Job& a, const Job& b) const { return a.priority < b.priority; }
};

/// Fixed priority; rate monotonic unless tasks name priorities.
class FixedPriority final : public HeapPolicy<MoreUrgent> {
 public:
  using HeapPolicy::HeapPolicy;
};

VESPER_POLICY(FixedPriority, "fixed-priority", "fixed priority; rate monotonic unless tasks name priorities");

}  // namespace
}  // namespace vesper::policy

#include "schedulers/policy/job.h"

namespace vesper::policy {

JobRef JobTable::take() {
  uint16_t slot = 0;
  if (free_count_ > 0) {
    slot = free_[--free_count_];
  } else if (touched_ < kJobSlots) {
    slot = touched_++;
  } else {
    return {};
  }
  ++used_;
  jobs_[slot] = Job{};
  return {slot};
}

void JobTable::give_back(JobRef ref) {
  free_[free_count_++] = ref.slot;
  --used_;
}

void JobTable::clear() { free_count_ = touched_ = used_ = 0; }

}  // namespace vesper::policy

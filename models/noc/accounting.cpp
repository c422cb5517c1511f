#include "models/noc/accounting.h"

#include <algorithm>

namespace vesper::noc {

void Accounting::enable(size_t links, size_t tasks) {
  tasks_ = tasks;
  history_.assign(links, {});
  flits_.assign(links * tasks, 0);
  waited_.assign(links * tasks * tasks, 0);
  blocked_.assign(links * tasks, 0);
  waiting_.assign(links * tasks, 0);
}

void Accounting::retract(size_t link, size_t task, uint64_t from, uint64_t flits) {
  flits_[link * tasks_ + task] -= flits;
  for (Grant& grant : history_[link].grants) {
    if (grant.from == from && grant.until != from) grant.until -= flits;
  }
}

void Accounting::waited(size_t link, size_t task, uint32_t serial, uint64_t cycles, uint64_t from,
                        uint64_t until) {
  if (cycles == 0) return;
  waiting_[link * tasks_ + task] += cycles;
  const History& history = history_[link];
  uint64_t left = cycles;
  for (size_t i = 0; i < kHistory && left != 0; ++i) {
    const Grant& grant = history.grants[(history.last + kHistory - i) % kHistory];
    if (grant.until <= from) break;
    uint64_t start = std::max(grant.from, from), end = std::min(grant.until, until);
    if (start >= end || grant.serial == serial) continue;
    uint64_t charged = std::min(end - start, left);
    waited_[(link * tasks_ + task) * tasks_ + grant.task] += charged;
    left -= charged;
  }
  blocked_[link * tasks_ + task] += left;
}

}  // namespace vesper::noc

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

void Accounting::sent(size_t link, size_t task, uint64_t from, uint64_t flits) {
  flits_[link * tasks_ + task] += flits;
  History& history = history_[link];
  history.grants[history.next] = {from, from + flits, task};
  history.next = (history.next + 1) % kHistory;
}

void Accounting::retract(size_t link, size_t task, uint64_t from, uint64_t flits) {
  flits_[link * tasks_ + task] -= flits;
  for (Grant& grant : history_[link].grants) {
    if (grant.from == from && grant.until != from) grant.until -= flits;
  }
}

void Accounting::waited(size_t link, size_t task, uint64_t from, uint64_t until) {
  if (from >= until) return;
  waiting_[link * tasks_ + task] += until - from;
  const History& history = history_[link];
  uint64_t charged = 0;
  for (size_t i = 1; i <= kHistory; ++i) {
    const Grant& grant = history.grants[(history.next + kHistory - i) % kHistory];
    if (grant.until <= from) break;
    uint64_t start = std::max(grant.from, from), end = std::min(grant.until, until);
    if (start >= end) continue;
    waited_[(link * tasks_ + task) * tasks_ + grant.task] += end - start;
    charged += end - start;
  }
  blocked_[link * tasks_ + task] += until - from - charged;
}

}  // namespace vesper::noc

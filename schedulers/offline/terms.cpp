#include "schedulers/offline/terms.h"

#include <bit>

namespace vesper::offline {

Cycles hardware_scheduler_cycles(uint32_t tasks) {
  Cycles n = tasks;
  Cycles levels = tasks < 2 ? 0 : std::bit_width(tasks - 1);
  return (2 * n + 3) * levels + 3 * n + 4;
}

Terms published_terms() {
  Terms terms;
  terms.persist_always_loads = true;
  terms.hyperperiod_tested = false;
  return terms;
}

Terms hardware_terms(uint32_t tasks) {
  Cycles decision = hardware_scheduler_cycles(tasks);
  return {.scheduler = decision,
          .kernel = kKernelCycles,
          .kernel_entry = kKernelEntryCycles,
          .release_delay = decision};
}

}  // namespace vesper::offline

/// One query after the other, never interwoven; the networks take turns so that each gets the same time.
/// Freestanding.
#pragma once

#include "schedulers/weaving/weaver.h"

namespace vesper::weaving {

class Turns {
 public:
  /// The network whose turn it is among those that wait and `serves(network)`; none if there is none.
  template <class Serves>
  uint16_t choose(const Weaver& weaver, Serves serves) const {
    uint16_t best = Weaver::kNone;
    for (uint16_t i = 0; i < weaver.networks(); ++i) {
      if (!weaver.waits(i) || !serves(i)) continue;
      if (weaver.mid_query(i)) return i;
      if (best == Weaver::kNone || used_[i] < used_[best]) best = i;
    }
    return best;
  }
  /// The network used the NPU until the end of the schedule.
  void chosen(const Weaver& weaver, uint16_t network) {
    used_[network] += weaver.schedule().computed() - until_;
    until_ = weaver.schedule().computed();
  }

 private:
  Ticks used_[kMaxNetworks] = {};
  Ticks until_ = 0;
};

}  // namespace vesper::weaving

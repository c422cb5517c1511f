/// Things to do at times to come: one event for all of them, in order of time, then of being asked for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <systemc>
#include <vector>

#include "models/core/ip.h"

namespace vesper::spatial {

template <class Item>
class DueQueue {
 public:
  /// The owner's method is sensitive to it and takes what is due.
  sc_core::sc_event wake;

  void push(uint64_t at_ps, const Item& item) {
    heap_.push_back({at_ps, pushed_++, item});
    std::push_heap(heap_.begin(), heap_.end(), later);
    if (heap_.front().order == pushed_ - 1) plan();
  }
  /// Takes the next that is due; false, and the event stands for the next to come, when there is none.
  bool take(Item& item) {
    if (heap_.empty() || heap_.front().at_ps > core::now_ps()) {
      plan();
      return false;
    }
    item = heap_.front().item;
    std::pop_heap(heap_.begin(), heap_.end(), later);
    heap_.pop_back();
    return true;
  }

 private:
  struct Due {
    uint64_t at_ps;
    uint64_t order;
    Item item;
  };
  static bool later(const Due& a, const Due& b) {
    return a.at_ps != b.at_ps ? a.at_ps > b.at_ps : a.order > b.order;
  }
  void plan() {
    wake.cancel();
    if (!heap_.empty()) wake.notify(core::to_time(heap_.front().at_ps - core::now_ps()));
  }

  std::vector<Due> heap_;
  uint64_t pushed_ = 0;
};

}  // namespace vesper::spatial

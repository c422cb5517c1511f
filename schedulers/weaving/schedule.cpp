#include "schedulers/weaving/schedule.h"

namespace vesper::weaving {
namespace {

Ticks later(Ticks a, Ticks b) { return a > b ? a : b; }

}  // namespace

// Figure 9. Where what is left to fetch equals what a layer frees, the figure goes on to wait for the next
// layer; this does not.
Placed Schedule::place(const Layer& layer) const {
  Ticks now = fetched_, room = this->room(), left = layer.fetch;
  uint32_t i = 0;
  if (count_ == kDepth) {
    now = later(now, held(0).completion);
    room += held(i++).fetch;
  }
  for (; left > room && i < count_; ++i) {
    left -= room;
    now = later(now + room, held(i).completion);
    room = held(i).fetch;
  }
  now += left;
  return {now, later(now, computed_) + layer.compute};
}

// What can have been fetched by computed() is bounded by the time, and at the end of each computation by the
// room there was until then: by the least over j of room before j + computed() - completion of j.
Ticks Schedule::fetchable_behind(const Layer& layer, const Placed& placed) const {
  if (placed.fetched >= computed_) return 0;
  uint32_t low = 0, high = peak_count_ - 1;  // the last peak is the last layer, which completes at computed()
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (peak(middle).completion > placed.fetched) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  auto in_time = static_cast<int64_t>(computed_ - placed.fetched);
  auto in_room = static_cast<int64_t>(computed_ + buffer_ - sum_ - layer.fetch) - peak(low).lead();
  return static_cast<Ticks>(in_time < in_room ? in_time : in_room);
}

void Schedule::append(const Layer& layer, const Placed& placed) {
  fetched_ = placed.fetched;
  computed_ = placed.computed;
  while (count_ > 0 && (count_ == kDepth || held(0).completion <= fetched_)) {
    held_ -= held(0).fetch;
    if (peaks_[first_peak_] == first_) {
      first_peak_ = (first_peak_ + 1) % kDepth;
      --peak_count_;
    }
    first_ = (first_ + 1) % kDepth;
    --count_;
  }
  uint32_t slot = (first_ + count_++) % kDepth;
  list_[slot] = {layer.fetch, computed_, sum_};
  sum_ += layer.fetch;
  held_ += layer.fetch;
  while (peak_count_ > 0 && peak(peak_count_ - 1).lead() <= list_[slot].lead()) --peak_count_;
  peaks_[(first_peak_ + peak_count_++) % kDepth] = slot;
}

}  // namespace vesper::weaving

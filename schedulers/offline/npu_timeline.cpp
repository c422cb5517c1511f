#include "schedulers/offline/npu_timeline.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace vesper::offline {
namespace {

constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

class Npu {
 public:
  Npu(uint64_t buffer, std::span<const weaving::Layer> schedule, uint32_t depth)
      : schedule_(schedule), depth_(depth), room_(buffer), times_(schedule.size()) {}

  std::vector<LayerTimes> run() {
    start_what_can();
    while (computing_ < schedule_.size()) {
      uint64_t part = is_fetching_ ? std::min(left_, room_) : 0;
      advance_to(
          std::min(part > 0 ? now_ + part : kNever, is_computing_ ? times_[computing_].compute_end : kNever));
      start_what_can();
    }
    return std::move(times_);
  }

 private:
  void advance_to(uint64_t then) {
    if (is_fetching_) {
      uint64_t part = std::min({left_, room_, then - now_});
      left_ -= part;
      room_ -= part;
    }
    now_ = then;
    if (is_computing_ && times_[computing_].compute_end == now_) end_computation();
  }

  void end_computation() {
    room_ += schedule_[computing_].fetch;
    is_computing_ = false;
    ++computing_;
  }

  /// Until nothing more happens at this time: fetches and computations may take no time.
  void start_what_can() {
    for (bool changed = true; changed;) {
      changed = false;
      if (!is_fetching_ && fetching_ < schedule_.size() && fetching_ < computing_ + depth_) {
        times_[fetching_].fetch_start = now_;
        left_ = schedule_[fetching_].fetch;
        is_fetching_ = changed = true;
      }
      if (is_fetching_ && left_ == 0) {
        times_[fetching_++].fetch_end = now_;
        is_fetching_ = false;
        changed = true;
      }
      if (!is_computing_ && computing_ < fetching_) {
        times_[computing_].compute_start = now_;
        times_[computing_].compute_end = now_ + schedule_[computing_].compute;
        is_computing_ = changed = true;
      }
      if (is_computing_ && times_[computing_].compute_end == now_) {
        end_computation();
        changed = true;
      }
    }
  }

  std::span<const weaving::Layer> schedule_;
  uint32_t depth_;
  uint64_t room_;
  std::vector<LayerTimes> times_;
  uint64_t now_ = 0;
  size_t fetching_ = 0, computing_ = 0;  // the layers the engines are at
  bool is_fetching_ = false, is_computing_ = false;
  uint64_t left_ = 0;  // to fetch
};

}  // namespace

std::vector<LayerTimes> npu_timeline(uint64_t buffer, std::span<const weaving::Layer> schedule,
                                     uint32_t depth) {
  if (std::ranges::any_of(schedule, [buffer](const auto& layer) { return layer.fetch > buffer; }))
    throw std::invalid_argument("a layer exceeds the weight buffer");
  return Npu(buffer, schedule, depth).run();
}

}  // namespace vesper::offline

/// The schedule that a weaver builds for an NPU with decoupled fetch and compute, and what it knows of it:
/// the schedule state of Layerweaver (HPCA 2021, section III-C). Freestanding C++20.
///
/// NPU         Weights are fetched in the order of the schedule as long as the weight buffer has room; a
///             layer's computation starts when its weights are there and the computation before it has ended;
///             its weights are freed when it ends. At most kDepth layers lie between the start of their fetch
///             and the end of their computation.
/// Time        One unit serves cycles and bytes, so that both are whole
///             (models/npu/timing.h). Room in the buffer is measured in the time it takes
///             to fill.
/// Exact       fetched() and computed() are what such an NPU does, without rounding.
#pragma once

#include <stdint.h>

namespace vesper::weaving {

using Ticks = uint64_t;

/// A layer as a weaver sees it.
struct Layer {
  Ticks compute = 0;
  Ticks fetch = 0;  ///< time to fetch its weights, and the room they take; at most the buffer
};

/// The schedule if one more layer is appended.
struct Placed {
  Ticks fetched = 0;
  Ticks computed = 0;
};

class Schedule {
 public:
  /// Commands that the NPU holds. Assumed: the paper bounds nothing but the buffer.
  static constexpr uint32_t kDepth = 1024;

  /// `buffer`: the time to fill the whole weight buffer.
  explicit Schedule(Ticks buffer) : buffer_(buffer) {}

  /// When the last fetch ends: t_m of the paper.
  [[nodiscard]] Ticks fetched() const { return fetched_; }
  /// When the last computation ends: t_c of the paper.
  [[nodiscard]] Ticks computed() const { return computed_; }
  [[nodiscard]] Ticks buffer() const { return buffer_; }
  /// Room in the buffer at fetched().
  [[nodiscard]] Ticks room() const { return buffer_ - held_; }
  /// The decoupling distance.
  [[nodiscard]] Ticks distance() const { return computed_ - fetched_; }

  [[nodiscard]] Placed place(const Layer& layer) const;
  /// What can be fetched behind `layer` between its own fetch and the start of its computation, if that
  /// starts at computed(): `fetch(S'[t_m], S[t_c])` of the paper, with what is freed until then.
  [[nodiscard]] Ticks fetchable_behind(const Layer& layer, const Placed& placed) const;
  void append(const Layer& layer, const Placed& placed);

 private:
  struct Held {
    Ticks fetch, completion;
    Ticks before;  ///< fetch of all layers before it, since the start
    /// The later its end and the less was fetched before it, the longer it holds up fetches.
    [[nodiscard]] int64_t lead() const { return static_cast<int64_t>(completion - before); }
  };
  [[nodiscard]] const Held& held(uint32_t i) const { return list_[(first_ + i) % kDepth]; }
  [[nodiscard]] const Held& peak(uint32_t i) const { return list_[peaks_[(first_peak_ + i) % kDepth]]; }

  Ticks buffer_;
  Ticks fetched_ = 0, computed_ = 0;
  Ticks sum_ = 0;                   ///< fetch of all layers
  Ticks held_ = 0;                  ///< in the buffer at fetched_
  uint32_t first_ = 0, count_ = 0;  ///< layers that complete after fetched_, in order
  Held list_[kDepth] = {};
  uint32_t first_peak_ = 0, peak_count_ = 0;  ///< those of them with a larger lead than all behind them
  uint32_t peaks_[kDepth] = {};
};

}  // namespace vesper::weaving

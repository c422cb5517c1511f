/// Layerweaver's greedy (Oh et al., HPCA 2021, sections III-B to III-E, figures 7 to 13): of the networks'
/// next layers the one that makes compute and memory idle least.
///
/// Idle time of a candidate, each term at least 0, with S the schedule and S' the schedule it leads to:
///   compute            fetch - (S.t_c - S.t_m)
///   additional memory  [compute - (buffer - fetch - behind)] - [compute - (buffer - fetch)], `behind` what
///   can be
///                      fetched between S'.t_m and S.t_c (each bracket at least 0)
///   potential compute  largest fetch of the networks that run - (S'.t_c - S'.t_m)
/// The paper writes the second as fetch(S'.t_m, S.t_c) / MemBW, which it is where both brackets are positive.
/// Of equal idle times one without inherent memory idle time (second bracket) is taken, then the largest
/// S'.t_c - S'.t_m, then the network named first.
///
/// Starvation  all candidates with compute idle time: only compute-intensive networks are considered; all
///             with memory idle time: only memory-intensive ones. The paper says which networks, not which of
///             several: the rule above chooses. These rules alone do not bound the wait: a balanced network
///             can starve one whose next layer is a large fetch. A network whose layer has waited for
///             `patience` times the time to fill the buffer therefore goes next; 0 leaves this out.
/// Failsafe    all networks that run compute-intensive, or all memory-intensive: whole queries in turn, as
///             fair.
#include "schedulers/weaving/turns.h"

namespace vesper::weaving {
namespace {

// The least whole number that decides nothing in the paper's 16 pairs, where a layer waits 1.7 times that at
// most.
constexpr policy::ParameterInfo kParameters[] = {
    {"patience", 2, 0, 1e6,
     "a layer waits at most so many times the time to fill the weight buffer; 0: for ever"}};

Ticks above(Ticks a, Ticks b) { return a > b ? a - b : 0; }

class Layerweaver final : public Weaver {
 public:
  Layerweaver(Ticks buffer, const Network* networks, uint16_t count, const double* parameters)
      : Weaver(buffer, networks, count),
        patience_(static_cast<Ticks>(parameters[0] * static_cast<double>(buffer))) {}

 private:
  struct Idle {
    Ticks compute = 0, memory = 0, total = 0, inherent = 0, distance = 0;
    [[nodiscard]] bool better_than(const Idle& other) const {
      if (total != other.total) return total < other.total;
      if ((inherent > 0) != (other.inherent > 0)) return inherent == 0;
      return distance > other.distance;
    }
  };

  uint16_t choose() override {
    Ticks largest = 0;
    bool intensive[2] = {false, false};
    for (uint16_t i = 0; i < networks(); ++i) {
      if (!waits(i)) continue;
      intensive[profile(i).compute_intensive() ? 1 : 0] = true;
      if (profile(i).largest > largest) largest = profile(i).largest;
    }
    if (!intensive[0] || !intensive[1]) return turns_.choose(*this, [](uint16_t) { return true; });
    if (uint16_t overdue = longest_waiting(); overdue != kNone) return overdue;

    bool all_compute = true, all_memory = true;
    for (uint16_t i = 0; i < networks(); ++i) {
      if (!waits(i)) continue;
      idle_[i] = idle_of(candidate(i), largest);
      all_compute = all_compute && idle_[i].compute > 0;
      all_memory = all_memory && idle_[i].memory > 0;
    }
    return best(/*compute_intensive=*/!all_memory || all_compute, /*memory_intensive=*/!all_compute);
  }

  /// The best of the networks of the kinds that are considered.
  [[nodiscard]] uint16_t best(bool compute_intensive, bool memory_intensive) const {
    uint16_t found = kNone;
    for (uint16_t i = 0; i < networks(); ++i) {
      if (!waits(i) || !(profile(i).compute_intensive() ? compute_intensive : memory_intensive)) continue;
      if (found == kNone || idle_[i].better_than(idle_[found])) found = i;
    }
    return found;
  }

  [[nodiscard]] Idle idle_of(const Layer& layer, Ticks largest) const {
    const Schedule& s = schedule();
    Placed placed = s.place(layer);
    Idle idle;
    idle.compute = above(layer.fetch, s.distance());
    Ticks room = s.buffer() - layer.fetch;
    idle.inherent = above(layer.compute, room);
    Ticks most_behind = above(s.computed(), placed.fetched);
    if (most_behind > 0 && layer.compute + most_behind > room)
      idle.memory = above(layer.compute, room - s.fetchable_behind(layer, placed)) - idle.inherent;
    idle.distance = placed.computed - placed.fetched;
    idle.total = idle.compute + idle.memory + above(largest, idle.distance);
    return idle;
  }

  [[nodiscard]] uint16_t longest_waiting() const {
    if (patience_ == 0) return kNone;
    uint16_t found = kNone;
    for (uint16_t i = 0; i < networks(); ++i) {
      if (!waits(i) || schedule().computed() - waiting_since(i) < patience_) continue;
      if (found == kNone || waiting_since(i) < waiting_since(found)) found = i;
    }
    return found;
  }

  void chosen(uint16_t network, const Layer&) override { turns_.chosen(*this, network); }

  const Ticks patience_;
  Turns turns_;
  Idle idle_[kMaxNetworks];
};

VESPER_WEAVER(Layerweaver, "layerweaver", "the layer that makes compute and memory idle least", kParameters,
              1);

}  // namespace
}  // namespace vesper::weaving

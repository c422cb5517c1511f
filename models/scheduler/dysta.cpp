/// The hardware scheduler of Sparse-Dysta: a controller, FIFOs of request tags, scores and deadlines, look-up
/// tables of latency, sparsity and shape, and one compute unit that is used first for the sparsity
/// coefficient of the job that ran, then for each queued request's score. The least is chosen on the way.
///
/// Source: Fan et al., Sparse-DySta (MICRO 2023), section 5.2 and figures 10 and 11: what there is, its order
/// and its data flow; 200 MHz; FIFOs of 64 or 512 entries (scheduler.queue_capacity); reciprocals of shapes
/// and isolated times come from the tables. Latencies of the operators and the controller's cycles are not
/// published: the former are properties (ComputeUnit), the latter are assumed. With look-up R, conversion V,
/// multiplication M, addition A and comparison C:
///
///     gamma      R + V + 2 M: non-zeros x 1/shape x 1/average density, in the last two multipliers.
///                A mean adds A for each earlier coefficient that enters it, and M.
///     score      R + V + max(M + A, 2 M) + A + M + A + C
///                slack: remaining = gamma x average left; deadline - now - remaining
///                penalty, beside it: waited x 1/isolated x 1/queue
///                slack + penalty, x eta, + remaining, the least so far
///     n scores   one enters every `initiation_interval` cycles
///
///     feedback   read monitor and tag 1, gamma if there is one, allow an issue 1
///     release    read the request 1, its score where firmware has not sent one, write the FIFOs 1
///     issue      scores of all entries, compose the instruction 1, send it 1
///                A job's last region: mark its entry free 1.
///
/// Every entry passes the unit whatever the policy, also where that keeps an order of its own. The controller
/// is no loop that polls: in an idle cycle it sees which channels have something. A factor alpha other than 1
/// is part of the stored coefficient.
#include <algorithm>

#include "models/scheduler/micro_architecture.h"

namespace vesper::scheduler {
namespace {

using core::Cycles;

constexpr Cycles kReadFeedback = 1;
constexpr Cycles kAllowIssue = 1;
constexpr Cycles kReadRequest = 1;
constexpr Cycles kWriteEntry = 1;
constexpr Cycles kComposeAndSend = 2;
constexpr Cycles kFreeEntry = 1;
constexpr uint32_t kMostGammaTerms = 7;  // of Dysta's predictors

class Dysta final : public MicroArchitecture {
 public:
  explicit Dysta(const ComputeUnit& unit) : unit_(unit) {}
  [[nodiscard]] bool polls() const override { return false; }
  [[nodiscard]] Cycles feedback(const policy::Work& work) const override {
    return kReadFeedback + gammas(work) + kAllowIssue;
  }
  [[nodiscard]] Cycles release(const policy::Work& work) const override {
    return kReadRequest + scores(work.scores) + kWriteEntry;
  }
  [[nodiscard]] Cycles issue(const policy::Work& work, uint32_t queued, bool dequeued) const override {
    return scores(std::max(work.scores, queued)) + kComposeAndSend + (dequeued ? kFreeEntry : 0);
  }
  [[nodiscard]] Cycles worst_pass(uint32_t tasks) const override {
    return feedback({.gammas = 1, .gamma_terms = kMostGammaTerms}) + tasks * release({.scores = 1}) +
           issue({}, tasks, true);
  }

 private:
  [[nodiscard]] Cycles gammas(const policy::Work& work) const {
    Cycles mean = work.gamma_terms > 0 ? Cycles{work.gamma_terms} * unit_.add + unit_.multiply : 0;
    return Cycles{work.gammas} * (unit_.look_up + unit_.convert + 2 * unit_.multiply) + mean;
  }
  [[nodiscard]] Cycles scores(uint32_t count) const {
    if (count == 0) return 0;
    Cycles one = unit_.look_up + unit_.convert + unit_.multiply + std::max(unit_.add, unit_.multiply) +
                 unit_.add + unit_.multiply + unit_.add + unit_.compare;
    return one + Cycles{count - 1} * unit_.initiation_interval;
  }

  const ComputeUnit unit_;
};

VESPER_MICRO_ARCHITECTURE(Dysta, "dysta",
                          "one compute unit over FIFOs of requests: Sparse-Dysta's scheduler");

}  // namespace
}  // namespace vesper::scheduler

/// PREMA (Choi and Rhu, HPCA 2020) with the candidates of Sparse-Dysta (MICRO 2023): jobs gather tokens while
/// they wait, and of those whose tokens reach the threshold the one with least estimated time left runs.
///
/// At each decision a job's tokens grow by its weight times the time waited over its estimated isolated time,
/// from its weight when it is first seen. The threshold is the largest number of tokens rounded down to a
/// level. By default each decision adds all the wait since the job last ran, as in the evaluation of
/// Sparse-Dysta, whose table 5 it meets; `waiting: last_decision` counts each stretch of it once
/// and does not.
#include "schedulers/policy/estimates.h"
#include "schedulers/policy/scan.h"

namespace vesper::policy {
namespace {

constexpr ParameterInfo kParameters[] = {
    {"waiting", 1, 0, 1, "the wait that a decision adds, counted from", "last_decision last_region"},
    {"count_new", 1, 0, 1, "jobs seen for the first time count when the largest number is sought", kSwitch},
    {"low", 1, 0, 1e9, "lowest level of the threshold"},
    {"middle", 3, 0, 1e9, "middle level"},
    {"high", 9, 0, 1e9, "highest level"}};
constexpr double kArtifact[] = {1, 0, 1, 3, 9};
constexpr PresetInfo kPresets[] = {{"artifact", kArtifact, "the code published with Sparse-Dysta"}};

class Prema final : public ScanPolicy {
 public:
  Prema(const JobTable& table, const double* parameters)
      : ScanPolicy(table),
        since_last_region_(parameters[0] != 0),
        count_new_(parameters[1] != 0),
        low_(parameters[2]),
        middle_(parameters[3]),
        high_(parameters[4]) {}

  void release(JobRef job) override {
    ScanPolicy::release(job);
    tokens_[job.slot] = {};
  }
  JobRef next(Time now) override {
    double threshold = level(update(now));
    bool any = false;
    for (uint16_t i = 0; i < size() && !any; ++i) any = tokens_[queued(i).slot].count >= threshold;
    return least([&](const Job& job, JobRef ref) {
      // Without a candidate (a level above every token) all are.
      return Rank{any && tokens_[ref.slot].count < threshold, left(job)};
    });
  }

 private:
  struct Tokens {
    double count = 0;
    Time seen = 0;
    bool known = false;
  };
  struct Rank {
    bool excluded;
    double left;
    bool operator<(const Rank& other) const {
      return excluded != other.excluded ? other.excluded : left < other.left;
    }
  };

  /// Brings all tokens up to `now`; asked again at the same time, it changes nothing. The largest counted.
  double update(Time now) {
    if (now != updated_) {
      updated_ = now;
      largest_ = 0;
    }
    for (uint16_t i = 0; i < size(); ++i) {
      JobRef ref = queued(i);
      const Job& job = jobs()[ref];
      Tokens& tokens = tokens_[ref.slot];
      if (tokens.known && tokens.seen == now) continue;
      bool counts = tokens.known || count_new_;
      if (!tokens.known) {
        tokens = {static_cast<double>(job.weight), now, true};
      } else {
        Time since = since_last_region_ || job.last_run > tokens.seen ? job.last_run : tokens.seen;
        tokens.count += job.weight * over(seconds_from(since, now), isolated(job));
        tokens.seen = now;
      }
      if (counts && tokens.count > largest_) largest_ = tokens.count;
    }
    return largest_;
  }
  [[nodiscard]] double level(double largest) const {
    if (largest >= high_) return high_;
    return largest >= middle_ ? middle_ : low_;
  }

  const bool since_last_region_;
  const bool count_new_;
  const double low_, middle_, high_;
  Tokens tokens_[kJobSlots];
  Time updated_ = 0;
  double largest_ = 0;
};

VESPER_POLICY(Prema, "prema", "least time left among those that have gathered enough tokens",
              {.parameters = kParameters, .presets = kPresets});

}  // namespace
}  // namespace vesper::policy

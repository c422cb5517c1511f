/// Sparse-Dysta (Fan et al., MICRO 2023): a static level gives a job its score on arrival, latency(model,
/// pattern) + beta * slack; the dynamic level computes all scores anew at each region boundary, from the
/// zeros that the accelerator's monitor has counted (sparsity_predictor.h, dysta_score.h). The oracle is its
/// dynamic level with true times.
#include "schedulers/policy/estimates.h"
#include "schedulers/policy/scan.h"
#include "schedulers/policy/sparsity_predictor.h"

namespace vesper::policy {
namespace {

enum Parameter : uint8_t {
  eta,
  beta,
  alpha,
  predictor,
  last_n,
  waiting,
  clamp_slack,
  level,
  arithmetic,
  parameters
};
enum class Arithmetic : uint8_t { fp64, fp32, fp16 };

constexpr const char* kWaitingHelp =
    "what the penalty counts: all time without execution, or since the last region";
constexpr const char* kWaitingChoices = "total since_last_region";

// The paper gives no eta and beta; 0.01 is what the published code and RTL have for both. N is its choice.
// The penalty "encourages the scheduler to keep the nearest-executed request executing" (section 4.2.2): it
// counts the wait since the last execution. Algorithm 2 has no clamp; the hardware published with it has one.
constexpr ParameterInfo kParameters[parameters] = {
    {"eta", 0.01, 0, 1e3, "weight of slack and penalty in the dynamic score"},
    {"beta", 0.01, 0, 1e3, "weight of slack in the static score"},
    {"alpha", 1, 0, 1e3, "how far sparsity turns into time: remaining = alpha * gamma * average"},
    {"predictor", 0, 0, 2, "the regions that gamma is the mean of", kPredictorChoices},
    {"last_n", kRemembered, 1, kMostRemembered, "regions that the predictor last_n remembers"},
    {"waiting", 1, 0, 1, kWaitingHelp, kWaitingChoices},
    {"clamp_slack", 1, 0, 1, "slack is never negative", kSwitch},
    {"level", 0, 0, 1, "the score that decides: of each decision, or of the arrival", "dynamic static"},
    {"arithmetic", 0, 0, 2, "number format of the dynamic level", "fp64 fp32 fp16"}};
constexpr double kArtifact[] = {0.01, 0.01, 1, 2, 3, 1, 1, 0, 0};
constexpr PresetInfo kPresets[] = {{"artifact", kArtifact, "the code published with the paper"}};

/// What the scores of Dysta and of its oracle are made of alike.
ScoreTerms terms(const Job& job, Time now, double isolated, uint16_t queue, bool since_last_region) {
  double waiting = since_last_region ? idle(job, now) : waited(job, now);
  return {seconds_from(now, job.deadline), waiting, isolated, static_cast<double>(queue)};
}

template <class Number>
class Dysta final : public ScanPolicy {
 public:
  Dysta(const JobTable& table, const double* values)
      : ScanPolicy(table),
        unit_(values[alpha], values[eta], values[clamp_slack] != 0),
        beta_(values[beta]),
        predictor_(static_cast<Predictor>(static_cast<uint8_t>(values[predictor])),
                   static_cast<uint32_t>(values[last_n])),
        since_last_region_(values[waiting] != 0),
        static_only_(values[level] != 0) {}

  double static_score(const Job& job) override {
    ++work_.scores;
    double latency = isolated<Averages::pattern>(job);
    return latency + beta_ * (seconds_from(job.release, job.deadline) - latency);
  }
  void release(JobRef ref) override {
    ScanPolicy::release(ref);
    gammas_[ref.slot] = {};
  }
  void region_done(JobRef ref, const Feedback& feedback) override {
    const Job& job = jobs()[ref];
    if (job.estimates == nullptr) return;
    Learned learned =
        predictor_.learn(gammas_[ref.slot], job.estimates[job.next_region - 1], feedback.monitored);
    work_.gammas += learned.gammas;
    work_.gamma_terms += learned.terms;
  }
  JobRef next(Time now) override {
    if (static_only_) {
      return least([](const Job& job, JobRef) { return job.static_score; });
    }
    return least([&](const Job& job, JobRef ref) { return dynamic_score(job, ref, now); });
  }
  [[nodiscard]] bool weigh(JobRef ref, Time now, Weighed& out) const override {
    const Job& job = jobs()[ref];
    out.gamma = static_cast<double>(gammas_[ref.slot].value());
    out.score = static_only_ ? job.static_score : static_cast<double>(dynamic_score(job, ref, now));
    return true;
  }

 private:
  [[nodiscard]] Number dynamic_score(const Job& job, JobRef ref, Time now) const {
    Number remaining = unit_.remaining(gammas_[ref.slot].value(), left<Averages::pattern>(job));
    return unit_.score(remaining,
                       terms(job, now, isolated<Averages::pattern>(job), size(), since_last_region_));
  }
  const DystaScore<Number> unit_;
  const double beta_;
  const SparsityPredictor predictor_;
  const bool since_last_region_;
  const bool static_only_;
  Gamma<Number> gammas_[kJobSlots];
};

static_assert(sizeof(Dysta<double>) <= kPolicyStorage);

Policy* make_dysta(void* storage, const JobTable& jobs, const double* values) {
  auto format = static_cast<Arithmetic>(static_cast<uint8_t>(values[arithmetic]));
  if (format == Arithmetic::fp16) return ::new (storage) Dysta<Half>(jobs, values);
  if (format == Arithmetic::fp32) return ::new (storage) Dysta<float>(jobs, values);
  return ::new (storage) Dysta<double>(jobs, values);
}

const PolicyInfo vesper_policy_dysta{"dysta",
                                     "Sparse-Dysta: least remaining time by monitored sparsity, and slack",
                                     sizeof(Dysta<double>),
                                     make_dysta,
                                     {.parameters = kParameters, .presets = kPresets, .reads_monitor = true}};

constexpr ParameterInfo kOracleParameters[] = {{"eta", 0.01, 0, 1e3, "weight of slack and penalty"},
                                               {"waiting", 1, 0, 1, kWaitingHelp, kWaitingChoices},
                                               {"clamp_slack", 1, 0, 1, "slack is never negative", kSwitch}};
constexpr double kOracleArtifact[] = {0.01, 1, 1};
constexpr PresetInfo kOraclePresets[] = {{"artifact", kOracleArtifact, "the code published with the paper"}};

/// Knows each job's true times; estimates where it is not told them.
class Oracle final : public ScanPolicy {
 public:
  Oracle(const JobTable& table, const double* values)
      : ScanPolicy(table), unit_(1, values[0], values[2] != 0), since_last_region_(values[1] != 0) {}
  JobRef next(Time now) override {
    return least([&](const Job& job, JobRef) { return score(job, now); });
  }
  [[nodiscard]] bool weigh(JobRef ref, Time now, Weighed& out) const override {
    out.score = score(jobs()[ref], now);
    return true;
  }

 private:
  [[nodiscard]] double score(const Job& job, Time now) const {
    return unit_.score(true_left(job, job.next_region),
                       terms(job, now, true_left(job, 0), size(), since_last_region_));
  }
  static double true_left(const Job& job, uint32_t region) {
    return job.true_left != nullptr ? job.true_left[region] : left_from<Averages::pattern>(job, region);
  }
  const DystaScore<double> unit_;
  const bool since_last_region_;
};

VESPER_POLICY(Oracle, "oracle", "Dysta's score with each job's true remaining time",
              {.parameters = kOracleParameters, .presets = kOraclePresets});

}  // namespace
}  // namespace vesper::policy

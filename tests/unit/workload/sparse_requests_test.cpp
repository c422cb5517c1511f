// The drawn requests against the statistics that were published or given.
#include "platform/workload/sparse_requests.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "tests/support/request_mixes.h"

namespace vesper::workload {
namespace {

using test::attention_mix;
using test::convolution_mix;
using test::draw_requests;
using test::PoissonMix;

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
double deviation(const std::vector<double>& values) {
  double centre = mean(values), sum = 0;
  for (double value : values) sum += (value - centre) * (value - centre);
  return std::sqrt(sum / static_cast<double>(values.size()));
}
double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0, mean_a = mean(a), mean_b = mean(b);
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum / static_cast<double>(a.size()) / deviation(a) / deviation(b);
}

std::vector<SparseRequest> many(PoissonMix mix, uint32_t requests = 20'000) {
  mix.requests = requests;
  return draw_requests(mix, 11);
}
std::vector<SparseRequest> of_model(const std::vector<SparseRequest>& requests, size_t model) {
  std::vector<SparseRequest> some;
  std::ranges::copy_if(requests, std::back_inserter(some),
                       [&](const SparseRequest& request) { return request.model == model; });
  return some;
}
template <class Value>
std::vector<double> each(const std::vector<SparseRequest>& requests, Value value) {
  std::vector<double> values;
  for (const SparseRequest& request : requests) values.push_back(value(request));
  return values;
}
double network_sparsity(const SparseRequest& request) { return mean(request.sparsity); }

TEST(SparseRequests, ArrivalsArePoisson) {
  std::vector<SparseRequest> requests = many(attention_mix());
  std::vector<double> gaps;
  for (size_t i = 1; i < requests.size(); ++i) {
    ASSERT_LE(requests[i - 1].arrival_ps, requests[i].arrival_ps);
    gaps.push_back(static_cast<double>(requests[i].arrival_ps - requests[i - 1].arrival_ps) / 1e12);
  }
  EXPECT_NEAR(mean(gaps), 1.0 / 30, 0.02 / 30);
  EXPECT_NEAR(deviation(gaps) / mean(gaps), 1, 0.03);
}

TEST(SparseRequests, ModelsPatternsAndPrioritiesAreDrawnAlike) {
  std::map<std::tuple<uint16_t, uint16_t, uint32_t>, int> counts;
  for (const SparseRequest& request : many(convolution_mix(), 36'000))
    ++counts[{request.model, request.pattern, request.priority}];
  EXPECT_EQ(counts.size(), 4U * 3 * 3);
  for (const auto& [key, count] : counts) EXPECT_NEAR(count, 1000, 5 * std::sqrt(1000));
}

TEST(SparseRequests, IsolatedTimesHaveTheGivenMeanAndVariation) {
  for (const PoissonMix& mix : {attention_mix(), convolution_mix()}) {
    std::vector<SparseRequest> requests = many(mix);
    for (size_t model = 0; model < mix.models.size(); ++model) {
      SCOPED_TRACE(mix.models[model].name);
      std::vector<double> times = each(of_model(requests, model), [&](const SparseRequest& request) {
        return static_cast<double>(request.isolated_ps()) / mix.patterns[request.pattern].factor;
      });
      const std::vector<uint64_t>& layers = mix.models[model].layer_ps;
      auto given = static_cast<double>(std::accumulate(layers.begin(), layers.end(), uint64_t{0}));
      EXPECT_NEAR(mean(times) / given, 1, 0.002);
      EXPECT_NEAR(deviation(times) / mean(times), mix.models[model].variation,
                  0.06 * mix.models[model].variation);
    }
  }
}

TEST(SparseRequests, DeadlinesAreTenIsolatedTimes) {
  for (const SparseRequest& request : many(attention_mix(), 100))
    EXPECT_EQ(request.deadline_ps - request.arrival_ps, 10 * request.isolated_ps());
}

// "The normalized latency varies from 0.6 to 1.8" (section 2.3.1): nearly all of BERT's samples, and its
// ends.
TEST(SparseRequests, LatencyOfBertSpansThePublishedRange) {
  std::vector<double> times = each(of_model(many(attention_mix()), 0), [](const SparseRequest& request) {
    return static_cast<double>(request.isolated_ps());
  });
  double centre = mean(times);
  std::ranges::sort(times);
  EXPECT_NEAR(times[times.size() / 500] / centre, 0.6, 0.06);
  EXPECT_NEAR(times.back() / centre, 1.8, 0.3);
}

// Table 2: VGG-16 21.8 %, ResNet-50 15.1 %.
TEST(SparseRequests, NetworkSparsityHasThePublishedRelativeRange) {
  std::vector<SparseRequest> requests = many(convolution_mix());
  for (auto [model, published] : {std::pair(2U, 0.218), std::pair(1U, 0.151)}) {
    std::vector<double> sparsity = each(of_model(requests, model), network_sparsity);
    auto [least, most] = std::ranges::minmax(sparsity);
    EXPECT_NEAR((most - least) / mean(sparsity), published, 0.25 * published);
  }
}

// Figure 3: "the sparsity ratios of most layers range from 10 % to 45 %".
TEST(SparseRequests, MostLayersOfConvolutionsAreWithinThePublishedSparsities) {
  size_t inside = 0, all = 0;
  for (const SparseRequest& request : many(convolution_mix(), 1000)) {
    for (double sparsity : request.sparsity) inside += sparsity >= 0.1 && sparsity <= 0.45 ? 1 : 0;
    all += request.sparsity.size();
  }
  EXPECT_GT(static_cast<double>(inside) / static_cast<double>(all), 0.9);
}

// Figure 9: the sparsities of different layers are highly linearly correlated.
TEST(SparseRequests, SparsitiesOfLayersAreCorrelated) {
  std::vector<SparseRequest> bert = of_model(many(attention_mix()), 0);
  for (size_t layer : {1U, 12U, 23U}) {
    EXPECT_GT(correlation(each(bert, [](const SparseRequest& request) { return request.sparsity[0]; }),
                          each(bert, [=](const SparseRequest& request) { return request.sparsity[layer]; })),
              0.95);
  }
}

TEST(SparseRequests, MoreZerosMeanLessTime) {
  for (const PoissonMix& mix : {attention_mix(), convolution_mix()}) {
    std::vector<SparseRequest> one = of_model(many(mix), 0);
    EXPECT_LT(
        correlation(each(one, network_sparsity), each(one,
                                                      [&](const SparseRequest& request) {
                                                        return static_cast<double>(request.isolated_ps()) /
                                                               mix.patterns[request.pattern].factor;
                                                      })),
        -0.9);
  }
}

TEST(SparseRequests, TheSameSeedDrawsTheSame) {
  std::vector<SparseRequest> first = draw_requests(attention_mix(), 1),
                             again = draw_requests(attention_mix(), 1);
  std::vector<SparseRequest> other = draw_requests(attention_mix(), 2);
  for (size_t i = 0; i < first.size(); ++i) {
    ASSERT_EQ(first[i].arrival_ps, again[i].arrival_ps);
    ASSERT_EQ(first[i].layer_ps, again[i].layer_ps);
    ASSERT_EQ(first[i].sparsity, again[i].sparsity);
  }
  EXPECT_NE(first[0].arrival_ps, other[0].arrival_ps);
  EXPECT_NE(first[0].layer_ps, other[0].layer_ps);
}

TEST(SparseRequests, NonsenseIsRefused) {
  auto refused = [](auto change) {
    PoissonMix mix = attention_mix();
    change(mix);
    EXPECT_THROW(draw_requests(mix, 1), std::invalid_argument);
  };
  refused([](PoissonMix& mix) { mix.models.clear(); });
  refused([](PoissonMix& mix) { mix.patterns.clear(); });
  refused([](PoissonMix& mix) { mix.priorities.clear(); });
  refused([](PoissonMix& mix) { mix.rate_hz = 0; });
  refused([](PoissonMix& mix) { mix.rate_hz = std::nan(""); });
  refused([](PoissonMix& mix) { mix.models[0].sparsity.pop_back(); });
  refused([](PoissonMix& mix) { mix.models[0].sparsity[0] = 1; });
  refused([](PoissonMix& mix) { mix.patterns[0].factor = 0; });
}

TEST(SparseRequests, WithoutVariationAndNoiseEverySampleTakesTheMean) {
  SparseModel model;
  model.name = "net";
  model.layer_ps = {1000, 2000};
  model.sparsity = {0.5, 0.5};
  PoissonMix mix;
  mix.models = {model};
  mix.patterns = {{"dense", 1}};
  mix.layer_noise = 0;
  for (const SparseRequest& request : draw_requests(mix, 1))
    EXPECT_EQ(request.layer_ps, (std::vector<uint64_t>{1000, 2000}));
}

}  // namespace
}  // namespace vesper::workload

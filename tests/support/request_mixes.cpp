#include "tests/support/request_mixes.h"

#include <stdexcept>
#include <string>
#include <utility>

#include "platform/workload/arrival.h"
#include "platform/workload/request_table.h"

namespace vesper::test {

using namespace workload;

namespace {

/// Equal layers that take `mean_s` together, of sparsities spread evenly over `least` .. `most`.
SparseModel even_layers(std::string name, uint32_t layers, double mean_s, double variation, double least,
                        double most, double sparsity_range) {
  SparseModel model{std::move(name), {}, {}, variation, sparsity_range};
  for (uint32_t i = 0; i < layers; ++i) {
    model.layer_ps.push_back(static_cast<uint64_t>(mean_s * 1e12 / layers));
    model.sparsity.push_back(layers == 1 ? least : least + (most - least) * i / (layers - 1));
  }
  return model;
}

std::vector<SparseRequest> draw_arrivals(const PoissonMix& mix, ArrivalProcess& arrivals,
                                         const RequestStreams& streams) {
  SplitMix64 models(streams.of(1)), patterns(streams.of(2)), priorities(streams.of(3));
  std::vector<SparseRequest> requests;
  while (requests.size() < mix.requests) {
    std::optional<Arrival> arrival = arrivals.next();
    if (!arrival || arrival->release_ps > kMostPs) break;
    SparseRequest& request = requests.emplace_back();
    request.arrival_ps = arrival->release_ps;
    request.model = static_cast<uint16_t>(models.up_to(mix.models.size() - 1));
    request.pattern = static_cast<uint16_t>(patterns.up_to(mix.patterns.size() - 1));
    request.priority = mix.priorities[priorities.up_to(mix.priorities.size() - 1)];
  }
  return requests;
}

}  // namespace

std::vector<SparseRequest> draw_requests(const PoissonMix& mix, uint64_t seed) {
  if (mix.priorities.empty() || mix.models.empty() || mix.patterns.empty() || !(mix.rate_hz > 0))
    throw std::invalid_argument("a mix needs models, patterns, priorities and a positive rate");
  RequestStreams streams{seed, 0};
  Node properties = Node::map();
  properties.at_or_add("rate", {}) = Node::scalar(to_text(mix.rate_hz));
  auto arrivals =
      find_arrival_process("poisson")->create(properties, "requests", {}, {streams.of(0), Duration{}, {}});
  std::vector<SparseRequest> requests = draw_arrivals(mix, *arrivals, streams);
  draw_samples(mix, requests, streams);
  return requests;
}

PoissonMix attention_mix() {
  // BERT on SQuAD (384 tokens) is the large network of the three; attention sparsities assumed.
  return {
      {"attention",
       {even_layers("bert", 24, 0.0608, 0.2, 0.4, 0.6, 0), even_layers("bart", 12, 0.0226, 0.2, 0.4, 0.6, 0),
        even_layers("gpt2", 12, 0.0142, 0.2, 0.4, 0.6, 0)},
       {{"dynamic", 1}}},
      30};
}

PoissonMix convolution_mix() {
  // Layers with weights; sparsities of 10 % to 45 % (figure 3); ranges of VGG-16 and ResNet-50 from table 2,
  // for SSD that of its VGG backbone and for MobileNet that of ResNet-50 assumed.
  return {{"convolution",
           {even_layers("ssd", 35, 0.286, 0.1, 0.1, 0.45, 0.218),
            even_layers("resnet50", 54, 0.305, 0.1, 0.1, 0.45, 0.151),
            even_layers("vgg16", 16, 0.533, 0.1, 0.1, 0.45, 0.218),
            even_layers("mobilenet", 28, 0.056, 0.1, 0.1, 0.45, 0.151)},
           {{"random", 1.08}, {"n_m_block", 0.92}, {"channel", 1.0}}},
          3};
}

}  // namespace vesper::test

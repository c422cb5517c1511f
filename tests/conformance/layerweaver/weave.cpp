#include "tests/conformance/layerweaver/weave.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>

#include "platform/lowering/program.h"
#include "platform/scenario/yaml.h"
#include "schedulers/offline/npu_timeline.h"

namespace vesper::test {
namespace {

npu::NpuProperties read_npu(const std::string& file) {
  const Node platform = scenario::load_yaml(VESPER_SOURCE_DIR "/scenarios/platforms/npu_" + file + ".yaml");
  return lowering::properties_of<npu::NpuProperties>(*platform.find("accelerator"), "accelerator");
}

bool is_transformer(const std::string& file) { return file.starts_with("bert") || file == "xlnet"; }

/// A weaver and the storage it lives in.
class MadeWeaver {
 public:
  MadeWeaver(const Choice& choice, weaving::Ticks buffer, const std::vector<weaving::Network>& networks) {
    const weaving::WeaverInfo* info = weaving::find_weaver(choice.weaver.c_str());
    if (info == nullptr) throw std::invalid_argument("no weaver " + choice.weaver);
    std::vector<double> values = choice.parameters;
    for (size_t i = values.size(); i < info->parameter_count; ++i)
      values.push_back(info->parameters[i].default_value);
    weaver_ = info->make(storage_.get(), buffer, networks.data(), static_cast<uint16_t>(networks.size()),
                         values.data());
  }
  weaving::Weaver* operator->() { return weaver_; }

 private:
  std::unique_ptr<std::byte[]> storage_{new std::byte[weaving::kWeaverStorage]};
  weaving::Weaver* weaver_;
};

struct Ends {
  uint64_t count = 0;
  weaving::Ticks first = 0, last = 0, longest = 0;
  void add(weaving::Ticks now) {
    if (count++ == 0)
      first = now;
    else
      longest = std::max(longest, now - last);
    last = now;
  }
};

/// A query of each network, without any overlap.
weaving::Ticks time_of_all(const std::vector<const Layers*>& networks) {
  weaving::Ticks all = 0;
  for (const Layers* layers : networks) {
    for (const weaving::Layer& layer : *layers) all += layer.compute + layer.fetch;
  }
  return all;
}

uint64_t differences(weaving::Ticks buffer, const Layers& schedule,
                     const std::vector<weaving::Placed>& estimates) {
  std::vector<offline::LayerTimes> times = offline::npu_timeline(buffer, schedule);
  uint64_t off = 0;
  for (size_t i = 0; i < times.size(); ++i) {
    if (times[i].fetch_end != estimates[i].fetched || times[i].compute_end != estimates[i].computed) ++off;
  }
  return off;
}

}  // namespace

NpuUnderTest::NpuUnderTest(const std::string& file) : properties_(read_npu(file)), ticks_(properties_) {}

const Layers& NpuUnderTest::network(const std::string& file, uint32_t batch, uint32_t tokens) {
  auto [it, added] = networks_.try_emplace(fmt::format("{} {} {}", file, batch, tokens));
  if (!added) return it->second;
  workload::Shape shape{batch, std::nullopt, {}};
  if (is_transformer(file)) shape.tokens = tokens;
  workload::Network network = workload::read_network(
      scenario::load_yaml(VESPER_SOURCE_DIR "/scenarios/workloads/" + file + ".yaml"), shape);
  it->second = lowering::in_ticks(lowering::weight_stationary_costs(network, properties_), ticks_);
  return it->second;
}

Woven weave(weaving::Ticks buffer, const std::vector<const Layers*>& networks, const Choice& choice,
            uint64_t queries) {
  std::vector<weaving::Network> tables;
  for (const Layers* layers : networks)
    tables.push_back({layers->data(), static_cast<uint32_t>(layers->size())});
  MadeWeaver weaver(choice, buffer, tables);
  for (uint16_t i = 0; i < networks.size(); ++i) weaver->dispatch(i);

  std::vector<Ends> ends(networks.size());
  std::vector<uint32_t> position(networks.size(), 0);
  Layers schedule;
  std::vector<weaving::Placed> estimates;
  Woven woven;
  uint64_t networks_left = networks.size();
  const weaving::Ticks give_up = 4 * (queries + 1) * time_of_all(networks);
  while (networks_left > 0 && weaver->schedule().computed() < give_up) {
    weaving::Ticks before = weaver->schedule().computed();
    std::vector<weaving::Ticks> since;
    for (uint16_t i = 0; i < networks.size(); ++i) since.push_back(weaver->waiting_since(i));
    uint16_t network = weaver->next();
    if (network == weaving::Weaver::kNone) break;
    woven.longest_wait = std::max(woven.longest_wait, before - since[network]);
    schedule.push_back((*networks[network])[position[network]]);
    position[network] = (position[network] + 1) % tables[network].count;
    estimates.push_back({weaver->schedule().fetched(), weaver->schedule().computed()});
    if (!weaver->query_ended()) continue;
    ends[network].add(weaver->schedule().computed());
    if (ends[network].count == queries + 1) --networks_left;
    weaver->dispatch(network);
  }
  double compute = 0, fetch = 0;
  for (const weaving::Layer& layer : schedule) {
    compute += static_cast<double>(layer.compute);
    fetch += static_cast<double>(layer.fetch);
  }
  auto all = static_cast<double>(estimates.back().computed);
  woven.compute_active = compute / all;
  woven.fetch_active = fetch / all;
  woven.layers = schedule.size();
  woven.estimates_off = differences(buffer, schedule, estimates);
  for (const Ends& e : ends) {
    uint64_t periods = e.count > 1 ? e.count - 1 : 0;
    woven.networks.push_back(
        {periods, periods > 0 ? static_cast<double>(e.last - e.first) / static_cast<double>(periods) : 0,
         static_cast<double>(e.longest)});
  }
  return woven;
}

double standalone(weaving::Ticks buffer, const Layers& network) {
  return weave(buffer, {&network}, {"fair"}).networks[0].period;
}

Figures figures(const Woven& woven, const std::vector<double>& alone) {
  Figures all;
  for (size_t i = 0; i < alone.size(); ++i) {
    const Service& service = woven.networks[i];
    all.throughput += service.period > 0 ? alone[i] / service.period : 0;
    double slowdown =
        service.period > 0 ? service.period / alone[i] : std::numeric_limits<double>::infinity();
    all.turnaround += slowdown / static_cast<double>(alone.size());
    all.longest = std::max(all.longest, service.longest / alone[i]);
  }
  return all;
}

double geometric_mean(const std::vector<double>& values) {
  double sum = 0;
  for (double value : values) sum += std::log(value);
  return std::exp(sum / static_cast<double>(values.size()));
}

const std::vector<std::string>& compute_networks() {
  static const std::vector<std::string> all{"inception_v3", "mobilenet_v2", "resnet50", "resnext50"};
  return all;
}

const std::vector<std::string>& memory_networks() {
  static const std::vector<std::string> all{"bert_base", "bert_large", "ncf_tables", "xlnet"};
  return all;
}

std::vector<Evaluation::Mix> Evaluation::pairs(const std::vector<std::string>& memory) {
  std::vector<Mix> all;
  for (const std::string& c : compute_networks()) {
    for (const std::string& m : memory) all.push_back({c, m});
  }
  return all;
}

const Layers& Evaluation::layers(const std::string& network) {
  return npu_.network(network, setting_.batch, setting_.tokens);
}

double Evaluation::alone(const std::string& network) {
  auto [it, added] = alone_.try_emplace(network);
  if (added) it->second = standalone(npu_.ticks().buffer, layers(network));
  return it->second;
}

Woven Evaluation::run(const Mix& mix, const Choice& choice, uint64_t queries) {
  std::vector<const Layers*> networks;
  for (const std::string& network : mix) networks.push_back(&layers(network));
  return weave(npu_.ticks().buffer, networks, choice, queries);
}

Figures Evaluation::figures_of(const Mix& mix, const Woven& woven) {
  std::vector<double> all;
  for (const std::string& network : mix) all.push_back(alone(network));
  return figures(woven, all);
}

double Evaluation::mean_throughput(const std::vector<Mix>& mixes, const Choice& choice, uint64_t queries) {
  std::vector<double> all;
  for (const Mix& mix : mixes) all.push_back(figures_of(mix, run(mix, choice, queries)).throughput);
  return geometric_mean(all);
}

Choice Evaluation::best_thresholds(const std::vector<Mix>& mixes) {
  Choice best;
  double most = 0;
  for (double buffer : {0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7}) {
    for (double distance : {0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0}) {
      Choice choice{"ai_mt", {buffer, distance}};
      double throughput = mean_throughput(mixes, choice, 6);
      if (throughput > most) {
        most = throughput;
        best = choice;
      }
    }
  }
  return best;
}

}  // namespace vesper::test

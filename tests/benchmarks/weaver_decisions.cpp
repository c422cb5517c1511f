/// Layers a second that a weaver schedules, natively: the pairs and fours of Layerweaver's evaluation on the
/// memory-centric NPU, each network a stream of queries. The paper measured 15 layers a microsecond for two
/// networks on a Core i7-7700K.
#include <benchmark/benchmark.h>

#include <memory>
#include <systemc>

#include "tests/conformance/layerweaver/weave.h"

namespace vesper::test {
namespace {

void schedule(benchmark::State& state, const char* weaver, const std::vector<std::string>& mix) {
  NpuUnderTest npu("memory_centric");
  std::vector<weaving::Network> networks;
  for (const std::string& name : mix) {
    const Layers& layers = npu.network(name, 1, 16);
    networks.push_back({layers.data(), static_cast<uint32_t>(layers.size())});
  }
  const weaving::WeaverInfo* info = weaving::find_weaver(weaver);
  std::vector<double> parameters;
  for (size_t i = 0; i < info->parameter_count; ++i) parameters.push_back(info->parameters[i].default_value);
  std::unique_ptr<std::byte[]> storage(new std::byte[weaving::kWeaverStorage]);
  weaving::Weaver& made = *info->make(storage.get(), npu.ticks().buffer, networks.data(),
                                      static_cast<uint16_t>(networks.size()), parameters.data());
  for (uint16_t i = 0; i < mix.size(); ++i) made.dispatch(i);
  int64_t layers = 0;
  for (auto _ : state) {
    uint16_t network = made.next();
    if (made.query_ended()) made.dispatch(network);
    ++layers;
  }
  state.counters["layers/us"] =
      benchmark::Counter(static_cast<double>(layers) / 1e6, benchmark::Counter::kIsRate);
}

}  // namespace
}  // namespace vesper::test

int sc_main(int argc, char** argv) {
  using Mix = std::vector<std::string>;
  for (const char* weaver : {"layerweaver", "ai_mt", "fair"}) {
    for (const Mix& mix : {Mix{"mobilenet_v2", "bert_base"}, Mix{"resnet50", "bert_large"},
                           Mix{"inception_v3", "ncf"}, Mix{"resnet50", "mobilenet_v2", "bert_base", "xlnet"},
                           Mix{"resnet50", "mobilenet_v2", "inception_v3", "resnext50", "bert_base",
                               "bert_large", "xlnet", "ncf_tables"}}) {
      std::string name = weaver;
      for (const std::string& network : mix) name += "/" + network;
      benchmark::RegisterBenchmark(
          name.c_str(), [=](benchmark::State& state) { vesper::test::schedule(state, weaver, mix); });
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

int main(int argc, char** argv) { return sc_core::sc_elab_and_sim(argc, argv); }

// Speed of engines in programmable logic, in packets of 32 rows x 192 columns a second of wall-clock time:
// through the chain behind a projection (sum, FP32, layer norm, INT8; two results), times alone or with
// values.

#include <benchmark/benchmark.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <memory>

#include "models/pl/stream_engine.h"
#include "tests/unit/pl/graphs.h"

namespace vesper::pl {
namespace {

class Source : public sc_core::sc_module {
 public:
  explicit Source(sc_core::sc_module_name name) : sc_module(name) {}
  tlm_utils::simple_initiator_socket<Source> socket{"socket"};
};

/// Takes rows, and gives addends.
class Memory : public sc_core::sc_module {
 public:
  explicit Memory(sc_core::sc_module_name name) : sc_module(name) {
    socket.register_b_transport(this, &Memory::b_transport);
  }
  tlm_utils::simple_target_socket<Memory> socket{"socket"};

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    StreamPacket& packet = spatial::packet_of(payload);
    packet.taken_ps = packet.done_ps = packet.last_ps;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

constexpr uint32_t kTokens = 192, kWidth = 192, kRows = 32;

struct Chain {
  Chain(const std::string& prefix, bool functional)
      : source((prefix + "_source").c_str()),
        sink((prefix + "_sink").c_str()),
        addends((prefix + "_addends").c_str()),
        name_(prefix) {
    spatial::Design design;
    design.accelerators.push_back({"x", {4, 6, 6}, {48, 32, 32}, 1, false, 4, graph->stages()});
    core::Environment environment;
    environment.functional = functional;
    environment.tasks.resize(1 + graph->stages().size());
    environment.spatial =
        std::make_shared<spatial::Plan>(design, std::vector<spatial::GraphTask>{{0, graph, 1, 1}});
    make("vector_add", environment);
    core::connect(engines[0]->endpoint("addend"), core::TargetEndpoint{&addends.socket});
    make("reformat", environment, "fp32");
    make("layer_norm", environment);
    make("reformat", environment, "int8");
    source.socket.bind(*std::get<core::TargetEndpoint>(engines[0]->endpoint("in")).socket);
    for (size_t i = 1; i < engines.size(); ++i)
      core::connect(engines[i - 1]->endpoint("out"), engines[i]->endpoint("in"));
    core::connect(engines.back()->endpoint("out"), core::TargetEndpoint{&sink.socket});
  }
  void make(const std::string& type, const core::Environment& environment, const char* to = nullptr) {
    Node properties = Node::map();
    properties.at_or_add("accelerator", {}) = Node::scalar("x");
    if (to != nullptr) properties.at_or_add("to", {}) = Node::scalar(to);
    const std::string name = name_ + std::to_string(engines.size());
    engines.emplace_back(
        core::IpRegistry::instance().find(type)->create(name.c_str(), properties, name, {}, environment));
  }

  std::shared_ptr<const workload::Graph> graph =
      std::make_shared<const workload::Graph>(testing::transformer_block(kTokens, kWidth, 3));
  Source source;
  Memory sink, addends;
  std::vector<std::unique_ptr<core::Ip>> engines;

 private:
  std::string name_;
};

struct Platform {
  Platform() { sc_core::sc_start(sc_core::SC_ZERO_TIME); }
  Chain times{"times", false}, values{"values", true};
};
std::unique_ptr<Platform> platform;

void send_packets(benchmark::State& state, Chain Platform::*chain, size_t bytes) {
  if (!platform) platform = std::make_unique<Platform>();
  spatial::StreamCall call;
  std::vector<std::byte> values(bytes, std::byte{3});
  call.packet.op = 7;  // projection
  call.packet.rows = kRows;
  call.packet.columns = kWidth;
  for (auto _ : state) {
    // One packet a tile step of 1134 ns, the matrix from its first row on.
    for (call.packet.first_row = 0; call.packet.first_row < kTokens; call.packet.first_row += kRows) {
      call.packet.first_ps = call.packet.last_ps + 1'000'000;
      call.packet.last_ps += 1'134'000;
      call.write((platform.get()->*chain).source.socket, values);
      if (!call.is_ok()) state.SkipWithError("a packet was refused");
    }
  }
  state.counters["packets/s"] = benchmark::Counter(static_cast<double>(state.iterations()) * kTokens / kRows,
                                                   benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(send_packets, times_alone, &Platform::times, size_t{0});
BENCHMARK_CAPTURE(send_packets, with_values, &Platform::values, size_t{kRows} * kWidth);

}  // namespace
}  // namespace vesper::pl

int sc_main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

int main(int argc, char** argv) { return sc_core::sc_elab_and_sim(argc, argv); }

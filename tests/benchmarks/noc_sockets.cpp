// Speed of the NoC through its TLM-2.0 sockets, all properties at their defaults: 16 initiators read 4 KiB
// payloads from 16 memories at random places of a 4x4 mesh; the memories answer at once. A packet is 256 B of
// data: its request and its response. Argument: load offered by each initiator, in percent of a link; 100
// saturates the network. One simulation, continued in every iteration.

#include <benchmark/benchmark.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "models/noc/noc.h"

namespace vesper::noc {
namespace {

constexpr uint64_t kMemoryBytes = uint64_t{1} << 28;
constexpr unsigned kUnits = 16;

class Reader : public sc_core::sc_module {
 public:
  Reader(sc_core::sc_module_name module_name, uint64_t seed) : sc_module(module_name), state_(seed) {
    SC_HAS_PROCESS(Reader);
    SC_METHOD(send);
    sensitive << next_;
    socket.register_nb_transport_bw(this, &Reader::backward);
  }
  tlm_utils::simple_initiator_socket<Reader> socket{"socket"};
  uint64_t answered = 0;
  sc_core::sc_time period;  ///< mean, from one read to the next; drawn from 0 to twice that

 private:
  static constexpr unsigned kOutstanding = 2;
  void send() {
    for (; outstanding_ < kOutstanding && next_at_ <= sc_core::sc_time_stamp(); ++outstanding_) {
      state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
      next_at_ = sc_core::sc_time_stamp() + period * (static_cast<double>(state_ >> 44) / (1 << 19));
      uint64_t address = (state_ >> 20) % (kUnits * kMemoryBytes) / 4096 * 4096;
      auto& payload = pool_.allocate(tlm::TLM_READ_COMMAND, address, 4096, {});
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay;
      socket->nb_transport_fw(payload, phase, delay);
    }
    if (outstanding_ < kOutstanding) next_.notify(next_at_ - sc_core::sc_time_stamp());
  }
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
    if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
    payload.release();
    ++answered;
    --outstanding_;
    sc_core::sc_time now = sc_core::sc_time_stamp();
    next_.notify(next_at_ > now ? next_at_ - now : sc_core::SC_ZERO_TIME);
    return tlm::TLM_COMPLETED;
  }
  core::PayloadPool pool_;
  uint64_t state_;
  unsigned outstanding_ = 0;
  sc_core::sc_time next_at_;
  sc_core::sc_event next_;
};

class Memory : public sc_core::sc_module {
 public:
  explicit Memory(sc_core::sc_module_name module_name) : sc_module(module_name) {
    socket.register_nb_transport_fw(this, &Memory::forward);
  }
  tlm_utils::simple_target_socket<Memory> socket{"socket"};

 private:
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase&, sc_core::sc_time&) {
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
};

struct Platform {
  Platform() {
    NocProperties properties;
    properties.layout = Layout::mesh;
    properties.columns = properties.rows = 4;
    properties.address_map.clear();
    for (unsigned i = 0; i < kUnits; ++i) {
      properties.address_map.push_back({{i * kMemoryBytes}, {kMemoryBytes}, "ddr." + std::to_string(i)});
    }
    noc = std::make_unique<Noc>("noc", properties, core::Environment{});
    for (unsigned i = 0; i < kUnits; ++i) {
      std::string number = std::to_string(i);
      readers.push_back(std::make_unique<Reader>(("reader" + number).c_str(), i + 1));
      memories.push_back(std::make_unique<Memory>(("memory" + number).c_str()));
      Reader& reader = *readers.back();
      core::connect(noc->endpoint("pl." + number),
                    core::InitiatorEndpoint{[&](core::TargetSocket& target) { reader.socket.bind(target); }});
      core::connect(noc->endpoint("ddr." + number), core::TargetEndpoint{&memories.back()->socket});
    }
  }
  [[nodiscard]] uint64_t packets() const {
    uint64_t payloads = 0;
    for (const auto& reader : readers) payloads += reader->answered;
    return payloads * 4096 / kChopBytes;
  }
  std::unique_ptr<Noc> noc;
  std::vector<std::unique_ptr<Reader>> readers;
  std::vector<std::unique_ptr<Memory>> memories;
};

std::unique_ptr<Platform> platform;

void random_reads(benchmark::State& state) {
  if (!platform) platform = std::make_unique<Platform>();
  // A link carries 16 B a nanosecond.
  sc_core::sc_time period(256.0 * 100 / static_cast<double>(state.range(0)), sc_core::SC_NS);
  for (auto& reader : platform->readers) reader->period = period;
  uint64_t before = platform->packets();
  for (auto _ : state) sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_US));
  state.counters["packets/s"] =
      benchmark::Counter(static_cast<double>(platform->packets() - before), benchmark::Counter::kIsRate);
}
BENCHMARK(random_reads)
    ->ArgName("load")
    ->Arg(1)
    ->Arg(5)
    ->Arg(10)
    ->Arg(30)
    ->Arg(100)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vesper::noc

int sc_main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

int main(int argc, char** argv) { return sc_core::sc_elab_and_sim(argc, argv); }

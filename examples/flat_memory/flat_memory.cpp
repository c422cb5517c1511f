#include "flat_memory.h"

namespace flat_memory {

using namespace vesper;

VESPER_IP(FlatMemory, "flat_memory", "a memory with a latency and a bandwidth");

namespace {
constexpr int kPorts = 4;
constexpr uint64_t kPsPerSecond = 1'000'000'000'000;
}  // namespace

void FlatMemory::Properties::describe(Schema<Properties>& p) {
  p("first_address", &Properties::first_address, "address of the first byte");
  p("size", &Properties::size, "bytes there are");
  p("bandwidth", &Properties::bandwidth, "of the data bus").at_least(Bandwidth{1'000'000});
  p("latency", &Properties::latency, "from the last byte on the bus to the answer");
}

FlatMemory::FlatMemory(sc_core::sc_module_name name, const Properties& properties, const core::Environment&)
    : Ip(name), properties_(properties) {
  for (int i = 0; i < kPorts; ++i) {
    const std::string number = std::to_string(i);
    ports_.push_back(std::make_unique<Socket>(("port" + number).c_str()));
    ports_.back()->register_nb_transport_fw(this, &FlatMemory::forward, i);
    ports_.back()->register_b_transport(this, &FlatMemory::blocking, i);
    expose("port." + number, static_cast<core::TargetSocket&>(*ports_.back()));
  }
  SC_HAS_PROCESS(FlatMemory);
  SC_METHOD(answer);
  sensitive << due_;
  dont_initialize();
}

bool FlatMemory::check(Payload& payload) const {
  const uint64_t first = properties_.first_address.value;
  const uint64_t address = payload.get_address();
  const bool inside = address >= first && address - first < properties_.size.count &&
                      payload.get_data_length() <= properties_.size.count - (address - first);
  payload.set_response_status(inside ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
  return inside;
}

/// When the bus has carried the bytes, which begin as soon as it is free.
uint64_t FlatMemory::carried(uint32_t bytes) {
  const uint64_t rate = properties_.bandwidth.bytes_per_second;
  bus_free_ = std::max(bus_free_, core::now_ps()) + (bytes * kPsPerSecond + rate - 1) / rate;
  return bus_free_;
}

tlm::tlm_sync_enum FlatMemory::forward(int port, Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  if (!check(payload)) return tlm::TLM_COMPLETED;
  const uint64_t due = carried(payload.get_data_length()) + properties_.latency.ps;
  if (requests_.empty()) due_.notify(core::to_time(due - core::now_ps()));
  requests_.push_back({port, &payload, due});
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void FlatMemory::blocking(int, Payload& payload, sc_core::sc_time& delay) {
  if (check(payload))
    delay += core::to_time(carried(payload.get_data_length()) + properties_.latency.ps - core::now_ps());
}

void FlatMemory::answer() {
  while (!requests_.empty() && requests_.front().due <= core::now_ps()) {
    const Request request = requests_.front();
    requests_.pop_front();
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay;
    (*ports_[static_cast<size_t>(request.port)])->nb_transport_bw(*request.payload, phase, delay);
  }
  if (!requests_.empty()) due_.notify(core::to_time(requests_.front().due - core::now_ps()));
}

std::string FlatMemory::waiting_for() const {
  return requests_.empty() ? "" : std::to_string(requests_.size()) + " requests under way";
}

}  // namespace flat_memory

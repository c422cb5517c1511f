#include "models/core/payload_pool.h"

#include <array>

namespace vesper::core {
namespace {
unsigned char* shared_data() {
  alignas(64) static std::array<unsigned char, kMaxPayloadBytes> data{};
  return data.data();
}
}  // namespace

struct PayloadPool::Pooled {
  explicit Pooled(tlm::tlm_mm_interface* pool) : payload(pool) {
    payload.set_extension(&tag);
    payload.set_extension(&latency);
  }
  ~Pooled() {
    payload.clear_extension(&tag);
    payload.clear_extension(&latency);
  }
  Pooled(const Pooled&) = delete;
  Pooled& operator=(const Pooled&) = delete;
  JobTag tag;
  Latency latency;
  tlm::tlm_generic_payload payload;
};

PayloadPool::PayloadPool() = default;
PayloadPool::~PayloadPool() = default;

tlm::tlm_generic_payload& PayloadPool::allocate(tlm::tlm_command command, uint64_t address, uint32_t bytes,
                                                const JobTag& tag) {
  if (idle_.empty()) {
    all_.push_back(std::make_unique<Pooled>(this));
    idle_.push_back(&all_.back()->payload);
  }
  tlm::tlm_generic_payload& payload = *idle_.back();
  idle_.pop_back();
  payload.acquire();
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(shared_data());
  payload.set_data_length(bytes);
  payload.set_streaming_width(bytes);
  payload.set_byte_enable_ptr(nullptr);
  payload.set_dmi_allowed(false);
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  payload.get_extension<JobTag>()->assign(tag);
  payload.get_extension<Latency>()->ps = {};
  return payload;
}

bool PayloadPool::carries_data(const tlm::tlm_generic_payload& payload) {
  auto data = reinterpret_cast<uintptr_t>(payload.get_data_ptr());
  auto shared = reinterpret_cast<uintptr_t>(shared_data());
  return data < shared || data - shared >= kMaxPayloadBytes;
}

void PayloadPool::free(tlm::tlm_generic_payload* payload) {
  payload->reset();  // drops extensions that a target set for this transaction alone
  idle_.push_back(payload);
}

}  // namespace vesper::core

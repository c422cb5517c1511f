#include "models/timer/generic_timer.h"

#include <cstring>
#include <limits>

#include "models/cpu/cpu_core.h"

namespace vesper::timer {
namespace {

using core::now_ps;
using cpu::system_register;

constexpr uint32_t kFrequency = system_register(3, 3, 14, 0, 0);
constexpr uint32_t kPhysicalCount = system_register(3, 3, 14, 0, 1);
constexpr uint32_t kVirtualCount = system_register(3, 3, 14, 0, 2);
constexpr uint32_t kTimerValue = system_register(3, 3, 14, 2, 0);
constexpr uint32_t kControl = system_register(3, 3, 14, 2, 1);
constexpr uint32_t kCompareValue = system_register(3, 3, 14, 2, 2);

constexpr uint64_t kEnable = 1U << 0;
constexpr uint64_t kMask = 1U << 1;
constexpr uint64_t kStatus = 1U << 2;

}  // namespace

VESPER_IP(GenericTimer, "generic_timer", "architected timer: physical counter and EL1 physical timer");

void GenericTimer::Properties::describe(Schema<Properties>& p) {
  p("clock", &Properties::clock, "frequency of the counter")
      .between(Frequency{1}, Frequency{std::numeric_limits<uint32_t>::max()});
}

GenericTimer::GenericTimer(sc_core::sc_module_name name, const Properties& properties,
                           const core::Environment&)
    : Ip(name), clock_(properties.clock) {
  system.register_b_transport(this, &GenericTimer::b_transport);
  expose("system", system);
  expose("irq", irq);
  SC_HAS_PROCESS(GenericTimer);
  SC_METHOD(update);
  sensitive << due_;
  dont_initialize();
}

void GenericTimer::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  auto encoding = static_cast<uint32_t>(payload.get_address() / 8);
  uint64_t value = 0;
  std::memcpy(&value, payload.get_data_ptr(), sizeof value);
  bool known = payload.is_read() ? read(encoding, now_ps() + delay.value(), value) : write(encoding, value);
  std::memcpy(payload.get_data_ptr(), &value, sizeof value);
  payload.set_response_status(known ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

bool GenericTimer::read(uint32_t encoding, uint64_t at, uint64_t& value) const {
  switch (encoding) {
    case kFrequency:
      value = clock_.hz();
      return true;
    case kPhysicalCount:
    case kVirtualCount:
      value = count_at(at);
      return true;
    case kTimerValue:
      value = (compare_ - count_at(at)) & 0xFFFF'FFFF;
      return true;
    case kControl:
      value = control_at(at);
      return true;
    case kCompareValue:
      value = compare_;
      return true;
    default:
      return false;
  }
}

bool GenericTimer::write(uint32_t encoding, uint64_t value) {
  switch (encoding) {
    case kTimerValue:
      compare_ =
          count_at(now_ps()) + static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(value)));
      break;
    case kControl:
      control_ = value & (kEnable | kMask);
      break;
    case kCompareValue:
      compare_ = value;
      break;
    default:
      return false;
  }
  update();
  return true;
}

uint64_t GenericTimer::control_at(uint64_t ps) const {
  bool met = (control_ & kEnable) != 0 && count_at(ps) >= compare_;
  return control_ | (met ? kStatus : 0);
}

void GenericTimer::update() {
  irq.set((control_at(now_ps()) & (kEnable | kMask | kStatus)) == (kEnable | kStatus));
  due_.cancel();
  constexpr uint64_t kNever =
      std::numeric_limits<uint64_t>::max() / 1'000'000'000'000;  // seconds in 64-bit ps
  bool waits = (control_ & kEnable) != 0 && count_at(now_ps()) < compare_;
  if (!waits || compare_ / clock_.hz() >= kNever) return;
  due_.notify(core::to_time(clock_.edge(compare_) - now_ps()));
}

}  // namespace vesper::timer

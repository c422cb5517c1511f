/// Carried by every payload, so that bytes, latency and stalls can be attributed end to end.
#pragma once

#include <cstdint>
#include <tlm>

namespace vesper::core {

/// Quality-of-service classes of the NoC, most urgent first.
enum class QosClass : uint8_t { isochronous, low_latency, best_effort };

struct JobTag : tlm::tlm_extension<JobTag> {
  uint16_t task = 0;  ///< index of the requester: tasks first, then traffic generators (Environment)
  uint32_t job = 0;
  uint32_t layer = 0;
  uint32_t transfer = 0;  ///< number of the DMA transfer this payload belongs to
  QosClass qos = QosClass::best_effort;
  uint64_t port_rate = 0;  ///< bytes a second that the initiator's port takes read data at; 0: at once
  uint64_t issued = 0;     ///< when the initiator sent it, picoseconds

  void assign(const JobTag& other) {
    task = other.task;
    job = other.job;
    layer = other.layer;
    transfer = other.transfer;
    qos = other.qos;
    port_rate = other.port_rate;
    issued = other.issued;
  }
  [[nodiscard]] tlm::tlm_extension_base* clone() const override {
    auto* copy = new JobTag;  // owned by the payload it is set on (TLM-2.0 convention)
    copy->assign(*this);
    return copy;
  }
  void copy_from(const tlm::tlm_extension_base& other) override { assign(static_cast<const JobTag&>(other)); }
};

/// The tag of a payload; a payload without one belongs to requester 0.
inline const JobTag& tag_of(const tlm::tlm_generic_payload& payload) {
  static const JobTag none;
  const JobTag* tag = payload.get_extension<JobTag>();
  return tag != nullptr ? *tag : none;
}

}  // namespace vesper::core

/// Reference-counted TLM payloads that are made once and used again (TLM-2.0 memory management).
///
/// Every payload has a JobTag, a Latency and, until the owner sets another, a data pointer to 4 KiB that all
/// payloads of the process share: bulk traffic moves time and addresses; bytes move only where an owner has
/// some.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/core/job_tag.h"
#include "models/core/latency.h"

namespace vesper::core {

/// Largest bulk payload; a payload never crosses a boundary of this size (AXI4, section A3.4.1).
constexpr uint32_t kMaxPayloadBytes = 4096;

class PayloadPool final : public tlm::tlm_mm_interface {
 public:
  PayloadPool();
  ~PayloadPool() override;
  PayloadPool(const PayloadPool&) = delete;
  PayloadPool& operator=(const PayloadPool&) = delete;

  /// An acquired payload, response incomplete; release() it to give it back.
  tlm::tlm_generic_payload& allocate(tlm::tlm_command command, uint64_t address, uint32_t bytes,
                                     const JobTag& tag);
  void free(tlm::tlm_generic_payload* payload) override;

  /// Whether the owner of a payload, or of the one it is a part of, set a data pointer.
  [[nodiscard]] static bool carries_data(const tlm::tlm_generic_payload& payload);

  [[nodiscard]] size_t in_use() const { return all_.size() - idle_.size(); }

 private:
  struct Pooled;
  std::vector<std::unique_ptr<Pooled>> all_;
  std::vector<tlm::tlm_generic_payload*> idle_;
};

}  // namespace vesper::core

#include "models/traffic/properties.h"

#include <bit>

#include "models/core/payload_pool.h"

namespace vesper::traffic::detail {

/// From 128 bits on, 4 KiB are at most the 256 beats of an AXI4 burst.
bool is_port_width(const uint32_t& bits) { return bits >= 128 && bits <= 512 && std::has_single_bit(bits); }

bool is_burst(const Bytes& bytes) {
  return bytes.count >= 4 && bytes.count <= core::kMaxPayloadBytes && std::has_single_bit(bytes.count);
}

bool is_page_aligned(const Address& address) { return address.value % core::kMaxPayloadBytes == 0; }

bool is_page_multiple(const Bytes& bytes) {
  return bytes.count >= core::kMaxPayloadBytes && bytes.count % core::kMaxPayloadBytes == 0;
}

}  // namespace vesper::traffic::detail

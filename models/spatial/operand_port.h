/// The `operands` socket between an accelerator, with its engines, and its activation memory: calls with a
/// StreamPacket, no time of their own.
///
/// A read fetches the rows and columns that the packet names of the result `op`, or of the network's input
/// (Edge::kInput), into the payload's data, one row after the other, in the packet's format; where times are
/// all there is it has no data and asks only whether they are there. A write has no data and is a word about
/// the visit of a product: job, image and `op`, the product.
#pragma once

#include <cstdint>

namespace vesper::spatial::operand_port {

/// Addresses of writes. An accelerator begins a visit, or goes on with it; the packet comes back with what is
/// known of the job.
constexpr uint64_t kBegin = 0;
/// The visit's operands are no longer needed.
constexpr uint64_t kEnd = 8;

}  // namespace vesper::spatial::operand_port

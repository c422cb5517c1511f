/// On-chip memory of a spatial design: which operand lies in how many banks, what that takes of BRAM and
/// URAM, and what a result costs that does not lie as its consumer reads it. SystemC-free.
///
/// Banks       128 bits wide: a pair of BRAM36 (512 deep, 8 KiB) or of URAM (4096 deep, 64 KiB). An
///             accelerator has one set of banks for all its operands A, one for computed operands B and one
///             for addends, of each kind of memory; in each direction as many as the finest of what its
///             stages read and their producers write (SSR, section 4.3: one RAM an operand). A stage's
///             operand is kept for all of the design's images, one matrix each, divided evenly between the
///             banks.
/// Weights     of streamed accelerators: all blocks' together, in B x C banks a unit, in URAM.
/// Order       weights first; then operands in the order of the graph, each to BRAM if it has room there,
///             else to URAM, else nowhere: it goes through memory (assumed: the paper does not say).
/// Addends     of a vector_add are operands of the stage behind which it works.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/spatial/design.h"
#include "platform/workload/graph.h"

namespace vesper::spatial {

struct Banks {
  uint32_t rows = 1, columns = 1;
  [[nodiscard]] uint64_t all() const { return uint64_t{rows} * columns; }
};

/// Somebody takes columns of a result (or of the input): an input of a product, or the addend of a
/// vector_add.
struct Use {
  uint32_t consumer = 0;  ///< number of the operator that takes it
  uint32_t product = 0;   ///< on whose accelerator it does: itself, or the one it works behind
  uint32_t input = 0;     ///< which of its inputs
};
/// All uses of all results, in order of consumers.
std::vector<Use> uses_of(const workload::Graph& graph);
/// Bytes of one image that a use keeps.
uint64_t bytes_of(const workload::Graph& graph, const Use& use);

/// Banks over which the columns of an edge lie as their producer writes them; one for the network's input.
Banks written_banks(const workload::Graph& graph, const workload::Edge& edge, const Accelerator& producer);
/// Banks in which a use reads them.
Banks read_banks(const workload::Graph& graph, const Use& use, const Accelerator& consumer);
constexpr bool compatible(uint32_t a, uint32_t b) { return a % b == 0 || b % a == 0; }
constexpr bool compatible(const Banks& a, const Banks& b) {
  return compatible(a.rows, b.rows) && compatible(a.columns, b.columns);
}
/// Picoseconds to move what is taken from banks to incompatible ones; 0 for compatible ones.
uint64_t move_ps(const Banks& from, const Banks& to, uint64_t bytes, const Device& device);

enum class Place : uint8_t { bram, uram, outside };

/// An operand of a stage, or the weights of an accelerator.
struct Buffer {
  uint16_t graph = 0;  ///< index among the graphs
  uint16_t accelerator = 0;
  std::string stage;  ///< of products; empty for weights
  std::string what;   ///< "A", "B", "weights", or the stage of a vector_add
  bool addend = false;
  uint64_t bytes = 0;  ///< of all images, or all weights
  Banks banks;
  Place place = Place::bram;
  uint64_t blocks = 0;  ///< more that it takes where it lies, or would take of BRAM
};

struct Allocation {
  Resources resources;  ///< of the whole design, with image DMA
  std::vector<Buffer> buffers;
  uint64_t bram_free = 0, uram_free = 0;
  /// The buffer of a use.
  [[nodiscard]] const Buffer& buffer(uint16_t graph, const workload::Graph& of, const Use& use) const;
};

/// URAM that so many bytes of streamed weights of an accelerator take.
uint64_t weight_uram(const Accelerator& accelerator, uint64_t bytes);

/// Throws InputError at `where`, with the numbers, when weights have no room, or image DMA and engines take
/// more BRAM than there is. With forwarding through memory nothing has buffers.
Allocation allocate(const Design& design, Graphs graphs, const Location& where = {});

}  // namespace vesper::spatial

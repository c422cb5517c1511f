/// A spatial-sequential design: several matrix accelerators on shares of one AIE array, the stages of a
/// network mapped onto them, what that takes of a device and how long its parts last. SystemC-free: platform
/// models, lowering, the analytic model and the search use these same numbers.
///
/// Source      Zhuang et al., SSR, FPGA 2024: equations 1 and 2, sections 4.2 to 4.4, tables 6 to 8. What the
///             paper does not say is marked "assumed" where it stands.
/// Array       A x B x C AIEs, each an h1 x w1 x w2 tile a step: A splits rows, B the reduced dimension, C
///             columns. `units` such arrays share a stage: heads of attention, else columns.
/// Type        `pinned` (type 0): weights lie in the AIEs' local memory, each once in the whole array
///             (assumed: what fits SSR's published designs), rows are the only stream. Else (type 1) both
///             operands are streamed.
/// Steps       heads of attention go to the units in turn; of other products each unit takes its share of
///             columns. An array goes through its heads, rows, columns and the reduced dimension, innermost
///             last.
/// Engines     each accelerator has one of each kind that its stages need, in the order of engine_places().
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/property/schema.h"
#include "platform/workload/graph.h"

namespace vesper::spatial {

/// What a design may use, and the constants of its timing.
struct Device {
  uint32_t aie = 400;  // VCK190: 8 x 50 tiles (DS957)
  // Streams of 128 bits into the array and out of it: what SSR's largest design takes (table 8: 199), 80 of
  // them out of its six stages, embedding and head. AM009: 39 interface tiles with 156 and 117.
  uint32_t plio_in = 119;
  uint32_t plio_out = 80;
  uint32_t bram = 867;           // BRAM36 that designs may take of the VC1902's 967
  uint32_t uram = 420;           // of 463
  uint32_t dsp = 1968;           // VC1902
  Bytes local_memory = KiB(32);  // data memory of an AIE (AM009)
  uint32_t macs = 128;           // INT8 MACs a cycle and AIE (AM009)
  Frequency aie_clock = MHz(1000);
  Frequency pl_clock = MHz(230);
  uint32_t plio_bits = 128;
  /// A tile step takes so much longer than its MACs: what reproduces SSR's board in all published designs.
  Duration step_overhead{750'000};
  static void describe(Schema<Device>& p);
};

struct Array {
  uint32_t a = 1, b = 1, c = 1;
};
struct Tile {
  uint32_t h1 = 32, w1 = 32, w2 = 32;
};

struct Accelerator {
  std::string name;
  Array array;
  Tile tile;
  uint32_t units = 1;
  bool pinned = false;
  uint32_t lanes = 16;  ///< elements a cycle that its PL engines take of each output stream
  std::vector<std::string> stages;
  static void describe(Schema<Accelerator>& p);
};

enum class Forwarding : uint8_t { on_chip, ddr };
inline EnumNames<Forwarding> enum_names(Forwarding) {
  return {{Forwarding::on_chip, "on_chip"}, {Forwarding::ddr, "ddr"}};
}

struct Design {
  Device device;
  Forwarding forwarding =
      Forwarding::on_chip;  ///< ddr: results and weights go through memory, layer by layer
  bool pipeline = true;     ///< PL engines take rows as they come; else a whole matrix at a time
  uint32_t images = 1;      ///< at once in the design: on-chip memory holds so many inputs of each layer
  std::vector<Accelerator> accelerators;
  static void describe(Schema<Design>& p);
};

/// The networks that run on one design.
using Graphs = std::span<const workload::Graph* const>;

/// Tile steps of a product on an accelerator: all units work side by side. The product of these.
struct Steps {
  uint32_t heads = 1;    ///< one after the other on a unit
  uint32_t rows = 1;     ///< blocks of A h1 rows
  uint32_t columns = 1;  ///< blocks of C w2 columns
  uint32_t reduced = 1;  ///< innermost: blocks of B w1
  [[nodiscard]] uint64_t all() const { return uint64_t{heads} * rows * columns * reduced; }
};
Steps step_counts(const workload::Operator& product, const Accelerator& accelerator);
uint64_t steps_of(const workload::Operator& product, const Accelerator& accelerator);
/// Picoseconds of a step: its MACs and the overhead, or the longest of its streams if that is more.
uint64_t step_ps(const Accelerator& accelerator, const Device& device);
/// Picoseconds of so many cycles of programmable logic, rounded up.
uint64_t pl_ps(uint64_t cycles, const Device& device);

/// How an engine of programmable logic works.
struct Engine {
  std::string op;
  uint32_t passes = 1;  ///< over a row: reductions, then what needs them; each has hardware of its own
  /// Cycles that all passes take from the last element in to the last result, beyond the row's time in the
  /// passes after the first.
  uint32_t depth = 1;
  double dsp = 0, bram = 0;  ///< of a stream of 16 lanes, as SSR's table 8 has them
};
/// Null when there is none of that name.
const Engine* find_engine(const std::string& op);
std::vector<std::string> engine_names();

/// A place in an accelerator's row of engines: its name, and that of the engine that stands there.
struct EnginePlace {
  std::string name;  ///< dequantise
  std::string op;    ///< reformat
};
/// In the order in which rows come by them.
const std::vector<EnginePlace>& engine_places();
/// Number of the place at which an operator is worked on.
uint32_t place_of(const workload::Operator& op);
/// Numbers of the places that an accelerator's stages need, in order.
std::vector<uint32_t> places_of(const Accelerator& accelerator, Graphs graphs);

struct Resources {
  uint64_t aie = 0, plio_in = 0, plio_out = 0, bram = 0, uram = 0, dsp = 0;
};
/// Of an accelerator without on-chip memory for operands and weights: `bram` is its engines'.
Resources resources_of(const Accelerator& accelerator, Graphs graphs);
/// The same where the places of its engines are known.
Resources resources_of(const Accelerator& accelerator, std::span<const uint32_t> places);
/// What image DMA takes (table 8).
constexpr Resources kImageDma{0, 0, 0, 12, 0, 12};

/// Bytes of each AIE's data memory that an accelerator takes: two tiles of activations, two of weights or, if
/// they are pinned, its share of all weights, and a tile of results.
uint64_t local_memory(const Accelerator& accelerator, Graphs graphs);
/// The same where it is known how many tiles of weights all its products have.
uint64_t local_memory(const Accelerator& accelerator, uint64_t weight_tiles);
/// Tiles of one product's weights, those that columns fill in part included.
uint64_t weight_tiles(const workload::Operator& product, const Accelerator& accelerator);

/// Number of the accelerator on which a stage runs, or none.
std::optional<uint16_t> accelerator_of(const Design& design, std::string_view stage);

/// Throws InputError at `where`, with the numbers, on a design that has no place for the graphs: more AIEs,
/// streams or DSPs than the device has, more local memory than an AIE, attention on pinned weights, a stage
/// on no accelerator or two, a stage that is none, accelerators of one name, engines that rows would pass in
/// another order. On-chip memory is checked by allocate() (memory.h).
void check(const Design& design, Graphs graphs, const Location& where = {});

}  // namespace vesper::spatial

/// [A, B, C] and [h1, w1, w2].
template <>
struct vesper::Codec<vesper::spatial::Array> {
  static std::string kind() { return "[A, B, C]"; }
  static void read(const Node& node, spatial::Array& out, const std::string& path);
  static Node write(const spatial::Array& value);
  static std::vector<PropertyInfo> children() { return {}; }
};
template <>
struct vesper::Codec<vesper::spatial::Tile> {
  static std::string kind() { return "[h1, w1, w2]"; }
  static void read(const Node& node, spatial::Tile& out, const std::string& path);
  static Node write(const spatial::Tile& value);
  static std::vector<PropertyInfo> children() { return {}; }
};

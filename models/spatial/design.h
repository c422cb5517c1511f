/// A spatial-sequential design: several matrix accelerators on shares of one AIE array, the stages of a network
/// mapped onto them, what that takes of a device and how long its parts last. SystemC-free: platform models,
/// lowering, the analytic model and the search use these same numbers.
///
/// Source      Zhuang et al., SSR, FPGA 2024: equations 1 and 2, sections 4.2 to 4.4, tables 6 to 8. What the
///             paper does not say is marked "assumed" where it stands.
/// Array       A x B x C AIEs, each an h1 x w1 x w2 tile a step: A splits rows, B the reduced dimension, C
///             columns. `units` such arrays share a stage: heads of attention, else columns.
/// Type        `pinned` (type 0): weights lie in the AIEs' local memory, rows are the only stream. Else
///             (type 1) both operands are streamed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/property/schema.h"
#include "platform/workload/graph.h"

namespace vesper::spatial {

/// What a design may use, and the constants of its timing.
struct Device {
  uint32_t aie = 400;         // VCK190: 8 x 50 tiles (DS957)
  uint32_t plio_in = 100;     // streams into the array that reproduce SSR's design space
  uint32_t plio_out = 80;     // and out of it
  uint32_t bram = 867;        // BRAM36 that designs may take of the VC1902's 967
  uint32_t uram = 420;        // of 463
  uint32_t dsp = 1968;        // VC1902
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
  Forwarding forwarding = Forwarding::on_chip;  ///< ddr: results and weights go through memory, layer by layer
  bool pipeline = true;     ///< PL engines take rows as they come; else a whole matrix at a time
  uint32_t images = 1;      ///< at once in the design: on-chip memory holds so many inputs of each layer
  std::vector<Accelerator> accelerators;
  static void describe(Schema<Design>& p);
};

/// Tile steps of a product on an accelerator: all units work side by side.
uint64_t steps_of(const workload::Operator& product, const Accelerator& accelerator);
/// Picoseconds of a step: its MACs and the overhead, or the longest of its streams if that is more.
uint64_t step_ps(const Accelerator& accelerator, const Device& device);

/// How an engine of programmable logic works.
struct Engine {
  std::string op;
  uint32_t passes = 1;       ///< over a row: reductions, then what needs them
  uint32_t depth = 1;        ///< cycles from an element in to its result, of one pass
  /// Of 16 lanes, as SSR's table 8 has them.
  double dsp = 0, bram = 0;
};
/// Null when there is none of that name.
const Engine* find_engine(const std::string& op);
std::vector<std::string> engine_names();

struct Resources {
  uint32_t aie = 0, plio_in = 0, plio_out = 0, bram = 0, uram = 0, dsp = 0;
};

}  // namespace vesper::spatial

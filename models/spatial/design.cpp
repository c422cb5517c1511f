#include "models/spatial/design.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "platform/property/integer.h"

namespace vesper::spatial {
namespace {

using workload::Graph;
using workload::Operator;

constexpr uint64_t kPicosecondsASecond = 1'000'000'000'000;
/// Table 8, "other HCE": what all 78 streams out of SSR's six stages and embedding take together, at 16
/// lanes.
constexpr double kStreamDsp = 425.0 / 78;
constexpr uint32_t kTableLanes = 16;

/// Depths in cycles of 230 MHz, of floating-point operators of 2 cycles in DSP58 (AM004) and a table or a
/// comparison of 1: assumed, as the paper gives none. `reformat` scales and rounds. `softmax`: maximum of 16
/// lanes 4; difference, exponential (a table: its BRAM), sum of 16 lanes 14; reciprocal and product 10.
/// `layer_norm`: sum and product 12; difference, square, sum, root 22; scale 4. `gelu` is a table in logic,
/// as it takes no DSP.
const std::array<Engine, 6> kEngines{{
    {"vector_add", 1, 2, 0, 0},
    {"reformat", 1, 4, 0, 0},
    {"softmax", 3, 28, 336.0 / 12, 192.0 / 12},
    {"gelu", 1, 2, 0, 0},
    {"layer_norm", 3, 38, 1024.0 / 12, 0},
    {"transpose", 1, 1, 0, 0},
}};

bool runs(const Accelerator& accelerator, const std::string& stage) {
  return std::ranges::find(accelerator.stages, stage) != accelerator.stages.end();
}

uint64_t streams_out(const Accelerator& accelerator) {
  return uint64_t{accelerator.array.a} * accelerator.array.c * accelerator.units;
}
uint64_t aies_of(const Accelerator& accelerator) { return streams_out(accelerator) * accelerator.array.b; }

/// Calls `visit` with each product that runs on the accelerator.
template <class Visit>
void for_products(const Accelerator& accelerator, Graphs graphs, const Visit& visit) {
  for (const Graph* graph : graphs) {
    for (uint32_t i = 0; i < graph->operators.size(); ++i) {
      const Operator& op = graph->operators[i];
      if (op.is_product() && runs(accelerator, op.stage)) visit(*graph, i);
    }
  }
}

std::string shown(const Array& array) { return fmt::format("{} x {} x {}", array.a, array.b, array.c); }
std::string shown(const Tile& tile) { return fmt::format("{} x {} x {}", tile.h1, tile.w1, tile.w2); }

class Checker {
 public:
  Checker(const Design& design, Graphs graphs, const Location& where)
      : design_(design), graphs_(graphs), where_(where) {}

  void run() const {
    if (design_.accelerators.empty()) refuse("a design has at least one accelerator");
    check_names();
    for (const Graph* graph : graphs_) check_stages(*graph);
    Resources sum = kImageDma;
    std::vector<std::string> aie, in, out, dsp;
    for (const Accelerator& accelerator : design_.accelerators) {
      check_accelerator(accelerator);
      const Resources part = resources_of(accelerator, graphs_);
      add(sum.aie, part.aie, accelerator, aie);
      add(sum.plio_in, part.plio_in, accelerator, in);
      add(sum.plio_out, part.plio_out, accelerator, out);
      add(sum.dsp, part.dsp, accelerator, dsp);
    }
    dsp.push_back(fmt::format("image DMA {}", kImageDma.dsp));
    const Device& device = design_.device;
    check_budget(sum.aie, device.aie, "AIEs", aie);
    check_budget(sum.plio_in, device.plio_in, "PLIO streams into the array", in);
    check_budget(sum.plio_out, device.plio_out, "PLIO streams out of the array", out);
    check_budget(sum.dsp, device.dsp, "DSPs", dsp);
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const { throw InputError(where_, "design: " + why); }

  static void add(uint64_t& sum, uint64_t part, const Accelerator& accelerator,
                  std::vector<std::string>& parts) {
    sum += part;
    parts.push_back(fmt::format("{} {}", accelerator.name, part));
  }

  void check_budget(uint64_t sum, uint64_t most, const char* what,
                    const std::vector<std::string>& parts) const {
    if (sum <= most) return;
    refuse(fmt::format("{} {} are taken and the device has {}: {}", sum, what, most, fmt::join(parts, ", ")));
  }

  void check_names() const {
    std::set<std::string> names, stages;
    for (const Accelerator& accelerator : design_.accelerators) {
      if (!names.insert(accelerator.name).second)
        refuse(fmt::format("there are two accelerators '{}'", accelerator.name));
      if (accelerator.stages.empty()) refuse(fmt::format("accelerator '{}' has no stages", accelerator.name));
      for (const std::string& stage : accelerator.stages) {
        if (!stages.insert(stage).second)
          refuse(fmt::format("stage '{}' is mapped twice; the second time on '{}'", stage, accelerator.name));
        check_known(stage, accelerator);
      }
    }
  }

  void check_known(const std::string& stage, const Accelerator& accelerator) const {
    std::vector<std::string> known;
    for (const Graph* graph : graphs_) {
      for (std::string& name : graph->stages()) known.push_back(std::move(name));
    }
    if (std::ranges::find(known, stage) != known.end()) return;
    refuse(fmt::format("accelerator '{}': no network has a stage '{}'{}; there are {}", accelerator.name,
                       stage, did_you_mean(stage, known), fmt::join(known, ", ")));
  }

  void check_stages(const Graph& graph) const {
    for (const std::string& stage : graph.stages()) {
      if (!accelerator_of(design_, stage)) {
        refuse(fmt::format("stage '{}' of network '{}' is mapped onto no accelerator", stage, graph.name));
      }
    }
  }

  void check_accelerator(const Accelerator& accelerator) const {
    for_products(accelerator, graphs_, [&](const Graph& graph, uint32_t product) {
      const Operator& op = graph.operators[product];
      if (accelerator.pinned && !op.has_weights()) {
        refuse(fmt::format(
            "accelerator '{}' is pinned and has one stream of operands: stage '{}' multiplies two "
            "computed matrices; set pinned: false",
            accelerator.name, op.stage));
      }
      check_chain(accelerator, graph, product);
    });
    check_local_memory(accelerator);
  }

  void check_chain(const Accelerator& accelerator, const Graph& graph, uint32_t product) const {
    const Operator* before = nullptr;
    for (uint32_t i : graph.chain_of(product)) {
      const Operator& op = graph.operators[i];
      if (before != nullptr && place_of(*before) >= place_of(op)) {
        std::vector<std::string> order;
        for (const EnginePlace& place : engine_places()) order.push_back(place.name);
        refuse(fmt::format(
            "accelerator '{}': rows of '{}' would go from '{}' ({}) to '{}' ({}); engines stand in "
            "the order {}",
            accelerator.name, graph.operators[product].name, before->name,
            engine_places()[place_of(*before)].name, op.name, engine_places()[place_of(op)].name,
            fmt::join(order, ", ")));
      }
      before = &op;
    }
  }

  void check_local_memory(const Accelerator& accelerator) const {
    const uint64_t bytes = local_memory(accelerator, graphs_);
    if (bytes <= design_.device.local_memory.count) return;
    const Tile& t = accelerator.tile;
    const uint64_t activations = 2 * uint64_t{t.h1} * t.w1, results = uint64_t{t.h1} * t.w2;
    refuse(fmt::format(
        "accelerator '{}' ({} AIEs) with a tile of {} takes {} bytes of each AIE's {}: activations "
        "{}, {} weights {}, results {}",
        accelerator.name, shown(accelerator.array), shown(t), bytes, design_.device.local_memory.count,
        activations, accelerator.pinned ? "pinned" : "two tiles of", bytes - activations - results, results));
  }

  const Design& design_;
  const Graphs graphs_;
  const Location& where_;
};

}  // namespace

void Device::describe(Schema<Device>& p) {
  p("aie", &Device::aie, "AIEs").between(1, 65536);
  p("plio_in", &Device::plio_in, "streams into the array").between(1, 65536);
  p("plio_out", &Device::plio_out, "streams out of the array").between(1, 65536);
  p("bram", &Device::bram, "BRAM36 that a design may take").between(0, 1U << 20);
  p("uram", &Device::uram, "URAM that a design may take").between(0, 1U << 20);
  p("dsp", &Device::dsp, "DSPs").between(0, 1U << 20);
  p("local_memory", &Device::local_memory, "data memory of an AIE").between(KiB(1), MiB(64));
  p("macs", &Device::macs, "INT8 MACs a cycle and AIE").between(1, 65536);
  p("aie_clock", &Device::aie_clock, "clock of the AIEs").between(MHz(1), MHz(10'000));
  p("pl_clock", &Device::pl_clock, "clock of programmable logic").between(MHz(1), MHz(10'000));
  p("plio_bits", &Device::plio_bits, "bits that a stream carries a cycle of programmable logic")
      .between(8, 4096);
  p("step_overhead", &Device::step_overhead, "time of a tile step beyond its MACs").between(ps(0), ms(1));
}

void Accelerator::describe(Schema<Accelerator>& p) {
  p("name", &Accelerator::name, "name of the accelerator")
      .must([](const std::string& name) { return !name.empty(); }, "not empty")
      .required();
  p("array", &Accelerator::array, "AIEs that split rows, the reduced dimension and columns").required();
  p("tile", &Accelerator::tile, "rows, reduced dimension and columns that an AIE does in a step").required();
  p("units", &Accelerator::units, "such arrays that share a stage: heads of attention, else columns")
      .between(1, 1024);
  p("pinned", &Accelerator::pinned, "weights lie in the AIEs' memory; else they are streamed");
  p("lanes", &Accelerator::lanes, "elements a cycle that its engines take of each stream out of the array")
      .between(1, 1024);
  p("stages", &Accelerator::stages, "stages of products that run on it").required();
}

void Design::describe(Schema<Design>& p) {
  p("device", &Design::device, "what there is, and the constants of timing");
  p("forwarding", &Design::forwarding,
    "results go from accelerator to accelerator on chip or through memory");
  p("pipeline", &Design::pipeline, "engines take rows as they come; else a whole matrix at a time");
  p("images", &Design::images, "inputs at once in the design: on-chip memory holds so many of each operand")
      .between(1, 4096);
  p("accelerators", &Design::accelerators, "accelerators and the stages mapped onto them").required();
}

Steps step_counts(const Operator& product, const Accelerator& accelerator) {
  const Array& array = accelerator.array;
  const Tile& tile = accelerator.tile;
  const bool heads = product.heads > 1;
  const uint64_t columns =
      heads ? product.columns / product.heads : ceil_div<uint64_t>(product.columns, accelerator.units);
  auto blocks = [](uint64_t size, uint64_t lanes, uint64_t part) {
    return static_cast<uint32_t>(ceil_div<uint64_t>(size, lanes * part));
  };
  return {heads ? static_cast<uint32_t>(ceil_div<uint64_t>(product.heads, accelerator.units)) : 1,
          blocks(product.rows, array.a, tile.h1), blocks(columns, array.c, tile.w2),
          blocks(product.inner, array.b, tile.w1)};
}

uint64_t steps_of(const Operator& product, const Accelerator& accelerator) {
  return step_counts(product, accelerator).all();
}

uint64_t pl_ps(uint64_t cycles, const Device& device) { return ps_at(cycles, device.pl_clock.hz); }

uint64_t step_ps(const Accelerator& accelerator, const Device& device) {
  const Tile& t = accelerator.tile;
  const auto macs = static_cast<unsigned __int128>(t.h1) * t.w1 * t.w2 * kPicosecondsASecond;
  const auto rate = static_cast<unsigned __int128>(device.macs) * device.aie_clock.hz;
  const auto compute = static_cast<uint64_t>((macs + rate - 1) / rate) + device.step_overhead.ps;
  uint64_t streamed = std::max(uint64_t{t.h1} * t.w1, uint64_t{t.h1} * t.w2);
  if (!accelerator.pinned) streamed = std::max(streamed, uint64_t{t.w1} * t.w2);
  return std::max(compute, pl_ps(ceil_div<uint64_t>(streamed * 8, device.plio_bits), device));
}

const Engine* find_engine(const std::string& op) {
  auto it = std::ranges::find(kEngines, op, &Engine::op);
  return it == kEngines.end() ? nullptr : &*it;
}

std::vector<std::string> engine_names() {
  std::vector<std::string> names;
  for (const Engine& engine : kEngines) names.push_back(engine.op);
  return names;
}

const std::vector<EnginePlace>& engine_places() {
  static const std::vector<EnginePlace> places{
      {"vector_add", "vector_add"}, {"dequantise", "reformat"}, {"softmax", "softmax"},     {"gelu", "gelu"},
      {"layer_norm", "layer_norm"}, {"quantise", "reformat"},   {"transpose", "transpose"},
  };
  return places;
}

uint32_t place_of(const Operator& op) {
  const std::vector<EnginePlace>& places = engine_places();
  const char* name = op.format == workload::Format::fp32 ? "dequantise" : "quantise";
  auto it = std::ranges::find(places, op.op == "reformat" ? name : op.op, &EnginePlace::name);
  return static_cast<uint32_t>(it - places.begin());
}

std::vector<uint32_t> places_of(const Accelerator& accelerator, Graphs graphs) {
  std::set<uint32_t> places;
  for_products(accelerator, graphs, [&](const Graph& graph, uint32_t product) {
    for (uint32_t i : graph.chain_of(product)) places.insert(place_of(graph.operators[i]));
  });
  return {places.begin(), places.end()};
}

Resources resources_of(const Accelerator& accelerator, Graphs graphs) {
  return resources_of(accelerator, places_of(accelerator, graphs));
}

Resources resources_of(const Accelerator& accelerator, std::span<const uint32_t> places) {
  const Array& array = accelerator.array;
  Resources r;
  const uint64_t streams = streams_out(accelerator);
  r.aie = aies_of(accelerator);
  r.plio_in = uint64_t{accelerator.pinned ? array.a : array.a + array.c} * array.b * accelerator.units;
  r.plio_out = streams;
  double dsp = kStreamDsp, bram = 0;
  for (uint32_t place : places) {
    const Engine& engine = *find_engine(engine_places()[place].op);
    dsp += engine.dsp;
    bram += engine.bram;
  }
  const double scale = static_cast<double>(streams) * accelerator.lanes / kTableLanes;
  r.dsp = static_cast<uint64_t>(std::ceil(dsp * scale));
  r.bram = static_cast<uint64_t>(std::ceil(bram * scale));
  return r;
}

uint64_t weight_tiles(const Operator& product, const Accelerator& accelerator) {
  const uint64_t columns = ceil_div<uint64_t>(product.columns, accelerator.units);
  return accelerator.units * ceil_div<uint64_t>(product.inner, accelerator.tile.w1) *
         ceil_div<uint64_t>(columns, accelerator.tile.w2);
}

uint64_t local_memory(const Accelerator& accelerator, Graphs graphs) {
  uint64_t tiles = 0;
  for_products(accelerator, graphs, [&](const Graph& graph, uint32_t product) {
    tiles += weight_tiles(graph.operators[product], accelerator);
  });
  return local_memory(accelerator, tiles);
}

uint64_t local_memory(const Accelerator& accelerator, uint64_t weight_tiles) {
  const Tile& t = accelerator.tile;
  const uint64_t tiles = accelerator.pinned ? ceil_div<uint64_t>(weight_tiles, aies_of(accelerator)) : 2;
  return 2 * uint64_t{t.h1} * t.w1 + tiles * t.w1 * t.w2 + uint64_t{t.h1} * t.w2;
}

std::optional<uint16_t> accelerator_of(const Design& design, std::string_view stage) {
  for (uint16_t i = 0; i < design.accelerators.size(); ++i) {
    const std::vector<std::string>& stages = design.accelerators[i].stages;
    if (std::ranges::find(stages, stage) != stages.end()) return i;
  }
  return std::nullopt;
}

void check(const Design& design, Graphs graphs, const Location& where) {
  Checker(design, graphs, where).run();
}

}  // namespace vesper::spatial

namespace vesper {
namespace {

/// Three numbers of 1 .. 4096.
std::vector<uint32_t> three(const Node& node, const std::string& path, const std::string& kind) {
  std::vector<uint32_t> numbers;
  Codec<std::vector<uint32_t>>::read(node, numbers, path);
  const bool fine =
      numbers.size() == 3 && std::ranges::all_of(numbers, [](uint32_t n) { return n >= 1 && n <= 4096; });
  if (!fine) {
    throw InputError(node.where(), fmt::format("{} is [{}]; it must be {}, each between 1 and 4096", path,
                                               fmt::join(numbers, ", "), kind));
  }
  return numbers;
}

}  // namespace

void Codec<spatial::Array>::read(const Node& node, spatial::Array& out, const std::string& path) {
  const std::vector<uint32_t> n = three(node, path, kind());
  out = {n[0], n[1], n[2]};
}
Node Codec<spatial::Array>::write(const spatial::Array& value) {
  return Codec<std::vector<uint32_t>>::write({value.a, value.b, value.c});
}
void Codec<spatial::Tile>::read(const Node& node, spatial::Tile& out, const std::string& path) {
  const std::vector<uint32_t> n = three(node, path, kind());
  out = {n[0], n[1], n[2]};
}
Node Codec<spatial::Tile>::write(const spatial::Tile& value) {
  return Codec<std::vector<uint32_t>>::write({value.h1, value.w1, value.w2});
}

}  // namespace vesper

#include "models/spatial/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <stdexcept>

#include "platform/property/integer.h"

namespace vesper::spatial {
namespace {

using workload::Edge;
using workload::Graph;
using workload::Operator;

constexpr uint64_t kBankBytes = 16;                // 128 bits
constexpr uint64_t kBramPair = 512 * kBankBytes;   // BRAM36: 72 bits, 512 deep (AM007)
constexpr uint64_t kUramPair = 4096 * kBankBytes;  // URAM288: 72 bits, 4096 deep (AM007)

uint64_t blocks_of(uint64_t bytes, const Banks& banks, uint64_t pair_bytes) {
  return banks.all() * ceil_div<uint64_t>(ceil_div<uint64_t>(bytes, banks.all()), pair_bytes) * 2;
}

Banks weight_banks(const Accelerator& accelerator) {
  return {accelerator.array.b, accelerator.array.c * accelerator.units};
}

/// Units that share an operand whose heads, or columns, go to them.
uint32_t shares(const Operator& product, const Accelerator& accelerator) {
  return product.heads > 1 ? std::min(product.heads, accelerator.units) : accelerator.units;
}

uint32_t rows_of(const Graph& graph, const Use& use) {
  const Operator& op = graph.operators[use.consumer];
  if (!op.is_product() || use.input == 0) return op.rows;
  return op.b_transposed ? op.columns / op.heads : op.inner;
}

std::string what_of(const Graph& graph, const Use& use) {
  if (use.consumer != use.product) return graph.operators[use.consumer].stage;
  return use.input == 0 ? "A" : "B";
}

class Allocator {
 public:
  Allocator(const Design& design, Graphs graphs, const Location& where)
      : design_(design), graphs_(graphs), where_(where) {}

  Allocation run() {
    Resources& sum = result_.resources;
    sum = kImageDma;
    for (const Accelerator& accelerator : design_.accelerators) {
      const Resources part = resources_of(accelerator, graphs_);
      sum.aie += part.aie;
      sum.plio_in += part.plio_in;
      sum.plio_out += part.plio_out;
      sum.dsp += part.dsp;
      sum.bram += part.bram;
    }
    if (sum.bram > design_.device.bram) {
      throw InputError(where_, fmt::format("design: engines and image DMA take {} BRAM and the device has {}",
                                           sum.bram, design_.device.bram));
    }
    if (design_.forwarding == Forwarding::on_chip) {
      for (uint16_t i = 0; i < design_.accelerators.size(); ++i) place_weights(i);
      place_operands();
    }
    result_.bram_free = design_.device.bram - sum.bram;
    result_.uram_free = design_.device.uram - sum.uram;
    return std::move(result_);
  }

 private:
  void place_weights(uint16_t number) {
    const Accelerator& accelerator = design_.accelerators[number];
    if (accelerator.pinned) return;
    uint64_t bytes = 0;
    for (const Graph* graph : graphs_) {
      for (const Operator& op : graph->operators) {
        if (op.is_product() && accelerator_of(design_, op.stage) == number) bytes += op.weights();
      }
    }
    if (bytes == 0) return;
    Buffer buffer;
    buffer.accelerator = number;
    buffer.what = "weights";
    buffer.bytes = bytes;
    buffer.banks = weight_banks(accelerator);
    buffer.place = Place::uram;
    buffer.blocks = weight_uram(accelerator, bytes);
    Resources& sum = result_.resources;
    if (buffer.blocks > design_.device.uram - sum.uram) {
      throw InputError(
          where_, fmt::format("design: weights of accelerator '{}' ({} bytes in {} x {} banks) take {} "
                              "URAM; {} of {} are left",
                              accelerator.name, bytes, buffer.banks.rows, buffer.banks.columns, buffer.blocks,
                              design_.device.uram - sum.uram, design_.device.uram));
    }
    sum.uram += buffer.blocks;
    result_.buffers.push_back(std::move(buffer));
  }

  /// What all stages of an accelerator keep of one kind of operand.
  struct Set {
    uint16_t accelerator = 0;
    std::string kind;
    Banks banks;
    uint64_t bram_bytes = 0, uram_bytes = 0;
  };
  static std::string kind_of(const Buffer& buffer) { return buffer.addend ? "addends" : buffer.what; }

  Set& set_of(const Buffer& buffer) {
    std::string kind = kind_of(buffer);
    for (Set& set : sets_) {
      if (set.accelerator == buffer.accelerator && set.kind == kind) return set;
    }
    return sets_.emplace_back(Set{buffer.accelerator, std::move(kind), {}, 0, 0});
  }

  /// One buffer for all visits of a stage: an image is in one of them at a time.
  void place_operands() {
    std::vector<Buffer> operands;
    for (uint16_t i = 0; i < graphs_.size(); ++i) gather(i, operands);
    for (const Buffer& buffer : operands) widen(set_of(buffer).banks, buffer.banks);
    for (Buffer& buffer : operands) place(buffer, set_of(buffer));
    std::ranges::move(operands, std::back_inserter(result_.buffers));
  }

  void gather(uint16_t number, std::vector<Buffer>& operands) const {
    const Graph& graph = *graphs_[number];
    const size_t others = operands.size();
    for (const Use& use : uses_of(graph)) {
      const Operator& product = graph.operators[use.product];
      Buffer one;
      one.graph = number;
      one.stage = product.stage;
      one.what = what_of(graph, use);
      one.addend = use.consumer != use.product;
      one.bytes = bytes_of(graph, use) * design_.images;
      one.accelerator = accelerator_of(design_, product.stage).value();
      one.banks = banks(graph, use, design_.accelerators[one.accelerator]);
      auto it = std::find_if(
          operands.begin() + static_cast<ptrdiff_t>(others), operands.end(),
          [&](const Buffer& other) { return other.stage == one.stage && other.what == one.what; });
      if (it == operands.end()) {
        operands.push_back(std::move(one));
        continue;
      }
      it->bytes = std::max(it->bytes, one.bytes);
      widen(it->banks, one.banks);
    }
  }

  static void widen(Banks& banks, const Banks& other) {
    banks = {std::max(banks.rows, other.rows), std::max(banks.columns, other.columns)};
  }

  [[nodiscard]] Banks banks(const Graph& graph, const Use& use, const Accelerator& consumer) const {
    const Edge& edge = graph.operators[use.consumer].inputs[use.input];
    Banks all = read_banks(graph, use, consumer);
    if (edge.from == Edge::kInput) return all;
    const std::string& producer = graph.operators[graph.product_of(edge.from)].stage;
    widen(all, written_banks(graph, edge, design_.accelerators[accelerator_of(design_, producer).value()]));
    return all;
  }

  void place(Buffer& buffer, Set& set) {
    Resources& sum = result_.resources;
    buffer.banks = set.banks;
    auto more = [&](uint64_t bytes, uint64_t pair) {
      return blocks_of(bytes + buffer.bytes, set.banks, pair) -
             (bytes == 0 ? 0 : blocks_of(bytes, set.banks, pair));
    };
    const uint64_t bram = more(set.bram_bytes, kBramPair), uram = more(set.uram_bytes, kUramPair);
    buffer.blocks = bram;
    if (bram <= design_.device.bram - sum.bram) {
      buffer.place = Place::bram;
      sum.bram += bram;
      set.bram_bytes += buffer.bytes;
    } else if (uram <= design_.device.uram - sum.uram) {
      buffer.place = Place::uram;
      sum.uram += buffer.blocks = uram;
      set.uram_bytes += buffer.bytes;
    } else {
      buffer.place = Place::outside;
    }
  }

  const Design& design_;
  const Graphs graphs_;
  const Location& where_;
  Allocation result_;
  std::vector<Set> sets_;
};

}  // namespace

std::vector<Use> uses_of(const Graph& graph) {
  std::vector<Use> uses;
  uint32_t product = 0;
  for (uint32_t i = 0; i < graph.operators.size(); ++i) {
    const Operator& op = graph.operators[i];
    if (op.is_product()) product = i;
    for (uint32_t k = op.is_product() ? 0 : 1; k < op.inputs.size(); ++k) uses.push_back({i, product, k});
  }
  return uses;
}

uint64_t bytes_of(const Graph& graph, const Use& use) {
  return uint64_t{rows_of(graph, use)} * graph.operators[use.consumer].inputs[use.input].columns;
}

Banks written_banks(const Graph& graph, const Edge& edge, const Accelerator& producer) {
  if (edge.from == Edge::kInput) return {};
  const Operator& product = graph.operators[graph.product_of(edge.from)];
  const uint32_t units = shares(product, producer);
  // Columns of one unit's part of the product, and of one head within it; of an engine that takes but a part
  // of the product's columns, that part is what the edge takes.
  const uint64_t head =
      product.heads > 1 ? product.columns / product.heads : ceil_div<uint64_t>(product.columns, units);
  const uint64_t taken = std::min<uint64_t>(edge.columns, product.columns);
  const uint64_t parts = std::min<uint64_t>(units, std::max<uint64_t>(1, ceil_div<uint64_t>(taken, head)));
  const uint64_t tiles = std::max<uint64_t>(1, ceil_div<uint64_t>(std::min(taken, head), producer.tile.w2));
  return {producer.array.a, static_cast<uint32_t>(parts * std::min<uint64_t>(producer.array.c, tiles))};
}

Banks read_banks(const Graph& graph, const Use& use, const Accelerator& consumer) {
  const Operator& product = graph.operators[use.product];
  const Array& array = consumer.array;
  const uint32_t units = shares(product, consumer);
  if (use.consumer != use.product) return {array.a, array.c * units};
  // All units take the whole A of a product of one head.
  const uint32_t a_units = product.heads > 1 ? units : 1;
  if (use.input == 0) return {array.a, array.b * a_units};
  return product.b_transposed ? Banks{array.c, array.b * units} : Banks{array.b, array.c * units};
}

uint64_t move_ps(const Banks& from, const Banks& to, uint64_t bytes, const Device& device) {
  if (compatible(from, to)) return 0;
  const uint64_t streams = uint64_t{std::gcd(from.rows, to.rows)} * std::gcd(from.columns, to.columns);
  return pl_ps(ceil_div<uint64_t>(bytes, streams * kBankBytes), device);
}

uint64_t weight_uram(const Accelerator& accelerator, uint64_t bytes) {
  return bytes == 0 ? 0 : blocks_of(bytes, weight_banks(accelerator), kUramPair);
}

const Buffer& Allocation::buffer(uint16_t graph, const Graph& of, const Use& use) const {
  const std::string what = what_of(of, use);
  auto it = std::ranges::find_if(buffers, [&](const Buffer& b) {
    return b.graph == graph && b.stage == of.operators[use.product].stage && b.what == what;
  });
  if (it == buffers.end()) throw std::out_of_range("no buffer for " + of.operators[use.consumer].name);
  return *it;
}

Allocation allocate(const Design& design, Graphs graphs, const Location& where) {
  return Allocator(design, graphs, where).run();
}

}  // namespace vesper::spatial

#include "platform/scenario/design_instances.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace vesper::scenario {
namespace {

constexpr uint64_t kAcceleratorBase = 0x4'0000'0000;  // M_AXI_FPD, high (AM011)
constexpr uint64_t kAcceleratorStride = 0x1000'0000;
constexpr size_t kMostAccelerators = 32;       // of 256 MiB each in 8 GiB; as many stations firmware has
constexpr uint64_t kMemoryBase = 0x8002'0000;  // M_AXI_LPD (AM011)
constexpr uint64_t kMemoryStride = 0x1'0000;
constexpr uint32_t kFirstLine = 122;
constexpr uint32_t kPorts = 28, kPortStep = 9;

std::vector<const workload::Graph*> graphs_of(const Scenario& scenario) {
  std::vector<const workload::Graph*> graphs;
  for (const auto& graph : scenario.graphs) {
    if (graph != nullptr) graphs.push_back(graph.get());
  }
  return graphs;
}

/// What the section adds to the tree of a scenario.
class Expansion {
 public:
  Expansion(const Scenario& scenario, Node& root)
      : scenario_(scenario), root_(root), section_(*root.find("design")) {}

  void run() {
    add("image_dma", "image_dma");
    add("stream_switch", "stream_switch");
    connect("image_dma.releases", "job_release.fifo");
    connect("image_dma.release_available", "job_release.available");
    connect("image_dma.out", "stream_switch.in.images");
    connect("stream_switch.out.images", "image_dma.results");
    connect("image_dma.load", port());
    connect("image_dma.store", port());
    const std::vector<spatial::Accelerator>& accelerators = scenario_.design->accelerators;
    if (accelerators.size() > kMostAccelerators) {
      throw InputError(section_.where(),
                       fmt::format("a design of {} accelerators; there are addresses for {}",
                                   accelerators.size(), kMostAccelerators));
    }
    for (size_t i = 0; i < accelerators.size(); ++i) add_accelerator(accelerators[i], i);
    connect_written();
    check_each();
  }

 private:
  void add_accelerator(const spatial::Accelerator& accelerator, size_t index) {
    const std::string& x = accelerator.name;
    const std::string memory = memory_of(x);
    Node of_x = Node::map(section_.where());
    of_x.at_or_add("accelerator", section_.where()) = text(x);
    add(memory, "activation_memory", of_x, kMemoryBase + index * kMemoryStride);
    add(x, "spatial_accelerator", of_x, kAcceleratorBase + index * kAcceleratorStride);
    add_scheduler(x, x + "_scheduler", "hardware");
    add_scheduler(x, x + "_ideal_scheduler", "ideal");
    connect("stream_switch.out." + x, memory + ".in");
    connect(x + ".operands", memory + ".operands");
    connect(last_of_chain(accelerator, of_x), "stream_switch.in." + x);
    connect(memory + ".memory", port());
    const auto line = kFirstLine + 2 * static_cast<uint32_t>(index);
    connect(x + ".interrupt", fmt::format("gic.{}", line));
    connect(memory + ".interrupt", fmt::format("gic.{}", line + 1));
  }

  void add_scheduler(const std::string& accelerator, const std::string& name, const char* when) {
    Node properties = Node::map(section_.where());
    properties.at_or_add("when", section_.where()) = text(when);
    properties.at_or_add("accelerator", section_.where()) = text(accelerator);
    if (std::string(when) == "ideal")
      properties.at_or_add("micro_architecture", section_.where()) = text("none");
    add(name, "scheduler_block", properties);
    connect(name + ".feedback", accelerator + ".feedback");
    connect(name + ".instructions", accelerator + ".instructions");
    connect(name + ".releases", memory_of(accelerator) + ".fifo");
    connect(name + ".release_available", memory_of(accelerator) + ".available");
  }

  /// The engines behind an accelerator, connected; where the rows leave the last of them.
  std::string last_of_chain(const spatial::Accelerator& accelerator, const Node& properties) {
    std::string last = accelerator.name + ".results";
    for (uint32_t place : spatial::places_of(accelerator, graphs_)) {
      const spatial::EnginePlace& engine = spatial::engine_places()[place];
      const std::string name = accelerator.name + "_" + engine.name;
      Node own = properties;
      if (engine.op == "reformat") own.at_or_add("to", section_.where()) = text(result_of(engine));
      add(name, engine.op, own);
      connect(last, name + ".in");
      if (engine.op == "vector_add") connect(name + ".addend", memory_of(accelerator.name) + ".operands");
      last = name + ".out";
    }
    return last;
  }

  static std::string result_of(const spatial::EnginePlace& engine) {
    return engine.name == "quantise" ? "int8" : "fp32";
  }

  /// Puts an instance behind those that are there: `each` of its type, what is made here, what is written.
  void add(const std::string& name, const std::string& type, const Node& made = Node::map(),
           std::optional<uint64_t> base = {}) {
    Node instance = Node::map(section_.where());
    instance.at_or_add("type", section_.where()) = text(type);
    if (base) instance.at_or_add("base", section_.where()) = text(to_text(Address{*base}));
    const Node* each = section_.find("each");
    if (const Node* of_type = each != nullptr ? each->find(type) : nullptr) {
      if (!of_type->is_map())
        throw InputError(of_type->where(), fmt::format("design.each.{} takes a map of properties", type));
      instance.merge(*of_type);
    }
    instance.merge(made);
    if (const Node* written = root_.find(name)) {
      check_type(name, type, *written);
      instance.merge(*written);
      root_.erase(name);
    }
    root_.at_or_add(name, section_.where()) = std::move(instance);
  }

  static void check_type(const std::string& name, const std::string& type, const Node& written) {
    if (!written.is_map())
      throw InputError(written.where(),
                       fmt::format("{} takes a map of properties of the design's {}", name, type));
    const Node* own = written.find("type");
    if (own == nullptr || own->text() == type) return;
    throw InputError(
        written.where(),
        fmt::format("'{}' is the name of the design's {}, and of an instance of type {}: give one of "
                    "them another",
                    name, type, own->text()));
  }

  /// Properties for a type of which there is no instance would be lost.
  void check_each() const {
    const Node* each = section_.find("each");
    if (each == nullptr) return;
    const std::vector<std::string> types{"spatial_accelerator",
                                         "activation_memory",
                                         "stream_switch",
                                         "image_dma",
                                         "scheduler_block",
                                         "reformat",
                                         "transpose",
                                         "vector_add",
                                         "softmax",
                                         "layer_norm",
                                         "gelu"};
    for (const Node::Entry& entry : each->entries()) {
      if (std::ranges::find(types, entry.key) != types.end()) continue;
      throw InputError(entry.where,
                       fmt::format("design.each: a design has no instances of type '{}'{}; it has {}",
                                   entry.key, did_you_mean(entry.key, types), fmt::join(types, ", ")));
    }
  }

  void connect(const std::string& from, const std::string& to) {
    connections_.at_or_add(from, section_.where()) = text(to);
  }

  /// What the scenario itself connects comes first, and goes over what the section does.
  void connect_written() {
    Node& written = root_.at_or_add("connect", section_.where());
    Node all = Node::map(section_.where());
    all.merge(connections_);
    if (written.is_map()) all.merge(written);
    if (written.is_map() || written.kind() == Node::Kind::null) written = std::move(all);
  }

  /// The next port of the NoC in programmable logic: one after the other on another vertical NoC, and for
  /// another port of the memory controller (seven ports a vertical NoC, memory port number modulo 4).
  std::string port() {
    if (ports_ == kPorts && scenario_.memory.fidelity == Fidelity::burst) {
      throw InputError(
          section_.where(),
          fmt::format("{} accelerators: each has a port of the NoC and image DMA has two; there are {}",
                      scenario_.design->accelerators.size(), kPorts));
    }
    return fmt::format("noc.pl.{}", kPortStep * ports_++ % kPorts);
  }

  [[nodiscard]] Node text(const std::string& value) const { return Node::scalar(value, section_.where()); }

  const Scenario& scenario_;
  Node& root_;
  const Node section_;
  Node connections_ = Node::map();
  std::vector<const workload::Graph*> graphs_ = graphs_of(scenario_);
  uint32_t ports_ = 0;
};

}  // namespace

void add_instances(const Scenario& scenario, Node& root) { Expansion(scenario, root).run(); }

}  // namespace vesper::scenario

#include "platform/scenario/design_instances.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace vesper::scenario {
namespace {

constexpr uint64_t kAcceleratorBase = 0x4'0000'0000;  // M_AXI_FPD, high (AM011)
constexpr uint64_t kAcceleratorStride = 0x1000'0000;
constexpr uint64_t kMemoryBase = 0x8002'0000;  // M_AXI_LPD (AM011)
constexpr uint64_t kMemoryStride = 0x1'0000;
constexpr uint32_t kFirstLine = 122;

struct EngineKind {
  const char* suffix;
  const char* type;
  const char* op;
  std::optional<workload::Format> result;  ///< of the operators that it does; any, if none
};

/// In the order in which rows go through them.
constexpr std::array<EngineKind, 7> kEngines{{
    {"vector_add", "vector_add", "vector_add", {}},
    {"dequantise", "reformat", "reformat", workload::Format::fp32},
    {"softmax", "softmax", "softmax", {}},
    {"gelu", "gelu", "gelu", {}},
    {"layer_norm", "layer_norm", "layer_norm", {}},
    {"quantise", "reformat", "reformat", workload::Format::int8},
    {"transpose", "transpose", "transpose", {}},
}};

bool does(const EngineKind& engine, const workload::Operator& op) {
  return engine.op == op.op && (!engine.result || *engine.result == op.format);
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
    connect("image_dma.out", "stream_switch.in");
    connect("stream_switch.results", "image_dma.results");
    connect("image_dma.port", port());
    const std::vector<spatial::Accelerator>& accelerators = scenario_.design->accelerators;
    for (size_t i = 0; i < accelerators.size(); ++i) add_accelerator(accelerators[i], i);
    connect_written();
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
    connect("stream_switch." + x, memory + ".in");
    connect(x + ".memory", memory + ".operands");
    connect(last_engine(x, of_x) + ".out", "stream_switch.in");
    connect(memory + ".port", port());
    connect(x + ".port", port());
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

  /// The engines behind an accelerator, connected; the last one of the chain, or the accelerator itself.
  std::string last_engine(const std::string& accelerator, const Node& properties) {
    std::string last = accelerator;
    for (const EngineKind& engine : kEngines) {
      if (!needs(accelerator, engine)) continue;
      std::string name = accelerator + "_" + engine.suffix;
      add(name, engine.type, properties);
      connect(last + ".out", name + ".in");
      last = std::move(name);
    }
    return last;
  }

  [[nodiscard]] bool needs(const std::string& accelerator, const EngineKind& engine) const {
    for (size_t i = 0; i < scenario_.tasks.size(); ++i) {
      const Task& task = scenario_.tasks[i];
      if (!task.stage || task.accelerator != accelerator) continue;
      const workload::Graph& graph = *scenario_.graphs[task.stage->task];
      for (uint32_t product : graph.products_of(task.stage->name)) {
        const auto chain = graph.chain_of(product);
        if (std::ranges::any_of(chain, [&](uint32_t op) { return does(engine, graph.operators[op]); }))
          return true;
      }
    }
    return false;
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
      used_.insert(type);
    }
    instance.merge(made);
    if (const Node* written = root_.find(name)) {
      instance.merge(*written);
      root_.erase(name);
    }
    root_.at_or_add(name, section_.where()) = std::move(instance);
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

  /// The next port of the NoC in programmable logic.
  std::string port() { return fmt::format("noc.pl.{}", next_port_++); }

  [[nodiscard]] Node text(const std::string& value) const { return Node::scalar(value, section_.where()); }

  const Scenario& scenario_;
  Node& root_;
  const Node section_;
  Node connections_ = Node::map();
  std::set<std::string> used_;
  uint32_t next_port_ = 0;
};

}  // namespace

void add_instances(const Scenario& scenario, Node& root) { Expansion(scenario, root).run(); }

}  // namespace vesper::scenario

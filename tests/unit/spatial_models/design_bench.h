/// Networks on a spatial design, built as the `design` section of a scenario does, in zero-time control:
/// what is left is what accelerators, memories and image DMA take.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "models/core/run_report.h"
#include "models/core/sim_error.h"
#include "models/scheduler/job_release.h"
#include "models/spatial/activation_memory.h"
#include "models/spatial/image_dma.h"
#include "models/spatial/operand_port.h"
#include "models/spatial/plan.h"
#include "models/spatial/spatial_accelerator.h"
#include "platform/scenario/yaml.h"
#include "tests/support/memory_target.h"
#include "tests/support/observer_log.h"
#include "tests/support/region_bench.h"

namespace vesper::spatial {

/// fc1 on `a` and fc2 on `b`: 16 tile steps each, 8 for a group of 32 rows.
inline const std::string kTwoLayers = R"(
name: two_layers
graph:
  input: [64, 128]
  operators:
    - {name: fc1, matmul: [64, 128, 256], inputs: [input]}
    - {name: fc2, matmul: [64, 256, 128], inputs: [fc1]}
)";
inline const std::string kTwoAccelerators = R"(
images: 2
accelerators:
  - {name: a, array: [1, 2, 2], tile: [32, 32, 32], pinned: true, stages: [fc1]}
  - {name: b, array: [1, 2, 2], tile: [32, 32, 32], pinned: true, stages: [fc2]}
)";
/// 32 x 32 x 32 MACs at 128 a nanosecond, and 750 ns.
constexpr uint64_t kStep = 1'006'000;
/// 1024 bytes at 16 a cycle of 230 MHz.
constexpr uint64_t kResult = 278'261;
/// From the end of a step's MACs to its end.
constexpr uint64_t kLeaves = 750'000;

inline Design read_design(const std::string& yaml) {
  Design design;
  schema_of<Design>().read(scenario::parse_yaml(yaml, "design.yaml"), design, "");
  return design;
}

/// A network and the jobs of its task.
struct Net {
  std::string graph = kTwoLayers;
  uint32_t images = 1;
  std::vector<uint64_t> releases = {0};
  uint64_t deadline = ms(100).ps;  ///< from a release
};

struct Trial {
  std::vector<Net> nets = {Net{}};
  std::string design = kTwoAccelerators;
  uint32_t steps_a_region = 0;  ///< 0: a region a visit
  std::string policy = "fcfs";
  bool burst = false;
  bool functional = false;
};

/// The plan of networks whose tasks come first; stage tasks follow, network by network.
inline std::shared_ptr<const Plan> plan_of(const Trial& trial) {
  std::vector<GraphTask> tasks;
  auto next = static_cast<uint16_t>(trial.nets.size());
  for (uint16_t i = 0; i < trial.nets.size(); ++i) {
    auto graph = std::make_shared<const workload::Graph>(
        workload::read_graph(scenario::parse_yaml(trial.nets[i].graph, "graph.yaml")));
    tasks.push_back({i, graph, trial.nets[i].images, next});
    next = static_cast<uint16_t>(next + graph->stages().size());
  }
  return std::make_shared<const Plan>(read_design(trial.design), tasks);
}

/// Regions of so many steps of a product, 0 for all.
inline std::vector<std::vector<abi::MetadataEntry>> regions_of(uint64_t steps, uint32_t steps_a_region) {
  std::vector<std::vector<abi::MetadataEntry>> regions;
  const uint64_t size = steps_a_region == 0 ? steps : steps_a_region;
  for (uint64_t first = 0; first < steps; first += size) {
    abi::MetadataEntry entry{};
    entry.first_iteration = static_cast<uint32_t>(first);
    entry.last_iteration = static_cast<uint32_t>(std::min(first + size, steps) - 1);
    regions.push_back({entry});
  }
  return regions;
}

/// Tasks of the networks and of their stages, as the platform makes them.
inline core::Environment environment_of(const Trial& trial, const std::shared_ptr<const Plan>& plan,
                                        observe::ObserverHub& hub) {
  core::Environment environment;
  environment.observers = &hub;
  environment.spatial = plan;
  environment.functional = trial.functional;
  environment.burst_memory = trial.burst;
  environment.policy = {trial.policy, {}};
  for (size_t i = 0; i < trial.nets.size(); ++i) {
    core::TaskInfo& task = environment.tasks.emplace_back();
    task.name = "net" + std::to_string(i);
    task.next_release = [net = trial.nets[i], n = size_t{0}]() mutable -> std::optional<core::Release> {
      if (n == net.releases.size()) return std::nullopt;
      const uint64_t release = net.releases[n++];
      return core::Release{release, release + net.deadline};
    };
  }
  for (const StageTask& stage : plan->stages()) {
    core::TaskInfo& task = environment.tasks.emplace_back();
    const workload::Operator& product = plan->graph_of(stage.parent)->operators[stage.products[0]];
    task.name = environment.tasks[stage.parent].name + "." + stage.stage;
    const uint64_t steps = steps_of(product, plan->design().accelerators[stage.accelerator]);
    task.regions = static_cast<uint32_t>(regions_of(steps, trial.steps_a_region).size());
  }
  for (const core::TaskInfo& task : environment.tasks) environment.requesters.push_back(task.name);
  return environment;
}

/// Passes packets on, and lets a test change them.
class Relay : public sc_core::sc_module {
 public:
  explicit Relay(sc_core::sc_module_name name) : sc_module(name) {
    in.register_b_transport(this, &Relay::b_transport);
  }
  tlm_utils::simple_target_socket<Relay> in{"in"};
  tlm_utils::simple_initiator_socket<Relay> out{"out"};
  std::function<void(pl::StreamPacket&, std::byte*)> change;

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (change) change(packet_of(payload), reinterpret_cast<std::byte*>(payload.get_data_ptr()));
    out->b_transport(payload, delay);
  }
};

class DesignBench : public test::Stimulus {
 protected:
  void make(const Trial& trial) {
    if (watched) hub.join(log);
    plan = plan_of(trial);
    environment = environment_of(trial, plan, hub);
    core::Ip& release = add("job_release", "job_release", "{}");
    core::Ip& images = add("image_dma", "image_dma", "{}");
    core::Ip& streams = add("stream_switch", "stream_switch", "{}");
    connect(images, "releases", release, "fifo");
    connect(images, "release_available", release, "available");
    connect(images, "out", streams, "in.images");
    connect(streams, "out.images", images, "results");
    to_memory(images, "load", "load");
    to_memory(images, "store", "store");
    const std::vector<Accelerator>& accelerators = plan->design().accelerators;
    for (uint16_t i = 0; i < accelerators.size(); ++i) add_accelerator(accelerators[i].name, streams);
    for (const StageTask& stage : plan->stages()) {
      const workload::Operator& product = plan->graph_of(stage.parent)->operators[stage.products[0]];
      const Accelerator& own = accelerators[stage.accelerator];
      test::load_regions(*find(own.name).register_bank(), stage.task,
                         regions_of(steps_of(product, own), trial.steps_a_region));
    }
  }

  core::Ip& find(const std::string& name) {
    for (const auto& ip : ips) {
      if (name == ip->basename()) return *ip;
    }
    throw std::logic_error("no " + name);
  }
  template <class Model>
  Model& model(const std::string& name) {
    return dynamic_cast<Model&>(find(name));
  }
  core::RunReport report() {
    core::RunReport made;
    for (const auto& ip : ips) ip->report(made);
    return made;
  }
  /// When jobs of a task, by its name, were complete, in order.
  std::vector<uint64_t> completed(const std::string& task) {
    std::vector<uint64_t> times;
    for (const auto& [job, at] : log.completed) {
      if (environment.tasks[job.task].name == task) times.push_back(at);
    }
    return times;
  }

  std::shared_ptr<const Plan> plan;
  core::Environment environment;
  observe::ObserverHub hub;
  test::Log log;
  bool watched = true;  ///< the log is told
  std::vector<std::unique_ptr<core::Ip>> ips;
  std::map<std::string, std::unique_ptr<Relay>> relays;  ///< by accelerator: its results on their way
  std::map<std::string, std::unique_ptr<test::MemoryTarget>> memories;

 private:
  core::Ip& add(const std::string& name, const std::string& type, const std::string& properties) {
    const core::IpFactory& factory = *core::IpRegistry::instance().find(type);
    ips.emplace_back(
        factory.create(name.c_str(), scenario::parse_yaml(properties, "test.yaml"), name, {}, environment));
    return *ips.back();
  }
  void add_accelerator(const std::string& x, core::Ip& streams) {
    const std::string own = "{accelerator: " + x;
    core::Ip& memory = add(x + "_memory", "activation_memory", own + ", interrupt_cycles: 0}");
    core::Ip& array =
        add(x, "spatial_accelerator",
            own + ", lookup_cycles: 0, launch_cycles: 0, feedback_cycles: 0, interrupt_cycles: 0}");
    core::Ip& scheduler = add(x + "_scheduler", "scheduler_block", "{micro_architecture: none}");
    connect(scheduler, "feedback", array, "feedback");
    connect(scheduler, "instructions", array, "instructions");
    connect(scheduler, "releases", memory, "fifo");
    connect(scheduler, "release_available", memory, "available");
    connect(array, "operands", memory, "operands");
    connect(streams, "out." + x, memory, "in");
    Relay& relay = *(relays[x] = std::make_unique<Relay>((x + "_relay").c_str()));
    core::connect(add_engines(x, array, memory).endpoint(chain_end_), core::TargetEndpoint{&relay.in});
    core::connect(core::InitiatorEndpoint{[&](core::TargetSocket& target) { relay.out.bind(target); }},
                  streams.endpoint("in." + x));
    to_memory(memory, "memory", x);
  }
  /// The last of the engines behind an accelerator, or itself; `chain_end_` is where its rows leave.
  core::Ip& add_engines(const std::string& x, core::Ip& array, core::Ip& memory) {
    std::vector<const workload::Graph*> graphs;
    for (const GraphTask& task : plan->tasks()) graphs.push_back(task.graph.get());
    core::Ip* last = &array;
    chain_end_ = "results";
    for (uint32_t number : places_of(plan->design().accelerators[*plan->accelerator_number(x)], graphs)) {
      const EnginePlace& place = engine_places()[number];
      std::string own = "{accelerator: " + x;
      if (place.name == "dequantise") own += ", to: fp32";
      if (place.name == "quantise") own += ", to: int8";
      core::Ip& engine = add(x + "_" + place.name, place.op, own + "}");
      if (place.op == "vector_add") connect(engine, "addend", memory, "operands");
      connect(*last, chain_end_, engine, "in");
      last = &engine;
      chain_end_ = "out";
    }
    return *last;
  }
  static void connect(core::Ip& a, const std::string& from, core::Ip& b, const std::string& to) {
    core::connect(a.endpoint(from), b.endpoint(to));
  }
  void to_memory(core::Ip& ip, const std::string& port, const std::string& name) {
    if (!environment.burst_memory) return;
    memories[name] = std::make_unique<test::MemoryTarget>(("ddr_" + name).c_str());
    core::connect(ip.endpoint(port), core::TargetEndpoint{&memories[name]->socket});
  }

  std::string chain_end_;
};

}  // namespace vesper::spatial

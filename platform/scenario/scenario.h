/// A scenario: typed, every value checked. What the builder builds and a run is reproduced from.
///
/// Top-level keys: scenario, include, plugins, memory, scheduler, tasks, requests, traffic, design, run,
/// connect; any other key names an IP instance of the platform and holds its `type` and properties. `explore`
/// is read by the search of that name alone (platform/explore).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/spatial/design.h"
#include "platform/lowering/program.h"
#include "platform/property/schema.h"
#include "platform/workload/request_stream.h"
#include "schedulers/policy/policy.h"

namespace vesper::spatial {
class Plan;
}

namespace vesper::scenario {

enum class Placement : uint8_t { software, hardware, bi_level, ideal };
inline EnumNames<Placement> enum_names(Placement) {
  return {{Placement::software, "software"},
          {Placement::hardware, "hardware"},
          {Placement::bi_level, "bi_level"},
          {Placement::ideal, "ideal"}};
}

/// Whether the CPU has a part in scheduling.
constexpr bool has_firmware(Placement placement) {
  return placement == Placement::software || placement == Placement::bi_level;
}

enum class Fidelity : uint8_t { fixed, burst };
inline EnumNames<Fidelity> enum_names(Fidelity) {
  return {{Fidelity::fixed, "fixed"}, {Fidelity::burst, "burst"}};
}

struct Memory {
  Fidelity fidelity = Fidelity::fixed;
  Address tensor_base{0x8'0000'0000};  // DDR_LOW1 of the Versal memory map (AM011)
  /// Two interleaved bank groups of the default address map hold 16 KiB of a row: twice that is another bank.
  Bytes tensor_skew = KiB(32);
  static void describe(Schema<Memory>& p);
};

/// What granularity placed does with a task set for which there is no schedulable placement.
enum class Unplaceable : uint8_t { all_points, refuse };
inline EnumNames<Unplaceable> enum_names(Unplaceable) {
  return {{Unplaceable::all_points, "all_points"}, {Unplaceable::refuse, "refuse"}};
}

struct Scheduler {
  std::string policy = "edf";
  Placement placement = Placement::hardware;
  lowering::Granularity granularity = lowering::Granularity::tile;
  lowering::Preemption preemption = lowering::Preemption::flexible;
  lowering::SwapOut swap_out = lowering::SwapOut::of_last_part;
  Unplaceable unplaceable = Unplaceable::all_points;  // as DERCA's published code simulates such sets
  std::optional<Duration> decision_bound;
  std::optional<uint32_t> queue_capacity;  ///< has a value once read
  static void describe(Schema<Scheduler>& p);
};

/// A task that stands for a stage of another one on the design.
struct Stage {
  size_t task = 0;  ///< of which it is a stage
  std::string name;
};

/// A task; the keys of its arrival process (platform/workload/arrival.h) stand beside its own.
struct Task {
  std::string name;
  std::string model;
  std::optional<uint32_t> batch;
  std::optional<uint32_t> tokens;
  std::string accelerator = "accelerator";
  std::string arrival = "periodic";
  std::optional<Ratio> utilisation;
  std::optional<Duration> deadline;
  std::optional<uint32_t> priority;
  uint32_t weight = 1;         ///< 0: each job brings its own
  std::optional<size_t> kind;  ///< of the requests it serves: number in RequestStream::tasks
  std::optional<sparse::Sparsity> sparsity;
  std::optional<Stage> stage;  ///< it is none of the user's
  Node arrival_properties;     ///< as written
  uint32_t stream = 0;         ///< of random numbers: its place in the scenario
  Location where;
  static void describe(Schema<Task>& p);
};

/// A traffic generator on a port of the NoC; the properties of its IP stand beside these keys.
struct Traffic {
  std::string name;
  std::string type;
  std::string port;
  Node properties;  ///< of the IP, as written; `file` resolved
  Node effective;   ///< of the IP, with every value
  Location where;
  static void describe(Schema<Traffic>& p);
};

enum class StopAt : uint8_t { end, first_miss };
inline EnumNames<StopAt> enum_names(StopAt) {
  return {{StopAt::end, "end"}, {StopAt::first_miss, "first_miss"}};
}

struct Run {
  std::optional<Duration> until;  ///< none: when the last request has been served
  uint64_t seed = 1;
  StopAt stop_at = StopAt::end;
  std::optional<uint64_t> most_regions;
  std::optional<Duration> patience;  ///< none: the watchdog's own
  static void describe(Schema<Run>& p);
};

/// An IP of the platform as the scenario describes it.
struct Instance {
  std::string name;
  std::string type;
  std::optional<Address> base;
  std::vector<std::string> when;  ///< placements or fidelities it is built for; always, if empty
  Node properties;                ///< as written, common keys included
  Node effective;                 ///< every property with its value
  Location where;
};

/// `from` and `to` are `instance.endpoint`.
struct Connection {
  std::string from, to;
  Location where;
};

struct Scenario {
  std::string title;
  Memory memory;
  Scheduler scheduler;
  std::vector<double> policy_parameters;  ///< in the order the policy declares them
  std::vector<Task> tasks;                ///< those of the requests come behind others, then those of stages
  std::shared_ptr<const workload::RequestStream> requests;  ///< null without
  std::vector<workload::Network> networks;                  ///< of each task
  std::optional<spatial::Design> design;
  std::vector<std::shared_ptr<const workload::Graph>>
      graphs;                                 ///< of each task that runs on the design, else null
  std::shared_ptr<const spatial::Plan> plan;  ///< of the design; null without
  std::vector<Traffic> traffic;               ///< built in burst memory only
  Run run;
  std::vector<std::string> plugins;
  std::vector<Instance> instances;  ///< that this placement and fidelity are built of
  std::vector<Connection> connections;
  std::string effective;  ///< the effective configuration as YAML: every property with its value

  /// The random numbers of the requests: their streams follow those of the tasks.
  [[nodiscard]] workload::RequestStreams request_streams() const;
  [[nodiscard]] const Instance* find_instance(const std::string& name) const;
  /// Whether the task has no regions of its own: its stages have.
  [[nodiscard]] bool runs_in_stages(size_t task) const { return graphs[task] != nullptr; }
};

/// Keys of an instance that belong to the platform, not to the IP's own properties.
const std::vector<std::string>& instance_keys();

/// Reads and checks a scenario file: overrides are applied in order, plug-ins are loaded, every property of
/// every instance is checked. Throws InputError on the first thing that is wrong.
Scenario read_scenario(const std::string& path, const std::vector<std::string>& overrides);
/// The same of a tree that was read from `path` and changed since.
Scenario read_scenario(Node root, const std::string& path);

/// A name as folders take it: lower case, everything else than letters and digits becomes one dash.
std::string slug(const std::string& title);

/// The declared properties of the scenario's own sections, for listing.
std::vector<std::pair<std::string, std::vector<PropertyInfo>>> scenario_sections();

}  // namespace vesper::scenario

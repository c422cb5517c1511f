#include "platform/builder/system.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "models/core/guard.h"
#include "models/core/ip.h"
#include "models/core/run_report.h"
#include "models/core/sim_error.h"
#include "models/cpu/control_bus.h"
#include "models/cpu/cpu.h"
#include "platform/plugin/crash.h"
#include "platform/plugin/installation.h"
#include "platform/plugin/load.h"
#include "platform/scenario/design_instances.h"
#include "platform/scenario/yaml.h"
#include "sw/abi/boot_info.h"
#include "sw/abi/gic.h"

namespace vesper::builder {

using scenario::Scenario;

namespace {

constexpr uint64_t kPage = 4096;  // of CPU memory
/// A request that has no answer for so long may be what a failure comes from: a simulated millisecond
/// (assumed).
constexpr uint64_t kLongUnanswered = 1'000'000'000;

const scenario::Instance* first_of_type(const Scenario& scenario, const std::string& type) {
  auto it = std::ranges::find(scenario.instances, type, &scenario::Instance::type);
  return it == scenario.instances.end() ? nullptr : &*it;
}

/// The type of the accelerators of a platform: what the first of them is.
std::string accelerator_type(const Scenario& scenario) {
  auto it = std::ranges::find_if(scenario.instances, [](const scenario::Instance& instance) {
    return lowering::find_pass(instance.type) != nullptr;
  });
  return it == scenario.instances.end() ? "" : it->type;
}

/// An accelerator, and what releases its jobs; null where there is none.
struct Station {
  const scenario::Instance* accelerator = nullptr;
  const scenario::Instance* releases = nullptr;
};

/// What firmware schedules: each accelerator of a design, else the first one there is.
std::vector<Station> stations_of(const Scenario& scenario) {
  if (!scenario.design)
    return {{first_of_type(scenario, accelerator_type(scenario)), first_of_type(scenario, "job_release")}};
  std::vector<Station> stations;
  for (const spatial::Accelerator& accelerator : scenario.design->accelerators) {
    stations.push_back({scenario.find_instance(accelerator.name),
                        scenario.find_instance(scenario::memory_of(accelerator.name))});
  }
  return stations;
}

/// Memory of the tasks, one after the other.
std::vector<core::MemoryRange> place_tensors(const Scenario& scenario,
                                             const std::vector<LoweredTask>& tasks) {
  std::vector<core::MemoryRange> places;
  uint64_t next = scenario.memory.tensor_base.value;
  for (const LoweredTask& task : tasks) {
    places.push_back({next, task.program.memory_bytes});
    next += task.program.memory_bytes;
  }
  return places;
}

bool is_functional(const scenario::Instance& instance) {
  const Node* functional = instance.effective.find("functional");
  return functional != nullptr && functional->text() == "true";
}

core::Environment environment_of(const Scenario& scenario, const std::vector<LoweredTask>& tasks,
                                 observe::ObserverHub& observers) {
  core::Environment environment;
  environment.observers = &observers;
  environment.requesters = requesters(scenario);
  environment.policy = {scenario.scheduler.policy, scenario.policy_parameters,
                        plugin::origin_of_policy(scenario.scheduler.policy)};
  environment.static_level_in_firmware = scenario.scheduler.placement == scenario::Placement::bi_level;
  environment.queue_capacity = *scenario.scheduler.queue_capacity;
  environment.burst_memory = scenario.memory.fidelity == scenario::Fidelity::burst;
  environment.functional = std::ranges::any_of(scenario.instances, is_functional);
  environment.spatial = scenario.plan;
  environment.seed = scenario.run.seed;
  const std::vector<core::MemoryRange> tensors = place_tensors(scenario, tasks);
  if (!tensors.empty()) environment.spare_memory->next = tensors.back().first + tensors.back().bytes;
  for (size_t i = 0; i < tasks.size(); ++i) {
    environment.tasks.push_back(
        {scenario.tasks[i].name, tasks[i].priority, static_cast<uint32_t>(tasks[i].program.regions.size()),
         tasks[i].deadline_ps, tasks[i].isolated_ps, releases_of(scenario, i, tasks[i]), tensors[i],
         scenario.tasks[i].weight, tasks[i].estimates, tasks[i].requests, scenario.tasks[i].accelerator});
  }
  return environment;
}

}  // namespace

std::vector<std::string> requesters(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const scenario::Task& task : scenario.tasks) names.push_back(task.name);
  for (const scenario::Traffic& traffic : scenario.traffic) names.push_back(traffic.name);
  return names;
}

std::optional<uint32_t> interrupt_line(const Scenario& scenario, const std::string& output) {
  for (const scenario::Connection& connection : scenario.connections) {
    if (connection.from != output && connection.to != output) continue;
    const std::string& other = connection.from == output ? connection.to : connection.from;
    size_t dot = other.find('.');
    uint32_t line = 0;
    auto [end, error] = std::from_chars(other.data() + dot + 1, other.data() + other.size(), line);
    if (error == std::errc{} && end == other.data() + other.size()) return line;
  }
  return std::nullopt;
}

std::string firmware_path(const std::string& name, const Location& where) {
  for (const std::string& candidate :
       {scenario::resolve_path(name, where), name, plugin::shared_file("firmware/" + name)}) {
    if (!candidate.empty() && std::filesystem::exists(candidate)) return candidate;
  }
  return name;
}

/// The steps of building, in order.
class System::Assembly {
 public:
  Assembly(const Scenario& scenario, const std::vector<LoweredTask>& tasks, System& system)
      : scenario_(scenario), tasks_(tasks), system_(system) {}

  void run() {
    check_placement();
    create();
    map_registers();
    connect();
    load_programs();
    write_boot_info();
    for (auto& [name, ip] : system_.ips_) {
      named(name, [&ip = ip] { ip->connected(); });
    }
  }

 private:
  /// Without its processor a placement would only show as jobs that never start.
  void check_placement() const {
    const scenario::Placement placement = scenario_.scheduler.placement;
    bool firmware = placement == scenario::Placement::software || placement == scenario::Placement::bi_level;
    if (!firmware || first_of_type(scenario_, "cortex_a72") != nullptr) return;
    throw InputError(fmt::format(
        "placement {0}: the platform has no CPU for the firmware; add a cortex_a72, or {0} to its 'when'",
        Codec<scenario::Placement>::write(placement).text()));
  }

  void create() {
    for (const scenario::Instance& instance : scenario_.instances) {
      const core::IpFactory& factory = *core::IpRegistry::instance().find(instance.type);
      if (!factory.plugin.empty()) system_.origins_[instance.name] = factory.plugin;
      try {
        system_.ips_.emplace_back(
            instance.name, factory.create(instance.name.c_str(), properties_of(instance), instance.name,
                                          scenario::instance_keys(), system_.environment_));
      } catch (const InputError&) {
        throw;
      } catch (...) {
        throw InputError(instance.where,
                         fmt::format("cannot build '{}'{}: {}", instance.name,
                                     system_.origin_of(instance.name), core::words_of_exception()));
      }
    }
  }

  /// Does work of an IP's own; what it throws names it.
  template <class Work>
  void named(const std::string& instance, Work&& work) {
    try {
      work();
    } catch (const InputError&) {
      throw;
    } catch (...) {
      throw InputError(
          scenario_.find_instance(instance)->where,
          fmt::format("'{}'{} threw: {}", instance, system_.origin_of(instance), core::words_of_exception()));
    }
  }

  /// As written; the firmware's path resolved, the CPU's memory enlarged by what boot tables take.
  [[nodiscard]] Node properties_of(const scenario::Instance& instance) const {
    Node properties = instance.properties;
    if (Node* firmware = properties.find("firmware")) {
      *firmware = Node::scalar(firmware_path(firmware->text(), firmware->where()), firmware->where());
    }
    if (boots(instance)) {
      Bytes size{own_memory(instance).size + table_pages() * kPage};
      properties.at_or_add("memory_size", instance.where) = Node::scalar(to_text(size), instance.where);
    }
    return properties;
  }

  /// Whether it is a CPU that runs firmware.
  static bool boots(const scenario::Instance& instance) {
    return instance.type == "cortex_a72" && !instance.effective.find("firmware")->text().empty();
  }

  struct Memory {
    uint64_t base = 0, size = 0;
  };
  /// The memory of a CPU that its firmware itself may use.
  static Memory own_memory(const scenario::Instance& cpu) {
    Address base;
    Bytes size;
    Codec<Address>::read(*cpu.effective.find("memory_base"), base, cpu.name + ".memory_base");
    Codec<Bytes>::read(*cpu.effective.find("memory_size"), size, cpu.name + ".memory_size");
    return {base.value, size.count};
  }

  /// Of the tables of estimates, and of the stations' memory where there are several.
  [[nodiscard]] uint64_t table_pages() const {
    uint64_t bytes = 0;
    for (const LoweredTask& task : tasks_) bytes += std::as_bytes(std::span(*task.estimates)).size();
    return (bytes + kPage - 1) / kPage + station_pages();
  }

  [[nodiscard]] uint64_t station_pages() const {
    const size_t count = stations_of(scenario_).size();
    return count > 1 ? count * abi::kStationBytes / kPage : 0;
  }

  void map_registers() {
    cpu::ControlBus* bus = find_as<cpu::ControlBus>();
    if (bus == nullptr) return;
    for (const scenario::Instance& instance : scenario_.instances) {
      core::RegisterPort* bank = system_.find(instance.name)->register_bank();
      if (!instance.base) continue;
      if (bank == nullptr)
        throw InputError(instance.where,
                         fmt::format("'{}' has no registers to map at a base", instance.name));
      try {
        bus->map(instance.base->value, bank->size(), guarded(*bank, instance.name), instance.name);
      } catch (const std::invalid_argument& error) {
        throw InputError(instance.where, error.what());
      }
    }
  }

  core::TargetSocket& guarded(core::RegisterPort& bank, const std::string& instance) {
    if (!system_.origins_.contains(instance)) return bank.socket;
    return system_.guards_->before(bank.socket, {"the control bus", ""},
                                   {instance + ".regs", system_.origin_of(instance)});
  }

  void connect() {
    for (const scenario::Connection& connection : scenario_.connections) {
      try {
        connect(connection.from, connection.to);
      } catch (const InputError&) {
        throw;
      } catch (...) {
        throw InputError(connection.where, fmt::format("cannot connect {} to {}: {}", connection.from,
                                                       connection.to, core::words_of_exception()));
      }
    }
  }

  /// Between Vesper's own IPs nothing stands; what a plug-in sends and answers is checked.
  void connect(const std::string& from, const std::string& to) {
    const core::Endpoint ends[] = {endpoint(from), endpoint(to)};
    if (origin_of_end(from).empty() && origin_of_end(to).empty()) return core::connect(ends[0], ends[1]);
    system_.guards_->connect(ends[0], {from, origin_of_end(from)}, ends[1], {to, origin_of_end(to)});
  }

  core::Endpoint endpoint(const std::string& path) {
    size_t dot = path.find('.');
    return system_.find(path.substr(0, dot))->endpoint(path.substr(dot + 1));
  }

  [[nodiscard]] std::string origin_of_end(const std::string& path) const {
    return system_.origin_of(path.substr(0, path.find('.')));
  }

  void load_programs() {
    uint32_t regions = 0;
    uint32_t entries = 0;
    for (size_t i = 0; i < tasks_.size(); ++i) {
      if (scenario_.runs_in_stages(i)) continue;
      core::RegisterPort& tables = *system_.find(scenario_.tasks[i].accelerator)->register_bank();
      load_program(tables, static_cast<uint32_t>(i), tasks_[i].program,
                   system_.environment_.tasks[i].tensors.first, regions, entries);
      regions += static_cast<uint32_t>(tasks_[i].program.regions.size());
      entries += static_cast<uint32_t>(tasks_[i].program.entries.size());
    }
  }

  void load_program(core::RegisterPort& tables, uint32_t task, const lowering::Program& program,
                    uint64_t tensors, uint32_t first_region, uint32_t first_entry) {
    namespace km = abi::kernel_manager;
    std::vector<abi::IndexEntry> index = program.regions;
    for (abi::IndexEntry& region : index) region.first += first_entry;
    std::vector<abi::MetadataEntry> metadata = program.entries;
    for (abi::MetadataEntry& entry : metadata) {
      for (uint64_t* address : {&entry.a, &entry.b, &entry.c, &entry.partial}) *address += tensors;
    }
    auto count = static_cast<uint32_t>(index.size());
    try {
      tables.load(km::kIndexTable + first_region * sizeof(abi::IndexEntry), index.data(),
                  index.size() * sizeof index[0]);
      tables.load(km::kMetadataTable + first_entry * sizeof(abi::MetadataEntry), metadata.data(),
                  metadata.size() * sizeof metadata[0]);
      tables.load(km::kTaskBase + 4 * task, &first_region, sizeof first_region);
      tables.load(km::kRegionCount + 4 * task, &count, sizeof count);
    } catch (const std::out_of_range& error) {
      throw InputError(
          fmt::format("task '{}': its program of {} regions does not fit the kernel manager's tables: {}",
                      scenario_.tasks[task].name, count, error.what()));
    }
  }

  void write_boot_info() {
    const scenario::Instance* instance = first_of_type(scenario_, "cortex_a72");
    auto* cpu = find_as<cpu::Cpu>();
    if (cpu == nullptr || !boots(*instance)) return;
    abi::BootInfo boot = boot_info();
    Memory own = own_memory(*instance);
    uint64_t table = own.base + own.size;
    if (boot.station_count > 1) {
      for (uint32_t i = 0; i < boot.station_count; ++i, table += abi::kStationBytes)
        boot.stations[i].memory = table;
    }
    for (size_t i = 0; i < tasks_.size(); ++i) {
      std::span<const std::byte> bytes = std::as_bytes(std::span(*tasks_[i].estimates));
      cpu->write_memory(table, bytes);
      boot.tasks[i].estimates = table;
      table += bytes.size();
    }
    cpu->write_memory(abi::kBootInfoAddress, std::as_bytes(std::span(&boot, 1)));
  }

  [[nodiscard]] static uint64_t base_of(const scenario::Instance* instance) {
    return instance != nullptr && instance->base ? instance->base->value : 0;
  }
  [[nodiscard]] uint64_t base_of(const std::string& type) const {
    return base_of(first_of_type(scenario_, type));
  }

  [[nodiscard]] uint32_t line_of(const scenario::Instance* instance) const {
    if (instance == nullptr) return 0;
    return interrupt_line(scenario_, instance->name + ".interrupt").value_or(0);
  }
  [[nodiscard]] uint32_t line_of(const std::string& type) const {
    return line_of(first_of_type(scenario_, type));
  }

  [[nodiscard]] abi::BootStation boot_station(const Station& station) const {
    return {base_of(station.accelerator), base_of(station.releases), 0, line_of(station.releases),
            line_of(station.accelerator)};
  }

  [[nodiscard]] abi::BootInfo boot_info() const {
    abi::BootInfo boot{};
    boot.magic = abi::kBootInfoMagic;
    boot.version = abi::kBootInfoVersion;
    boot.size = sizeof boot;
    boot.task_count = static_cast<uint32_t>(tasks_.size());
    const std::vector<Station> all = stations_of(scenario_);
    boot.station_count = static_cast<uint32_t>(all.size());
    std::ranges::transform(all, boot.stations,
                           [this](const Station& station) { return boot_station(station); });
    boot.gic_distributor = base_of("gic");
    boot.gic_cpu = boot.gic_distributor + abi::gic::kCpuInterface;
    boot.uart = base_of("uart");
    boot.counter_hz = counter_hz();
    if (system_.environment_.static_level_in_firmware) name_scheduler_block(boot);
    boot.queue_capacity = *scenario_.scheduler.queue_capacity;
    boot.parameter_count = static_cast<uint32_t>(scenario_.policy_parameters.size());
    std::ranges::copy(scenario_.policy_parameters, boot.parameters);
    scenario_.scheduler.policy.copy(boot.policy, sizeof boot.policy - 1);
    for (size_t i = 0; i < tasks_.size(); ++i) {
      boot.tasks[i].regions = static_cast<uint32_t>(tasks_[i].program.regions.size());
      boot.tasks[i].priority = tasks_[i].priority;
      boot.tasks[i].isolated_estimate = tasks_[i].isolated_ps;
      boot.tasks[i].weight = scenario_.tasks[i].weight;
    }
    return boot;
  }

  void name_scheduler_block(abi::BootInfo& boot) const {
    boot.scheduler_block = base_of("scheduler_block");
    boot.room_irq = line_of("scheduler_block");
    if (boot.scheduler_block != 0 && boot.room_irq != 0) return;
    const scenario::Instance* block = first_of_type(scenario_, "scheduler_block");
    throw InputError(block != nullptr ? block->where : Location{},
                     "placement bi_level takes a scheduler_block with a base, whose interrupt is connected");
  }

  [[nodiscard]] uint64_t counter_hz() const {
    const scenario::Instance* timer = first_of_type(scenario_, "generic_timer");
    if (timer == nullptr) throw InputError("a platform with a CPU needs a generic_timer");
    return clock_of(*timer).hz;
  }

  template <class T>
  T* find_as() {
    for (auto& [name, ip] : system_.ips_) {
      if (auto* found = dynamic_cast<T*>(ip.get())) return found;
    }
    return nullptr;
  }

  const Scenario& scenario_;
  const std::vector<LoweredTask>& tasks_;
  System& system_;
};

namespace {

void describe_present(std::string& message) {
  const sc_core::sc_process_b* process = sc_core::sc_get_current_process_b();
  if (process != nullptr) message += std::string(" in process ") + process->name();
  message += " " + core::at_present();
}

}  // namespace

System::System(const Scenario& scenario, const std::vector<LoweredTask>& tasks,
               observe::ObserverHub& observers)
    : environment_(environment_of(scenario, tasks, observers)), guards_(std::make_unique<core::Guards>()) {
  core::throw_on_systemc_reports();
  plugin::describe_crashes_by(describe_present);
  Assembly(scenario, tasks, *this).run();
}

System::~System() = default;

core::Ip* System::find(const std::string& instance) const {
  auto it = std::ranges::find(ips_, instance, &std::pair<std::string, std::unique_ptr<core::Ip>>::first);
  return it == ips_.end() ? nullptr : it->second.get();
}

core::RunReport System::report() const {
  core::RunReport report;
  report.end_ps = core::now_ps();
  for (const auto& [name, ip] : ips_) {
    try {
      ip->report(report);
    } catch (...) {
      throw core::SimulationError(
          fmt::format("{}{} threw in its report: {}", name, origin_of(name), core::words_of_exception()));
    }
  }
  return report;
}

std::string System::waiting_for() const {
  std::string all;
  auto add = [&all](const std::string& text) { all += (all.empty() ? "" : "; ") + text; };
  for (const auto& guard : guards_->sockets) {
    if (const std::string text = guard->waiting_for(); !text.empty()) add(text);
  }
  for (const auto& [name, ip] : ips_) {
    if (const std::string text = ip->waiting_for(); !text.empty())
      add(fmt::format("{}{}: {}", name, origin_of(name), text));
  }
  return all.empty() ? "nobody says what it waits for" : all;
}

bool System::idle() const {
  return std::ranges::all_of(guards_->sockets,
                             [](const auto& guard) { return guard->waiting_for().empty(); }) &&
         std::ranges::all_of(ips_, [](const auto& entry) { return entry.second->idle(); });
}

bool System::starved() const { return !sc_core::sc_pending_activity(); }

std::string System::origin_of(const std::string& instance) const {
  auto it = origins_.find(instance);
  return it == origins_.end() ? "" : plugin::of_plugin(it->second);
}

std::string System::plugin_instances() const {
  std::string text;
  for (const auto& [instance, plugin] : origins_)
    text += fmt::format("{} {}{}", text.empty() ? "" : ",", instance, plugin::of_plugin(plugin));
  return text;
}

std::string System::blame(const std::string& process, const std::string& message) const {
  const std::string instance = process.substr(0, process.find('.'));
  if (!origins_.contains(instance)) return message;
  return fmt::format("{}{} threw in process {}: {} {}", instance, origin_of(instance), process, message,
                     core::at_present());
}

void System::elaborate() { advance(0); }

void System::run_until(uint64_t ps) {
  if (uint64_t now = core::now_ps(); ps > now) advance(ps - now);
}

void System::advance(uint64_t by_ps) {
  try {
    sc_core::sc_start(core::to_time(by_ps), sc_core::SC_RUN_TO_TIME);
  } catch (const sc_core::sc_report& report) {
    // Elaboration ends at the first start: SystemC finds sockets that nobody connected, or two did.
    if (core::now_ps() == 0 && std::string_view(report.what()).find("bind") != std::string_view::npos) {
      throw InputError(
          fmt::format("the platform's connections do not fit, see 'connect': {}", report.what()));
    }
    const char* process = report.get_process_name();
    throw core::SimulationError(blame(process != nullptr ? process : "", report.get_msg()));
  } catch (const InputError&) {
    throw;
  } catch (...) {
    if (origins_.empty()) throw;
    throw core::SimulationError(fmt::format("an exception {}: {}; the platform has{}", core::at_present(),
                                            core::words_of_exception(), plugin_instances()));
  }
  if (deltas_.struck()) fail_at_one_instant();
  if (!core::failure_message().empty()) throw core::SimulationError(core::failure_message() + unanswered());
}

void System::fail_at_one_instant() const {
  const std::string when = core::at_present();
  std::vector<std::string> runners;
  for (const std::string& process : deltas_.runners())
    runners.push_back(process + origin_of(process.substr(0, process.find('.'))));
  throw core::SimulationError(
      fmt::format("time stands still {}: after {} delta cycles these processes still wake each other: {}",
                  when, kMostDeltas, fmt::join(runners, ", ")));
}

std::string System::unanswered() const {
  std::string text;
  for (const auto& guard : guards_->sockets) {
    if (const std::string waits = guard->waiting_for(kLongUnanswered); !waits.empty()) text += "; " + waits;
  }
  return text;
}

}  // namespace vesper::builder

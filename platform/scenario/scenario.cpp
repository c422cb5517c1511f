#include "platform/scenario/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>

#include "models/core/registry.h"
#include "platform/plugin/load.h"
#include "platform/scenario/design_instances.h"
#include "platform/scenario/design_section.h"
#include "platform/scenario/policy_choices.h"
#include "platform/scenario/traffic.h"
#include "platform/scenario/yaml.h"
#include "platform/workload/arrival.h"
#include "platform/workload/network_format.h"
#include "schedulers/weaving/weaver.h"

namespace vesper::scenario {

void Memory::describe(Schema<Memory>& p) {
  p("fidelity", &Memory::fidelity, "fixed: constant transfer times; burst: every burst travels NoC and DDR");
  p("tensor_base", &Memory::tensor_base, "where the tensors of the tasks begin in DDR");
  p("tensor_skew", &Memory::tensor_skew,
    "left free between tensors, so that those of a tile lie in different DRAM banks");
}

void Scheduler::describe(Schema<Scheduler>& p) {
  p("policy", &Scheduler::policy, "on-line policy; `vesper list policies` names them");
  p("placement", &Scheduler::placement,
    "software: firmware on the CPU; hardware: the PL block; bi_level: firmware scores arrivals, the PL block "
    "decides; ideal: in zero time");
  p("granularity", &Scheduler::granularity,
    "where preemption points lie: nowhere, between layers, after each tile iteration, where offline "
    "placement "
    "keeps them");
  p("preemption", &Scheduler::preemption, "how a job is swapped out within a layer");
  p("swap_out", &Scheduler::swap_out,
    "granularity placed: a region's swap-out is that of its last part, or of its first, as DERCA's published "
    "simulation charges it");
  p("unplaceable", &Scheduler::unplaceable,
    "with placed points, where no placement is schedulable: keep all, as granularity tile does, or refuse");
  p("decision_bound", &Scheduler::decision_bound,
    "worst time of a decision, and of a release until it counts, for analysis and placement; by default the "
    "scheduler block's bound, and nothing for software");
  p("queue_capacity", &Scheduler::queue_capacity,
    "ready jobs that the scheduler holds, further ones wait in the release FIFOs; in firmware and hardware "
    "at most 512 and by default, in ideal placement by default 4096")
      .between(1, policy::kMaxJobs);
}

void Task::describe(Schema<Task>& p) {
  p("name", &Task::name, "name of the task").required();
  p("model", &Task::model,
    "network: workload file, SCALE-Sim topology (.csv) or ONNX model (.onnx), relative to this file")
      .required();
  p("batch", &Task::batch, "how many of the inputs that the model is written for are processed together")
      .between(1, 4096);
  p("tokens", &Task::tokens, "tokens of an input, for a model that is a transformer; its own by default")
      .between(1, 1U << 20);
  p("accelerator", &Task::accelerator, "instance that runs it");
  p("arrival", &Task::arrival, "arrival process; its properties stand beside these keys");
  p("utilisation", &Task::utilisation, "instead of a period: execution time in fixed memory over period")
      .must([](const std::optional<Ratio>& u) { return u->millionths > 0 && u->millionths <= 1'000'000; },
            "above 0 and at most 1");
  p("deadline", &Task::deadline, "relative to the nominal arrival; the period by default").at_least(ps(1));
  p("priority", &Task::priority, "fixed priority, 0 the most urgent; by default rate monotonic");
  // Sparse-Dysta (MICRO 2023) draws the priorities of PREMA and Planaria from 1, 3 and 9.
  p("weight", &Task::weight,
    "importance, for policies that weigh jobs (planaria, prema): the larger the more")
      .between(1, 1'000'000);
  p("sparsity", &Task::sparsity, "zeros of the network, on a sparse_accelerator; its default if not given");
}

void Run::describe(Schema<Run>& p) {
  p("until", &Run::until,
    "simulated time at which the run ends; with requests it may be left out: the run ends with the last")
      .at_least(ps(1));
  p("seed", &Run::seed, "seed of everything that is drawn at random");
  p("stop_at", &Run::stop_at,
    "first_miss: the run ends early, at the first event that finds a deadline missed");
  p("most_regions", &Run::most_regions, "the run ends early when so many regions were issued").at_least(1);
  p("patience", &Run::patience,
    "simulated time without any progress after which the run fails and tells what waits for what; by default "
    "20 times "
    "the longest region, at least 50 ms")
      .at_least(us(1));
}

namespace {

const std::vector<std::string>& section_keys() {
  static const std::vector<std::string> keys{"scenario", "plugins",  "memory",  "scheduler",
                                             "tasks",    "requests", "traffic", "design",
                                             "run",      "connect",  "explore"};
  return keys;
}

const Node& section(const Node& root, const char* key) {
  static const Node empty;
  const Node* node = root.find(key);
  return node != nullptr ? *node : empty;
}

template <class T>
T read_section(const Node& root, const char* key, std::span<const std::string> foreign = {}) {
  T value;
  const Node* node = root.find(key);
  schema_of<T>().read(node != nullptr ? *node : Node::map(root.where()), value, key, foreign);
  return value;
}

std::string text_of(const Node& node, const std::string& path) {
  if (!node.is_scalar())
    throw InputError(node.where(), fmt::format("{} takes text, not {}", path, node.kind_name()));
  return node.text();
}

class Reader {
 public:
  Scenario read(Node root, const std::string& path) {
    root_ = std::move(root);
    if (!root_.is_map())
      throw InputError(root_.where(), fmt::format("'{}' is empty; a scenario is a map of keys", path));
    load_plugins();
    if (const Node* title = root_.find("scenario")) scenario_.title = text_of(*title, "scenario");
    if (scenario_.title.empty()) {
      throw InputError(root_.where(), "'scenario' is missing: one line that says what the scenario shows");
    }
    scenario_.memory = read_section<Memory>(root_, "memory");
    read_scheduler();
    scenario_.run = read_section<Run>(root_, "run");
    scenario_.design = read_design(root_);
    read_tasks();
    read_requests();
    check_end_of_run();
    expand_design();
    read_instances();
    check_policy_fits();
    read_connections();
    read_traffic(section(root_, "traffic"), scenario_);
    scenario_.effective = to_yaml(effective(path));
    return std::move(scenario_);
  }

 private:
  void load_plugins() {
    const Node* list = root_.find("plugins");
    if (list != nullptr && !list->is_list()) {
      throw InputError(list->where(), fmt::format("plugins takes a list, not {}", list->kind_name()));
    }
    for (const Node& plugin : section(root_, "plugins").items()) {
      std::string path = resolve_path(text_of(plugin, "plugins"), plugin.where());
      plugin::load(path, plugin.where());
      scenario_.plugins.push_back(path);
    }
  }

  /// Stage tasks, and the instances and connections that the section stands for.
  void expand_design() {
    scenario_.graphs.resize(scenario_.tasks.size());
    const Node* section = root_.find("design");
    if (section == nullptr) return;
    check_design_fits(*section);
    const Node* accelerators = section->find("accelerators");
    add_stage_tasks(scenario_, accelerators != nullptr ? accelerators->where() : section->where());
    add_instances(scenario_, root_);
  }

  void check_design_fits(const Node& section) const {
    if (const Node* requests = root_.find("requests"))
      throw InputError(requests->where(),
                       "requests are served by a sparse_accelerator; a design serves tasks");
    if (scenario_.scheduler.placement != Placement::bi_level) return;
    throw InputError(section.where(),
                     "a design takes placement software, hardware or ideal: each of its accelerators has a "
                     "scheduler of its own, to which bi_level has no static level");
  }

  void read_scheduler() {
    const std::string parameters_key[] = {"parameters"};
    scenario_.scheduler = read_section<Scheduler>(root_, "scheduler", parameters_key);
    const Node& node = section(root_, "scheduler");
    choose_queue(node);
    const std::optional<policy::Choice> info = policy::find_choice(scenario_.scheduler.policy);
    if (!info) {
      std::vector<std::string> names;
      for (const policy::Choice& choice : policy::choices()) names.push_back(choice.name);
      const Node* written = node.find("policy");
      throw InputError(written != nullptr ? written->where() : node.where(),
                       fmt::format("there is no policy '{}'{}; there are: {}", scenario_.scheduler.policy,
                                   did_you_mean(scenario_.scheduler.policy, names), fmt::join(names, ", ")));
    }
    const Node* written = node.find("parameters");
    read_policy_parameters(*info, written != nullptr ? *written : Node{});
  }

  void choose_queue(const Node& written) {
    std::optional<uint32_t>& chosen = scenario_.scheduler.queue_capacity;
    bool ideal = scenario_.scheduler.placement == Placement::ideal;
    if (!chosen) chosen = ideal ? policy::kMaxJobs : policy::kPublishedJobs;
    uint32_t capacity = *chosen;
    if (scenario_.scheduler.placement != Placement::software || capacity <= policy::kPublishedJobs) return;
    throw InputError(
        written.find("queue_capacity")->where(),
        fmt::format("scheduler.queue_capacity is {}; firmware's queue holds at most {}, a larger "
                    "one takes placement ideal",
                    capacity, policy::kPublishedJobs));
  }

  void read_policy_parameters(const policy::Choice& info, const Node& written) {
    const policy::PresetInfo* preset = read_preset(info, written.find("preset"));
    std::vector<std::string> names{"preset"};
    for (size_t i = 0; i < info.parameter_count; ++i) {
      const policy::ParameterInfo& parameter = info.parameters[i];
      names.emplace_back(parameter.name);
      double value = preset != nullptr ? preset->values[i] : parameter.default_value;
      if (const Node* node = written.find(parameter.name)) value = read_parameter(parameter, *node);
      scenario_.policy_parameters.push_back(value);
    }
    for (const Node::Entry& entry : written.entries()) {
      if (std::ranges::find(names, entry.key) == names.end()) {
        throw InputError(entry.where, fmt::format("policy '{}' has no parameter '{}'{}", info.name, entry.key,
                                                  did_you_mean(entry.key, names)));
      }
    }
  }

  static const policy::PresetInfo* read_preset(const policy::Choice& info, const Node* node) {
    if (node == nullptr) return nullptr;
    std::string name;
    Codec<std::string>::read(*node, name, "scheduler.parameters.preset");
    if (const policy::PresetInfo* preset = info.find_preset(name)) return preset;
    std::vector<std::string> names;
    for (size_t i = 0; i < info.preset_count; ++i) names.emplace_back(info.presets[i].name);
    throw InputError(
        node->where(),
        fmt::format("policy '{}' has no preset '{}'{}", info.name, name,
                    names.empty() ? "" : fmt::format("; there are: {}", fmt::join(names, ", "))));
  }

  static double read_parameter(const policy::ParameterInfo& parameter, const Node& node) {
    std::string path = fmt::format("scheduler.parameters.{}", parameter.name);
    std::vector<std::string> choices = policy::choices_of(parameter);
    if (!choices.empty()) {
      std::string name;
      Codec<std::string>::read(node, name, path);
      auto found = std::ranges::find(choices, name);
      if (found != choices.end()) return static_cast<double>(found - choices.begin());
      throw InputError(node.where(), fmt::format("{} is '{}'{}; it must be one of: {}", path, name,
                                                 did_you_mean(name, choices), fmt::join(choices, ", ")));
    }
    double value = 0;
    Codec<double>::read(node, value, path);
    if (value < parameter.least || value > parameter.most) {
      throw InputError(node.where(), fmt::format("{} is {}; it must be between {} and {}", path, node.text(),
                                                 parameter.least, parameter.most));
    }
    return value;
  }

  void read_tasks() {
    const Node& list = section(root_, "tasks");
    if (!list.is_list() && list.kind() != Node::Kind::null) {
      throw InputError(list.where(), fmt::format("tasks takes a list, not {}", list.kind_name()));
    }
    if (list.items().size() > policy::kMaxTasks) {
      throw InputError(list.where(), fmt::format("{} tasks; at most {} are possible", list.items().size(),
                                                 policy::kMaxTasks));
    }
    for (size_t i = 0; i < list.items().size(); ++i) read_task(list.items()[i], fmt::format("tasks[{}]", i));
  }

  void read_requests() {
    const Node* node = root_.find("requests");
    if (node == nullptr) return;
    workload::FileAccess files{resolve_path, load_network};
    auto stream = std::make_shared<const workload::RequestStream>(*node, files);
    if (scenario_.tasks.size() + stream->tasks().size() > policy::kMaxTasks) {
      throw InputError(
          node->where(),
          fmt::format("{} tasks and {} models in patterns that requests go to; at most {} are possible",
                      scenario_.tasks.size(), stream->tasks().size(), policy::kMaxTasks));
    }
    for (size_t kind = 0; kind < stream->tasks().size(); ++kind) add_request_task(*stream, kind);
    scenario_.requests = std::move(stream);
  }

  void add_request_task(const workload::RequestStream& stream, size_t kind) {
    const workload::StreamTask& served = stream.tasks()[kind];
    Task task;
    task.name = served.name;
    task.accelerator = stream.properties().accelerator;
    task.weight = 0;
    task.kind = kind;
    task.stream = static_cast<uint32_t>(scenario_.tasks.size());
    task.where = stream.where();
    task.sparsity = sparsity_of(served);
    check_name(task);
    scenario_.networks.push_back(network_of(served));
    scenario_.tasks.push_back(std::move(task));
  }

  /// Of the weights of a network in a pattern; the accelerator's default where none is named. How sparse
  /// activations are, every request brings.
  static std::optional<sparse::Sparsity> sparsity_of(const workload::StreamTask& served) {
    if (served.network == nullptr || served.pattern.name.empty()) return std::nullopt;
    sparse::Sparsity sparsity;
    Codec<sparse::Pattern>::read(Node::scalar(served.pattern.name, served.where), sparsity.pattern,
                                 "requests.patterns");
    sparsity.weights.millionths = static_cast<uint64_t>(std::llround(served.pattern.weight_sparsity * 1e6));
    return sparsity;
  }

  /// Layers of unknown shape where times are imposed.
  static workload::Network network_of(const workload::StreamTask& served) {
    if (served.network != nullptr) return *served.network;
    workload::Network network{served.name, {}};
    for (uint32_t i = 0; i < served.layers; ++i) {
      network.layers.emplace_back();
      network.layers.back().name = fmt::format("layer{}", i);
    }
    return network;
  }

  void check_end_of_run() const {
    if (scenario_.run.until || scenario_.requests) return;
    const Node* run = root_.find("run");
    throw InputError(run != nullptr ? run->where() : root_.where(),
                     "'run.until' is missing: simulated time at which the run ends");
  }

  void check_name(const Task& task) const {
    if (task.name.empty()) throw InputError(task.where, "a task's name must not be empty");
    for (const Task& other : scenario_.tasks) {
      if (other.name == task.name)
        throw InputError(task.where, fmt::format("two tasks are named '{}'", task.name));
    }
  }

  void read_task(const Node& node, const std::string& path) {
    Task task;
    task.where = node.where();
    task.stream = static_cast<uint32_t>(scenario_.tasks.size());
    const workload::ArrivalFactory& arrival = arrival_of(node, path);
    std::vector<std::string> arrival_keys = names_of(arrival.properties());
    std::vector<std::string> own_keys = names_of(schema_of<Task>().list());
    schema_of<Task>().read(node, task, path, arrival_keys);
    check_name(task);
    task.arrival_properties = node;
    for (const std::string& key : own_keys) task.arrival_properties.erase(key);
    effective_arrivals_.push_back(check_arrival(task, arrival, path));
    const Location& model_at = node.find("model")->where();
    task.model = resolve_path(task.model, model_at);
    if (scenario_.design) {
      load_graph(task, node);
    } else {
      scenario_.networks.push_back(load_network(task.model, shape_of(task, node), model_at));
    }
    scenario_.tasks.push_back(std::move(task));
  }

  /// The model of a task that runs on the design. Its batch is how many images a job has.
  void load_graph(Task& task, const Node& written) {
    const Location& model_at = written.find("model")->where();
    const Node* accelerator = written.find("accelerator");
    if (accelerator != nullptr && !task.accelerator.empty()) {
      throw InputError(
          accelerator->where(),
          fmt::format("task '{}' runs on the design's accelerators: leave 'accelerator' out", task.name));
    }
    Node content;
    if (workload::find_network_format(task.model) == nullptr) content = load_yaml(task.model, model_at);
    if (!workload::is_graph(content)) {
      throw InputError(model_at,
                       fmt::format("'{}' is a list of layers; a design runs graphs: a vision_transformer, "
                                   "or a graph of operators",
                                   task.model));
    }
    task.accelerator.clear();
    auto graph =
        std::make_shared<const workload::Graph>(workload::read_graph(content, shape_of(task, written)));
    scenario_.networks.push_back(workload::network_of(*graph));
    scenario_.graphs.push_back(std::move(graph));
  }

  static workload::Shape shape_of(const Task& task, const Node& written) {
    const Node* tokens = written.find("tokens");
    const Node* batch = written.find("batch");
    Location where = tokens != nullptr ? tokens->where() : batch != nullptr ? batch->where() : task.where;
    return {task.batch, task.tokens, where};
  }

  static const workload::ArrivalFactory& arrival_of(const Node& node, const std::string& path) {
    std::string name = Task{}.arrival;
    const Node* written = node.find("arrival");
    if (written != nullptr) name = text_of(*written, path + ".arrival");
    if (const workload::ArrivalFactory* factory = workload::find_arrival_process(name)) return *factory;
    std::vector<std::string> known;
    for (const workload::ArrivalFactory& factory : workload::arrival_processes())
      known.push_back(factory.name);
    throw InputError(written->where(),
                     fmt::format("there is no arrival process '{}'{}", name, did_you_mean(name, known)));
  }

  /// The effective properties of the arrival process. With a utilisation the period is only known once
  /// lowered.
  static Node check_arrival(const Task& task, const workload::ArrivalFactory& arrival,
                            const std::string& path) {
    Node properties = task.arrival_properties;
    if (!task.utilisation) return arrival.check(properties, path, {});
    if (properties.find("period") != nullptr) {
      throw InputError(task.where,
                       fmt::format("task '{}' has both a period and a utilisation; give one", task.name));
    }
    properties.at_or_add("period", task.where) = Node::scalar("1 s", task.where);
    Node checked = arrival.check(properties, path, {});
    checked.erase("period");
    return checked;
  }

  static workload::Network load_network(const std::string& path, const workload::Shape& shape,
                                        const Location& named_at) {
    if (const workload::NetworkFormat* format = workload::find_network_format(path))
      return format->read(path, shape, named_at);
    return workload::read_network(load_yaml(path, named_at), shape);
  }

  void read_instances() {
    for (const Node::Entry& entry : root_.entries()) {
      if (std::ranges::find(section_keys(), entry.key) != section_keys().end()) continue;
      if (!entry.value.is_map() || entry.value.find("type") == nullptr) {
        std::vector<std::string> known = section_keys();
        known.emplace_back("include");
        throw InputError(entry.where, fmt::format("unknown key '{}'{}; an IP instance is a map with a 'type'",
                                                  entry.key, did_you_mean(entry.key, known)));
      }
      read_instance(entry);
    }
  }

  /// An NPU is scheduled by weavers, and nothing else is.
  void check_policy_fits() const {
    const auto npu = std::ranges::find(scenario_.instances, "npu", &Instance::type);
    const bool has_npu = npu != scenario_.instances.end();
    const std::string& name = scenario_.scheduler.policy;
    const Node& node = section(root_, "scheduler");
    const Placement where_it_runs = scenario_.scheduler.placement;
    if (has_npu && where_it_runs != Placement::software && where_it_runs != Placement::ideal) {
      const Node* placement = node.find("placement");
      throw InputError(
          placement != nullptr ? placement->where() : node.where(),
          fmt::format("'{}' is an npu, which a host schedules ahead: scheduler.placement must be "
                      "software or ideal",
                      npu->name));
    }
    if (has_npu && scenario_.tasks.size() > weaving::kMaxNetworks) {
      throw InputError(npu->where, fmt::format("{} tasks for the npu '{}'; weavers interweave at most {}",
                                               scenario_.tasks.size(), npu->name, weaving::kMaxNetworks));
    }
    if (policy::find_choice(name)->weaves == has_npu) return;
    const Node* written = node.find("policy");
    const Location& where = written != nullptr ? written->where() : node.where();
    std::vector<std::string> fitting;
    for (const policy::Choice& choice : policy::choices()) {
      if (choice.weaves == has_npu) fitting.push_back(choice.name);
    }
    throw InputError(
        where,
        fmt::format("policy '{}' {}; choose one of {}", name,
                    has_npu ? fmt::format("does not schedule layers ahead, and '{}' is an npu", npu->name)
                            : "schedules the layers of an npu, and the platform has none",
                    fmt::join(fitting, ", ")));
  }

  void read_instance(const Node::Entry& entry) {
    Instance instance;
    instance.name = entry.key;
    instance.where = entry.where;
    instance.properties = entry.value;
    const Node& type = *entry.value.find("type");
    instance.type = text_of(type, entry.key + ".type");
    const core::IpFactory* factory = core::IpRegistry::instance().find(instance.type);
    if (factory == nullptr) {
      std::vector<std::string> types = core::IpRegistry::instance().types();
      throw InputError(type.where(),
                       fmt::format("there is no IP type '{}'{}; `vesper list models` names them",
                                   instance.type, did_you_mean(instance.type, types)));
    }
    if (const Node* base = entry.value.find("base"))
      Codec<std::optional<Address>>::read(*base, instance.base, entry.key + ".base");
    if (const Node* when = entry.value.find("when")) instance.when = read_when(*when, entry.key);
    instance.effective = factory->check(entry.value, entry.key, instance_keys());
    checked_.at_or_add(instance.name, {}) = with_common_keys(instance, instance.effective);
    if (is_built(instance)) scenario_.instances.push_back(std::move(instance));
  }

  static std::vector<std::string> read_when(const Node& node, const std::string& name) {
    std::vector<std::string> terms;
    if (node.is_list()) {
      for (const Node& item : node.items()) terms.push_back(text_of(item, name + ".when"));
    } else {
      terms.push_back(text_of(node, name + ".when"));
    }
    const std::vector<std::string> known{"software", "hardware", "bi_level", "ideal", "fixed", "burst"};
    for (const std::string& term : terms) {
      if (std::ranges::find(known, term) == known.end()) {
        throw InputError(node.where(), fmt::format("'{}' is neither a placement nor a fidelity{}", term,
                                                   did_you_mean(term, known)));
      }
    }
    return terms;
  }

  static Node with_common_keys(const Instance& instance, const Node& properties) {
    Node all = Node::map();
    all.at_or_add("type", {}) = Node::scalar(instance.type);
    if (instance.base) all.at_or_add("base", {}) = Node::scalar(to_text(*instance.base));
    if (!instance.when.empty())
      all.at_or_add("when", {}) = Codec<std::vector<std::string>>::write(instance.when);
    all.merge(properties);
    return all;
  }

  [[nodiscard]] bool is_built(const Instance& instance) const {
    if (instance.when.empty()) return true;
    const std::string terms[] = {Codec<Placement>::write(scenario_.scheduler.placement).text(),
                                 Codec<Fidelity>::write(scenario_.memory.fidelity).text()};
    return std::ranges::any_of(instance.when,
                               [&](const std::string& term) { return term == terms[0] || term == terms[1]; });
  }

  void read_connections() {
    const Node& connect = section(root_, "connect");
    if (connect.kind() != Node::Kind::null && !connect.is_map()) {
      throw InputError(connect.where(), "connect takes a map of instance.endpoint: instance.endpoint");
    }
    for (const Node::Entry& entry : connect.entries()) {
      std::string to = text_of(entry.value, "connect." + entry.key);
      bool from_built = check_end(entry.key, entry.where);
      bool to_built = check_end(to, entry.value.where());
      if (from_built && to_built) scenario_.connections.push_back({entry.key, to, entry.where});
    }
  }

  /// Whether the instance at this end is built; throws when there is no such instance at all.
  [[nodiscard]] bool check_end(const std::string& end, const Location& where) const {
    size_t dot = end.find('.');
    std::string name = end.substr(0, dot);
    if (dot == std::string::npos) throw InputError(where, fmt::format("'{}' is not instance.endpoint", end));
    if (checked_.find(name) == nullptr) {
      std::vector<std::string> names;
      for (const Node::Entry& entry : checked_.entries()) names.push_back(entry.key);
      throw InputError(where, fmt::format("there is no instance '{}'{}", name, did_you_mean(name, names)));
    }
    return scenario_.find_instance(name) != nullptr;
  }

  /// Paths stand relative to the scenario's folder, so that the text does not depend on where it was read
  /// from.
  [[nodiscard]] Node effective(const std::string& scenario_path) const {
    auto relative = [&](const std::string& path) {
      return std::filesystem::path(path)
          .lexically_proximate(std::filesystem::path(scenario_path).parent_path())
          .string();
    };
    std::vector<Task> tasks = scenario_.tasks;
    std::erase_if(tasks, [](const Task& task) { return task.kind || task.stage; });
    for (Task& task : tasks) task.model = relative(task.model);
    std::vector<std::string> plugins = scenario_.plugins;
    for (std::string& plugin : plugins) plugin = relative(plugin);
    Node all = Node::map();
    all.at_or_add("scenario", {}) = Node::scalar(scenario_.title);
    if (!plugins.empty()) all.at_or_add("plugins", {}) = Codec<std::vector<std::string>>::write(plugins);
    all.at_or_add("memory", {}) = Codec<Memory>::write(scenario_.memory);
    Node scheduler = Codec<Scheduler>::write(scenario_.scheduler);
    const std::optional<policy::Choice> info = policy::find_choice(scenario_.scheduler.policy);
    for (size_t i = 0; i < info->parameter_count; ++i) {
      scheduler.at_or_add("parameters", {}).at_or_add(info->parameters[i].name, {}) =
          Node::scalar(policy::text_of(info->parameters[i], scenario_.policy_parameters[i]));
    }
    all.at_or_add("scheduler", {}) = scheduler;
    Node list = Node::list();
    for (size_t i = 0; i < tasks.size(); ++i) {
      Node task = Codec<Task>::write(tasks[i]);
      task.merge(effective_arrivals_[i]);
      list.add(std::move(task));
    }
    all.at_or_add("tasks", {}) = list;
    if (scenario_.requests) all.at_or_add("requests", {}) = scenario_.requests->effective(relative);
    if (!scenario_.traffic.empty()) all.at_or_add("traffic", {}) = effective_traffic(scenario_, relative);
    if (scenario_.design) all.at_or_add("design", {}) = effective_design(scenario_, *root_.find("design"));
    all.at_or_add("run", {}) = Codec<Run>::write(scenario_.run);
    all.merge(checked_);
    if (const Node* connect = root_.find("connect")) all.at_or_add("connect", {}) = *connect;
    return all;
  }

  Node root_;
  std::vector<Node> effective_arrivals_;
  Node checked_ = Node::map();  // every instance with all of its properties
  Scenario scenario_;
};

}  // namespace

const std::vector<std::string>& instance_keys() {
  static const std::vector<std::string> keys{"type", "base", "when"};
  return keys;
}

workload::RequestStreams Scenario::request_streams() const {
  auto first = std::ranges::find_if(tasks, [](const Task& task) { return task.kind.has_value(); });
  return {run.seed, first == tasks.end() ? tasks.size() : first->stream - *first->kind};
}

const Instance* Scenario::find_instance(const std::string& name) const {
  auto it = std::ranges::find(instances, name, &Instance::name);
  return it == instances.end() ? nullptr : &*it;
}

Scenario read_scenario(const std::string& path, const std::vector<std::string>& overrides) {
  Node root = load_yaml(path);
  for (const std::string& assignment : overrides) apply_override(root, assignment);
  return read_scenario(std::move(root), path);
}

Scenario read_scenario(Node root, const std::string& path) { return Reader().read(std::move(root), path); }

std::string slug(const std::string& title) {
  std::string out;
  for (char c : title) {
    bool keep = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (keep) {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.empty() ? "run" : out.substr(0, 80);
}

std::vector<std::pair<std::string, std::vector<PropertyInfo>>> scenario_sections() {
  return {{"memory", schema_of<Memory>().list()},
          {"scheduler", schema_of<Scheduler>().list()},
          {"tasks[]", schema_of<Task>().list()},
          {"requests", schema_of<workload::RequestProperties>().list()},
          {"traffic[]", schema_of<Traffic>().list()},
          {"design", schema_of<spatial::Design>().list()},
          {"run", schema_of<Run>().list()}};
}

}  // namespace vesper::scenario

#include <fmt/format.h>

#include <algorithm>

#include "platform/property/random.h"
#include "platform/scenario/yaml.h"
#include "platform/sweep/task_sets.h"
#include "schedulers/offline/periods.h"
#include "schedulers/offline/uunifast.h"

namespace vesper::sweep {
namespace {

using offline::Cycles;

struct Properties {
  std::string task_set;
  std::string periods = "exact";
  offline::PeriodRounding rounding;
  uint64_t period_base = static_cast<uint64_t>(offline::PeriodRounding{}.base);
  uint64_t period_step = static_cast<uint64_t>(offline::PeriodRounding{}.step);
  uint32_t period_search = offline::PeriodRounding{}.search;
  std::vector<std::string> networks;
  bool repeat_networks = false;

  static void describe(Schema<Properties>& p) {
    p("task_set", &Properties::task_set, "name of the generator").required();
    p("periods", &Properties::periods, "how periods are rounded: exact, rounded or published")
        .must([](const std::string& name) { return offline::find_period_method(name) != nullptr; },
              "one of exact, rounded, published");
    p("period_base", &Properties::period_base, "cycles of which rounded periods are a multiple")
        .between(1, uint64_t{1} << 40);
    p("period_step", &Properties::period_step, "published: cycles the first period shrinks by")
        .between(1, uint64_t{1} << 40);
    p("period_search", &Properties::period_search,
      "published: steps more among which the least hyperperiod is taken");
    p("networks", &Properties::networks,
      "files that each task's network is drawn from; the tasks' own if empty");
    p("repeat_networks", &Properties::repeat_networks, "whether a set may have a network twice");
  }
};

struct Axes {
  Ratio utilisation;
  uint64_t set = 0;

  static void describe(Schema<Axes>& p) {
    p("utilisation", &Axes::utilisation, "total utilisation of the set, overheads left out").required();
    p("set", &Axes::set, "number of the set: seeds its draws");
  }
};

/// The least time in picoseconds that has so many whole cycles.
uint64_t picoseconds(Cycles cycles, uint64_t clock_hz) {
  constexpr unsigned __int128 kPsPerSecond = 1'000'000'000'000;
  unsigned __int128 ps = (static_cast<unsigned __int128>(cycles) * kPsPerSecond + clock_hz - 1) / clock_hz;
  if (ps > UINT64_MAX) throw InputError("a generated period overflows 64 bits of picoseconds");
  return static_cast<uint64_t>(ps);
}

class UUniFastSets final : public TaskSets {
 public:
  explicit UUniFastSets(const Node& generate) {
    schema_of<Properties>().read(generate, properties_, "generate");
    if (const Node* networks = generate.find("networks")) {
      for (size_t i = 0; i < properties_.networks.size(); ++i)
        properties_.networks[i] =
            scenario::resolve_path(properties_.networks[i], networks->items()[i].where());
    }
    properties_.rounding = {static_cast<Cycles>(properties_.period_base),
                            static_cast<Cycles>(properties_.period_step), properties_.period_search};
  }

  void generate(const std::map<std::string, std::string>& values, uint64_t seed, const TaskTimes& times,
                Node& scenario) const override {
    Axes axes = axes_of(values);
    Node* tasks = scenario.find("tasks");
    if (tasks == nullptr || !tasks->is_list() || tasks->items().empty())
      throw InputError("generate: the scenario has no tasks to give periods to");
    SplitMix64 draws(seed_of(values, seed));
    std::vector<double> utilisations = draw_utilisations(tasks->items().size(), axes, draws);
    std::vector<std::string> networks = draw_networks(tasks->items().size(), draws);
    Node made = Node::list(tasks->where());
    for (size_t i = 0; i < tasks->items().size(); ++i) {
      made.add(prepared(tasks->items()[i], networks.empty() ? "" : networks[i]));
    }
    *tasks = made;
    give_periods(times(scenario), utilisations, *tasks);
  }

 private:
  static Axes axes_of(const std::map<std::string, std::string>& values) {
    Node map = Node::map();
    for (const auto& [name, value] : values) map.at_or_add(name, {}) = Node::scalar(value);
    Axes axes;
    schema_of<Axes>().read(map, axes, "");
    return axes;
  }

  static uint64_t seed_of(const std::map<std::string, std::string>& values, uint64_t seed) {
    for (const auto& [name, value] : values) seed = stream_seed(seed, fnv1a(name + "=" + value));
    return seed;
  }

  static std::vector<double> draw_utilisations(size_t tasks, const Axes& axes, SplitMix64& draws) {
    try {
      return offline::uunifast(tasks, axes.utilisation.value(), [&] { return draws.next(); });
    } catch (const offline::AnalysisError& error) {
      throw InputError(fmt::format("generate: utilisation {}: {}", to_text(axes.utilisation), error.what()));
    }
  }

  [[nodiscard]] std::vector<std::string> draw_networks(size_t tasks, SplitMix64& draws) const {
    std::vector<std::string> pool = properties_.networks;
    if (pool.empty()) return {};
    if (!properties_.repeat_networks && pool.size() < tasks) {
      throw InputError(
          fmt::format("generate.networks: {} networks for {} tasks; name more, or set "
                      "generate.repeat_networks",
                      pool.size(), tasks));
    }
    std::vector<std::string> drawn;
    for (size_t i = 0; i < tasks; ++i) {
      uint64_t pick = draws.up_to(pool.size() - 1);
      drawn.push_back(pool[pick]);
      if (!properties_.repeat_networks) pool.erase(pool.begin() + static_cast<std::ptrdiff_t>(pick));
    }
    return drawn;
  }

  /// Without a rate of its own; the period is a place holder until execution times are known.
  static Node prepared(const Node& task, const std::string& network) {
    const Node* arrival = task.find("arrival");
    if (arrival != nullptr && arrival->text() != "periodic")
      throw InputError(arrival->where(), "generate: a generated period takes arrival: periodic");
    Node copy = task;
    copy.erase("utilisation");
    copy.at_or_add("period", task.where()) = Node::scalar("1 s", task.where());
    if (!network.empty()) copy.at_or_add("model", {}) = Node::scalar(network);
    return copy;
  }

  void give_periods(const std::vector<TaskTime>& times, const std::vector<double>& utilisations,
                    Node& tasks) const {
    std::vector<Cycles> execution;
    for (const TaskTime& time : times) execution.push_back(time.execution);
    std::vector<Cycles> periods;
    try {
      periods = offline::find_period_method(properties_.periods)
                    ->make(execution, utilisations, properties_.rounding);
    } catch (const offline::AnalysisError& error) {
      throw InputError(fmt::format("generate: {}", error.what()));
    }
    Node made = Node::list(tasks.where());
    for (size_t i = 0; i < periods.size(); ++i) {
      Node task = tasks.items()[i];
      Duration period{picoseconds(periods[i], times[i].clock_hz)};
      task.at_or_add("period", {}) = Node::scalar(to_text(period), task.where());
      made.add(std::move(task));
    }
    tasks = made;
  }

  Properties properties_;
};

const TaskSetRegistration registration{
    {"uunifast", "utilisations by UUniFast, periods from them; networks may be drawn",
     schema_of<Axes>().list(), [] { return schema_of<Properties>().list(); },
     [](const Node& generate) { return std::make_shared<const UUniFastSets>(generate); }}};

}  // namespace
}  // namespace vesper::sweep

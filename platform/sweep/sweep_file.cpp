#include "platform/sweep/sweep_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "platform/observe/sha256.h"
#include "platform/property/random.h"
#include "platform/scenario/scenario.h"
#include "platform/scenario/yaml.h"
#include "platform/sweep/files.h"
#include "platform/sweep/results.h"

namespace vesper::sweep {

namespace fs = std::filesystem;

void AtMost::describe(Schema<AtMost>& p) {
  p("simulated", &AtMost::simulated, "simulated time after which a point without a miss is a timeout")
      .at_least(ps(1));
  p("regions", &AtMost::regions, "issued regions after which a point without a miss is a timeout")
      .at_least(1);
}

void OutcomeRules::describe(Schema<OutcomeRules>& p) {
  p("analysis", &OutcomeRules::analysis, "what it proves schedulable is not simulated");
  p("published", &OutcomeRules::published,
    "analysis: as DERCA's published code, without overheads of deciding");
  p("simulate", &OutcomeRules::simulate,
    "what is not proved: until run.until, over the hyperperiod of the tasks, or not at all");
  p("stop_at_miss", &OutcomeRules::stop_at_miss,
    "end a simulation at its first miss; its figures are those until then");
  p("at_most", &OutcomeRules::at_most, "where a simulation is given up");
}

void Plot::describe(Schema<Plot>& p) {
  p("name", &Plot::name, "part of the file names; needed where there are several");
  p("x", &Plot::x, "axis along the bottom; or a quantity as y, with a point for each value of by").required();
  p("y", &Plot::y, "success_rate, analysis_rate, or a figure: its mean").required();
  p("by", &Plot::by, "axis with a line for each of its values");
  p("only", &Plot::only, "axis=value: only points with that value; all by default");
  p("title", &Plot::title, "of the plot; the sweep's by default");
  p("x_label", &Plot::x_label, "the axis by default");
  p("y_label", &Plot::y_label, "the figure by default");
  p("intervals", &Plot::intervals, "95 % confidence intervals as bars");
  p("log_x", &Plot::log_x, "logarithmic bottom axis");
  p("log_y", &Plot::log_y, "logarithmic side axis");
}

std::pair<std::string, std::string> split_condition(const std::string& condition) {
  size_t equals = std::min(condition.find('='), condition.size());
  return {condition.substr(0, equals), condition.substr(std::min(equals + 1, condition.size()))};
}

void Table::describe(Schema<Table>& p) {
  p("name", &Table::name, "part of the file names; needed where there are several");
  p("rows", &Table::rows, "axes with a row for each combination of their values").required();
  p("across", &Table::across, "axis whose values stand side by side, each with all columns");
  p("columns", &Table::columns, "figures, success_rate, analysis_rate: their means and 95 % intervals")
      .required();
  p("digits", &Table::digits, "significant digits of a mean in the Markdown table").between(1, 15);
}

namespace {

struct Heading {
  std::string title;
  std::string base;
  uint64_t seed = 1;
  static void describe(Schema<Heading>& p) {
    p("sweep", &Heading::title, "one line that says what the sweep shows").required();
    p("base", &Heading::base, "scenario that the points change, relative to this file").required();
    p("seed", &Heading::seed, "seed of task sets and of a random space");
  }
};

const std::vector<std::string>& section_keys() {
  static const std::vector<std::string> keys{"set",     "grid",    "seeds", "random", "generate",
                                             "outcome", "figures", "plot",  "table"};
  return keys;
}

const TaskSetGenerator* generator_of(const Node& root) {
  const Node* generate = root.find("generate");
  if (generate == nullptr) return nullptr;
  const Node* name = generate->find("task_set");
  std::vector<std::string> known;
  for (const auto& [key, generator] : task_set_generators()) known.push_back(key);
  if (name == nullptr || !name->is_scalar()) {
    throw InputError(generate->where(), fmt::format("generate takes task_set, the name of a generator: {}",
                                                    fmt::join(known, ", ")));
  }
  auto found = task_set_generators().find(name->text());
  if (found == task_set_generators().end()) {
    throw InputError(name->where(),
                     fmt::format("there is no task-set generator '{}'{}; there are: {}", name->text(),
                                 did_you_mean(name->text(), known), fmt::join(known, ", ")));
  }
  return &found->second;
}

void check_figure(const std::string& path, const Location& where) {
  std::string root = path.substr(0, path.find('.'));
  const std::vector<std::string>& roots = figure_roots();
  if (std::ranges::find(roots, root) != roots.end()) return;
  throw InputError(where, fmt::format("figures: '{}' does not begin as a figure does{}; there are: {}", path,
                                      did_you_mean(root, roots), fmt::join(roots, ", ")));
}

void add_figure(std::vector<Figure>& figures, std::string column, const Node& path) {
  if (!path.is_scalar())
    throw InputError(path.where(), "figures takes names of figures, or a map {column: figure}");
  check_figure(path.text(), path.where());
  if (std::ranges::find(figures, column, &Figure::column) != figures.end())
    throw InputError(path.where(), fmt::format("figures: two columns are named '{}'", column));
  figures.push_back({std::move(column), path.text()});
}

std::vector<Figure> read_figures(const Node* node) {
  std::vector<Figure> figures;
  if (node == nullptr) return figures;
  if (node->is_scalar()) throw InputError(node->where(), "figures takes a list, or a map {column: figure}");
  for (const Node& item : node->items()) add_figure(figures, item.text(), item);
  for (const Node::Entry& entry : node->entries()) add_figure(figures, entry.key, entry.value);
  return figures;
}

void check_axis(const Sweep& sweep, const std::string& name, const char* key, const Location& where) {
  std::vector<std::string> names;
  for (const Axis& axis : sweep.space.axes()) names.push_back(axis.name());
  if (std::ranges::find(names, name) != names.end()) return;
  throw InputError(where, fmt::format("{}: there is no axis '{}'{}; there are: {}", key, name,
                                      did_you_mean(name, names), fmt::join(names, ", ")));
}

bool is_quantity(const Sweep& sweep, const std::string& name) {
  return std::ranges::find(rate_names(), name) != rate_names().end() ||
         std::ranges::find(sweep.figures, name, &Figure::column) != sweep.figures.end();
}

void check_quantity(const Sweep& sweep, const std::string& name, const char* key, const Location& where) {
  if (is_quantity(sweep, name)) return;
  std::vector<std::string> names = rate_names();
  for (const Figure& figure : sweep.figures) names.push_back(figure.column);
  throw InputError(where, fmt::format("{}: '{}' is neither a rate nor a column of figures{}; there are: {}",
                                      key, name, did_you_mean(name, names), fmt::join(names, ", ")));
}

/// What is written of a sweep: names of their own, fit for files.
template <class Output>
void check_name(const std::vector<Output>& others, const Output& output, const char* kind,
                const Location& where) {
  if (std::ranges::find(others, output.name, &Output::name) != others.end())
    throw InputError(where, fmt::format("{0}: several {0}s need names of their own: 'name'", kind));
  if (!output.name.empty() && scenario::slug(output.name) != output.name)
    throw InputError(where, fmt::format("{}.name takes small letters, digits and dashes", kind));
}

void add_plot(Sweep& sweep, const Node& node) {
  Plot plot;
  schema_of<Plot>().read(node, plot, "plot");
  if (!is_quantity(sweep, plot.x)) check_axis(sweep, plot.x, "plot.x", node.where());
  if (!plot.by.empty()) check_axis(sweep, plot.by, "plot.by", node.where());
  if (plot.x == plot.by) throw InputError(node.where(), "plot: x and by are the same axis");
  if (is_quantity(sweep, plot.x) && plot.by.empty())
    throw InputError(node.where(),
                     "plot: one quantity against another takes 'by', an axis with a point a value");
  check_quantity(sweep, plot.y, "plot.y", node.where());
  for (const std::string& condition : plot.only) {
    auto [axis, value] = split_condition(condition);
    check_axis(sweep, axis, "plot.only", node.where());
    const Axis& chosen = sweep.space.axes()[*sweep.space.find(axis)];
    if (!chosen.has_label(value))
      throw InputError(node.where(),
                       fmt::format("plot.only: '{}' names no value of the axis {}", condition, axis));
  }
  check_name(sweep.plots, plot, "plot", node.where());
  sweep.plots.push_back(std::move(plot));
}

void add_table(Sweep& sweep, const Node& node) {
  Table table;
  schema_of<Table>().read(node, table, "table");
  std::vector<std::string> axes = table.rows;
  for (const std::string& axis : table.rows) check_axis(sweep, axis, "table.rows", node.where());
  if (!table.across.empty()) {
    check_axis(sweep, table.across, "table.across", node.where());
    axes.push_back(table.across);
  }
  if (table.rows.empty() || table.columns.empty())
    throw InputError(node.where(), "table: rows and columns are lists of at least one name");
  if (std::set<std::string>(axes.begin(), axes.end()).size() != axes.size())
    throw InputError(node.where(), "table: an axis stands twice in rows and across");
  for (const std::string& column : table.columns)
    check_quantity(sweep, column, "table.columns", node.where());
  check_name(sweep.tables, table, "table", node.where());
  sweep.tables.push_back(std::move(table));
}

void read_outputs(Sweep& sweep, const Node* node, void (*add)(Sweep&, const Node&)) {
  if (node == nullptr) return;
  if (!node->is_list()) return add(sweep, *node);
  for (const Node& item : node->items()) add(sweep, item);
}

void check_names(const Sweep& sweep) {
  std::set<std::string> names;
  for (const std::string& name : fixed_columns()) names.insert(name);
  for (const std::string& name : rate_names()) names.insert(name);
  for (const Axis& axis : sweep.space.axes()) {
    if (!names.insert(axis.name()).second)
      throw InputError(
          axis.where(),
          fmt::format("an axis must not be named '{}', like a column of the results", axis.name()));
  }
  for (const Figure& figure : sweep.figures) {
    if (!names.insert(figure.column).second)
      throw InputError(
          fmt::format("figures: the column '{}' is there already; name it otherwise: {{NAME: {}}}",
                      figure.column, figure.path));
  }
}

}  // namespace

const std::vector<std::string>& figure_roots() {
  static const std::vector<std::string> roots{"simulated_s",  "complete", "tasks",     "scheduler", "metrics",
                                              "accelerators", "memory",   "resources", "analysis"};
  return roots;
}

Sweep read_sweep(const std::string& path, const std::vector<std::string>& overrides) {
  Node root = scenario::load_yaml(path);
  for (const std::string& assignment : overrides) scenario::apply_override(root, assignment);
  if (root.find("scenario") != nullptr && root.find("sweep") == nullptr)
    throw InputError(root.where(), fmt::format("'{}' is a scenario: run it with vesper run", path));
  Heading heading;
  schema_of<Heading>().read(root, heading, "", section_keys());
  Sweep sweep;
  sweep.title = heading.title;
  sweep.base = scenario::resolve_path(heading.base, root.find("base")->where());
  sweep.seed = heading.seed;
  if (const Node* set = root.find("set")) {
    if (!set->is_map()) throw InputError(set->where(), "set takes a map {property: value}");
    for (const Node::Entry& entry : set->entries())
      sweep.set.push_back({entry.key, entry.value, entry.where});
  }
  std::vector<std::string> generator_axes;
  if (const TaskSetGenerator* generator = generator_of(root)) {
    sweep.generator = generator->name;
    sweep.task_sets = generator->make(*root.find("generate"));
    generator_axes = names_of(generator->axes);
  }
  sweep.space = Space::read(root, generator_axes, sweep.seed);
  if (const Node* outcome = root.find("outcome"))
    schema_of<OutcomeRules>().read(*outcome, sweep.outcome, "outcome");
  sweep.figures = read_figures(root.find("figures"));
  check_names(sweep);
  read_outputs(sweep, root.find("plot"), add_plot);
  read_outputs(sweep, root.find("table"), add_table);
  sweep.root = std::move(root);
  return sweep;
}

std::vector<std::pair<std::string, std::vector<PropertyInfo>>> sweep_sections() {
  return {{"", schema_of<Heading>().list()},
          {"outcome", schema_of<OutcomeRules>().list()},
          {"plot", schema_of<Plot>().list()},
          {"table", schema_of<Table>().list()}};
}

namespace {

Node scenario_at(const Sweep& sweep, const Node& base, const Choice& choice, uint64_t seed,
                 const TaskTimes& times) {
  Node scenario = base;
  std::map<std::string, std::string> values;
  for (const Setting& setting : sweep.set)
    scenario::set_value(scenario, setting.path, setting.value, setting.where);
  for (size_t i = 0; i < choice.size(); ++i) {
    const Axis& axis = sweep.space.axes()[i];
    for (const Setting& setting : axis.settings(choice[i]))
      scenario::set_value(scenario, setting.path, setting.value, setting.where);
    if (axis.kind() == AxisKind::generator) values[axis.name()] = axis.label(choice[i]);
  }
  if (sweep.task_sets) sweep.task_sets->generate(values, seed, times, scenario);
  return scenario;
}

/// An axis that begins with no key of the scenario is most likely a slip.
void check_known(const Sweep& sweep, const Node& base, const Axis& axis) {
  if (axis.kind() != AxisKind::property) return;
  std::vector<std::string> known;
  for (const char* section : {"memory", "scheduler", "tasks", "traffic", "run"}) known.emplace_back(section);
  for (const Node::Entry& entry : base.entries()) known.push_back(entry.key);
  std::string root = axis.name().substr(0, axis.name().find('.'));
  if (std::ranges::find(known, root) != known.end()) return;
  std::string other = "the sweep generates no task sets";
  if (!sweep.generator.empty()) {
    std::vector<std::string> axes = names_of(task_set_generators().at(sweep.generator).axes);
    known.insert(known.end(), axes.begin(), axes.end());
    other = fmt::format("generator '{}' takes {}", sweep.generator, fmt::join(axes, ", "));
  }
  throw InputError(axis.where(),
                   fmt::format("there is no property '{}'{}; an axis is the path of a property, or "
                               "a map of named settings; {}",
                               axis.name(), did_you_mean(root, known), other));
}

/// Texts of the tree that name files, with the files' contents.
void add_files(const Node& node, std::map<std::string, std::string>& files) {
  if (node.is_scalar() && !node.text().empty() && node.text().size() < 4096) {
    std::string path = scenario::resolve_path(node.text(), node.where());
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored)) files[node.text()] = contents_of(path);
  }
  for (const Node& item : node.items()) add_files(item, files);
  for (const Node::Entry& entry : node.entries()) add_files(entry.value, files);
}

}  // namespace

Node scenario_of(const Sweep& sweep, const Node& base, uint64_t point, const TaskTimes& times) {
  // A random space repeats no value on purpose: each of its points has a task set of its own.
  uint64_t seed = sweep.space.is_random() ? stream_seed(sweep.seed, point) : sweep.seed;
  return scenario_at(sweep, base, sweep.space.point(point), seed, times);
}

void check_axes(const Sweep& sweep, const Node& base, const TaskTimes& times,
                const std::function<void(const Node& scenario)>& check) {
  constexpr uint64_t kMostChecked = 1000;  // of one axis: a range's values differ in their number alone
  for (const Axis& axis : sweep.space.axes()) check_known(sweep, base, axis);
  Choice choice(sweep.space.axes().size(), 0);
  check(scenario_at(sweep, base, choice, sweep.seed, times));
  for (size_t i = 0; i < choice.size(); ++i) {
    const Axis& axis = sweep.space.axes()[i];
    if (axis.kind() == AxisKind::generator) continue;
    for (uint64_t value = 1; value < std::min(axis.size(), kMostChecked); ++value) {
      choice[i] = value;
      check(scenario_at(sweep, base, choice, sweep.seed, times));
    }
    choice[i] = 0;
  }
}

std::string computed_part(const Sweep& sweep) {
  Node computed = sweep.root;
  for (const char* shown : {"sweep", "plot", "table"}) computed.erase(shown);
  return scenario::to_yaml(computed);
}

std::string fingerprint(const Sweep& sweep, const Node& base) {
  std::map<std::string, std::string> files;
  add_files(base, files);
  add_files(sweep.root, files);
  std::string all = computed_part(sweep) + "---\n" + scenario::to_yaml(base);
  for (const auto& [name, contents] : files)
    all += fmt::format("\n--- {} {}\n{}", name, contents.size(), contents);
  return observe::sha256(all);
}

}  // namespace vesper::sweep

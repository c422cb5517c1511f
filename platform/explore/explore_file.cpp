#include "platform/explore/explore_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "platform/observe/sha256.h"
#include "platform/scenario/yaml.h"

namespace vesper::explore {
namespace {

using scenario::load_yaml;
using scenario::resolve_path;

/// What holds for every design.
struct Common {
  spatial::Device device;
  spatial::Forwarding forwarding = spatial::Forwarding::on_chip;
  bool pipeline = true;
  static void describe(Schema<Common>& p) {
    p("device", &Common::device, "");
    p("forwarding", &Common::forwarding, "");
    p("pipeline", &Common::pipeline, "");
  }
};

const Node& section(const Node& root, const char* key) {
  static const Node empty = Node::map();
  const Node* node = root.find(key);
  return node != nullptr ? *node : empty;
}

spatial::Design read_base(const Node& root) {
  const std::string others[] = {"accelerators", "images", "each"};  // of one design, and of the platform
  Common common;
  schema_of<Common>().read(section(root, "design"), common, "design", others);
  spatial::Design base;
  base.device = common.device;
  base.forwarding = common.forwarding;
  base.pipeline = common.pipeline;
  return base;
}

uint32_t tokens_of(const Node& node) {
  uint32_t tokens = 0;
  Codec<uint32_t>::read(node, tokens, "tasks[].tokens");
  if (tokens == 0) throw InputError(node.where(), "tasks[].tokens is 0; an input has at least one");
  return tokens;
}

/// The network of a task; none where it is a list of products, or a model of another format.
std::optional<workload::Graph> graph_of(const Node& task) {
  const Node* model = task.find("model");
  if (model == nullptr || !model->is_scalar() || !model->text().ends_with(".yaml")) return std::nullopt;
  Node network = load_yaml(resolve_path(model->text(), model->where()), model->where());
  if (!workload::is_graph(network)) return std::nullopt;
  workload::Shape shape;
  shape.where = task.where();
  if (const Node* tokens = task.find("tokens")) shape.tokens = tokens_of(*tokens);
  return workload::read_graph(network, shape);
}

void read_network(ExploreFile& file) {
  const Node& tasks = section(file.root, "tasks");
  bool found = false;
  for (size_t i = 0; i < tasks.items().size(); ++i) {
    std::optional<workload::Graph> graph = graph_of(tasks.items()[i]);
    if (!graph) continue;
    if (found)
      throw InputError(
          tasks.items()[i].where(),
          "a second task whose network is a graph: designs are searched for one network at a time");
    found = true;
    file.graph = std::move(*graph);
    file.task = i;
  }
  if (!found)
    throw InputError(tasks.where(),
                     fmt::format("'{}' has no task whose network is a graph of operators, such as "
                                 "scenarios/workloads/deit_t_vision.yaml: there is nothing to map",
                                 file.path));
}

}  // namespace

ExploreFile read_explore(const std::string& path, const std::vector<std::string>& overrides) {
  ExploreFile file;
  file.path = path;
  file.root = load_yaml(path);
  for (const std::string& assignment : overrides) scenario::apply_override(file.root, assignment);
  if (!file.root.is_map())
    throw InputError(file.root.where(), fmt::format("'{}' is empty; a scenario is a map of keys", path));
  schema_of<offline::Explore>().read(section(file.root, "explore"), file.search, "explore");
  file.title = file.search.title;
  if (const Node* title = file.root.find("scenario");
      title != nullptr && title->is_scalar() && file.title.empty())
    file.title = title->text();
  if (file.title.empty())
    throw InputError(file.root.where(), "'explore.title' is missing: one line that says what is searched");
  file.base = read_base(file.root);
  read_network(file);
  return file;
}

std::string ExploreFile::fingerprint() const {
  std::string all = scenario::to_yaml(schema_of<offline::Explore>().write(search));
  all += scenario::to_yaml(schema_of<spatial::Device>().write(base.device));
  all += fmt::format("{} {}\n", static_cast<int>(base.forwarding), base.pipeline);
  all += fmt::format("{} {} {}\n", graph.name, graph.input_rows, graph.input_columns);
  for (const workload::Operator& op : graph.operators) {
    all += fmt::format("{} {} {} {} {} {} {} {} {} {}", op.name, op.stage, op.visit, op.op, op.rows,
                       op.columns, op.inner, op.heads, op.b_transposed, static_cast<int>(op.format));
    for (const workload::Edge& edge : op.inputs)
      all += fmt::format(" {}:{}:{}", edge.from, edge.first_column, edge.columns);
    all += "\n";
  }
  return observe::sha256(all);
}

std::vector<PropertyInfo> explore_properties() { return schema_of<offline::Explore>().list(); }

}  // namespace vesper::explore

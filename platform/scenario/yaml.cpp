#include "platform/scenario/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "platform/plugin/installation.h"

namespace vesper::scenario {
namespace fs = std::filesystem;
namespace {

Location at(const YAML::Mark& mark, const std::shared_ptr<const std::string>& file) {
  return {file, mark.line + 1, mark.column + 1};
}

/// Deeper than any configuration; a node that contains itself through an alias would have no end.
constexpr int kDeepest = 100;

Node convert(const YAML::Node& yaml, const std::shared_ptr<const std::string>& file, int depth = 0) {
  Location where = at(yaml.Mark(), file);
  if (depth > kDeepest) throw InputError(where, "lists and maps are nested too deeply here");
  switch (yaml.Type()) {
    case YAML::NodeType::Scalar:
      return Node::scalar(yaml.Scalar(), where);
    case YAML::NodeType::Sequence: {
      Node list = Node::list(where);
      for (const YAML::Node& item : yaml) list.add(convert(item, file, depth + 1));
      return list;
    }
    case YAML::NodeType::Map: {
      Node map = Node::map(where);
      for (const auto& entry : yaml) {
        Location key = at(entry.first.Mark(), file);
        if (!entry.first.IsScalar()) throw InputError(key, "a key must be a plain word");
        if (map.find(entry.first.Scalar()) != nullptr) {
          throw InputError(key, fmt::format("key '{}' is given twice in this map", entry.first.Scalar()));
        }
        Node& value = map.at_or_add(entry.first.Scalar(), key);
        if (!entry.second.IsNull()) value = convert(entry.second, file, depth + 1);
      }
      return map;
    }
    default: {
      return Node::null(where);
    }
  }
}

Node parse_text(const std::string& text, const std::shared_ptr<const std::string>& file) {
  try {
    std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1)
      throw InputError(at(documents[1].Mark(), file), "a file holds one document, not several");
    return documents.empty() ? Node::null({file, 0, 0}) : convert(documents[0], file);
  } catch (const YAML::Exception& error) {
    throw InputError(at(error.mark, file), fmt::format("not readable as YAML: {}", error.msg));
  }
}

std::string read_file(const fs::path& path, const Location& wanted_at) {
  std::error_code error;
  if (fs::is_directory(path, error))
    throw InputError(wanted_at, fmt::format("'{}' is a folder, not a file", path.string()));
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    throw InputError(wanted_at,
                     fmt::format("cannot read '{}': no such file, or no permission", path.string()));
  }
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Relative to the folder, or else of the scenarios that come with Vesper.
fs::path find_file(const fs::path& folder, const std::string& name) {
  fs::path beside = folder / name;
  std::error_code missing;
  if (fs::path(name).is_absolute() || fs::exists(beside, missing)) return beside;
  const std::string shared = plugin::shared_file("scenarios/" + name);
  return shared.empty() ? beside : fs::path(shared);
}

class Loader {
 public:
  Node load(const fs::path& path, const Location& wanted_at) {
    fs::path canonical = fs::weakly_canonical(path);
    if (std::ranges::find(open_, canonical) != open_.end()) {
      std::string chain;
      for (const fs::path& file : open_) chain += file.string() + " -> ";
      throw InputError(wanted_at, fmt::format("cyclic include: {}{}", chain, canonical.string()));
    }
    Node own = parse_text(read_file(path, wanted_at), std::make_shared<const std::string>(path.string()));
    open_.push_back(canonical);
    Node merged = with_includes(own, path);
    open_.pop_back();
    return merged;
  }

 private:
  Node with_includes(Node& own, const fs::path& path) {
    if (own.kind() != Node::Kind::null && !own.is_map()) {
      throw InputError(own.where(),
                       fmt::format("'{}' holds {}, not a map of keys", path.string(), own.kind_name()));
    }
    const Node* include = own.find("include");
    if (include == nullptr) return std::move(own);
    Node merged;
    auto add = [&](const Node& file) {
      if (!file.is_scalar()) throw InputError(file.where(), "include takes a path or a list of paths");
      Node included = load(find_file(path.parent_path(), file.text()), file.where());
      if (merged.kind() == Node::Kind::null) {
        merged = std::move(included);
      } else {
        merged.merge(included);
      }
    };
    if (include->is_list()) {
      for (const Node& file : include->items()) add(file);
    } else {
      add(*include);
    }
    own.erase("include");
    if (merged.kind() == Node::Kind::null) return std::move(own);
    merged.merge(own);
    return merged;
  }

  std::vector<fs::path> open_;
};

void emit(YAML::Emitter& out, const Node& node) {
  switch (node.kind()) {
    case Node::Kind::null:
      out << YAML::Null;
      break;
    case Node::Kind::scalar:
      out << node.text();
      break;
    case Node::Kind::list:
      out << YAML::BeginSeq;
      for (const Node& item : node.items()) emit(out, item);
      out << YAML::EndSeq;
      break;
    case Node::Kind::map:
      out << YAML::BeginMap;
      for (const Node::Entry& entry : node.entries()) {
        out << YAML::Key << entry.key << YAML::Value;
        emit(out, entry.value);
      }
      out << YAML::EndMap;
      break;
  }
}

/// The item of a list that a step of an override's path names; null when there is none.
const Node* item_of(const Node& list, const std::string& step) {
  size_t index = 0;
  auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error == std::errc{} && end == step.data() + step.size()) {
    return index < list.items().size() ? &list.items()[index] : nullptr;
  }
  for (const Node& item : list.items()) {
    const Node* name = item.find("name");
    if (name != nullptr && name->text() == step) return &item;
  }
  return nullptr;
}

/// Cuts the first step off an override's path. Of a map's keys, which may have dots in them themselves, the
/// longest that the path begins with is a step; otherwise a step ends at the first dot.
std::string next_step(std::string_view& path, const Node& at, const Location& where) {
  size_t length = std::min(path.find('.'), path.size());
  if (at.is_map()) {
    for (const Node::Entry& entry : at.entries()) {
      bool begins =
          path.starts_with(entry.key) && (path.size() == entry.key.size() || path[entry.key.size()] == '.');
      if (begins) length = std::max(length, entry.key.size());
    }
  }
  std::string step(path.substr(0, length));
  bool ends_in_dot = length + 1 == path.size();
  if (step.empty() || ends_in_dot) throw InputError(where, "the path has an empty step");
  path = length == path.size() ? std::string_view{} : path.substr(length + 1);
  return step;
}

}  // namespace

Node load_yaml(const std::string& path) {
  return load_yaml(path, Location{std::make_shared<const std::string>(path), 0, 0});
}

Node load_yaml(const std::string& path, const Location& wanted_at) { return Loader().load(path, wanted_at); }

Node parse_yaml(const std::string& text, const std::string& origin) {
  return parse_text(text, std::make_shared<const std::string>(origin));
}

void set_value(Node& root, std::string_view path, Node value, const Location& where) {
  Node* node = &root;
  while (!path.empty()) {
    std::string step = next_step(path, *node, where);
    if (node->is_list()) {
      const Node* item = item_of(*node, step);
      if (item == nullptr) throw InputError(where, fmt::format("the list has no item '{}'", step));
      node = const_cast<Node*>(item);
    } else if (node->is_scalar()) {
      throw InputError(where, fmt::format("nothing lies below a value: '{}' cannot be set", step));
    } else {
      node = &node->at_or_add(step, where);
    }
  }
  *node = std::move(value);
}

void apply_override(Node& root, const std::string& assignment) {
  Location where{std::make_shared<const std::string>("--set " + assignment), 0, 0};
  size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw InputError(where, "write --set path.to.property=value");
  }
  set_value(root, std::string_view(assignment).substr(0, equals),
            parse_yaml(assignment.substr(equals + 1), *where.file), where);
}

std::string to_yaml(const Node& node) {
  YAML::Emitter out;
  out.SetIndent(2);
  emit(out, node);
  return std::string(out.c_str()) + "\n";
}

std::string resolve_path(const std::string& path, const Location& where) {
  if (!where.file || fs::path(path).is_absolute() || where.line == 0 || where.file->starts_with("--set"))
    return path;
  return find_file(fs::path(*where.file).parent_path(), path).lexically_normal().string();
}

}  // namespace vesper::scenario

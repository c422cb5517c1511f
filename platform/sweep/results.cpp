#include "platform/sweep/results.h"

#include <fmt/format.h>

#include <charconv>

#include "platform/observe/format.h"

namespace vesper::sweep {
namespace {

using Json = nlohmann::ordered_json;

const Json* item_of(const Json& list, const std::string& step) {
  size_t index = 0;
  auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error == std::errc{} && end == step.data() + step.size())
    return index < list.size() ? &list[index] : nullptr;
  for (const Json& item : list) {
    if (item.is_object() && item.contains("name") && item["name"] == step) return &item;
  }
  return nullptr;
}

std::string text_of(const Json& value) {
  if (value.is_null() || value.is_structured()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  return value.dump();
}

}  // namespace

const std::vector<std::string>& fixed_columns() {
  static const std::vector<std::string> names{"point", "seed", "outcome", "bound"};
  return names;
}

const std::vector<std::string>& rate_names() {
  static const std::vector<std::string> names{"success_rate", "analysis_rate"};
  return names;
}

std::vector<std::string> columns(const Sweep& sweep) {
  std::vector<std::string> all{"point"};
  for (const Axis& axis : sweep.space.axes()) all.push_back(axis.name());
  all.insert(all.end(), {"seed", "outcome", "bound"});
  for (const Figure& figure : sweep.figures) all.push_back(figure.column);
  return all;
}

std::string header(const Sweep& sweep) { return observe::csv_line(columns(sweep)); }

std::string row(const Sweep& sweep, uint64_t point, const Verdict& verdict) {
  std::vector<std::string> fields{fmt::format("{}", point)};
  Choice choice = sweep.space.point(point);
  for (size_t i = 0; i < choice.size(); ++i) fields.push_back(sweep.space.axes()[i].label(choice[i]));
  fields.insert(fields.end(), {fmt::format("{}", verdict.seed), Codec<Outcome>::write(verdict.outcome).text(),
                               verdict.bound});
  for (const Figure& figure : sweep.figures) fields.push_back(figure_at(verdict.figures, figure.path));
  return observe::csv_line(fields);
}

Result read_row(const Sweep& sweep, std::string_view line) {
  std::vector<std::string> fields = split_csv(line);
  size_t axes = sweep.space.axes().size();
  size_t expected = fixed_columns().size() + axes + sweep.figures.size();
  if (fields.size() != expected)
    throw InputError(
        fmt::format("a row of the results has {} fields, not {}: {}", fields.size(), expected, line));
  auto first_axis = fields.begin() + 1;
  auto seed = first_axis + static_cast<std::ptrdiff_t>(axes);
  Result result{{first_axis, seed}, {}, {seed + 3, fields.end()}};
  Codec<Outcome>::read(Node::scalar(seed[1]), result.outcome, "outcome");
  return result;
}

std::string figure_at(const Json& root, std::string_view path) {
  const Json* value = &root;
  while (value != nullptr && !path.empty()) {
    std::string step(path.substr(0, path.find('.')));
    path.remove_prefix(std::min(step.size() + 1, path.size()));
    if (value->is_array()) {
      value = item_of(*value, step);
    } else if (value->is_object() && value->contains(step)) {
      value = &(*value)[step];
    } else {
      value = nullptr;
    }
  }
  return value == nullptr ? "" : text_of(*value);
}

std::vector<std::string> split_csv(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (c == '"') {
      bool doubled = quoted && i + 1 < line.size() && line[i + 1] == '"';
      if (doubled) fields.back() += line[++i];
      if (!doubled) quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c != '\n' || quoted) {
      fields.back() += c;
    }
  }
  return fields;
}

}  // namespace vesper::sweep

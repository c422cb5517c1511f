#include "platform/sweep/space.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/property/random.h"
#include "platform/property/schema.h"

namespace vesper::sweep {
namespace {

constexpr uint64_t kMostPoints = 100'000'000;

bool is_range(const Node& node) {
  const char* keys[] = {"from", "to", "step", "count"};
  return node.is_map() &&
         std::ranges::any_of(keys, [&](const char* key) { return node.find(key) != nullptr; });
}

std::vector<Setting> settings_of(const Node& map) {
  std::vector<Setting> settings;
  for (const Node::Entry& entry : map.entries()) settings.push_back({entry.key, entry.value, entry.where});
  return settings;
}

}  // namespace

Axis Axis::read(const Node::Entry& entry, const std::string& path,
                const std::vector<std::string>& generator_axes, Step step) {
  Axis axis;
  axis.name_ = entry.key;
  axis.where_ = entry.where;
  if (std::ranges::find(generator_axes, entry.key) != generator_axes.end()) axis.kind_ = AxisKind::generator;
  if (is_range(entry.value)) {
    axis.values_ = Range::read(entry.value, path, step);
  } else if (entry.value.is_list()) {
    axis.read_list(entry.value, path);
  } else if (entry.value.is_map() && axis.kind_ != AxisKind::generator) {
    axis.read_bundles(entry.value, path);
  } else {
    throw InputError(entry.where,
                     fmt::format("{} takes a list of values, a range {{from: ..., to: ..., step: ...}} or "
                                 "{{count: ...}}, or a map of named settings",
                                 path));
  }
  if (axis.size() == 0) throw InputError(entry.where, fmt::format("{} has no values", path));
  return axis;
}

void Axis::read_list(const Node& list, const std::string& path) {
  for (const Node& item : list.items()) {
    if (!item.is_scalar()) {
      throw InputError(item.where(), fmt::format("{} lists plain values; name settings that change together "
                                                 "in a map: {{NAME: {{property: value}}}}",
                                                 path));
    }
    Value value{item.text(), {}};
    if (kind_ == AxisKind::property) value.settings.push_back({name_, item, where_});
    add(std::move(value), item.where(), path);
  }
}

void Axis::read_bundles(const Node& map, const std::string& path) {
  kind_ = AxisKind::bundles;
  for (const Node::Entry& entry : map.entries()) {
    if (!entry.value.is_map() && entry.value.kind() != Node::Kind::null) {
      throw InputError(entry.where, fmt::format("{}.{} takes a map of settings {{property: value}}, not {}",
                                                path, entry.key, entry.value.kind_name()));
    }
    add({entry.key, settings_of(entry.value)}, entry.where, path);
  }
}

void Axis::add(Value value, const Location& where, const std::string& path) {
  auto& values = std::get<std::vector<Value>>(values_);
  if (std::ranges::find(values, value.label, &Value::label) != values.end()) {
    throw InputError(where, fmt::format("{} has the value '{}' twice", path, value.label));
  }
  if (value.label.find_first_of("\r\n") != std::string::npos)
    throw InputError(where, fmt::format("{}: a value takes one line", path));
  values.push_back(std::move(value));
}

uint64_t Axis::size() const {
  if (const auto* range = std::get_if<Range>(&values_)) return range->size();
  return std::get<std::vector<Value>>(values_).size();
}

std::string Axis::label(uint64_t i) const {
  if (const auto* range = std::get_if<Range>(&values_)) return range->at(i);
  return std::get<std::vector<Value>>(values_)[i].label;
}

std::vector<Setting> Axis::settings(uint64_t i) const {
  if (kind_ == AxisKind::generator) return {};
  if (const auto* range = std::get_if<Range>(&values_))
    return {{name_, Node::scalar(range->at(i), where_), where_}};
  return std::get<std::vector<Value>>(values_)[i].settings;
}

Space Space::read(const Node& root, const std::vector<std::string>& generator_axes, uint64_t seed) {
  const Node* grid = root.find("grid");
  const Node* random = root.find("random");
  if ((grid != nullptr) == (random != nullptr)) {
    throw InputError(root.where(), "a sweep has either 'grid' or 'random': the axes whose points are run");
  }
  Space space;
  space.seed_ = seed;
  const Node* seeds = root.find("seeds");
  if (random != nullptr && seeds != nullptr)
    throw InputError(seeds->where(), "seeds repeats the points of a grid; of a random space, draw run.seed");
  if (grid != nullptr) {
    space.read_grid(*grid, seeds, generator_axes);
  } else {
    space.read_random(*random, generator_axes);
  }
  return space;
}

void Space::read_grid(const Node& grid, const Node* seeds, const std::vector<std::string>& generator_axes) {
  read_axes(grid, "grid", generator_axes);
  if (seeds != nullptr) {
    if (find(kSeedAxis))
      throw InputError(seeds->where(), fmt::format("seeds and the axis grid.{} are the same", kSeedAxis));
    if (seeds->is_map() && !is_range(*seeds))
      throw InputError(seeds->where(), "seeds takes a list of numbers, or a range {from: ..., to: ...}");
    axes_.push_back(Axis::read({kSeedAxis, seeds->where(), *seeds}, "seeds", {}, Step::of_last_digit));
  }
  size_ = 1;
  for (const Axis& axis : axes_) {
    if (axis.size() > kMostPoints / size_)
      throw InputError(grid.where(), fmt::format("the grid has more than {} points", kMostPoints));
    size_ *= axis.size();
  }
}

void Space::read_random(const Node& random, const std::vector<std::string>& generator_axes) {
  random_ = true;
  const Node* over = random.find("over");
  const Node* points = random.find("points");
  static const std::vector<std::string> keys{"points", "over"};
  for (const Node::Entry& entry : random.entries()) {
    if (std::ranges::find(keys, entry.key) == keys.end())
      throw InputError(entry.where,
                       fmt::format("unknown key 'random.{}'{}", entry.key, did_you_mean(entry.key, keys)));
  }
  if (over == nullptr || points == nullptr)
    throw InputError(random.where(), "random takes 'points', their number, and 'over', the axes");
  Codec<uint64_t>::read(*points, size_, "random.points");
  if (size_ == 0 || size_ > kMostPoints)
    throw InputError(points->where(), fmt::format("random.points must be between 1 and {}", kMostPoints));
  read_axes(*over, "random.over", generator_axes);
}

void Space::read_axes(const Node& axes, const std::string& path,
                      const std::vector<std::string>& generator_axes) {
  if (!axes.is_map() || axes.entries().empty())
    throw InputError(axes.where(), fmt::format("{} is empty: it takes a map from axis to values", path));
  for (const Node::Entry& entry : axes.entries()) {
    axes_.push_back(Axis::read(entry, path + "." + entry.key, generator_axes,
                               random_ ? Step::of_last_digit : Step::written));
  }
}

Choice Space::point(uint64_t index) const {
  Choice choice(axes_.size());
  if (random_) {
    for (size_t i = 0; i < axes_.size(); ++i) {
      SplitMix64 draws(stream_seed(stream_seed(seed_, i), index));
      choice[i] = draws.up_to(axes_[i].size() - 1);
    }
    return choice;
  }
  for (size_t i = axes_.size(); i-- > 0;) {
    choice[i] = index % axes_[i].size();
    index /= axes_[i].size();
  }
  return choice;
}

std::optional<size_t> Space::find(std::string_view name) const {
  auto it = std::ranges::find(axes_, name, &Axis::name);
  if (it == axes_.end()) return std::nullopt;
  return static_cast<size_t>(it - axes_.begin());
}

}  // namespace vesper::sweep

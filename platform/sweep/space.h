/// The design space of a sweep: axes, and the points they span.
///
/// A grid is the product of its axes, the first the slowest. A random space draws each point's value on every
/// axis independently and uniformly, from the sweep's seed and the point's index alone.
///
/// An axis is one of
///   a property     `scheduler.placement: [software, hardware]`: any path that `--set` takes;
///   named bundles  `design: {NP: {scheduler.granularity: model}, LW: {...}}`: settings that change together;
///   the generator's  `utilisation`, `set`: what the task-set generator of the sweep takes.
/// Values are a list or a range (range.h).
///
/// `seeds: [1, 2, 3, 4, 5]` repeats every point of a grid with these values of `run.seed`: the axis of that
/// name, the fastest.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platform/property/node.h"
#include "platform/sweep/range.h"

namespace vesper::sweep {

/// A property's new value.
struct Setting {
  std::string path;
  Node value;
  Location where;
};

/// Repeats points: aggregates and tables are over it.
constexpr const char* kSeedAxis = "run.seed";

enum class AxisKind : uint8_t { property, bundles, generator };

class Axis {
 public:
  /// `path` names it in errors; `generator_axes` are the names that belong to the task-set generator. Throws
  /// InputError on an axis without values, a value twice, or a bundle that is no map.
  static Axis read(const Node::Entry& entry, const std::string& path,
                   const std::vector<std::string>& generator_axes, Step step);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] AxisKind kind() const { return kind_; }
  [[nodiscard]] const Location& where() const { return where_; }
  [[nodiscard]] uint64_t size() const;
  /// The value as results show it.
  [[nodiscard]] std::string label(uint64_t i) const;
  /// What the value sets in the scenario; nothing for a generator's axis.
  [[nodiscard]] std::vector<Setting> settings(uint64_t i) const;

 private:
  struct Value {
    std::string label;
    std::vector<Setting> settings;
  };
  void read_list(const Node& list, const std::string& path);
  void read_bundles(const Node& map, const std::string& path);
  void add(Value value, const Location& where, const std::string& path);

  std::string name_;
  AxisKind kind_ = AxisKind::property;
  Location where_;
  std::variant<std::vector<Value>, Range> values_;
};

/// The value that a point has on each axis, by its place on the axis.
using Choice = std::vector<uint64_t>;

class Space {
 public:
  /// Reads `grid:`, maybe with `seeds:`, or `random: {points, over}` of a sweep file; one of them must be
  /// there.
  static Space read(const Node& root, const std::vector<std::string>& generator_axes, uint64_t seed);

  [[nodiscard]] const std::vector<Axis>& axes() const { return axes_; }
  [[nodiscard]] uint64_t size() const { return size_; }
  [[nodiscard]] bool is_random() const { return random_; }
  [[nodiscard]] Choice point(uint64_t index) const;
  /// The place of an axis; none if there is none of that name.
  [[nodiscard]] std::optional<size_t> find(std::string_view name) const;

 private:
  void read_axes(const Node& axes, const std::string& path, const std::vector<std::string>& generator_axes);
  void read_grid(const Node& grid, const Node* seeds, const std::vector<std::string>& generator_axes);
  void read_random(const Node& random, const std::vector<std::string>& generator_axes);

  std::vector<Axis> axes_;
  uint64_t size_ = 0;
  uint64_t seed_ = 0;
  bool random_ = false;
};

}  // namespace vesper::sweep

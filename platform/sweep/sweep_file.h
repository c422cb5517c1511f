/// A sweep file: a design space over a scenario, how each of its points is judged, and what is drawn of it.
///
///     sweep: success rate against utilisation        # one line that says what it shows
///     base: mlp1.yaml                                # a scenario, relative to this file
///     seed: 1
///     set: {memory.fidelity: fixed}                  # settings of every point
///     grid: {scheduler.placement: [software, hardware], utilisation: {from: 0.5, to: 1.0, step: 0.1}, ...}
///     generate: {task_set: uunifast, periods: published}
///     outcome: {analysis: limited_preemptive_edf, simulate: hyperperiod, stop_at_miss: true}
///     figures: {miss_rate: metrics.miss_rate, p99: tasks.camera.response_s.p99}
///     seeds: [1, 2, 3, 4, 5]                         # every point with each of these as run.seed
///     plot: {x: utilisation, y: success_rate, by: scheduler.placement}
///     table: {rows: [scheduler.placement], columns: [miss_rate, p99]}
///
/// `include:` merges other files below it, as in scenarios. Space: space.h; generators: task_sets.h; figures
/// are paths into summary.json, or into `analysis` (see figure_roots).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/property/schema.h"
#include "platform/sweep/space.h"
#include "platform/sweep/task_sets.h"

namespace vesper::sweep {

enum class Analysis : uint8_t { none, limited_preemptive_edf };
inline EnumNames<Analysis> enum_names(Analysis) {
  return {{Analysis::none, "none"}, {Analysis::limited_preemptive_edf, "limited_preemptive_edf"}};
}

enum class Horizon : uint8_t { until, hyperperiod, nothing };
inline EnumNames<Horizon> enum_names(Horizon) {
  return {{Horizon::until, "until"}, {Horizon::hyperperiod, "hyperperiod"}, {Horizon::nothing, "nothing"}};
}

/// Where a simulation is given up. Simulated quantities alone, so that results are the same everywhere.
struct AtMost {
  Duration simulated{100'000'000'000'000};  // DERCA's published code simulates 23e9 cycles at 230 MHz
  std::optional<uint64_t> regions;
  static void describe(Schema<AtMost>& p);
};

struct OutcomeRules {
  Analysis analysis = Analysis::none;
  bool published = false;
  Horizon simulate = Horizon::until;
  bool stop_at_miss = false;
  AtMost at_most;
  static void describe(Schema<OutcomeRules>& p);
};

/// A column of the results.
struct Figure {
  std::string column;
  std::string path;
};

struct Plot {
  std::string name;  ///< part of file names; empty for a single plot
  std::string x;     ///< an axis; or a quantity as y: then each value of `by` is a point
  std::string y;
  std::string by;  ///< the series; empty: one
  std::string title;
  std::string x_label;
  std::string y_label;
  bool intervals = true;
  bool log_x = false;
  bool log_y = false;
  static void describe(Schema<Plot>& p);
};

/// Means and their intervals as a table: a row for each combination of the axes `rows`, a column a figure.
struct Table {
  std::string name;  ///< part of file names; empty for a single table
  std::vector<std::string> rows;
  std::string across;  ///< an axis whose values stand side by side, each with all columns; empty: none
  std::vector<std::string> columns;
  uint64_t digits = 4;
  static void describe(Schema<Table>& p);
};

struct Sweep {
  std::string title;
  std::string base;  ///< path of the scenario
  uint64_t seed = 1;
  std::vector<Setting> set;
  Space space;
  std::string generator;  ///< its name; empty: none
  std::shared_ptr<const TaskSets> task_sets;
  OutcomeRules outcome;
  std::vector<Figure> figures;
  std::vector<Plot> plots;
  std::vector<Table> tables;
  Node root;  ///< the file with its includes and overrides
};

/// Reads and checks a sweep file, its overrides applied; the scenario is not read. Throws InputError on the
/// first thing that is wrong.
Sweep read_sweep(const std::string& path, const std::vector<std::string>& overrides);

/// What the path of a figure may begin with.
const std::vector<std::string>& figure_roots();

/// The declared properties of a sweep file's sections, for listing.
std::vector<std::pair<std::string, std::vector<PropertyInfo>>> sweep_sections();

/// The scenario of a point: the base with `set`, the point's settings and its task set. `times` measures the
/// tasks for the generator. Throws InputError.
Node scenario_of(const Sweep& sweep, const Node& base, uint64_t point, const TaskTimes& times);

/// Checks every value of every axis against the base, the other axes at their first value: `check` reads a
/// scenario and throws InputError. The error of a path that is no property names the axis and what there is.
void check_axes(const Sweep& sweep, const Node& base, const TaskTimes& times,
                const std::function<void(const Node& scenario)>& check);

/// What decides the rows of the results, as text: all but titles, plots and tables.
std::string computed_part(const Sweep& sweep);

/// Identifies everything that results depend on: the sweep, the base and the contents of files that these
/// name. As hexadecimal digits.
std::string fingerprint(const Sweep& sweep, const Node& base);

}  // namespace vesper::sweep

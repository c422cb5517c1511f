#include "platform/sweep/plot.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/sweep/gnuplot.h"
#include "platform/sweep/process.h"
#include "platform/sweep/results.h"

namespace vesper::sweep {
namespace {

/// The unit that all labels have after a number, empty for plain numbers; none when they are no such.
std::optional<std::string> common_unit(const std::vector<std::string>& labels) {
  std::optional<std::string> unit;
  for (const std::string& label : labels) {
    size_t end = std::min(label.find_first_not_of("-0123456789."), label.size());
    std::string own = end < label.size() && label[end] == ' ' ? label.substr(end + 1) : label.substr(end);
    if (end == 0 || (unit && *unit != own)) return std::nullopt;
    unit = own;
  }
  return unit;
}

/// Rows first..last of the aggregate, a line of the plot.
struct Series {
  std::string title;
  size_t first = 0;
  size_t last = 0;
};

std::vector<Series> series_of(const Plot& plot, const Aggregate& aggregate) {
  std::vector<Series> all;
  for (size_t i = 0; i < aggregate.rows.size(); ++i) {
    std::string title = plot.by.empty() ? "" : aggregate.rows[i][0];
    if (all.empty() || all.back().title != title) all.push_back({title, i, i});
    all.back().last = i;
  }
  return all;
}

/// Number of a column, as gnuplot counts.
size_t column(const Aggregate& aggregate, const std::string& name) { return aggregate.place(name) + 1; }

/// Whether every value has an interval; a mean of one point has none.
bool has_intervals(const Aggregate& aggregate, const std::string& quantity) {
  size_t value = aggregate.place(quantity);
  return std::ranges::all_of(aggregate.rows, [&](const std::vector<std::string>& row) {
    return row[value].empty() || !row[value + 1].empty();
  });
}

bool is_rate(const std::string& quantity) { return std::ranges::count(rate_names(), quantity) > 0; }

std::string label_of(const std::string& given, const std::string& quantity) {
  if (!given.empty()) return given;
  return is_rate(quantity) ? quantity : "mean " + quantity;
}

/// How the bottom axis is drawn.
enum class Bottom : uint8_t { to_scale, side_by_side, quantity };

/// The columns that a point is drawn from, and its style.
struct Drawn {
  std::string columns;
  const char* style = "linespoints";
};

Drawn along_axis(const Plot& plot, const Aggregate& aggregate, bool to_scale) {
  size_t x_column = plot.by.empty() ? 1 : 2;
  size_t y = column(aggregate, plot.y);
  bool intervals = plot.intervals && has_intervals(aggregate, plot.y);
  std::string x = to_scale ? fmt::format("(real(word(strcol({}),1)))", x_column) : "0";
  std::string values = intervals ? fmt::format("{}:{}:{}", y, y + 1, y + 2) : fmt::format("{}", y);
  std::string ticks = to_scale ? "" : fmt::format(":xticlabels({})", x_column);
  return {x + ":" + values + ticks, intervals ? "yerrorlines" : "linespoints"};
}

Drawn against_each_other(const Plot& plot, const Aggregate& aggregate) {
  size_t x = column(aggregate, plot.x);
  size_t y = column(aggregate, plot.y);
  bool intervals = plot.intervals && has_intervals(aggregate, plot.x) && has_intervals(aggregate, plot.y);
  if (!intervals) return {fmt::format("{}:{}", x, y), "points"};
  return {fmt::format("{0}:{1}:{2}:{3}:{4}:{5}", x, y, x + 1, x + 2, y + 1, y + 2), "xyerrorbars"};
}

std::string plot_command(const Plot& plot, const Aggregate& aggregate, Bottom bottom) {
  Drawn drawn = bottom == Bottom::quantity ? against_each_other(plot, aggregate)
                                           : along_axis(plot, aggregate, bottom == Bottom::to_scale);
  std::vector<Series> all = series_of(plot, aggregate);
  std::string command;
  for (size_t i = 0; i < all.size(); ++i) {
    const Series& series = all[i];
    std::string title = series.title.empty() ? "notitle" : "title " + gnuplot_text(series.title);
    command += fmt::format("{}{} skip 1 every ::{}::{} using {} with {} {} {}",
                           command.empty() ? "plot " : ", \\\n     ", gnuplot_text(aggregate_file(plot)),
                           series.first, series.last, drawn.columns, drawn.style, look(i, all.size()), title);
  }
  return command + "\n";
}

/// The bottom axis and what stands below it.
std::pair<Bottom, std::string> bottom_of(const Sweep& sweep, const Plot& plot, const Aggregate& aggregate) {
  if (!sweep.space.find(plot.x)) return {Bottom::quantity, label_of(plot.x_label, plot.x)};
  std::vector<std::string> labels;
  for (const auto& row : aggregate.rows) labels.push_back(row[plot.by.empty() ? 0 : 1]);
  std::optional<std::string> unit = common_unit(labels);
  std::string label = plot.x_label.empty() ? plot.x : plot.x_label;
  if (plot.x_label.empty() && unit && !unit->empty()) label += " (" + *unit + ")";
  return {unit ? Bottom::to_scale : Bottom::side_by_side, label};
}

}  // namespace

std::string aggregate_file(const Plot& plot) {
  return plot.name.empty() ? "aggregate.csv" : "aggregate-" + plot.name + ".csv";
}

std::string plot_file(const Plot& plot) { return plot.name.empty() ? "plot" : "plot-" + plot.name; }

std::string gnuplot_script(const Sweep& sweep, const Plot& plot, const Aggregate& aggregate) {
  auto [bottom, x_label] = bottom_of(sweep, plot, aggregate);
  std::string script = script_head(plot_file(plot), plot.title.empty() ? sweep.title : plot.title, x_label,
                                   label_of(plot.y_label, plot.y));
  if (is_rate(plot.y)) script += "set yrange [0:1.03]\n";
  if (plot.log_x) script += "set logscale x\n";
  if (plot.log_y) script += "set logscale y\n";
  if (bottom == Bottom::side_by_side) {
    script += "set offsets 0.5, 0.5, 0, 0\n";
    constexpr uint64_t kMostUpright = 8;  // labels beside each other without touching
    if (sweep.space.axes()[*sweep.space.find(plot.x)].size() > kMostUpright)
      script += "set xtics rotate by -45\n";
  }
  return script + drawn_twice(plot_file(plot), plot_command(plot, aggregate, bottom));
}

void check_gnuplot(const Sweep& sweep) {
  if (sweep.plots.empty() || has_program("gnuplot")) return;
  throw InputError(
      "the sweep has a plot, and there is no gnuplot: install it (Debian: gnuplot-nox), or pass --no-plot");
}

}  // namespace vesper::sweep

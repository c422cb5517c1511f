#include "platform/sweep/aggregate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/math/distributions/students_t.hpp>
#include <charconv>
#include <cmath>

#include "platform/observe/format.h"
#include "platform/sweep/results.h"

namespace vesper::sweep {
namespace {

constexpr double kConfidence = 0.95;
constexpr unsigned kDigits = 6;  // far from where the last bits of a quantile differ between libraries
constexpr double kNormalQuantile = 1.959963984540054;  // of 0.975

struct Group {
  std::array<uint64_t, kOutcomes> outcomes{};
  std::vector<std::vector<double>> figures;

  [[nodiscard]] uint64_t of(Outcome outcome) const { return outcomes[static_cast<size_t>(outcome)]; }
  [[nodiscard]] uint64_t points() const {
    uint64_t sum = 0;
    for (uint64_t count : outcomes) sum += count;
    return sum;
  }
};

std::optional<double> number(const std::string& text) {
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void add_estimate(std::vector<std::string>& fields, const std::optional<Estimate>& estimate) {
  auto text = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.{}g}", *value, kDigits) : std::string();
  };
  fields.push_back(estimate ? text(estimate->value) : "");
  fields.push_back(estimate ? text(estimate->low) : "");
  fields.push_back(estimate ? text(estimate->high) : "");
}

std::vector<std::string> fields_of(const Group& group) {
  std::vector<std::string> fields{fmt::format("{}", group.points())};
  for (uint64_t count : group.outcomes) fields.push_back(fmt::format("{}", count));
  uint64_t met = group.of(Outcome::analysis) + group.of(Outcome::simulated);
  add_estimate(fields, proportion(met, met + group.of(Outcome::missed)));
  add_estimate(fields, proportion(group.of(Outcome::analysis), group.points()));
  for (const std::vector<double>& samples : group.figures) add_estimate(fields, mean(samples));
  return fields;
}

std::vector<std::string> column_names(const Sweep& sweep, const std::vector<size_t>& axes) {
  std::vector<std::string> names;
  for (size_t axis : axes) names.push_back(sweep.space.axes()[axis].name());
  names.emplace_back("points");
  for (const auto& [outcome, name] : enum_names(Outcome{})) names.emplace_back(name);
  std::vector<std::string> quantities = rate_names();
  for (const Figure& figure : sweep.figures) quantities.push_back(figure.column);
  for (const std::string& quantity : quantities)
    names.insert(names.end(), {quantity, quantity + "_low", quantity + "_high"});
  return names;
}

void add_point(Group& group, const Result& result) {
  ++group.outcomes[static_cast<size_t>(result.outcome)];
  group.figures.resize(result.figures.size());
  for (size_t i = 0; i < result.figures.size(); ++i) {
    if (auto value = number(result.figures[i])) group.figures[i].push_back(*value);
  }
}

}  // namespace

std::optional<Estimate> proportion(uint64_t part, uint64_t whole) {
  if (whole == 0) return std::nullopt;
  auto n = static_cast<double>(whole);
  double share = static_cast<double>(part) / n;
  double z2 = kNormalQuantile * kNormalQuantile;
  double centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  double half = kNormalQuantile / (1 + z2 / n) * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
  return Estimate{share, part == 0 ? 0 : centre - half, part == whole ? 1 : centre + half};
}

std::optional<Estimate> mean(const std::vector<double>& samples) {
  if (samples.empty()) return std::nullopt;
  auto n = static_cast<double>(samples.size());
  double sum = 0;
  for (double sample : samples) sum += sample;
  Estimate estimate{sum / n, std::nullopt, std::nullopt};
  if (samples.size() == 1) return estimate;
  double squares = 0;
  for (double sample : samples) squares += (sample - estimate.value) * (sample - estimate.value);
  boost::math::students_t distribution(n - 1);
  double quantile = boost::math::quantile(distribution, 0.5 + kConfidence / 2);
  double half = quantile * std::sqrt(squares / (n - 1) / n);
  estimate.low = estimate.value - half;
  estimate.high = estimate.value + half;
  return estimate;
}

std::vector<size_t> axes_of(const Sweep& sweep, const std::vector<std::string>& names) {
  std::vector<size_t> axes;
  for (const std::string& name : names) axes.push_back(*sweep.space.find(name));
  return axes;
}

std::vector<size_t> group_axes(const Sweep& sweep, const Plot& plot) {
  std::vector<std::string> names;
  if (!plot.by.empty()) names.push_back(plot.by);
  if (sweep.space.find(plot.x)) names.push_back(plot.x);
  return axes_of(sweep, names);
}

std::vector<size_t> group_axes(const Sweep& sweep) {
  std::vector<size_t> axes;
  for (size_t i = 0; i < sweep.space.axes().size(); ++i) {
    const Axis& axis = sweep.space.axes()[i];
    bool repeats = (axis.kind() == AxisKind::generator && axis.name() == "set") || axis.name() == kSeedAxis;
    if (!repeats) axes.push_back(i);
  }
  return axes;
}

std::string Aggregate::csv() const {
  std::string text = observe::csv_line(columns);
  for (const auto& row : rows) text += observe::csv_line(row);
  return text;
}

size_t Aggregate::place(const std::string& column) const {
  return static_cast<size_t>(std::ranges::find(columns, column) - columns.begin());
}

Aggregate aggregate(const Sweep& sweep, const Rows& rows, const std::vector<size_t>& axes) {
  std::map<Choice, Group> groups;
  for (const auto& [point, line] : rows) {
    Choice choice = sweep.space.point(point);
    Choice key;
    for (size_t axis : axes) key.push_back(choice[axis]);
    add_point(groups[key], read_row(sweep, line));
  }
  Aggregate result;
  result.columns = column_names(sweep, axes);
  for (const auto& [key, group] : groups) {
    std::vector<std::string> fields;
    for (size_t i = 0; i < axes.size(); ++i) fields.push_back(sweep.space.axes()[axes[i]].label(key[i]));
    for (std::string& field : fields_of(group)) fields.push_back(std::move(field));
    result.rows.push_back(std::move(fields));
  }
  return result;
}

}  // namespace vesper::sweep

#include "platform/sweep/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/observe/format.h"

namespace vesper::sweep {
namespace {

/// A quantity's fields in an aggregate: value, low, high; empty ones where the aggregate has no such row.
using Cell = std::vector<std::string>;

struct Grid {
  std::vector<std::string> row_axes;
  std::vector<std::string> columns;
  struct Row {
    std::vector<std::string> labels;
    std::vector<Cell> cells;
  };
  std::vector<Row> rows;
};

std::vector<std::string> labels_across(const Sweep& sweep, const Table& table) {
  if (table.across.empty()) return {""};
  const Axis& axis = sweep.space.axes()[*sweep.space.find(table.across)];
  std::vector<std::string> labels;
  for (uint64_t i = 0; i < axis.size(); ++i) labels.push_back(axis.label(i));
  return labels;
}

Grid grid_of(const Sweep& sweep, const Table& table, const Rows& rows) {
  std::vector<std::string> axes = table.rows;
  if (!table.across.empty()) axes.push_back(table.across);
  Aggregate groups = aggregate(sweep, rows, axes_of(sweep, axes));
  std::vector<std::string> across = labels_across(sweep, table);
  Grid grid{table.rows, {}, {}};
  for (const std::string& label : across) {
    for (const std::string& column : table.columns)
      grid.columns.push_back(label.empty() ? column : label + " " + column);
  }
  for (const std::vector<std::string>& group : groups.rows) {
    auto end = group.begin() + static_cast<std::ptrdiff_t>(table.rows.size());
    std::vector<std::string> labels(group.begin(), end);
    if (grid.rows.empty() || grid.rows.back().labels != labels)
      grid.rows.push_back({labels, std::vector<Cell>(grid.columns.size(), Cell(3))});
    size_t block =
        table.across.empty() ? 0 : static_cast<size_t>(std::ranges::find(across, *end) - across.begin());
    for (size_t i = 0; i < table.columns.size(); ++i) {
      auto value = group.begin() + static_cast<std::ptrdiff_t>(groups.place(table.columns[i]));
      grid.rows.back().cells[block * table.columns.size() + i] = Cell(value, value + 3);
    }
  }
  return grid;
}

std::string csv_of(const Grid& grid) {
  std::vector<std::string> header = grid.row_axes;
  for (const std::string& column : grid.columns)
    header.insert(header.end(), {column, column + "_low", column + "_high"});
  std::string text = observe::csv_line(header);
  for (const Grid::Row& row : grid.rows) {
    std::vector<std::string> fields = row.labels;
    for (const Cell& cell : row.cells) fields.insert(fields.end(), cell.begin(), cell.end());
    text += observe::csv_line(fields);
  }
  return text;
}

/// With so many significant digits, without an exponent where that is readable.
std::string rounded(double value, uint64_t digits) {
  std::string scientific = fmt::format("{:.{}e}", value, digits - 1);
  int exponent = std::stoi(scientific.substr(scientific.find('e') + 1));
  if (exponent < -4 || exponent > 9) return fmt::format("{:.{}g}", value, digits);
  std::string text = fmt::format("{:.{}f}", value, std::max(0, static_cast<int>(digits) - 1 - exponent));
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string in_words(const Cell& cell, uint64_t digits) {
  if (cell[0].empty()) return "";
  std::string mean = rounded(std::stod(cell[0]), digits);
  if (cell[1].empty()) return mean;
  return fmt::format("{} ± {}", mean, rounded((std::stod(cell[2]) - std::stod(cell[1])) / 2, 2));
}

std::string markdown_line(const std::vector<std::string>& fields) {
  std::string line = "|";
  for (const std::string& field : fields) {
    line += ' ';
    for (char c : field) line += c == '|' ? std::string("\\|") : std::string(1, c);
    line += " |";
  }
  return line + "\n";
}

std::string markdown_of(const Grid& grid, uint64_t digits) {
  std::vector<std::string> header = grid.row_axes;
  header.insert(header.end(), grid.columns.begin(), grid.columns.end());
  std::string text = markdown_line(header) + "|";
  for (size_t i = 0; i < header.size(); ++i) text += i < grid.row_axes.size() ? "---|" : "---:|";
  text += "\n";
  for (const Grid::Row& row : grid.rows) {
    std::vector<std::string> fields = row.labels;
    for (const Cell& cell : row.cells) fields.push_back(in_words(cell, digits));
    text += markdown_line(fields);
  }
  return text;
}

}  // namespace

std::string table_file(const Table& table, const std::string& suffix) {
  return (table.name.empty() ? "table" : "table-" + table.name) + suffix;
}

TableTexts table_texts(const Sweep& sweep, const Table& table, const Rows& rows) {
  Grid grid = grid_of(sweep, table, rows);
  return {csv_of(grid), markdown_of(grid, table.digits)};
}

}  // namespace vesper::sweep

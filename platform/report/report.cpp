#include "platform/report/report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <set>

#include "platform/property/node.h"
#include "platform/report/page.h"
#include "platform/report/sections.h"
#include "platform/report/statistics.h"
#include "platform/sweep/files.h"

namespace vesper::report {

namespace fs = std::filesystem;
using Json = ordered_json;

namespace {

/// Of the page, shared by its runs.
constexpr Budget kBudget{120'000, 80'000, 120'000};

Budget share_of(size_t runs) {
  return {kBudget.stretches / runs, kBudget.jobs / runs, kBudget.regions / runs};
}

/// Names of the runs' folders; with more of the path where they would be the same.
std::vector<std::string> labels(const std::vector<fs::path>& folders) {
  std::vector<std::string> names;
  std::vector<fs::path> rest;
  for (const fs::path& folder : folders) {
    fs::path path = fs::weakly_canonical(fs::absolute(folder));
    if (!path.has_filename()) path = path.parent_path();
    names.push_back(path.filename().string());
    rest.push_back(path.parent_path());
  }
  while (std::set(names.begin(), names.end()).size() < names.size()) {
    bool longer = false;
    for (size_t i = 0; i < names.size(); ++i) {
      if (!rest[i].has_filename()) continue;
      names[i] = rest[i].filename().string() + "/" + names[i];
      rest[i] = rest[i].parent_path();
      longer = true;
    }
    if (!longer) throw InputError("the same run is named twice; name each folder once");
  }
  return names;
}

/// What of summary.json the page shows; `memory` is mostly too much.
Json figures(const RunData& run) try {
  Json shown = run.summary_json;
  shown.erase("memory");
  Json ddr = Json::array();
  const Json memory = run.summary_json.value("memory", Json::object());
  for (const Json& one : memory.value("ddr", Json::array())) {
    ddr.push_back({{"name", one.at("name")},
                   {"utilisation", one.at("utilisation")},
                   {"row_hit_rate", one.at("row_hit_rate")}});
  }
  shown["ddr"] = ddr;
  return shown;
} catch (const Json::exception& error) {
  throw InputError(fmt::format("'{}' is not the summary of a run: {}", (run.folder / "summary.json").string(),
                               error.what()));
}

Json run_json(const std::string& label, RunData& run, const Budget& budget, size_t rows,
              const std::optional<Window>& wanted, Columns& columns) {
  const std::vector<Window> windows = exact_windows(run, budget, wanted);
  RegionMarks marks(windows, budget.regions);
  Json json = {{"label", label}, {"summary", figures(run)}};
  json["responses"] = responses_json(run, columns);
  json["decisions"] = decisions_json(run, marks, columns);
  json["bandwidth"] = bandwidth_json(run, columns);
  json["interference"] = interference_json(run);
  json["memory_time"] = memory_time_json(run);
  json["jobs"] = jobs_json(run, rows);
  json["gantt"] = gantt_json(run, windows, budget, columns);
  json["gantt"]["regions"] = marks.json(columns);
  json["requesters"] = run.requesters.all();
  json["accelerators"] = run.accelerators.all();
  return json;
}

/// Properties whose values are not the same in all runs; null where a run has none.
Json differences(const std::vector<Configuration>& runs) {
  std::vector<std::string> paths;
  std::map<std::string, std::vector<Json>> values;
  for (size_t i = 0; i < runs.size(); ++i) {
    for (const auto& [path, value] : runs[i]) {
      auto [found, is_new] = values.try_emplace(path, runs.size(), nullptr);
      if (is_new) paths.push_back(path);
      found->second[i] = value;
    }
  }
  Json all = Json::array();
  for (const std::string& path : paths) {
    const std::vector<Json>& row = values[path];
    if (std::set(row.begin(), row.end()).size() > 1) all.push_back({path, row});
  }
  return all;
}

void check_writable(const fs::path& file) {
  const fs::path folder = fs::absolute(file).parent_path();
  std::string why;
  if (fs::is_directory(file)) why = "it is a folder";
  if (!fs::is_directory(folder)) why = fmt::format("there is no folder '{}'", folder.string());
  if (why.empty() && ::access(folder.c_str(), W_OK | X_OK) != 0) why = "permission denied";
  if (!why.empty()) throw InputError(fmt::format("cannot write '{}': {}", file.string(), why));
}

/// JSON that may stand in a script element.
std::string script_text(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (char c : text) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string filled(std::string_view page, const std::string& data, const std::string& columns) {
  const size_t first = page.find(kDataPlace);
  const size_t second = page.find(kColumnsPlace, first);
  if (first == std::string_view::npos || second == std::string_view::npos)
    throw std::runtime_error("the report's page has no place for data");
  std::string html;
  html.reserve(page.size() + data.size() + columns.size());
  html.append(page.substr(0, first)).append(data);
  html.append(page.substr(first + kDataPlace.size(), second - first - kDataPlace.size()));
  return html.append(columns).append(page.substr(second + kColumnsPlace.size()));
}

}  // namespace

void check_page() {
  if (!page().empty()) return;
  throw InputError(
      "this vesper was built without the report's page (VESPER_REPORT=OFF); build it with VESPER_REPORT=ON, "
      "which needs npm");
}

void write_report(const std::vector<fs::path>& folders, const fs::path& file, const ReportOptions& options) {
  check_page();
  check_writable(file);
  const std::vector<std::string> names = labels(folders);
  const Budget budget = share_of(folders.size());
  const size_t rows = std::max<size_t>(options.rows / folders.size(), 1);
  Columns columns;
  Json runs = Json::array();
  std::vector<Configuration> configurations;
  for (size_t i = 0; i < folders.size(); ++i) {
    RunData run = read_run(folders[i]);
    runs.push_back(run_json(names[i], run, budget, rows, options.window, columns));
    configurations.push_back(std::move(run.configuration));
  }
  const Json data = {{"runs", runs}, {"differences", differences(configurations)}};
  sweep::write_file(file, filled(page(), script_text(data), columns.base64()));
}

}  // namespace vesper::report

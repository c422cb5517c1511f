#include "platform/sweep/launcher.h"

#include <fmt/format.h>

#include "platform/sweep/aggregate.h"
#include "platform/sweep/files.h"
#include "platform/sweep/gnuplot.h"
#include "platform/sweep/plot.h"
#include "platform/sweep/table.h"

namespace vesper::sweep {
namespace {

namespace fs = std::filesystem;

std::vector<Launcher>& registry() {
  static std::vector<Launcher> all;
  return all;
}

}  // namespace

const std::vector<Launcher>& launchers() { return registry(); }

LauncherRegistration::LauncherRegistration(const Launcher& launcher) { registry().push_back(launcher); }

ReadJournal merge_journals(const std::vector<fs::path>& folders) {
  ReadJournal all;
  for (const fs::path& folder : folders) {
    ReadJournal journal = read_journal(folder);
    if (&folder == &folders.front()) all.key = journal.key;
    if (journal.key.fingerprint != all.key.fingerprint || journal.key.points != all.key.points) {
      throw InputError(fmt::format("'{}' and '{}' hold results of different sweeps", folders.front().string(),
                                   folder.string()));
    }
    for (auto& [point, line] : journal.rows) {
      auto [there, added] = all.rows.emplace(point, line);
      if (!added && there->second != line)
        throw InputError(fmt::format("'{}' has another result of point {} than a folder before it",
                                     folder.string(), point));
    }
  }
  return all;
}

std::vector<std::string> write_results(const Sweep& sweep, const Rows& rows, const fs::path& folder,
                                       bool plots) {
  std::vector<std::string> files;
  auto write = [&](const std::string& name, const std::string& text) {
    write_file(folder / name, text);
    files.push_back(name);
  };
  std::string text = header(sweep);
  for (const auto& [point, line] : rows) text += line;
  write("results.csv", text);
  if (sweep.plots.empty()) write("aggregate.csv", aggregate(sweep, rows, group_axes(sweep)).csv());
  for (const Table& table : sweep.tables) {
    TableTexts texts = table_texts(sweep, table, rows);
    write(table_file(table, ".csv"), texts.csv);
    write(table_file(table, ".md"), texts.markdown);
  }
  for (const Plot& plot : sweep.plots) {
    Aggregate groups = aggregate(sweep, rows_of(sweep, plot, rows), group_axes(sweep, plot));
    write(aggregate_file(plot), groups.csv());
    std::string script = plot_file(plot) + ".gp";
    write(script, gnuplot_script(sweep, plot, groups));
    if (!plots) continue;
    draw(folder, script);
    files.insert(files.end(), {plot_file(plot) + ".svg", plot_file(plot) + ".png"});
  }
  return files;
}

}  // namespace vesper::sweep

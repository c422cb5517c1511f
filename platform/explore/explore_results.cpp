#include "platform/explore/explore_results.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>

#include "platform/scenario/yaml.h"
#include "platform/sweep/files.h"
#include "platform/sweep/gnuplot.h"
#include "platform/sweep/results.h"

namespace vesper::explore {
namespace {

namespace fs = std::filesystem;
using offline::Best;
using offline::Candidate;
using offline::SpaceResult;

constexpr const char* kFigures =
    "images,latency_ms,throughput_tops,accelerators,aie,plio_in,plio_out,dsp,bram,uram,map";
constexpr size_t kFixedColumns = 3;  // candidate, map, evaluations

/// Exact: a nanosecond is a millionth of a millisecond.
std::string milliseconds(uint64_t ps) {
  return fmt::format("{}.{:09}", ps / 1'000'000'000, ps % 1'000'000'000);
}

std::string short_milliseconds(uint64_t ps) {
  return fmt::format("{:.4g} ms", static_cast<double>(ps) * 1e-9);
}

std::string latency_text(const offline::Outcome& outcome) {
  return (outcome.found ? "" : ">") + fmt::format("{}", outcome.latency_ps);
}

template <class T>
T number_of_text(std::string_view text) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw InputError(fmt::format("'{}' in the journal is no number", text));
  return value;
}

/// A path as it stands in a file of `folder`.
std::string path_from(const fs::path& folder, const fs::path& path) {
  return fs::proximate(fs::absolute(path), fs::absolute(folder)).string();
}

}  // namespace

std::string design_file(size_t number) { return fmt::format("design_{}.yaml", number); }

size_t journal_columns(const offline::Explore& search) {
  return kFixedColumns + search.most_images - search.least_images + 1;
}

std::string journal_row(size_t number, const Candidate& candidate) {
  std::string row = fmt::format("{},{},{}", number, fmt::join(candidate.map, " "), candidate.evaluations);
  for (const offline::Outcome& outcome : candidate.outcomes) row += "," + latency_text(outcome);
  return row + "\n";
}

Candidate candidate_of(const std::string& row) {
  std::vector<std::string> fields = sweep::split_csv(std::string_view(row).substr(0, row.find('\n')));
  if (fields.size() <= kFixedColumns) throw InputError("a row of the journal is cut short");
  Candidate candidate;
  std::string_view map = fields[1];
  while (!map.empty()) {
    size_t end = std::min(map.find(' '), map.size());
    candidate.map.push_back(number_of_text<uint8_t>(map.substr(0, end)));
    map.remove_prefix(std::min(end + 1, map.size()));
  }
  candidate.evaluations = number_of_text<uint64_t>(fields[2]);
  for (size_t i = kFixedColumns; i < fields.size(); ++i) {
    bool found = !fields[i].starts_with('>');
    candidate.outcomes.push_back(
        {found, number_of_text<uint64_t>(std::string_view(fields[i]).substr(found ? 0 : 1))});
  }
  return candidate;
}

Results::Results(const ExploreFile& file, const offline::GraphModel& model, offline::SpatialSearch& search,
                 const offline::SearchResult& result)
    : file_(file), model_(model), result_(result) {
  for (const SpaceResult& space : result.spaces) {
    for (const Best& best : space.best) {
      if (number_of(best) != 0) continue;
      FoundDesign found{best, search.design_of(result, best), {}};
      std::optional<offline::DesignCost> cost = model.evaluate(found.design);
      if (!cost || cost->latency_ps != best.latency_ps)
        throw std::logic_error("a design worked out again is another one");
      found.resources = cost->resources;
      designs_.push_back(std::move(found));
    }
  }
}

size_t Results::number_of(const Best& best) const {
  for (size_t i = 0; i < designs_.size(); ++i) {
    const Best& other = designs_[i].best;
    if (other.candidate == best.candidate && other.images == best.images) return i + 1;
  }
  return 0;
}

std::vector<size_t> Results::pareto() const {
  std::set<size_t> numbers;
  for (const SpaceResult& space : result_.spaces) {
    for (const Best& best : space.front) numbers.insert(number_of(best));
  }
  return {numbers.begin(), numbers.end()};
}

/// The columns kFigures.
std::string Results::figures_of(const Best& best) const {
  const FoundDesign& found = designs_[number_of(best) - 1];
  const spatial::Resources& r = found.resources;
  std::vector<std::string> stages;
  for (const offline::SpatialStage& stage : model_.stages()) stages.push_back(stage.name);
  return fmt::format("{},{},{:.4f},{},{},{},{},{},{},{},{}", best.images, milliseconds(best.latency_ps),
                     offline::throughput(model_, best.images, best.latency_ps) * 1e-12,
                     found.design.accelerators.size(), r.aie, r.plio_in, r.plio_out, r.dsp, r.bram, r.uram,
                     offline::text_of(result_.candidates[best.candidate].map, stages));
}

std::string Results::row_of(const Best& best) const {
  return fmt::format("{},{}\n", number_of(best), figures_of(best));
}

std::string Results::candidates_csv() const {
  std::string csv = "candidate,map,evaluations";
  for (uint32_t images = file_.search.least_images; images <= file_.search.most_images; ++images)
    csv += fmt::format(",latency_ps_of_{}", images);
  csv += "\n";
  for (size_t i = 0; i < result_.candidates.size(); ++i) csv += journal_row(i, result_.candidates[i]);
  return csv;
}

std::string Results::best_csv() const {
  std::string csv = fmt::format("space,design,{}\n", kFigures);
  for (const SpaceResult& space : result_.spaces) {
    for (const Best& best : space.best) csv += space.name + "," + row_of(best);
  }
  return csv;
}

std::string Results::pareto_csv() const {
  std::string csv = fmt::format("space,design,{}\n", kFigures);
  for (const SpaceResult& space : result_.spaces) {
    for (const Best& best : space.front) csv += space.name + "," + row_of(best);
  }
  return csv;
}

std::string Results::bounds_csv() const {
  std::string csv = fmt::format("bound_ms,space,design,{}\n", kFigures);
  for (size_t i = 0; i < file_.search.bounds.size(); ++i) {
    for (const SpaceResult& space : result_.spaces) {
      csv += fmt::format("{},{},", milliseconds(file_.search.bounds[i].ps), space.name);
      csv += space.under[i] ? row_of(*space.under[i]) : ",,,,,,,,,,,\n";
    }
  }
  return csv;
}

std::string Results::script() const {
  std::string script = sweep::script_head("pareto", file_.title, "latency (ms)", "throughput (TOPS)");
  std::string command;
  size_t row = 0;
  for (size_t i = 0; i < result_.spaces.size(); ++i) {
    const SpaceResult& space = result_.spaces[i];
    if (space.front.empty()) continue;
    command += fmt::format("{}'pareto.csv' skip 1 every ::{}::{} using 4:5 with linespoints {} title {}",
                           command.empty() ? "plot " : ", \\\n     ", row, row + space.front.size() - 1,
                           sweep::look(i, result_.spaces.size()), sweep::gnuplot_text(space.name));
    row += space.front.size();
  }
  return script + "set yrange [0:*]\nset xrange [0:*]\n" + sweep::drawn_twice("pareto", command + "\n");
}

Node Results::scenario_of(const FoundDesign& found, size_t number, const fs::path& folder,
                          const std::vector<std::string>& overrides) const {
  Node root = Node::map();
  root.at_or_add("scenario", {}) =
      Node::scalar(fmt::format("{}: design {}, {} at once in {}", file_.title, number, found.best.images,
                               short_milliseconds(found.best.latency_ps)));
  root.at_or_add("include", {}) = Node::scalar(path_from(folder, file_.path));
  for (const std::string& assignment : overrides) {
    bool own = assignment.starts_with("explore.") || assignment.starts_with("design.") ||
               assignment.starts_with("tasks.");
    if (!own) scenario::apply_override(root, assignment);
  }
  root.at_or_add("design", {}) = Codec<spatial::Design>::write(found.design);
  Node tasks = Node::list();
  const std::vector<Node>& written = file_.root.find("tasks")->items();
  for (size_t i = 0; i < written.size(); ++i) {
    Node task = written[i];
    if (Node* model = task.find("model"))
      *model = Node::scalar(path_from(folder, scenario::resolve_path(model->text(), model->where())));
    if (i == file_.task) task.at_or_add("batch", {}) = Node::scalar(std::to_string(found.best.images));
    tasks.add(std::move(task));
  }
  root.at_or_add("tasks", {}) = std::move(tasks);
  return root;
}

std::vector<std::string> Results::write(const fs::path& folder, const std::vector<std::string>& overrides,
                                        bool plot) const {
  std::vector<std::string> names;
  auto put = [&](const std::string& name, const std::string& text) {
    sweep::write_file(folder / name, text);
    names.push_back(name);
  };
  put("candidates.csv", candidates_csv());
  put("best.csv", best_csv());
  put("pareto.csv", pareto_csv());
  if (!file_.search.bounds.empty()) put("bounds.csv", bounds_csv());
  for (size_t i = 0; i < designs_.size(); ++i)
    put(design_file(i + 1), scenario::to_yaml(scenario_of(designs_[i], i + 1, folder, overrides)));
  if (!plot || designs_.empty()) return names;
  put("pareto.gp", script());
  sweep::draw(folder, "pareto.gp");
  names.insert(names.end(), {"pareto.svg", "pareto.png"});
  return names;
}

std::string Results::table() const {
  bool bounds = !file_.search.bounds.empty();
  std::string text = fmt::format("{:12}", bounds ? "under" : "images");
  for (const SpaceResult& space : result_.spaces) text += fmt::format(" {:>26}", space.name);
  text += "\n";
  auto cell = [&](const Best* best) {
    if (best == nullptr) return std::string("none");
    std::string time = short_milliseconds(best->latency_ps);
    return fmt::format("{:.2f} TOPS ({}{})",
                       offline::throughput(model_, best->images, best->latency_ps) * 1e-12,
                       bounds ? fmt::format("{} in ", best->images) : "", time);
  };
  size_t rows =
      bounds ? file_.search.bounds.size() : file_.search.most_images - file_.search.least_images + 1;
  for (size_t i = 0; i < rows; ++i) {
    uint32_t images = file_.search.least_images + static_cast<uint32_t>(i);
    text += fmt::format("{:12}", bounds ? to_text(file_.search.bounds[i]) : std::to_string(images));
    for (const SpaceResult& space : result_.spaces) {
      const Best* best = nullptr;
      if (bounds && space.under[i]) best = &*space.under[i];
      for (const Best& one : space.best) {
        if (!bounds && one.images == images) best = &one;
      }
      text += fmt::format(" {:>26}", cell(best));
    }
    text += "\n";
  }
  return text;
}

}  // namespace vesper::explore

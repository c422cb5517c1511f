#include "platform/report/run_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <tuple>

#include "platform/observe/format.h"
#include "platform/property/node.h"
#include "platform/scenario/yaml.h"

namespace vesper::report {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

uint16_t Names::number(std::string_view name) {
  const auto found = numbers_.find(name);
  if (found != numbers_.end()) return found->second;
  if (names_.size() > std::numeric_limits<uint16_t>::max()) throw InputError("more names than 65536");
  const auto number = static_cast<uint16_t>(names_.size());
  names_.emplace_back(name);
  numbers_.emplace(name, number);
  return number;
}

namespace {

void check_folder(const fs::path& folder) {
  if (fs::exists(folder / "summary.json")) return;
  std::string why = fs::is_directory(folder) ? "has no summary.json"
                    : fs::exists(folder)     ? "is a file"
                                             : "does not exist";
  throw InputError(
      fmt::format("'{}' is not the folder of a run: it {}; name a folder that `vesper run --out` has written",
                  folder.string(), why));
}

Json read_json(const fs::path& path) {
  std::ifstream file(path);
  return Json::parse(file);  // read_summary() has seen that it can be
}

/// The task of a row, which has to be one of the summary's.
uint16_t task_of(RunData& run, const CsvReader& table, size_t column) {
  const uint16_t task = run.requesters.number(table.text(column));
  if (task >= run.tasks()) table.fail(column, "summary.json knows no such task");
  return task;
}

uint32_t small(const CsvReader& table, size_t column) {
  const uint64_t value = table.number(column);
  if (value > std::numeric_limits<uint32_t>::max()) table.fail(column, "the number is too large");
  return static_cast<uint32_t>(value);
}

void read_jobs(RunData& run) {
  CsvReader table(run.folder / "jobs.csv");
  const size_t task = table.column("task"), number = table.column("job"), release = table.column("release_s"),
               start = table.column("start_s"), finish = table.column("finish_s"),
               deadline = table.column("deadline_s"), missed = table.column("missed"),
               preemptions = table.column("preemptions"), failed = table.column("failed"),
               isolated = table.column("isolated_s"), warm_up = table.column("warm_up");
  while (table.next()) {
    Job job;
    job.task = task_of(run, table, task);
    job.number = small(table, number);
    job.preemptions = small(table, preemptions);
    job.release = table.time(release);
    job.start = table.time_or_none(start);
    job.finish = table.time_or_none(finish);
    job.deadline = table.time_or_none(deadline);
    job.isolated = table.time_or_none(isolated);
    job.missed = table.flag(missed);
    job.failed = table.flag(failed);
    job.warm_up = table.flag(warm_up);
    if (job.finish && *job.finish < job.release) table.fail(finish, "the job finishes before its release");
    run.jobs.push_back(job);
  }
  std::ranges::sort(run.jobs, {},
                    [](const Job& job) { return std::tuple(job.release, job.task, job.number); });
}

/// An accelerator runs one job at a time.
void check_disjoint(const RunData& run) {
  std::vector<Time> ends(run.accelerators.all().size());
  for (const Stretch& stretch : *run.stretches) {
    if (stretch.start < ends[stretch.accelerator]) {
      throw InputError(fmt::format(
          "{}: two stretches of '{}' overlap at {} s; run the scenario again to have the file written anew",
          (run.folder / "stretches.csv").string(), run.accelerators.all()[stretch.accelerator],
          observe::seconds_text(stretch.start)));
    }
    ends[stretch.accelerator] = stretch.end;
  }
}

void read_stretches(RunData& run) {
  CsvReader table(run.folder / "stretches.csv");
  const size_t accelerator = table.column("accelerator"), task = table.column("task"),
               job = table.column("job"), start = table.column("start_s"), end = table.column("end_s"),
               regions = table.column("regions"), scheduler = table.column("scheduler_s"),
               swap = table.column("swap_s"), compute = table.column("compute_s");
  std::vector<Stretch>& all = run.stretches.emplace();
  while (table.next()) {
    Stretch stretch;
    stretch.accelerator = run.accelerators.number(table.text(accelerator));
    stretch.task = task_of(run, table, task);
    stretch.job = small(table, job);
    stretch.start = table.time(start);
    stretch.end = table.time(end);
    stretch.regions = small(table, regions);
    stretch.scheduler = table.time(scheduler);
    stretch.swap = table.time(swap);
    stretch.compute = table.time(compute);
    if (stretch.end < stretch.start) table.fail(end, "the stretch ends before it starts");
    if (stretch.scheduler + stretch.swap + stretch.compute > stretch.end - stretch.start)
      table.fail(compute, "the parts are longer than the stretch");
    all.push_back(stretch);
  }
  std::ranges::stable_sort(all, {}, &Stretch::start);
  check_disjoint(run);
}

void read_interference(RunData& run) {
  CsvReader table(run.folder / "interference.csv");
  const size_t where = table.column("where"), task = table.column("task"), other = table.column("waited_for"),
               time = table.column("time_s");
  while (table.next()) {
    const uint16_t who = run.requesters.number(table.text(task));
    run.interference.push_back(
        {std::string(table.text(where)), who, run.requesters.number(table.text(other)), table.time(time)});
  }
}

void read_memory_time(RunData& run) {
  CsvReader table(run.folder / "latency.csv");
  const size_t task = table.column("task"), payloads = table.column("payloads"),
               bytes = table.column("bytes"), latency = table.column("latency_s");
  std::array<size_t, observe::kLatencyParts> parts{};
  for (size_t i = 0; i < parts.size(); ++i)
    parts[i] = table.column(fmt::format("{}_s", name_of(static_cast<observe::LatencyPart>(i))));
  while (table.next()) {
    MemoryTime& sums = run.memory_time[run.requesters.number(table.text(task))];
    sums.payloads += table.number(payloads);
    sums.bytes += table.number(bytes);
    sums.latency += table.time(latency);
    for (size_t i = 0; i < parts.size(); ++i) sums.parts[i] += table.time(parts[i]);
  }
}

/// Items of lists go by their name, where they have one.
void flatten(const Node& node, const std::string& path, RunData& run) {
  auto below = [&](const std::string& name) { return path.empty() ? name : path + "." + name; };
  if (node.is_map()) {
    for (const Node::Entry& entry : node.entries()) flatten(entry.value, below(entry.key), run);
    return;
  }
  if (!node.is_list()) {
    run.configuration.emplace_back(path, node.text());
    return;
  }
  const std::vector<Node>& items = node.items();
  if (std::ranges::all_of(items, &Node::is_scalar)) {
    std::vector<std::string> texts;
    for (const Node& item : items) texts.push_back(item.text());
    run.configuration.emplace_back(path, fmt::format("[{}]", fmt::join(texts, ", ")));
    return;
  }
  for (size_t i = 0; i < items.size(); ++i) {
    const Node* name = items[i].find("name");
    flatten(items[i], below(name != nullptr ? name->text() : std::to_string(i)), run);
  }
}

}  // namespace

RunData read_run(const fs::path& folder) {
  check_folder(folder);
  RunData run;
  run.folder = folder;
  run.summary = observe::read_summary((folder / "summary.json").string());
  run.summary_json = read_json(folder / "summary.json");
  for (const observe::TaskSummary& task : run.summary.tasks) run.requesters.number(task.name);
  for (const observe::AcceleratorSummary& accelerator : run.summary.accelerators)
    run.accelerators.number(accelerator.name);
  read_jobs(run);
  if (run.has("stretches.csv")) read_stretches(run);
  if (run.has("interference.csv")) read_interference(run);
  if (run.has("latency.csv")) read_memory_time(run);
  if (run.has("effective.yaml")) flatten(scenario::load_yaml((folder / "effective.yaml").string()), "", run);
  return run;
}

}  // namespace vesper::report

#include "tests/support/preemptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

std::string unescaped(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "\\x") != 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16));
    i += 3;
  }
  return out;
}

/// `1:0` -> `lidar 0`.
std::string job_named(const std::string& numbers, const std::vector<std::string>& tasks) {
  const size_t colon = numbers.find(':');
  if (colon == std::string::npos) return "";
  return tasks.at(std::stoul(numbers.substr(0, colon))) + " " + numbers.substr(colon + 1);
}

}  // namespace

Wave read_wave(const std::filesystem::path& vcd) {
  Wave wave;
  std::map<std::string, std::string> paths;  // by code
  std::vector<std::string> scopes;
  uint64_t now = 0;
  std::istringstream lines(read_file(vcd));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first, kind, width, code, name;
    words >> first;
    if (first == "$scope") {
      words >> kind >> name;
      scopes.push_back(name);
    } else if (first == "$upscope") {
      scopes.pop_back();
    } else if (first == "$var") {
      words >> kind >> width >> code >> name;
      std::string path;
      for (const std::string& scope : scopes) path += scope + ".";
      paths[code] = path + name;
    } else if (line[0] == '#') {
      now = std::stoull(line.substr(1));
    } else if (line[0] == 's' || line[0] == 'b') {
      const size_t blank = line.find(' ');
      wave[paths.at(line.substr(blank + 1))].emplace_back(now, unescaped(line.substr(1, blank - 1)));
    } else if (line[0] == '0' || line[0] == '1') {
      wave[paths.at(line.substr(1))].emplace_back(now, line.substr(0, 1));
    }
  }
  return wave;
}

std::vector<Preemption> preemptions_in_wave(const Wave& wave, const std::vector<std::string>& tasks) {
  std::vector<Preemption> found;
  const auto& running = wave.at("scheduler_block.running");
  for (size_t i = 1; i < running.size(); ++i) {
    const std::string& before = running[i - 1].second;
    const std::string& now = running[i].second;
    const bool again = std::any_of(running.begin() + static_cast<std::ptrdiff_t>(i), running.end(),
                                   [&](const auto& later) { return later.second == before; });
    if (before == now || job_named(before, tasks).empty() || job_named(now, tasks).empty() || !again)
      continue;
    found.push_back({running[i].first, job_named(now, tasks), job_named(before, tasks)});
  }
  return found;
}

std::vector<Preemption> preemptions_in_timeline(const std::filesystem::path& timeline) {
  std::vector<Preemption> found;
  const nlohmann::json events = nlohmann::json::parse(read_file(timeline))["traceEvents"];
  for (const auto& event : events) {
    if (event["ph"] != "X" || !event.contains("args") || !event["args"].contains("preempts")) continue;
    const auto at = static_cast<uint64_t>(std::llround(event["ts"].get<double>() * 1e6));
    found.push_back({at, event["args"]["job"], event["args"]["preempts"]});
  }
  std::ranges::sort(found);
  return found;
}

std::vector<Preemption> preemptions_in_decisions(const std::filesystem::path& decisions_csv) {
  std::vector<Preemption> found;
  for (const auto& row : read_csv(decisions_csv)) {
    if (row.at("preempt") != "1") continue;
    found.push_back({static_cast<uint64_t>(picoseconds(row.at("instruction_s"))),
                     row.at("task") + " " + row.at("job"),
                     row.at("previous_task") + " " + row.at("previous_job")});
  }
  return found;
}

}  // namespace vesper::test

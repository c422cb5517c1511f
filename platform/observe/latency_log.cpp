#include "platform/observe/latency_log.h"

#include <nlohmann/json.hpp>

#include "platform/observe/file_writer.h"

namespace vesper::observe {

void LatencyLog::Sums::add(const Sums& other) {
  payloads += other.payloads;
  bytes += other.bytes;
  latency += other.latency;
  for (size_t i = 0; i < kLatencyParts; ++i) parts[i] += other.parts[i];
}

void LatencyLog::latency(const Transfer& event) {
  if (event.job.task >= tasks_.size()) tasks_.resize(event.job.task + size_t{1});
  std::vector<Port>& ports = tasks_[event.job.task];
  if (event.port >= ports.size()) ports.resize(event.port + size_t{1});
  Sums& sums = ports[event.port].directions[event.write ? 1 : 0];
  ++sums.payloads;
  sums.bytes += event.bytes;
  sums.latency += event.end - event.start;
  for (size_t i = 0; i < kLatencyParts; ++i) sums.parts[i] += (*event.parts)[i];
}

void LatencyLog::write(const std::filesystem::path& path, const std::vector<std::string>& ports) const {
  CsvNames tasks(requesters_, "task");
  CsvNames port_names(ports, "port");
  std::string header = "task,port,direction,payloads,bytes,latency_s";
  for (size_t i = 0; i < kLatencyParts; ++i)
    header.append(",").append(name_of(static_cast<LatencyPart>(i))).append("_s");
  CsvWriter table(path, header);
  for (size_t task = 0; task < tasks_.size(); ++task) {
    for (size_t port = 0; port < tasks_[task].size(); ++port) {
      for (const bool write : {false, true}) {
        const Sums& sums = tasks_[task][port].directions[write ? 1 : 0];
        if (sums.payloads == 0) continue;
        table.text(tasks[task]).text(port_names[port]).text(write ? "write" : "read");
        table.number(sums.payloads).number(sums.bytes).seconds(sums.latency);
        for (const Time part : sums.parts) table.seconds(part);
        table.end_row();
      }
    }
  }
  table.close();
}

nlohmann::ordered_json LatencyLog::json() const {
  auto seconds = [](Time time) {
    return static_cast<double>(time) / static_cast<double>(kPicosecondsPerSecond);
  };
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (size_t task = 0; task < tasks_.size(); ++task) {
    Sums sums;
    for (const Port& port : tasks_[task]) {
      for (const Sums& direction : port.directions) sums.add(direction);
    }
    if (sums.payloads == 0) continue;
    nlohmann::ordered_json parts = nlohmann::ordered_json::object();
    for (size_t i = 0; i < kLatencyParts; ++i)
      parts[std::string(name_of(static_cast<LatencyPart>(i)))] = seconds(sums.parts[i]);
    all.push_back({{"name", name_at(requesters_, task, "task")},
                   {"payloads", sums.payloads},
                   {"bytes", sums.bytes},
                   {"latency_s", seconds(sums.latency)},
                   {"parts_s", std::move(parts)}});
  }
  return all;
}

}  // namespace vesper::observe

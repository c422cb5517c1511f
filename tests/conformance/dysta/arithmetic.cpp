#include "tests/conformance/dysta/arithmetic.h"

#include <fmt/format.h>

#include "tests/conformance/dysta/published.h"

namespace vesper::test {
namespace {

constexpr const char* kFormats[] = {"fp64", "fp32", "fp16"};

std::vector<ServerLoad> runs_of(const PoissonMix& mix) {
  std::vector<ServerLoad> runs;
  for (uint64_t seed = 1; seed <= 5; ++seed) runs.push_back(server_load(mix, seed));
  return runs;
}

ArithmeticRow row_of(const std::string& workload, const std::vector<ServerLoad>& runs, size_t format) {
  const PolicyChoice exact{"dysta", "", {}};
  const PolicyChoice own{"dysta", "", {{"arithmetic", static_cast<double>(format)}}};
  ArithmeticRow row{workload, kFormats[format], 0, 0, {}};
  for (const ServerLoad& load : runs) {
    QueueSimulator simulator(load.tasks, load.requests);
    row.differ += simulator.compare(exact, own);
    row.decisions += simulator.decisions();
    Service service = service_of(load, simulator.run(own));
    auto count = static_cast<double>(runs.size());
    row.service.antt += service.antt / count;
    row.service.violations += service.violations / count;
    row.service.stp += service.stp / count;
  }
  return row;
}

}  // namespace

std::vector<ArithmeticRow> arithmetic_rows() {
  std::vector<ArithmeticRow> rows;
  auto add = [&](const std::string& workload, const std::vector<ServerLoad>& runs) {
    for (size_t format = 0; format < std::size(kFormats); ++format)
      rows.push_back(row_of(workload, runs, format));
  };
  for (double rate : {30.0, 40.0}) {
    PoissonMix mix = attention_mix();
    mix.rate_hz = rate;
    add(fmt::format("attention, {}/s", rate), runs_of(mix));
  }
  for (double rate : {3.0, 4.0}) {
    PoissonMix mix = convolution_mix();
    mix.rate_hz = rate;
    add(fmt::format("convolution, {}/s", rate), runs_of(mix));
  }
  add("attnn30.json", {read_published().load});
  return rows;
}

std::string markdown_of(const std::vector<ArithmeticRow>& rows) {
  std::string text =
      "| requests | format | decisions | another job | share | ANTT | violations "
      "|\n|---|---|---:|---:|---:|---:|---:|\n";
  for (const ArithmeticRow& row : rows) {
    text += fmt::format("| {} | {} | {} | {} | {:.3f} % | {:.3f} | {:.2f} % |\n", row.workload, row.format,
                        row.decisions, row.differ,
                        100 * static_cast<double>(row.differ) / static_cast<double>(row.decisions),
                        row.service.antt, row.service.violations);
  }
  return text;
}

std::string csv_of(const std::vector<ArithmeticRow>& rows) {
  std::string text = "requests,format,decisions,another_job,antt,violation_rate,stp\n";
  for (const ArithmeticRow& row : rows) {
    text += fmt::format("\"{}\",{},{},{},{:.6g},{:.6g},{:.6g}\n", row.workload, row.format, row.decisions,
                        row.differ, row.service.antt, row.service.violations / 100, row.service.stp);
  }
  return text;
}

}  // namespace vesper::test

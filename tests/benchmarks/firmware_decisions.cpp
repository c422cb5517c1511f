/// What a decision of the scheduler firmware costs, by policy and queued jobs: instructions, and microseconds
/// on the platform as shipped. Simulated quantities, the same on every machine.
///
///     bench_firmware_decisions [FOLDER]       traces/firmware_decisions by default
///
/// Leaves decisions.csv and, where there is gnuplot, decisions.svg and .png with their script.
///   decision_instructions   in the policy alone, no job ending
///   all_instructions        from the end of a region to the next instruction: interrupt, feedback, decision,
///   issue last_instructions       the same where every decision is the last of a job, which leaves the queue
///   all_us                  as all_instructions, in microseconds
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <systemc>

#include "platform/observe/format.h"
#include "platform/sweep/files.h"
#include "platform/sweep/gnuplot.h"
#include "platform/sweep/process.h"
#include "tests/support/decision_cost.h"

namespace {

using namespace vesper::test;
namespace fs = std::filesystem;

constexpr uint32_t kJobs[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

struct Tested {
  std::string name;
  std::string policy;
  std::string parameters;
};

/// The policies with their defaults, and Dysta in the number formats that a compute unit in PL would have.
std::vector<Tested> all_tested() {
  std::vector<Tested> all;
  for (const std::string& policy : policy_names()) all.push_back({policy, policy, ""});
  for (const char* format : {"fp32", "fp16"})
    all.push_back({fmt::format("dysta ({})", format), "dysta", fmt::format("arithmetic: {}", format)});
  return all;
}

std::string line_of(const Tested& tested, uint32_t jobs) {
  DecisionCase of{tested.policy, tested.parameters, jobs};
  DecisionCost more = decision_cost(of);
  of.core = Core::of_platform;
  DecisionCost on_platform = decision_cost(of);
  of.core = Core::counting;
  of.regions = Regions::all_last;
  DecisionCost last = decision_cost(of);
  fmt::print("{:<15} {:>5} {:>9} {:>9} {:>9} {:>9.2f}\n", tested.name, jobs, more.deciding_instructions(),
             more.all_instructions(), last.all_instructions(), static_cast<double>(on_platform.all_ps) / 1e6);
  std::fflush(stdout);
  return fmt::format("{},{},{},{},{},{:.3f}\n", vesper::observe::csv_field(tested.name), jobs,
                     more.deciding_instructions(), more.all_instructions(), last.all_instructions(),
                     static_cast<double>(on_platform.all_ps) / 1e6);
}

std::string script(const std::vector<Tested>& all) {
  std::string text =
      "# Draws decisions anew: gnuplot decisions.gp\nset datafile separator ','\nset logscale xy 2\n"
      "set title 'A decision of the scheduler firmware'\nset xlabel 'jobs in the queue'\n"
      "set ylabel 'from feedback to instruction (us)'\nset grid\nset key outside right top\n"
      "set format y '%g'\n";
  for (const auto& [suffix, terminal] :
       {std::pair("svg", "svg size 900,540 noenhanced background 'white'"),
        std::pair("png", "pngcairo size 1350,810 noenhanced fontscale 1.4")}) {
    text += fmt::format("set terminal {}\nset output 'decisions.{}'\nplot ", terminal, suffix);
    for (size_t i = 0; i < all.size(); ++i) {
      text +=
          fmt::format("{}'decisions.csv' skip 1 every ::{}::{} using 2:6 with linespoints title '{}'",
                      i == 0 ? "" : ", ", i * std::size(kJobs), (i + 1) * std::size(kJobs) - 1, all[i].name);
    }
    text += "\n";
  }
  return text;
}

}  // namespace

int sc_main(int /*argc*/, char** /*argv*/) { return 0; }

int main(int argc, char** argv) {
  fs::path folder = argc > 1 ? argv[1] : "traces/firmware_decisions";
  fs::create_directories(folder);
  std::string csv = "policy,jobs,decision_instructions,all_instructions,last_instructions,all_us\n";
  fmt::print("{:<15} {:>5} {:>9} {:>9} {:>9} {:>9}\n", "policy", "jobs", "deciding", "all", "last", "all us");
  std::vector<Tested> all = all_tested();
  for (const Tested& tested : all) {
    for (uint32_t jobs : kJobs) csv += line_of(tested, jobs);
  }
  vesper::sweep::write_file(folder / "decisions.csv", csv);
  vesper::sweep::write_file(folder / "decisions.gp", script(all));
  if (vesper::sweep::has_program("gnuplot")) vesper::sweep::draw(folder, "decisions.gp");
  fmt::print("written   {}/\n", folder.string());
  return 0;
}

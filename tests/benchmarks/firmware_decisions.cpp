/// Instructions that the scheduler firmware takes from the end of a region to the next instruction, by policy
/// and queued jobs: those of the decision itself, and all (interrupt, feedback, decision, issue). The core
/// takes a nanosecond an instruction and register accesses take no time, so that times are instructions.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <systemc>

#include "models/core/ip.h"
#include "platform/builder/system.h"

namespace {

using namespace vesper;
namespace fs = std::filesystem;

constexpr uint32_t kJobs[] = {1, 4, 16, 64, 256, 512};
constexpr uint32_t kFirstCounted = 5;  // all jobs are in the queue by then
constexpr uint32_t kCounted = 40;      // decisions; a job has more regions
constexpr uint64_t kPicosecondsPerInstruction = 1000;

class Counter final : public observe::Observer {
 public:
  [[nodiscard]] uint32_t topics() const override {
    return bit(observe::Topic::region) | bit(observe::Topic::instruction) | bit(observe::Topic::mark);
  }
  void region_ended(const observe::RegionEnded& event) override { feedback_ = event.feedback; }
  void mark(observe::Mark mark, uint32_t /*value*/, observe::Time at) override {
    if (mark == observe::Mark::policy_entered) entered_ = at;
    if (mark == observe::Mark::policy_left) left_ = at;
  }
  void instruction_issued(const observe::InstructionIssued& event) override {
    uint32_t number = decisions_++;
    if (number < kFirstCounted || number >= kFirstCounted + kCounted) return;
    deciding_ += left_ - entered_;
    all_ += event.at - feedback_;
  }
  [[nodiscard]] bool complete() const { return decisions_ >= kFirstCounted + kCounted; }
  [[nodiscard]] uint64_t deciding() const { return deciding_ / kCounted / kPicosecondsPerInstruction; }
  [[nodiscard]] uint64_t all() const { return all_ / kCounted / kPicosecondsPerInstruction; }

 private:
  observe::Time feedback_ = 0, entered_ = 0, left_ = 0, deciding_ = 0, all_ = 0;
  uint32_t decisions_ = 0;
};

/// `jobs` of 60 regions of some 4 ms each, all released at the start.
void write_scenario(const fs::path& folder, const char* policy, uint32_t jobs) {
  std::ofstream(folder / "layers.yaml") << "name: layers\nrepeat: 60\nlayers: [{matmul: [1, 1, 1]}]\n";
  std::ofstream file(folder / "scenario.yaml");
  file << "include: " VESPER_SOURCE_DIR "/scenarios/platforms/vck190.yaml\n"
       << "scenario: queued jobs\nrun: {until: 1 s}\n"
       << "scheduler: {placement: software, granularity: layer, policy: " << policy << "}\n"
       << "cpu: {clock: 1 GHz, cycles_per_instruction: 1}\n"
       << "control_bus: {read_latency: 0 s, write_latency: 0 s}\n"
       << "accelerator: {cycles: {load: 1000000}}\ntasks:\n";
  uint32_t tasks = std::min<uint32_t>(jobs, policy::kMaxTasks);
  for (uint32_t i = 0; i < tasks; ++i) {
    file << fmt::format("  - {{name: t{}, model: layers.yaml, arrival: trace, deadline: {} ms, times: [", i,
                        500 + i);
    for (uint32_t job = i; job < jobs; job += tasks) file << (job == i ? "1 us" : ", 1 us");
    file << "]}\n";
  }
}

void measure(const fs::path& folder) {
  scenario::Scenario scenario = scenario::read_scenario((folder / "scenario.yaml").string(), {});
  std::vector<builder::LoweredTask> tasks = builder::lower_tasks(scenario);
  observe::ObserverHub hub;
  Counter counter;
  hub.join(counter);
  builder::System system(scenario, tasks, hub);
  system.run_until(scenario.run.until.ps);
  if (!counter.complete()) throw std::runtime_error("too few decisions");
  fmt::print(" {:>6} {:>6}", counter.deciding(), counter.all());
  std::fflush(stdout);
}

/// A SystemC kernel cannot be rebuilt: a process a measurement.
bool measured(const fs::path& folder) {
  std::fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    try {
      measure(folder);
    } catch (const std::exception& error) {
      fmt::print(stderr, "{}\n", error.what());
      _exit(1);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status == 0;
}

}  // namespace

int sc_main(int /*argc*/, char** /*argv*/) { return 0; }

int main() {
  std::string name = (fs::temp_directory_path() / "vesper-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) return 1;
  fmt::print("instructions: of the decision, of all\n{:<15}", "jobs");
  for (uint32_t jobs : kJobs) fmt::print(" {:>13}", jobs);
  bool good = true;
  for (auto* info = policy::first_policy(); info != nullptr; info = info->next) {
    fmt::print("\n{:<15}", info->name);
    for (uint32_t jobs : kJobs) {
      write_scenario(name, info->name, jobs);
      good = measured(name) && good;
    }
  }
  fmt::print("\n");
  fs::remove_all(name);
  return good ? 0 : 1;
}

/// Decisions a second of the scheduler block: between a real job release module and an accelerator that
/// answers every instruction by feedback 100 cycles later. A decision is a feedback in, an instruction out.
#include <benchmark/benchmark.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <memory>
#include <systemc>

#include "models/core/sim_error.h"
#include "models/scheduler/job_release.h"
#include "models/scheduler/scheduler_block.h"

namespace vesper::scheduler {
namespace {

constexpr core::ClockDomain kClock{MHz(230)};
constexpr Cycles kRunTime = 100;
constexpr uint64_t kJobsBegin = 1'000'000'000'000'000;  // 1000 s: no other benchmark simulates as far
constexpr uint32_t kEndless = 1U << 31;

class StubAccelerator : public sc_core::sc_module {
 public:
  explicit StubAccelerator(sc_core::sc_module_name name) : sc_module(name) {
    instructions.register_b_transport(this, &StubAccelerator::b_transport);
    payload_.set_write();
    payload_.set_data_ptr(reinterpret_cast<unsigned char*>(&words_));
    payload_.set_data_length(sizeof words_);
    SC_HAS_PROCESS(StubAccelerator);
    SC_METHOD(done);
    dont_initialize();
    sensitive << done_;
  }

  tlm_utils::simple_target_socket<StubAccelerator> instructions{"instructions"};
  tlm_utils::simple_initiator_socket<StubAccelerator> feedback{"feedback"};
  uint64_t decisions = 0;

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& /*delay*/) {
    const auto& words = *reinterpret_cast<const abi::InstructionWords*>(payload.get_data_ptr());
    words_ = {words.task & 0xFF, words.job, words.region, 0};
    ++decisions;
    done_.notify(core::to_time(kClock.after(core::now_ps(), kRunTime) - core::now_ps()));
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  void done() {
    sc_core::sc_time delay;
    feedback->b_transport(payload_, delay);
  }

  abi::FeedbackWords words_{};
  tlm::tlm_generic_payload payload_;
  sc_core::sc_event done_{"region_end"};
};

/// A scheduler with its neighbours; issues nothing until it is enabled, so that rigs of one kernel do not
/// disturb each other.
class Rig : public sc_core::sc_module {
 public:
  Rig(sc_core::sc_module_name name, const char* micro_architecture, const std::vector<core::TaskInfo>& tasks)
      : sc_module(name) {
    core::Environment environment;
    environment.tasks = tasks;
    environment.policy.name = "edf";
    release = std::make_unique<JobRelease>("release", JobRelease::Properties{}, environment);
    SchedulerBlock::Properties properties;
    properties.micro_architecture = micro_architecture;
    block = std::make_unique<SchedulerBlock>("scheduler", properties, environment);
    block->instructions.bind(accelerator.instructions);
    block->releases.bind(release->fifo);
    accelerator.feedback.bind(block->feedback);
    release->available.connect(block->release_available);
    cpu.bind(block->regs.socket);
  }
  void enable(uint32_t on) {
    tlm::tlm_generic_payload payload;
    payload.set_write();
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&on));
    payload.set_data_length(sizeof on);
    sc_core::sc_time delay;
    cpu->b_transport(payload, delay);
  }

  StubAccelerator accelerator{"accelerator"};
  tlm_utils::simple_initiator_socket<Rig> cpu{"cpu"};
  std::unique_ptr<JobRelease> release;
  std::unique_ptr<SchedulerBlock> block;
};

/// `count` tasks of one job that never ends.
std::vector<core::TaskInfo> endless_jobs(uint32_t count) {
  std::vector<core::TaskInfo> tasks(count);
  for (core::TaskInfo& task : tasks) {
    task.regions = kEndless;
    task.next_release = [left = 1]() mutable -> std::optional<core::Release> {
      return left-- > 0 ? std::optional(core::Release{0, 1}) : std::nullopt;
    };
  }
  return tasks;
}

/// `count` tasks of short periodic jobs, at half of what the accelerator can do.
std::vector<core::TaskInfo> periodic_jobs(uint32_t count, uint32_t regions) {
  uint64_t period = kClock.edge(2ULL * count * regions * kRunTime);
  std::vector<core::TaskInfo> tasks(count);
  for (uint32_t i = 0; i < count; ++i) {
    tasks[i].regions = regions;
    tasks[i].next_release = [period, next = kJobsBegin + i * period / count]() mutable {
      core::Release release{next, next + period};
      next += period;
      return std::optional(release);
    };
  }
  return tasks;
}

void run(benchmark::State& state, Rig& rig, uint64_t begin = 0) {
  if (core::now_ps() < begin) sc_core::sc_start(core::to_time(begin - core::now_ps()));
  rig.enable(1);
  uint64_t before = rig.accelerator.decisions;
  for (auto _ : state) sc_core::sc_start(core::to_time(kClock.edge(10'000 * kRunTime)));
  auto decisions = static_cast<double>(rig.accelerator.decisions - before);
  state.counters["decisions/s"] = benchmark::Counter(decisions, benchmark::Counter::kIsRate);
  rig.enable(0);
  if (!core::failure_message().empty()) state.SkipWithError(core::failure_message().c_str());
}

}  // namespace
}  // namespace vesper::scheduler

int sc_main(int argc, char** argv) {
  using namespace vesper::scheduler;
  vesper::core::throw_on_systemc_reports();
  Rig one("one", "heap_fsm", endless_jobs(1));
  Rig fifteen("fifteen", "heap_fsm", endless_jobs(15));
  Rig zero("zero", "none", endless_jobs(1));
  Rig mixed("mixed", "heap_fsm", periodic_jobs(15, 8));
  for (Rig* rig : {&one, &fifteen, &zero, &mixed}) rig->enable(0);

  benchmark::RegisterBenchmark("scheduler/heap_fsm/one_job", [&](benchmark::State& s) { run(s, one); });
  benchmark::RegisterBenchmark("scheduler/heap_fsm/15_jobs", [&](benchmark::State& s) { run(s, fifteen); });
  benchmark::RegisterBenchmark("scheduler/none/one_job", [&](benchmark::State& s) { run(s, zero); });
  benchmark::RegisterBenchmark("scheduler/heap_fsm/15_periodic_tasks_of_8_regions",
                               [&](benchmark::State& s) { run(s, mixed, kJobsBegin); });
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

int main(int argc, char** argv) { return sc_core::sc_elab_and_sim(argc, argv); }

// The accelerator's monitor reading and the tables of estimates reach Dysta in firmware and in the scheduler
// block: an accelerator that reports the zeros a test names, and one decision that depends on them.
#include "models/accelerator/kernel_manager.h"
#include "models/core/sim_error.h"
#include "models/cpu/control_bus.h"
#include "models/cpu/cpu.h"
#include "models/irq/gic.h"
#include "models/scheduler/job_release.h"
#include "models/scheduler/scheduler_block.h"
#include "models/timer/generic_timer.h"
#include "schedulers/policy/estimates.h"
#include "sw/abi/boot_info.h"
#include "sw/abi/gic.h"
#include "tests/support/stimulus.h"

namespace vesper::test {
namespace {

constexpr uint64_t kMs = 1'000'000'000;
constexpr uint32_t kOutputs = 1000;  // that the monitor sees of a region, half of them zero on average
constexpr uint64_t kKernelManager = 0x90000000, kJobRelease = 0x80000000, kGic = 0xF9000000;
constexpr uint32_t kReleaseLine = 121, kFeedbackLine = 122;
constexpr uint64_t kMemory = 0x10000, kTables = 0x100000, kPage = 4096;

core::EstimateTable table(std::initializer_list<double> ms) {
  std::vector<policy::RegionEstimate> estimates;
  for (double one : ms) estimates.push_back({one * 1e-3, 0, one * 1e-3, 0, 0.5, kOutputs});
  policy::sum_up(estimates.data(), static_cast<uint32_t>(estimates.size()));
  return std::make_shared<const std::vector<policy::RegionEstimate>>(std::move(estimates));
}

/// An accelerator whose regions take 5 ms and show `zeros`, with the registers and sockets of a real one.
class ShowingZeros : public sc_core::sc_module {
 public:
  ShowingZeros(sc_core::sc_module_name name, Agenda& agenda, uint32_t zeros)
      : sc_module(name), agenda_(agenda), zeros_(zeros) {
    instructions.register_b_transport(this, &ShowingZeros::b_transport);
    manager.on_change = [this] { update(); };
  }
  accelerator::KernelManager manager{[this](const abi::InstructionWords& words) { run(words); }};
  tlm_utils::simple_target_socket_optional<ShowingZeros> instructions{"instructions"};
  tlm_utils::simple_initiator_socket_optional<ShowingZeros> feedback{"feedback"};
  core::InterruptOut interrupt{"interrupt"};
  std::vector<uint32_t> tasks;  ///< of the instructions, in order

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& /*delay*/) {
    abi::InstructionWords words{};
    std::memcpy(&words, payload.get_data_ptr(), sizeof words);
    run(words);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  void run(const abi::InstructionWords& words) {
    tasks.push_back(words.task & 0xFF);
    agenda_.at(core::now_ps() + 5 * kMs, [this, words] {
      end({words.task & 0xFF, words.job, words.region, zeros_});
    });
  }
  void end(abi::FeedbackWords words) {
    if (feedback.size() == 0) {
      manager.push_feedback(words);
      update();
      return;
    }
    tlm::tlm_generic_payload payload;
    payload.set_write();
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&words));
    payload.set_data_length(sizeof words);
    sc_core::sc_time delay;
    feedback->b_transport(payload, delay);
    EXPECT_TRUE(payload.is_response_ok());
  }
  void update() { interrupt.set(manager.feedback_waits() && manager.interrupt_enabled()); }

  Agenda& agenda_;
  const uint32_t zeros_;
};

/// Two jobs of three and two regions; the second is released while the first runs its first region. With
/// average sparsity 10 ms are left of the first then, and 9 of the second.
class MonitorTest : public Stimulus, public ::testing::WithParamInterface<uint32_t> {
 protected:
  MonitorTest() {
    add_task(table({5, 5, 5}), 0);
    add_task(table({5, 4}), kMs);
    const policy::PolicyInfo& dysta = *policy::find_policy("dysta");
    environment.policy.name = dysta.name;
    for (size_t i = 0; i < dysta.parameter_count; ++i) {
      bool eta = std::string_view(dysta.parameters[i].name) == "eta";  // 0: the remaining time alone counts
      environment.policy.parameters.push_back(eta ? 0 : dysta.parameters[i].default_value);
    }
    environment.observers = &hub;
    release =
        std::make_unique<scheduler::JobRelease>("release", scheduler::JobRelease::Properties{}, environment);
  }
  void add_task(const core::EstimateTable& estimates, uint64_t at) {
    core::TaskInfo task;
    task.regions = static_cast<uint32_t>(estimates->size());
    task.estimates = estimates;
    task.next_release = [at, left = 1]() mutable -> std::optional<core::Release> {
      return left-- > 0 ? std::optional(core::Release{at, 1000 * kMs}) : std::nullopt;
    };
    environment.tasks.push_back(task);
  }
  void expect_second_decision() {
    run_until(8 * kMs);
    EXPECT_EQ(core::failure_message(), "");
    ASSERT_EQ(accelerator.tasks.size(), 2U);
    EXPECT_EQ(accelerator.tasks[0], 0U);
    // More zeros than the average, less time left: at 600 of them 8 ms.
    EXPECT_EQ(accelerator.tasks[1], GetParam() > kOutputs / 2 ? 0U : 1U);
  }

  observe::ObserverHub hub;
  core::Environment environment;
  std::unique_ptr<scheduler::JobRelease> release;
  ShowingZeros accelerator{"accelerator", agenda, GetParam()};
};

TEST_P(MonitorTest, DecidesInTheSchedulerBlock) {
  scheduler::SchedulerBlock block("scheduler", {}, environment);
  block.instructions.bind(accelerator.instructions);
  block.releases.bind(release->fifo);
  accelerator.feedback.bind(block.feedback);
  release->available.connect(block.release_available);
  expect_second_decision();
}

abi::BootInfo boot_info(const core::Environment& environment) {
  abi::BootInfo boot{};
  boot.magic = abi::kBootInfoMagic;
  boot.version = abi::kBootInfoVersion;
  boot.size = sizeof boot;
  boot.station_count = 1;
  boot.stations[0] = {kKernelManager, kJobRelease, 0, kReleaseLine, kFeedbackLine};
  boot.gic_distributor = kGic;
  boot.gic_cpu = kGic + abi::gic::kCpuInterface;
  boot.counter_hz = 100'000'000;
  boot.queue_capacity = environment.queue_capacity;
  environment.policy.name.copy(boot.policy, sizeof boot.policy - 1);
  boot.parameter_count = static_cast<uint32_t>(environment.policy.parameters.size());
  std::ranges::copy(environment.policy.parameters, boot.parameters);
  boot.task_count = static_cast<uint32_t>(environment.tasks.size());
  for (size_t i = 0; i < environment.tasks.size(); ++i) {
    boot.tasks[i] = {environment.tasks[i].regions, 0, 0, kTables + i * kPage, 1, 0};
  }
  return boot;
}

TEST_P(MonitorTest, DecidesInFirmware) {
  cpu::Cpu::Properties properties;
  properties.memory_size.count = kTables + environment.tasks.size() * kPage - kMemory;
  properties.firmware = VESPER_FIRMWARE_DIR "/scheduler.elf";
  cpu::Cpu cpu("cpu", properties, environment);
  cpu::ControlBus bus("bus", {}, environment);
  irq::Gic gic("gic", {}, environment);
  timer::GenericTimer timer("timer", {}, environment);
  core::connect(cpu.endpoint("bus"), bus.endpoint("cpu"));
  core::connect(cpu.endpoint("system"), timer.endpoint("system"));
  core::connect(gic.endpoint("irq"), cpu.endpoint("irq"));
  core::connect(release->endpoint("interrupt"), gic.endpoint(std::to_string(kReleaseLine)));
  core::connect(&accelerator.interrupt, gic.endpoint(std::to_string(kFeedbackLine)));
  bus.map(kGic, gic.regs.size(), gic.regs.socket, "gic");
  bus.map(kJobRelease, release->regs.size(), release->regs.socket, "release");
  core::RegisterPort& registers = accelerator.manager.regs;
  bus.map(kKernelManager, registers.size(), registers.socket, "accelerator");
  abi::BootInfo boot = boot_info(environment);
  cpu.write_memory(abi::kBootInfoAddress, std::as_bytes(std::span(&boot, 1)));
  for (size_t i = 0; i < environment.tasks.size(); ++i) {
    cpu.write_memory(boot.tasks[i].estimates, std::as_bytes(std::span(*environment.tasks[i].estimates)));
  }
  expect_second_decision();
}

INSTANTIATE_TEST_SUITE_P(Zeros, MonitorTest, ::testing::Values(0U, 400U, 500U, 600U, 1000U));

}  // namespace
}  // namespace vesper::test

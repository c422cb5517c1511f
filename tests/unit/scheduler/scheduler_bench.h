/// A scheduler block among stubs: release FIFOs that a test fills at any time, and an accelerator that
/// records instructions and answers each by feedback after a time the test names.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <optional>

#include "models/scheduler/release_port.h"
#include "models/scheduler/scheduler_block.h"
#include "tests/support/stimulus.h"

namespace vesper::test {

class ReleaseStub : public sc_core::sc_module {
 public:
  explicit ReleaseStub(sc_core::sc_module_name name) : sc_module(name) {
    socket.register_b_transport(this, &ReleaseStub::b_transport);
  }
  void release(uint16_t task, uint64_t deadline) {
    uint32_t job = released_[task]++;
    uint64_t now = core::now_ps();
    fifos_[task].push_back({job, static_cast<uint32_t>(now), static_cast<uint32_t>(now >> 32),
                            static_cast<uint32_t>(deadline), static_cast<uint32_t>(deadline >> 32), 0});
    available.set(false);
    available.set(true);
  }
  [[nodiscard]] size_t waiting(uint16_t task) const { return fifos_[task].size(); }

  tlm_utils::simple_target_socket<ReleaseStub> socket{"socket"};
  core::InterruptOut available{"available"};
  std::vector<std::pair<uint64_t, uint16_t>> taken;  ///< when a job of which task left its FIFO

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& /*delay*/) {
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    if (payload.get_address() == scheduler::release_port::kWaiting) {
      uint64_t mask = 0;
      for (size_t i = 0; i < fifos_.size(); ++i) mask |= uint64_t{fifos_[i].empty() ? 0U : 1U} << i;
      std::memcpy(payload.get_data_ptr(), &mask, sizeof mask);
      return;
    }
    if (payload.get_address() == scheduler::release_port::kFirst) {
      auto first = std::ranges::find_if(fifos_, [](const auto& fifo) { return !fifo.empty(); });
      auto task = static_cast<uint32_t>(first - fifos_.begin());
      std::memcpy(payload.get_data_ptr(), &task, sizeof task);
      return;
    }
    auto& fifo = fifos_.at(payload.get_address() / scheduler::release_port::kStride);
    if (fifo.empty()) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    std::memcpy(payload.get_data_ptr(), &fifo.front(), sizeof fifo.front());
    fifo.pop_front();
    taken.emplace_back(core::now_ps(), payload.get_address() / scheduler::release_port::kStride);
  }

  std::array<std::deque<abi::ReleaseWords>, policy::kMaxTasks> fifos_;
  std::array<uint32_t, policy::kMaxTasks> released_{};
};

class SchedulerBench : public Stimulus {
 protected:
  explicit SchedulerBench(std::vector<std::string> traced_signals = {})
      : observer(std::move(traced_signals)) {}

  struct Issued {
    core::Cycles cycle = 0;
    uint32_t task = 0;
    uint32_t job = 0;
    uint32_t region = 0;
    bool preempt = false;
    bool resume = false;
    auto operator<=>(const Issued&) const = default;
    friend void PrintTo(const Issued& i, std::ostream* out) {
      *out << "{cycle " << i.cycle << ", task " << i.task << ", job " << i.job << ", region " << i.region
           << (i.preempt ? ", preempt" : "") << (i.resume ? ", resume" : "") << "}";
    }
  };
  static constexpr uint32_t kTaskMask = 0xFF;

  /// One task for each number of regions.
  void make(const std::vector<uint32_t>& regions, scheduler::SchedulerBlock::Properties properties = {},
            const std::string& policy = "edf", uint32_t queue_capacity = policy::kPublishedJobs) {
    hub.join(observer);
    core::Environment environment;
    environment.observers = &hub;
    environment.policy.name = policy;
    environment.queue_capacity = queue_capacity;
    for (uint32_t count : regions) {
      core::TaskInfo task;
      task.name = "t" + std::to_string(environment.tasks.size());
      task.regions = count;
      task.priority = static_cast<uint32_t>(environment.tasks.size());
      environment.tasks.push_back(task);
    }
    if (adjust) adjust(environment);
    regions_ = regions;
    block = std::make_unique<scheduler::SchedulerBlock>("scheduler", properties, environment);
    block->instructions.bind(accelerator.socket);
    block->releases.bind(releases.socket);
    feedback_source.socket.bind(block->feedback);
    cpu.socket.bind(block->regs.socket);
    releases.available.connect(block->release_available);
    accelerator.respond = [this](const TargetRecorder::Access& access) { return on_instruction(access); };
  }

  /// A job of `task`, due at `deadline`, enters its FIFO at edge n.
  void release_at(core::Cycles n, uint16_t task, uint64_t deadline) {
    agenda.at(edge(n), [this, task, deadline] { releases.release(task, deadline); });
  }
  void release_now(uint16_t task, uint64_t deadline) { releases.release(task, deadline); }
  /// Feedback of the region that was issued last becomes visible.
  tlm::tlm_response_status give_feedback() {
    const Issued& last = issued.back();
    bool final_region = last.region + 1 == regions_[last.task];
    return feedback_source.write(0, abi::FeedbackWords{last.task | (final_region ? abi::kFeedbackLast : 0),
                                                       last.job, last.region, monitor});
  }
  [[nodiscard]] uint32_t counter(scheduler::SchedulerBlock::Counter which) {
    return cpu.read32(0x10 + 4 * which);
  }

  observe::ObserverHub hub;
  RecordingObserver observer;
  Initiator feedback_source{"feedback_source"};
  Initiator cpu{"cpu"};
  TargetRecorder accelerator{"accelerator"};
  ReleaseStub releases{"releases"};
  std::unique_ptr<scheduler::SchedulerBlock> block;
  std::vector<Issued> issued;
  std::function<void(core::Environment&)> adjust;  ///< of what the block is built in
  uint32_t monitor = 0;                            ///< reading that each feedback brings
  /// Cycles from an instruction to its feedback; none: the test gives the feedback itself.
  std::function<std::optional<core::Cycles>(const Issued&)> run_time;
  std::function<void(const Issued&)> on_feedback_given;

 private:
  tlm::tlm_response_status on_instruction(const TargetRecorder::Access& access) {
    auto words = access.as<abi::InstructionWords>();
    core::Cycles now = clock.cycle_at_or_after(access.at);
    EXPECT_EQ(edge(now), access.at) << "an instruction leaves at an edge";
    issued.push_back({now, words.task & kTaskMask, words.job, words.region,
                      (words.task & abi::kInstructionPreempt) != 0,
                      (words.task & abi::kInstructionResume) != 0});
    std::optional<core::Cycles> takes = run_time ? run_time(issued.back()) : std::nullopt;
    if (takes) {
      agenda.at(edge(now + *takes), [this] {
        Issued done = issued.back();
        EXPECT_EQ(give_feedback(), tlm::TLM_OK_RESPONSE);
        if (on_feedback_given) on_feedback_given(done);
      });
    }
    return tlm::TLM_OK_RESPONSE;
  }
  std::vector<uint32_t> regions_;
};

}  // namespace vesper::test

/// Job release module and scheduler block as a platform builds them: by type name, joined by endpoint names.
#include "models/scheduler/scheduler_block.h"
#include "platform/workload/arrival.h"
#include "tests/support/stimulus.h"

namespace vesper::scheduler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class SchedulerPairTest : public test::Stimulus {
 protected:
  void add_task(uint32_t regions, const char* period, const char* offset) {
    Node node = Node::map();
    node.at_or_add("period", {}) = Node::scalar(period);
    node.at_or_add("offset", {}) = Node::scalar(offset);
    std::shared_ptr<workload::ArrivalProcess> arrivals =
        workload::find_arrival_process("periodic")->create(node, "task", {}, {});
    core::TaskInfo task;
    task.name = "t" + std::to_string(environment.tasks.size());
    task.regions = regions;
    task.next_release = [arrivals]() -> std::optional<core::Release> {
      auto arrival = arrivals->next();
      return core::Release{arrival->release_ps, arrival->deadline_ps};
    };
    environment.tasks.push_back(task);
  }
  core::Ip* create(const char* type, const char* name, const Node& properties = Node::map()) {
    const core::IpFactory* factory = core::IpRegistry::instance().find(type);
    EXPECT_NE(factory, nullptr) << type;
    ips.emplace_back(factory->create(name, properties, name, {}, environment));
    return ips.back().get();
  }
  void build(const Node& release_properties = Node::map()) {
    hub.join(observer);
    environment.observers = &hub;
    environment.policy.name = "edf";
    release = create("job_release", "release", release_properties);
    block = create("scheduler_block", "scheduler");
    core::connect(block->endpoint("instructions"), core::TargetEndpoint{&accelerator.socket});
    core::connect(block->endpoint("releases"), release->endpoint("fifo"));
    core::connect(release->endpoint("available"), block->endpoint("release_available"));
    core::connect(core::InitiatorEndpoint{[this](core::TargetSocket& t) { feedback.socket.bind(t); }},
                  block->endpoint("feedback"));
    accelerator.respond = [this](const test::TargetRecorder::Access& access) {
      auto words = access.as<abi::InstructionWords>();
      if (runs) {
        agenda.at(clock.after(access.at, run_cycles), [this, words] {
          EXPECT_EQ(feedback.write(0, abi::FeedbackWords{words.task & 0xFF, words.job, words.region, 0}),
                    tlm::TLM_OK_RESPONSE);
        });
      }
      return tlm::TLM_OK_RESPONSE;
    };
  }

  core::Environment environment;
  observe::ObserverHub hub;
  test::RecordingObserver observer;
  std::vector<std::unique_ptr<core::Ip>> ips;
  core::Ip* release = nullptr;
  core::Ip* block = nullptr;
  test::TargetRecorder accelerator{"accelerator"};
  test::Initiator feedback{"feedback_source"};
  bool runs = true;
  core::Cycles run_cycles = 1000;
};

TEST_F(SchedulerPairTest, EveryReleaseLeadsToItsRegions) {
  add_task(3, "1 ms", "0 s");
  add_task(1, "250 us", "1 us");
  build();
  run_until(us(10'100));
  // 11 jobs of three regions and 41 of one; 4.3 us a region.
  EXPECT_THAT(observer.released, SizeIs(11 + 41));
  EXPECT_THAT(accelerator.accesses, SizeIs(3 * 11 + 41));
}

TEST_F(SchedulerPairTest, TheFirstJobAtTimeZero) {
  add_task(3, "1 ms", "0 s");
  add_task(1, "1 ms", "500 us");
  runs = false;
  build();
  run_until(us(100));
  // FIFO 0 is checked at edge 1, ready at 4, FIFO 1 is empty at 4, issue from 5 to 8.
  EXPECT_THAT(accelerator.times(), ElementsAre(edge(8)));
  EXPECT_THAT(block->waiting_for(), HasSubstr("task 0 job 0 region 0"));
}

TEST_F(SchedulerPairTest, OverloadLosesNoJob) {
  add_task(1, "1 us", "0 s");  // 230 cycles; a region takes 1000
  Node properties = Node::map();
  properties.at_or_add("fifo_depth", {}) = Node::scalar("1");
  build(properties);
  run_until(ms(2));
  std::vector<uint32_t> jobs;
  for (const auto& access : accelerator.accesses) jobs.push_back(access.as<abi::InstructionWords>().job);
  ASSERT_GT(jobs.size(), 400U);
  for (uint32_t i = 0; i < jobs.size(); ++i) ASSERT_EQ(jobs[i], i);
  // 512 jobs in the scheduler's table, one in the FIFO: the others stand at the door.
  auto late = static_cast<size_t>(
      std::ranges::count_if(observer.released, [](const observe::JobReleased& job) { return job.late; }));
  EXPECT_GT(late, 500U);
  EXPECT_NEAR(static_cast<double>(observer.released.size() - late), static_cast<double>(512 + jobs.size()),
              300);
}

TEST(UnconnectedSchedulerTest, IsAnError) {
  core::Environment environment;
  environment.policy.name = "edf";
  SchedulerBlock block("scheduler", {}, environment);
  EXPECT_THROW(sc_core::sc_start(sc_core::SC_ZERO_TIME), InputError);
}

}  // namespace
}  // namespace vesper::scheduler

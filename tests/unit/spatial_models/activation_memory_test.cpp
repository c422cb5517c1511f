// The memory alone: when visits are released, and what it refuses.
#include "models/scheduler/release_port.h"
#include "tests/unit/spatial_models/design_bench.h"

namespace vesper::spatial {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// Two products on one accelerator; the second also takes the input, as does a sum behind it.
const std::string kAround = R"(
name: around
graph:
  input: [8, 32]
  operators:
    - {name: fc1, matmul: [8, 32, 32], inputs: [input]}
    - {name: fc2, matmul: [8, 32, 32], inputs: [fc1]}
    - {name: sum, op: vector_add, inputs: [fc2, input]}
)";
const std::string kOne =
    "accelerators: [{name: a, array: [1, 1, 1], tile: [8, 32, 32], pinned: true, stages: [fc1, fc2]}]";
constexpr uint32_t kInput = workload::Edge::kInput;

class Sender : public sc_core::sc_module {
 public:
  explicit Sender(sc_core::sc_module_name name) : sc_module(name) {}
  tlm_utils::simple_initiator_socket<Sender> out{"out"};
  StreamCall call;

  void rows(uint32_t op, uint32_t first, uint32_t count, uint64_t last_ps, uint32_t image = 0) {
    call.packet = {};
    call.packet.image = image;
    call.packet.op = op;
    call.packet.first_row = first;
    call.packet.rows = count;
    call.packet.columns = 32;
    call.packet.last_ps = last_ps;
    call.packet.deadline_ps = 1234;
    call.packet.weight = 3;
    call.write(out);
  }
  void word(uint32_t op, uint64_t address, uint32_t image = 0) {
    call.packet = {};
    call.packet.image = image;
    call.packet.op = op;
    call.write(out, {}, address);
  }
};

class ActivationMemoryTest : public test::Stimulus {
 protected:
  void make(const std::string& design = kOne) {
    Trial trial;
    trial.nets[0].graph = kAround;
    trial.design = design;
    plan = plan_of(trial);
    hub.join(observer);
    ActivationMemory::Properties properties;
    properties.accelerator = "a";
    model = std::make_unique<ActivationMemory>("memory", properties, environment_of(trial, plan, hub));
    stream.out.bind(model->in);
    array.out.bind(model->operands);
    engine.out.bind(model->operands);
    scheduler.socket.bind(model->fifo);
    cpu.socket.bind(model->regs.socket);
    available = std::make_unique<test::InterruptProbe>(model->available);
  }
  /// Jobs released so far: task, job, time.
  [[nodiscard]] std::vector<std::array<uint64_t, 3>> released() const {
    std::vector<std::array<uint64_t, 3>> all;
    for (const observe::JobReleased& event : observer.released)
      all.push_back({event.job.task, event.job.job, event.release});
    return all;
  }
  using Release = std::array<uint64_t, 3>;

  std::shared_ptr<const Plan> plan;
  observe::ObserverHub hub;
  test::RecordingObserver observer{{"memory.bytes", "memory.visits"}};
  Sender stream{"stream"}, array{"array"}, engine{"engine"};
  test::Initiator scheduler{"scheduler"}, cpu{"cpu"};
  std::unique_ptr<ActivationMemory> model;
  std::unique_ptr<test::InterruptProbe> available;
};

TEST_F(ActivationMemoryTest, AVisitIsReleasedWithTheLastRowOfItsOperands) {
  make();
  agenda.at(0, [this] {
    stream.rows(kInput, 0, 4, 5000);
    EXPECT_EQ(stream.call.packet.taken_ps, 5000U);
    EXPECT_EQ(stream.call.packet.done_ps, 5000U);
    stream.rows(kInput, 4, 4, 9001);
  });
  run_until(us(1));
  EXPECT_THAT(released(), ElementsAre(Release{1, 0, 9001}));
  EXPECT_THAT(available->rises(), ElementsAre(9001U));
  EXPECT_EQ(observer.released[0].deadline, 1234U);
  EXPECT_EQ(observer.released[0].weight, 3U);
}

TEST_F(ActivationMemoryTest, TheSchedulerTakesItOutOfItsFifo) {
  make();
  agenda.at(0, [this] { stream.rows(kInput, 0, 8, 100); });
  agenda.at(500, [this] {
    abi::ReleaseWords words{};
    EXPECT_EQ(scheduler.read(scheduler::release_port::kStride * 1, words), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(words.job, 0U);
    EXPECT_EQ(words.release_low, 100U);
    EXPECT_EQ(words.deadline_low, 1234U);
    EXPECT_FALSE(model->available.level());
  });
  run_until(us(1));
}

TEST_F(ActivationMemoryTest, AnAddendIsWaitedForToo) {
  make("images: 2\n" + kOne);
  agenda.at(0, [this] {
    // Rows of fc1 before the input is whole: the sum behind fc2 needs that.
    stream.rows(0, 0, 8, 100);
    stream.rows(kInput, 0, 8, 200);
  });
  run_until(us(1));
  EXPECT_THAT(released(), ElementsAre(Release{1, 0, 200}, Release{2, 0, 200}));
}

TEST_F(ActivationMemoryTest, OperandsOfDifferentImagesAreKeptApart) {
  make("images: 2\n" + kOne);
  agenda.at(0, [this] {
    stream.rows(kInput, 0, 4, 100, 0);
    stream.rows(kInput, 0, 8, 300, 1);
    stream.rows(kInput, 4, 4, 700, 0);
  });
  run_until(us(1));
  // Jobs have one image each: here the second belongs to none, and is numbered on.
  EXPECT_THAT(released(), ElementsAre(Release{1, 1, 300}, Release{1, 0, 700}));
}

TEST_F(ActivationMemoryTest, SpaceIsHeldUntilTheLastVisitThatTakesIt) {
  make();
  agenda.at(0, [this] { stream.rows(kInput, 0, 8, 100); });
  agenda.at(200, [this] {
    array.word(0, operand_port::kBegin);
    EXPECT_EQ(array.call.packet.deadline_ps, 1234U);
    EXPECT_EQ(array.call.packet.weight, 3U);
    stream.rows(0, 0, 8, 300);
  });
  agenda.at(400, [this] {
    array.word(0, operand_port::kEnd);  // the input is the sum's, too
    array.word(1, operand_port::kBegin);
  });
  agenda.at(500, [this] { array.word(1, operand_port::kEnd); });
  run_until(us(1));
  using Change = test::RecordingObserver::Change;
  EXPECT_THAT(observer.changes["memory.bytes"],
              ElementsAre(Change{0, "0"}, Change{100, "256"}, Change{300, "512"}, Change{500, "256"},
                          Change{500, "0"}));
  EXPECT_THAT(
      observer.changes["memory.visits"],
      ElementsAre(Change{0, "0"}, Change{100, "1"}, Change{300, "2"}, Change{400, "1"}, Change{500, "0"}));
  EXPECT_EQ(core::failure_message(), "");
}

TEST_F(ActivationMemoryTest, ASecondVisitWithoutRoomEndsTheRun) {
  make();
  agenda.at(0, [this] {
    stream.rows(kInput, 0, 8, 100, 0);
    stream.rows(kInput, 0, 8, 100, 1);
  });
  run_until(us(1));
  EXPECT_THAT(core::failure_message(),
              StartsWith("memory: 2 visits of stage 'fc1' wait for the accelerator; there is room for 1"));
}

TEST_F(ActivationMemoryTest, MoreRowsThanThereAreEndTheRun) {
  make();
  agenda.at(7, [this] {
    stream.rows(0, 0, 8, 100);
    stream.rows(0, 0, 1, 100);
  });
  run_until(us(1));
  EXPECT_EQ(core::failure_message(), "memory: more rows of fc1 than it has, at 7 ps");
}

TEST_F(ActivationMemoryTest, ResultsThatNothingTakesEndTheRun) {
  make();
  agenda.at(0, [this] { stream.rows(2, 0, 8, 100); });
  run_until(us(1));
  EXPECT_THAT(core::failure_message(), HasSubstr("rows of sum, which nothing here takes"));
}

TEST_F(ActivationMemoryTest, AVisitThatBeginsTooEarlyEndsTheRun) {
  make();
  agenda.at(0, [this] { stream.rows(kInput, 0, 4, 100); });
  agenda.at(50, [this] { array.word(0, operand_port::kBegin); });
  run_until(us(1));
  EXPECT_THAT(core::failure_message(), HasSubstr("fc1 began before its operands are there"));
}

TEST_F(ActivationMemoryTest, AReadOfWhatIsNotThereEndsTheRun) {
  make();
  agenda.at(0, [this] {
    std::array<std::byte, 32> row{};
    engine.call.packet = {};
    engine.call.packet.op = kInput;
    engine.call.packet.rows = 1;
    engine.call.packet.columns = 32;
    engine.call.read(engine.out, row);
  });
  run_until(us(1));
  EXPECT_THAT(core::failure_message(), HasSubstr("a read of the input, which is not there"));
}

TEST_F(ActivationMemoryTest, SaysWhatItWaitsFor) {
  make();
  agenda.at(0, [this] { stream.rows(0, 0, 8, 100); });
  run_until(us(1));
  EXPECT_EQ(model->waiting_for(), "operands of fc2 of job 0, image 0");
  EXPECT_THAT(released(), IsEmpty());
}

}  // namespace
}  // namespace vesper::spatial

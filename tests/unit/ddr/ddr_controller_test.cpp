#include "models/ddr/ddr_controller.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/unit/ddr/ddr_fixture.h"

namespace vesper::ddr {
namespace {

using ::testing::ElementsAre;
using ::testing::Gt;
using testing::Initiator;

class DdrControllerTest : public testing::DdrFixture {
 protected:
  static constexpr uint64_t kClock = 625;
  // Defaults: (3 + 10) controller clocks in, PHY 22 and (8 + 3) controller clocks out.
  static constexpr uint64_t kIn = 26 * kClock;
  static constexpr uint64_t kOut = (22 + 22) * kClock;
};

TEST_F(DdrControllerTest, IdleReadTakesPipelineActivateReadAndBurst) {
  make();
  run_for(1'000'000);
  initiator().read(0);
  run_for(1'000'000);
  ASSERT_EQ(initiator().answers.size(), 1U);
  const uint64_t latency = initiator().answers[0].at - 1'000'000;
  EXPECT_EQ(latency, kIn + (1 + 22 + 22 + 4) * kClock + kOut);
  EXPECT_EQ(initiator().answers[0].status, tlm::TLM_OK_RESPONSE);
  // AMD: 100 to 120 ns from PL, of which the NoC's round trip takes 32 to 40.
  EXPECT_GE(latency + 32'000, 100'000U);
  EXPECT_LE(latency + 40'000, 120'000U);
}

TEST_F(DdrControllerTest, PostedWriteIsAnsweredAtAcceptance) {
  make();
  initiator().write(0, 64);
  run_for(1'000'000);
  ASSERT_EQ(initiator().answers.size(), 1U);
  EXPECT_EQ(initiator().answers[0].at, kIn + kClock + 6 * kClock);
}

TEST_F(DdrControllerTest, NothingIsLeftBehind) {
  make();
  for (uint64_t i = 0; i < 20; ++i) initiator(i % 4).read(4096 * i, 256);
  for (uint64_t i = 0; i < 20; ++i) initiator(i % 4).write(4096 * i, 256);
  run_for(10'000'000);
  for (const auto& each : initiators_) {
    EXPECT_EQ(each->answers.size(), 10U);
    EXPECT_EQ(each->pool.in_use(), 0U);
  }
  EXPECT_EQ(controller_->waiting_for(), "");
}

TEST_F(DdrControllerTest, AFullPortHoldsTheNextRequestAtItsDoor) {
  DdrController::Properties properties;
  properties.port_packets = 1;
  make(properties);
  EXPECT_TRUE(initiator().read(0, 4096));
  EXPECT_FALSE(initiator().read(4096, 4096));
  run_for(10'000'000);
  ASSERT_EQ(initiator().accepted.size(), 2U);
  EXPECT_GT(initiator().accepted[1], 100'000U);
  EXPECT_EQ(initiator().answers.size(), 2U);
}

TEST_F(DdrControllerTest, ResponsesOfAPortWaitForEndResp) {
  make();
  initiator().answer_later = true;
  initiator().read(0);
  initiator().read(64);
  run_for(1'000'000);
  EXPECT_EQ(initiator().answers.size(), 1U);
  initiator().end_response();
  EXPECT_EQ(initiator().answers.size(), 2U);
  initiator().end_response();
  EXPECT_EQ(initiator().pool.in_use(), 0U);
}

TEST_F(DdrControllerTest, BeyondTheCapacityIsAnAddressError) {
  DdrController::Properties properties;
  properties.first_address = {0x8'0000'0000};
  make(properties);
  const uint64_t end = 0x8'0000'0000 + properties.part.capacity();
  initiator().read(end - 64);
  initiator().read(end);
  initiator().read(end - 32, 64);
  initiator().read(0x7'FFFF'FFC0);
  run_for(1'000'000);
  ASSERT_EQ(initiator().answers.size(), 4U);
  EXPECT_EQ(std::count_if(initiator().answers.begin(), initiator().answers.end(),
                          [](const auto& a) { return a.status == tlm::TLM_ADDRESS_ERROR_RESPONSE; }),
            3);
}

TEST_F(DdrControllerTest, BackDoorKeepsBytesAndLeavesTimeAlone) {
  make();
  std::array<unsigned char, 5> bytes{1, 2, 3, 4, 5};
  tlm::tlm_generic_payload payload;
  payload.set_command(tlm::TLM_WRITE_COMMAND);
  payload.set_address((uint64_t{7} << 30) + 3);
  payload.set_data_ptr(bytes.data());
  payload.set_data_length(bytes.size());
  EXPECT_EQ(initiator(1).socket->transport_dbg(payload), 5U);
  bytes.fill(0);
  payload.set_read();
  EXPECT_EQ(initiator(2).socket->transport_dbg(payload), 5U);
  EXPECT_THAT(bytes, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
}

/// A thread that makes one blocking write and one blocking read of the same word.
SC_MODULE(BlockingUser) {
  SC_CTOR(BlockingUser) { SC_THREAD(run); }
  tlm_utils::simple_initiator_socket<BlockingUser> socket{"socket"};
  uint32_t got = 0;
  std::vector<uint64_t> times;

  void access(tlm::tlm_command command, uint32_t & word) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(0x1000);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&word));
    payload.set_data_length(4);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(payload, delay);
    EXPECT_EQ(payload.get_response_status(), tlm::TLM_OK_RESPONSE);
    times.push_back(core::now_ps());
  }
  void run() {
    uint32_t word = 0xCAFE;
    access(tlm::TLM_WRITE_COMMAND, word);
    wait(1, sc_core::SC_US);
    access(tlm::TLM_READ_COMMAND, got);
  }
};

TEST_F(DdrControllerTest, BlockingAccessIsARequestLikeAnyOther) {
  controller_ = std::make_unique<DdrController>("ddr", DdrController::Properties{}, environment_);
  BlockingUser user("user");
  user.socket.bind(*std::get<core::TargetEndpoint>(controller_->endpoint("port.0")).socket);
  std::vector<std::unique_ptr<Initiator>> others;
  for (uint32_t i = 1; i < 4; ++i) {
    others.push_back(std::make_unique<Initiator>(("other" + std::to_string(i)).c_str()));
    others.back()->socket.bind(
        *std::get<core::TargetEndpoint>(controller_->endpoint("port." + std::to_string(i))).socket);
  }
  run_for(5'000'000);
  EXPECT_EQ(user.got, 0xCAFEU);
  ASSERT_EQ(user.times.size(), 2U);
  EXPECT_EQ(user.times[0], kIn + 7 * kClock);
  EXPECT_THAT(user.times[1] - user.times[0], Gt(1'000'000U));
}

TEST_F(DdrControllerTest, StorageReturnsWhatWasWritten) {
  DdrController::Properties properties;
  properties.storage = true;
  make(properties);
  core::JobTag tag;
  auto& payload = initiator().pool.allocate(tlm::TLM_WRITE_COMMAND, 0x2000, 8, tag);
  std::array<unsigned char, 8> data{8, 7, 6, 5, 4, 3, 2, 1};
  payload.set_data_ptr(data.data());
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay;
  initiator().socket->nb_transport_fw(payload, phase, delay);
  run_for(1'000'000);
  auto& back = initiator().pool.allocate(tlm::TLM_READ_COMMAND, 0x2000, 8, tag);
  std::array<unsigned char, 8> got{};
  back.set_data_ptr(got.data());
  phase = tlm::BEGIN_REQ;
  initiator().socket->nb_transport_fw(back, phase, delay);
  run_for(1'000'000);
  EXPECT_EQ(got, data);
}

/// Counts transfers and keeps the values of chosen signals.
class Watcher final : public observe::Observer {
 public:
  explicit Watcher(bool signals) : signals_(signals) {}
  [[nodiscard]] uint32_t topics() const override {
    return observe::bit(observe::Topic::transfer) | (signals_ ? observe::bit(observe::Topic::signal) : 0U);
  }
  void transfer(const observe::Transfer& transfer) override { transfers.push_back(transfer); }
  bool signal_declared(uint32_t id, const observe::SignalInfo& info) override {
    EXPECT_EQ(info.group, "ddr");
    if (names.size() <= id) names.resize(id + 1);
    names[id] = info.path;
    return signals_;
  }
  void signal_changed(uint32_t id, uint64_t value, observe::Time at) override {
    EXPECT_GE(at, last);
    EXPECT_EQ(at, core::now_ps());
    last = at;
    changes.push_back(names[id] + "=" + std::to_string(value) + "@" + std::to_string(at));
  }
  std::vector<observe::Transfer> transfers;
  std::vector<std::string> names, changes;
  observe::Time last = 0;

 private:
  bool signals_;
};

TEST_F(DdrControllerTest, ObserversAreToldOfEveryTransfer) {
  Watcher watcher(false);
  hub_.join(watcher);
  make();
  core::JobTag tag;
  tag.task = 3;
  tag.job = 9;
  initiator(2).send(tlm::TLM_READ_COMMAND, 0, 256, tag);
  run_for(1'000'000);
  ASSERT_EQ(watcher.transfers.size(), 1U);
  EXPECT_EQ(watcher.transfers[0].job, (observe::JobId{3, 9}));
  EXPECT_EQ(watcher.transfers[0].bytes, 256U);
  EXPECT_EQ(watcher.transfers[0].end, initiator(2).answers[0].at);
  EXPECT_EQ(hub_.ports().at(watcher.transfers[0].port), "ddr.port.2");
}

TEST_F(DdrControllerTest, WavesShowRowsBusAndRefreshAtTheirTimes) {
  Watcher watcher(true);
  hub_.join(watcher);
  make();
  initiator().read(0, 64);
  run_for(1'000'000);
  const auto shown = [&](const std::string& name, uint64_t clock) {
    return std::count(watcher.changes.begin(), watcher.changes.end(),
                      name + "@" + std::to_string(clock * kClock)) == 1;
  };
  EXPECT_TRUE(shown("ddr.bank0.open=1", 27));
  EXPECT_TRUE(shown("ddr.bus=1", 27 + 22 + 22));
  EXPECT_TRUE(shown("ddr.bus=0", 27 + 22 + 22 + 4));
  initiator().read(1 << 20, 64);
  run_for(9'000'000);
  initiator().read(0, 64);
  run_for(1'000'000);
  EXPECT_EQ(initiator().answers.size(), 3U);
}

TEST_F(DdrControllerTest, WavesDoNotChangeTimes) {
  // The same requests with and without waves: times come from the core, which waves only make wake more
  // often.
  Watcher watcher(true);
  hub_.join(watcher);
  make();
  environment_.observers = nullptr;
  DdrController plain("plain", {}, environment_);
  Initiator other("other");
  other.socket.bind(*std::get<core::TargetEndpoint>(plain.endpoint("port.0")).socket);
  std::vector<std::unique_ptr<Initiator>> idle;
  for (uint32_t i = 1; i < 4; ++i) {
    idle.push_back(std::make_unique<Initiator>(("idle" + std::to_string(i)).c_str()));
    idle.back()->socket.bind(
        *std::get<core::TargetEndpoint>(plain.endpoint("port." + std::to_string(i))).socket);
  }
  for (uint64_t i = 0; i < 30; ++i) {
    for (Initiator* each : {&initiator(), &other}) {
      if (i % 3 == 0)
        each->write(i * 70'000 % (1 << 24) / 64 * 64, 128);
      else
        each->read(i * 50'000 % (1 << 24) / 64 * 64, 192);
    }
    run_for(37'500);
  }
  run_for(10'000'000);
  ASSERT_EQ(other.answers.size(), 30U);
  ASSERT_EQ(initiator().answers.size(), 30U);
  for (size_t i = 0; i < 30; ++i) {
    EXPECT_EQ(initiator().answers[i].at, other.answers[i].at);
    EXPECT_EQ(initiator().answers[i].address, other.answers[i].address);
  }
}

}  // namespace
}  // namespace vesper::ddr

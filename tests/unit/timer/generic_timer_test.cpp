// The architected timer through its system registers: exact counts and exact interrupts.
#include "models/timer/generic_timer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include "models/cpu/cpu_core.h"

namespace vesper::timer {
namespace {

using core::now_ps;
using core::to_time;
using cpu::system_register;
using ::testing::ElementsAre;
using ::testing::Pair;

constexpr uint32_t kFrequency = system_register(3, 3, 14, 0, 0);
constexpr uint32_t kCount = system_register(3, 3, 14, 0, 1);
constexpr uint32_t kVirtualCount = system_register(3, 3, 14, 0, 2);
constexpr uint32_t kValue = system_register(3, 3, 14, 2, 0);
constexpr uint32_t kControl = system_register(3, 3, 14, 2, 1);
constexpr uint32_t kCompare = system_register(3, 3, 14, 2, 2);

/// Reads and writes system registers, `ahead` of simulated time as a CPU may be.
struct SystemBus : sc_core::sc_module {
  explicit SystemBus(sc_core::sc_module_name name) : sc_module(name) {}
  tlm::tlm_response_status access(tlm::tlm_command command, uint32_t encoding, uint64_t& value,
                                  uint64_t ahead) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(uint64_t{encoding} * 8);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(8);
    payload.set_streaming_width(8);
    sc_core::sc_time delay = to_time(ahead);
    socket->b_transport(payload, delay);
    return payload.get_response_status();
  }
  tlm_utils::simple_initiator_socket<SystemBus> socket{"socket"};
};

struct GenericTimerTest : ::testing::Test {
  GenericTimerTest() {
    bus.socket.bind(timer.system);
    timer.irq.connect(irq);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  uint64_t read(uint32_t encoding, uint64_t ahead = 0) {
    uint64_t value = 0;
    EXPECT_EQ(bus.access(tlm::TLM_READ_COMMAND, encoding, value, ahead), tlm::TLM_OK_RESPONSE);
    return value;
  }
  void write(uint32_t encoding, uint64_t value) {
    EXPECT_EQ(bus.access(tlm::TLM_WRITE_COMMAND, encoding, value, 0), tlm::TLM_OK_RESPONSE);
  }
  static void run_until(uint64_t ps) { sc_core::sc_start(to_time(ps - now_ps())); }

  std::vector<std::pair<uint64_t, bool>> changes;
  core::InterruptIn irq{[this](bool level) { changes.emplace_back(now_ps(), level); }};
  GenericTimer timer{"timer", {.clock = MHz(30)}, {}};  // edges at 33333.3 ps
  SystemBus bus{"bus"};
};

TEST_F(GenericTimerTest, CountsEdgesExactly) {
  EXPECT_EQ(read(kFrequency), 30'000'000U);
  EXPECT_EQ(read(kCount), 0U);
  EXPECT_EQ(read(kCount, 33'333), 0U);
  EXPECT_EQ(read(kCount, 33'334), 1U);
  EXPECT_EQ(read(kCount, 99'999), 2U);
  EXPECT_EQ(read(kCount, 100'000), 3U);
  EXPECT_EQ(read(kVirtualCount, 1'000'000'000'000), 30'000'000U);
}

TEST_F(GenericTimerTest, InterruptRisesAtTheEdgeOfTheCompareValue) {
  run_until(50'000);
  write(kCompare, 1'000'000);
  write(kControl, 1);
  run_until(40'000'000'000);
  EXPECT_THAT(changes, ElementsAre(Pair(33'333'333'334, true)));
  EXPECT_EQ(read(kControl), 5U);
  write(kControl, 0);
  EXPECT_THAT(changes, ElementsAre(Pair(33'333'333'334, true), Pair(40'000'000'000, false)));
}

TEST_F(GenericTimerTest, TimerValueCountsDownFromNow) {
  run_until(100'000);  // count 3
  write(kValue, 6);
  write(kControl, 1);
  EXPECT_EQ(read(kCompare), 9U);
  EXPECT_EQ(read(kValue), 6U);
  run_until(1'000'000);  // count 30
  EXPECT_THAT(changes, ElementsAre(Pair(300'000, true)));
  EXPECT_EQ(read(kValue), 0xFFFF'FFFFU - 20);
}

TEST_F(GenericTimerTest, CompareValueInThePastRisesAtOnce) {
  run_until(1'000'000);
  write(kCompare, 30);
  write(kControl, 1);
  EXPECT_THAT(changes, ElementsAre(Pair(1'000'000, true)));
}

TEST_F(GenericTimerTest, MaskedTimerShowsItsStatusOnly) {
  write(kCompare, 3);
  write(kControl, 3);
  run_until(1'000'000);
  EXPECT_TRUE(changes.empty());
  EXPECT_EQ(read(kControl), 7U);
  write(kControl, 1);
  EXPECT_THAT(changes, ElementsAre(Pair(1'000'000, true)));
}

TEST_F(GenericTimerTest, LaterCompareValueMovesTheInterrupt) {
  write(kCompare, 3);
  write(kControl, 1);
  run_until(50'000);
  write(kCompare, 6);
  run_until(1'000'000);
  EXPECT_THAT(changes, ElementsAre(Pair(200'000, true)));
}

TEST_F(GenericTimerTest, CompareValueThatNeverComesWaitsForNothing) {
  write(kControl, 1);
  write(kCompare, ~uint64_t{0});
  run_until(1'000'000);
  EXPECT_FALSE(timer.irq.level());
}

TEST_F(GenericTimerTest, OtherRegistersAreAddressErrors) {
  uint64_t value = 0;
  EXPECT_EQ(bus.access(tlm::TLM_READ_COMMAND, system_register(3, 3, 14, 3, 1), value, 0),
            tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bus.access(tlm::TLM_WRITE_COMMAND, kFrequency, value, 0), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

}  // namespace
}  // namespace vesper::timer

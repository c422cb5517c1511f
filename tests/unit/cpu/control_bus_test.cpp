#include "models/cpu/control_bus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

namespace vesper::cpu {
namespace {

using core::now_ps;

struct Bank : core::Ip {
  explicit Bank(sc_core::sc_module_name name) : Ip(name) {
    word.on_write([this](uint32_t, uint32_t) { seen_at = now_ps(); });
    word.on_read([this](uint32_t) {
      seen_at = now_ps();
      return 0x1234U;
    });
  }
  core::RegisterPort regs{"regs", 0x1000};
  core::Register word{regs, "word", 0x10, core::read_write};
  uint64_t seen_at = 0;
};

struct Access {
  bool write;
  uint64_t address;
  tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
  uint64_t done_at = 0;
  uint32_t data = 0;
};

struct Initiator : sc_core::sc_module {
  Initiator(sc_core::sc_module_name name, std::vector<Access>& accesses) : sc_module(name), list(accesses) {
    SC_HAS_PROCESS(Initiator);
    SC_THREAD(run);
  }
  void run() {
    for (Access& access : list) {
      tlm::tlm_generic_payload payload;
      payload.set_command(access.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
      payload.set_address(access.address);
      payload.set_data_ptr(reinterpret_cast<unsigned char*>(&access.data));
      payload.set_data_length(4);
      payload.set_streaming_width(4);
      sc_core::sc_time delay;
      socket->b_transport(payload, delay);
      EXPECT_EQ(payload.get_address(), access.address);
      access.status = payload.get_response_status();
      access.done_at = now_ps() + delay.value();
    }
  }
  std::vector<Access>& list;
  tlm_utils::simple_initiator_socket<Initiator> socket{"socket"};
};

struct ControlBusTest : ::testing::Test {
  void run() {
    initiator.socket.bind(bus.cpu);
    bus.map(0x2000, 0x1000, b.regs.socket, "b");
    bus.map(0x1000, 0x1000, a.regs.socket, "a");
    sc_core::sc_start();
  }
  std::string refusal(uint64_t base, uint64_t size) {
    try {
      bus.map(base, size, b.regs.socket, "b");
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "accepted";
  }
  std::vector<Access> accesses;
  ControlBus bus{"bus", {.read_latency = ns(100), .write_latency = ns(40)}, {}};
  Bank a{"a"}, b{"b"};
  Initiator initiator{"initiator", accesses};
};

TEST_F(ControlBusTest, ReadsTakeReadLatencyAndWritesWriteLatency) {
  accesses = {{false, 0x1010}, {true, 0x2010}};
  run();
  EXPECT_EQ(accesses[0].status, tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(accesses[0].data, 0x1234U);
  EXPECT_EQ(accesses[0].done_at, 100'000U);
  EXPECT_EQ(a.seen_at, 100'000U);
  EXPECT_EQ(accesses[1].done_at, 140'000U);
  EXPECT_EQ(b.seen_at, 140'000U);
}

TEST_F(ControlBusTest, UnmappedAddressesAreAddressErrors) {
  accesses = {{false, 0x0FFC}, {true, 0x3000}, {false, 0x2FFE}, {false, 0x1014}};
  run();
  for (const Access& access : accesses)
    EXPECT_EQ(access.status, tlm::TLM_ADDRESS_ERROR_RESPONSE) << access.address;
  EXPECT_EQ(accesses[0].done_at, 100'000U);
}

TEST_F(ControlBusTest, RefusesOverlapsNamingBoth) {
  bus.map(0x1000, 0x1000, a.regs.socket, "a");
  EXPECT_EQ(refusal(0x1FFF, 0x1000), "bus: b at 0x1fff..0x2ffe overlaps a at 0x1000..0x1fff");
  EXPECT_EQ(refusal(0x0800, 0x0801), "bus: b at 0x800..0x1000 overlaps a at 0x1000..0x1fff");
  EXPECT_EQ(refusal(0x0, 0x10000), "bus: b at 0x0..0xffff overlaps a at 0x1000..0x1fff");
  EXPECT_EQ(refusal(0x1800, 4), "bus: b at 0x1800..0x1803 overlaps a at 0x1000..0x1fff");
  EXPECT_EQ(refusal(0x1000, 0x1000), "bus: b at 0x1000..0x1fff overlaps a at 0x1000..0x1fff");
  EXPECT_EQ(refusal(0x5000, 0), "bus: b at 0x5000 takes 0x0 bytes");
  EXPECT_EQ(refusal(~uint64_t{0}, 2), "bus: b at 0xffffffffffffffff takes 0x2 bytes");
  EXPECT_EQ(refusal(0x2000, 0x1000), "accepted");
}

}  // namespace
}  // namespace vesper::cpu

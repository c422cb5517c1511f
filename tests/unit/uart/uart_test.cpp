#include "models/uart/uart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sw/abi/uart.h"
#include "tests/support/stimulus.h"

namespace vesper::uart {
namespace {

using ::testing::ElementsAre;

struct Lines : observe::Observer {
  [[nodiscard]] uint32_t topics() const override { return bit(observe::Topic::log); }
  void log(std::string_view source, std::string_view line, observe::Time) override {
    seen.push_back(std::string(source) + ": " + std::string(line));
  }
  std::vector<std::string> seen;
};

struct UartTest : ::testing::Test {
  UartTest() {
    cpu.socket.bind(uart.regs.socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  void print(const std::string& text) {
    for (char c : text) cpu.write32(abi::uart::kData, static_cast<unsigned char>(c));
  }

  Lines lines;
  observe::ObserverHub hub;
  core::Environment environment = [this] {
    hub.join(lines);
    core::Environment made;
    made.observers = &hub;
    return made;
  }();
  Uart uart{"uart", {.line_length = 10}, environment};
  test::Initiator cpu{"cpu"};
};

TEST_F(UartTest, TellsLinesWithoutTheirEnds) {
  print("one\r\ntwo\n\nthr");
  EXPECT_THAT(lines.seen, ElementsAre("uart: one", "uart: two", "uart: "));
  print("ee\n");
  EXPECT_EQ(lines.seen.back(), "uart: three");
}

TEST_F(UartTest, BreaksLongLines) {
  print("0123456789ABC\n");
  EXPECT_THAT(lines.seen, ElementsAre("uart: 0123456789", "uart: ABC"));
}

TEST_F(UartTest, IsNeverFull) {
  EXPECT_EQ(cpu.read32(abi::uart::kFlags), abi::uart::kFlagTransmitEmpty | abi::uart::kFlagReceiveEmpty);
}

TEST_F(UartTest, AcceptsSetUpAndRefusesTheRest) {
  cpu.write32(abi::uart::kControl, 0x301);
  EXPECT_EQ(cpu.read32(abi::uart::kControl), 0x301U);
  uint32_t value = 0;
  EXPECT_EQ(cpu.write(abi::uart::kFlags, value), tlm::TLM_COMMAND_ERROR_RESPONSE);
  EXPECT_EQ(cpu.read(0x800, value), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

}  // namespace
}  // namespace vesper::uart

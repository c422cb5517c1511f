#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <cstring>

#include "models/uart/uart.h"
#include "sw/abi/uart.h"

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
  UartTest() { socket.bind(uart.regs.socket); }
  tlm::tlm_response_status access(tlm::tlm_command command, uint64_t address, uint32_t& value) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    uart.regs.socket->transport_dbg(payload);
    return payload.get_response_status();
  }
  void print(const std::string& text) {
    for (char c : text) {
      auto word = static_cast<uint32_t>(c);
      EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, abi::uart::kData, word), tlm::TLM_OK_RESPONSE);
    }
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
  tlm_utils::simple_initiator_socket<UartTest> socket{"socket"};
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
  uint32_t flags = 0;
  EXPECT_EQ(access(tlm::TLM_READ_COMMAND, abi::uart::kFlags, flags), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(flags, abi::uart::kFlagTransmitEmpty | abi::uart::kFlagReceiveEmpty);
}

TEST_F(UartTest, AcceptsSetUpAndRefusesTheRest) {
  uint32_t value = 0x301;
  EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, abi::uart::kControl, value), tlm::TLM_OK_RESPONSE);
  value = 0;
  EXPECT_EQ(access(tlm::TLM_READ_COMMAND, abi::uart::kControl, value), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(value, 0x301U);
  EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, abi::uart::kFlags, value), tlm::TLM_COMMAND_ERROR_RESPONSE);
  EXPECT_EQ(access(tlm::TLM_READ_COMMAND, 0x800, value), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

}  // namespace
}  // namespace vesper::uart

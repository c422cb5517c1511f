#include "models/core/registers.h"

#include <gmock/gmock.h>

#include <array>

#include "tests/support/stimulus.h"

namespace vesper::core {
namespace {

using ::testing::ElementsAre;

class Peripheral : public sc_core::sc_module {
 public:
  explicit Peripheral(sc_core::sc_module_name name) : sc_module(name) {
    port.window(0x400, memory, [this](uint64_t offset, uint64_t bytes) { told.emplace_back(offset, bytes); });
    array.on_read([](uint32_t index) { return 100 + index; });
    array.on_write([this](uint32_t value, uint32_t index) { written.emplace_back(index, value); });
  }
  RegisterPort port{"port", 0x1000};
  Register plain{port, "plain", 0x00, read_write, 7};
  Register status{port, "status", 0x04, read_only, 0x51};
  Register command{port, "command", 0x08, write_only};
  Register array{port, "array", 0x10, read_write, 0, 4};
  std::array<unsigned char, 32> memory{};
  std::vector<std::pair<uint64_t, uint64_t>> told;
  std::vector<std::pair<uint32_t, uint32_t>> written;
};

class RegisterPortTest : public test::Stimulus {
 protected:
  RegisterPortTest() { initiator.socket.bind(port.socket); }
  /// Does `work` once the simulation runs.
  void during(std::function<void()> work) {
    agenda.at(0, std::move(work));
    run_until(1);
  }

  Peripheral peripheral{"peripheral"};
  RegisterPort& port = peripheral.port;
  Register& plain = peripheral.plain;
  Register& array = peripheral.array;
  std::array<unsigned char, 32>& memory = peripheral.memory;
  std::vector<std::pair<uint64_t, uint64_t>>& told = peripheral.told;
  std::vector<std::pair<uint32_t, uint32_t>>& written = peripheral.written;
  test::Initiator initiator{"initiator"};
};

TEST_F(RegisterPortTest, ReadsResetValuesAndWrites) {
  during([this] {
    EXPECT_EQ(initiator.read32(0x00), 7U);
    initiator.write32(0x00, 0xDEADBEEF);
    EXPECT_EQ(initiator.read32(0x00), 0xDEADBEEFU);
    EXPECT_EQ(plain.value(), 0xDEADBEEFU);
    EXPECT_EQ(initiator.read32(0x04), 0x51U);
    port.reset();
    EXPECT_EQ(initiator.read32(0x00), 7U);
  });
}

TEST_F(RegisterPortTest, CallbacksGetTheIndexWithinAnArray) {
  during([this] {
    EXPECT_EQ(initiator.read32(0x10), 100U);
    EXPECT_EQ(initiator.read32(0x1C), 103U);
    initiator.write32(0x14, 55);
    EXPECT_EQ(array.value(1), 55U) << "stored before the callback";
    EXPECT_THAT(written, ElementsAre(std::pair(1U, 55U)));
  });
}

TEST_F(RegisterPortTest, WideAccessesAreTakenApartInOrderOfAddress) {
  during([this] {
    uint64_t both = 0;
    EXPECT_EQ(initiator.read(0x00, both), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(both, 0x51'0000'0007U);
    EXPECT_EQ(initiator.write(0x10, uint64_t{0x2222'2222'1111'1111}), tlm::TLM_OK_RESPONSE);
    EXPECT_THAT(written, ElementsAre(std::pair(0U, 0x1111'1111U), std::pair(1U, 0x2222'2222U)));
  });
}

TEST_F(RegisterPortTest, WrongAccessesAreAnsweredAsTheContractSays) {
  during([this] {
    uint32_t word = 0;
    uint16_t half = 0;
    uint64_t both = 0;
    EXPECT_EQ(initiator.read(0x0C, word), tlm::TLM_ADDRESS_ERROR_RESPONSE) << "a hole";
    EXPECT_EQ(initiator.read(0x20, word), tlm::TLM_ADDRESS_ERROR_RESPONSE) << "past the last register";
    EXPECT_EQ(initiator.read(0xFFC, word), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(initiator.read(0x1'0000'0000, word), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(initiator.write(0x04, word), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(initiator.read(0x08, word), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(initiator.write(0x08, word), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(initiator.read(0x02, word), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(initiator.read(0x00, half), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(initiator.read(0x04, both), tlm::TLM_COMMAND_ERROR_RESPONSE)
        << "its second word cannot be read";
    EXPECT_EQ(initiator.read(0x1C, both), tlm::TLM_ADDRESS_ERROR_RESPONSE) << "its second word is not there";
  });
}

TEST_F(RegisterPortTest, ByteEnablesAreRefused) {
  during([this] {
    tlm::tlm_generic_payload payload;
    uint32_t word = 0;
    unsigned char enables[4] = {0xFF, 0, 0, 0};
    payload.set_write();
    payload.set_address(0);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&word));
    payload.set_data_length(4);
    payload.set_byte_enable_ptr(enables);
    payload.set_byte_enable_length(4);
    sc_core::sc_time delay;
    initiator.socket->b_transport(payload, delay);
    EXPECT_EQ(payload.get_response_status(), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    EXPECT_EQ(plain.value(), 7U);
  });
}

TEST_F(RegisterPortTest, WindowsAreMemoryOfAnyAccess) {
  during([this] {
    EXPECT_EQ(initiator.write(0x401, uint16_t{0xBBAA}), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(memory[0], 0);
    EXPECT_EQ(memory[1], 0xAA);
    EXPECT_EQ(memory[2], 0xBB);
    EXPECT_THAT(told, ElementsAre(std::pair(uint64_t{1}, uint64_t{2})));
    uint64_t last = 0;
    EXPECT_EQ(initiator.read(0x418, last), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(initiator.read(0x419, last), tlm::TLM_ADDRESS_ERROR_RESPONSE) << "one byte past the end";
    EXPECT_EQ(initiator.write(0x41C, last), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(told.size(), 1U) << "a refused write is not told";
    uint32_t word = 0;
    EXPECT_EQ(initiator.read(0x3FC, word), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(initiator.read(0x420, word), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
}

TEST_F(RegisterPortTest, LoadWritesAsTheBusWould) {
  uint32_t words[2] = {1, 2};
  port.load(0x10, words, sizeof words);
  EXPECT_THAT(written, ElementsAre(std::pair(0U, 1U), std::pair(1U, 2U)));
  port.load(0x408, words, sizeof words);
  EXPECT_EQ(memory[12], 2);
  EXPECT_THROW(port.load(0x0C, words, 4), std::out_of_range);
  EXPECT_THROW(port.load(0x41C, words, sizeof words), std::out_of_range);
}

TEST_F(RegisterPortTest, RegistersMustNotOverlapOrLeaveTheirBank) {
  EXPECT_THROW(Register(port, "twice", 0x1C, read_write), std::logic_error);
  EXPECT_THROW(Register(port, "over", 0x0C, read_write, 0, 2), std::logic_error);
  EXPECT_THROW(Register(port, "outside", 0x1000, read_write), std::logic_error);
  EXPECT_THROW(Register(port, "half out", 0xFFC, read_write, 0, 2), std::logic_error);
  EXPECT_THROW(Register(port, "unaligned", 0x22, read_write), std::logic_error);
}

}  // namespace
}  // namespace vesper::core

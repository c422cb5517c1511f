#include "platform/debug/packet.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "models/cpu/debugger.h"
#include "platform/debug/target_description.h"

namespace vesper::debug {
namespace {

using Kind = PacketReader::Kind;

TEST(Packet, IsFramedAndEscaped) {
  EXPECT_EQ(packet_of("OK"), "$OK#9a");
  EXPECT_EQ(packet_of("a#b").substr(0, 5),
            "$a}\x03"
            "b");
}

TEST(Packet, ReaderFindsWhatIsWhole) {
  PacketReader reader;
  reader.add("+$m10,4#");
  EXPECT_FALSE(reader.next());
  reader.add("2e\x03$bad#00" + packet_of("x}y$z"));
  auto first = reader.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->kind, Kind::packet);
  EXPECT_EQ(first->data, "m10,4");
  EXPECT_EQ(reader.next()->kind, Kind::interrupt);
  EXPECT_EQ(reader.next()->kind, Kind::damaged);
  EXPECT_EQ(reader.next()->data, "x}y$z");
  EXPECT_FALSE(reader.next());
}

TEST(Packet, NumbersAndBytes) {
  std::string_view text = "1f,zz";
  EXPECT_EQ(take_number(text), 0x1FU);
  EXPECT_TRUE(take(text, ','));
  EXPECT_FALSE(take_number(text));
  std::string_view huge = "11112222333344445";
  EXPECT_FALSE(take_number(huge));
  EXPECT_EQ(to_hex("az"), "617a");
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("zz"));
  EXPECT_EQ(to_hex(*from_hex("00ff")), "00ff");
}

TEST(TargetDescription, NumbersEveryRegister) {
  const std::string text = target_description();
  for (size_t i = 0; i < cpu::debug_registers().size(); ++i) {
    EXPECT_THAT(text, ::testing::HasSubstr(fmt::format("regnum=\"{}\"", i)));
  }
  EXPECT_STREQ(cpu::debug_registers()[cpu::kDebugPc].name, "pc");
  EXPECT_STREQ(cpu::debug_registers()[cpu::kFirstDebugVector].name, "v0");
  EXPECT_STREQ(cpu::debug_registers()[cpu::kFirstDebugSystem].name, "ELR_EL1");
}

}  // namespace
}  // namespace vesper::debug

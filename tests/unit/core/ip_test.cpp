#include "models/core/ip.h"

#include <gmock/gmock.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <memory>
#include <set>

#include "tests/support/stimulus.h"

namespace vesper::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Sample : public Ip {
 public:
  struct Properties {
    uint32_t size = 3;
    static void describe(Schema<Properties>& p) { p("size", &Properties::size, "size").between(1, 9); }
  };
  Sample(sc_core::sc_module_name name, const Properties& properties, const Environment& /*environment*/)
      : Ip(name), size(properties.size) {
    expose(regs);
    expose("master", master);
    expose("out", out);
    expose("in", in);
  }
  uint32_t size;
  RegisterPort regs{"regs", 0x100};
  Register word{regs, "word", 0, read_write, 42};
  tlm_utils::simple_initiator_socket_optional<Sample> master{"master"};
  InterruptOut out{"out"};
  std::vector<bool> levels;
  InterruptIn in{[this](bool level) { levels.push_back(level); }};
};
VESPER_IP(Sample, "sample", "an IP of a test");

class IpTest : public test::Stimulus {
 protected:
  Environment environment;
  Sample a{"a", {}, environment};
  Sample b{"b", {}, environment};
};

TEST_F(IpTest, EndpointsAreFoundByName) {
  EXPECT_THAT(a.endpoint_names(), ElementsAre("in", "master", "out", "regs"));
  EXPECT_TRUE(std::holds_alternative<InitiatorEndpoint>(a.endpoint("master")));
  EXPECT_TRUE(std::holds_alternative<TargetEndpoint>(a.endpoint("regs")));
  EXPECT_TRUE(std::holds_alternative<InterruptOut*>(a.endpoint("out")));
  EXPECT_TRUE(std::holds_alternative<InterruptIn*>(a.endpoint("in")));
  EXPECT_EQ(a.register_bank(), &a.regs);
  try {
    (void)a.endpoint("slave");
    FAIL();
  } catch (const std::out_of_range& error) {
    EXPECT_THAT(error.what(), HasSubstr("'a' has no endpoint 'slave'; it has: in, master, out, regs"));
  }
}

TEST_F(IpTest, OnlyWhatFitsIsJoined) {
  const char* names[] = {"master", "regs", "out", "in"};
  for (const char* from : names) {
    for (const char* to : names) {
      std::set<std::string> pair{from, to};
      bool fits =
          pair == std::set<std::string>{"master", "regs"} || pair == std::set<std::string>{"out", "in"};
      if (!fits) {
        EXPECT_THROW(connect(a.endpoint(from), b.endpoint(to)), std::invalid_argument)
            << from << " to " << to;
      }
    }
  }
}

TEST_F(IpTest, InitiatorsReachTargetsInEitherOrder) {
  connect(a.endpoint("master"), b.endpoint("regs"));
  connect(a.endpoint("regs"), b.endpoint("master"));
  agenda.at(0, [this] {
    for (Sample* ip : {&a, &b}) {
      tlm::tlm_generic_payload payload;
      uint32_t value = 0;
      payload.set_read();
      payload.set_address(0);
      payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
      payload.set_data_length(4);
      sc_core::sc_time delay;
      ip->master->b_transport(payload, delay);
      EXPECT_EQ(value, 42U);
    }
  });
  run_until(1);
}

TEST_F(IpTest, LinesTellEveryListenerOfEachChangeOnce) {
  connect(b.endpoint("in"), a.endpoint("out"));
  connect(a.endpoint("out"), a.endpoint("in"));
  a.out.set(true);
  a.out.set(true);
  a.out.set(false);
  EXPECT_THAT(a.levels, ElementsAre(true, false));
  EXPECT_THAT(b.levels, ElementsAre(true, false));
}

TEST_F(IpTest, ALineThatIsHighWhenItIsConnectedIsTold) {
  a.out.set(true);
  connect(a.endpoint("out"), b.endpoint("in"));
  EXPECT_THAT(b.levels, ElementsAre(true));
  EXPECT_TRUE(b.in.level());
}

TEST_F(IpTest, TheRegistryMakesAnIpByItsName) {
  const IpFactory* factory = IpRegistry::instance().find("sample");
  ASSERT_NE(factory, nullptr);
  EXPECT_EQ(factory->help, "an IP of a test");
  EXPECT_EQ(IpRegistry::instance().find("no such IP"), nullptr);
  Node properties = Node::map();
  const std::string foreign[] = {"type"};
  properties.at_or_add("type", {}) = Node::scalar("sample");
  EXPECT_EQ(factory->check(properties, "s", foreign).find("size")->text(), "3");
  EXPECT_THROW(factory->check(properties, "s", {}), InputError);
  properties.at_or_add("size", {}) = Node::scalar("5");
  std::unique_ptr<Ip> made(factory->create("s", properties, "s", foreign, environment));
  EXPECT_EQ(dynamic_cast<Sample&>(*made).size, 5U);
  properties.at_or_add("size", {}) = Node::scalar("10");
  EXPECT_THROW(factory->check(properties, "s", foreign), InputError);
  EXPECT_THROW((void)factory->create("t", properties, "s", foreign, environment), InputError);
}

TEST_F(IpTest, ATypeIsRegisteredOnce) {
  using Again = Sample;
  EXPECT_THROW((IpRegistration<Again>{"sample", "twice"}), std::logic_error);
}

/// What an effective configuration writes must be taken again, and be the same.
TEST(IpRegistryTest, DefaultsOfEveryIpLieWithinTheirRanges) {
  size_t checked = 0;
  for (const std::string& type : IpRegistry::instance().types()) {
    const IpFactory& factory = *IpRegistry::instance().find(type);
    Node effective;
    try {
      effective = factory.check(Node::map(), type, {});
    } catch (const InputError&) {
      continue;  // it has required properties
    }
    Node again = factory.check(effective, type, {});
    EXPECT_EQ(again.entries().size(), effective.entries().size()) << type;
    ++checked;
  }
  EXPECT_GE(checked, 6U);
}

}  // namespace
}  // namespace vesper::core

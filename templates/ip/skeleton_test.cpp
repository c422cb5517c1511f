#include "skeleton.h"

#include "tests/support/stimulus.h"

namespace skeleton_ip {
namespace {

using namespace vesper;

class SkeletonTest : public test::Stimulus {
 protected:
  /// 250 MHz: 4 ns a cycle, so that the first tick comes after 40 ns.
  Skeleton& make() {
    environment_.observers = &hub_;
    Skeleton::Properties properties;
    properties.clock = MHz(250);
    properties.period = 10;
    ip_ = std::make_unique<Skeleton>("skeleton", properties, environment_);
    bus.socket.bind(ip_->regs.socket);
    return *ip_;
  }

  test::Initiator bus{"bus"};

 private:
  observe::ObserverHub hub_;
  core::Environment environment_;
  std::unique_ptr<Skeleton> ip_;
};

TEST_F(SkeletonTest, RaisesItsInterruptAfterAPeriodUntilItIsAcknowledged) {
  Skeleton& ip = make();
  test::InterruptProbe probe(ip.interrupt);
  agenda.at(us(1).ps / 20, [&] { bus.write32(ip.acknowledge.offset(), 1); });
  run_until(ns(79));
  EXPECT_THAT(probe.rises(), ::testing::ElementsAre(40'000));
  EXPECT_THAT(probe.falls(), ::testing::ElementsAre(50'000));
}

TEST_F(SkeletonTest, CountsItsTicksWhileItIsEnabled) {
  Skeleton& ip = make();
  agenda.at(ns(125).ps, [&] { bus.write32(ip.control.offset(), 0); });
  run_until(ns(400));
  EXPECT_EQ(bus.read32(ip.ticks.offset()), 3U);
}

TEST_F(SkeletonTest, TicksCannotBeWritten) {
  Skeleton& ip = make();
  run_until(ns(1));
  EXPECT_EQ(bus.write(ip.ticks.offset(), uint32_t{1}), tlm::TLM_COMMAND_ERROR_RESPONSE);
}

}  // namespace
}  // namespace skeleton_ip

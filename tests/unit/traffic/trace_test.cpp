// Replay of traces: both forms, times, and what is refused.
#include "models/traffic/trace_file.h"
#include "tests/support/command.h"
#include "tests/unit/traffic/fixture.h"

namespace vesper::traffic::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TraceTest : public TrafficTest {
 protected:
  std::string file(const std::string& text) {
    std::string path = folder_ / "trace";
    test::write_file(path, text);
    return path;
  }
  void expect_refused(const std::string& text, const std::string& place_and_message) {
    std::string path = file(text);
    EXPECT_THAT(([&] { read_trace(path, {.clock = core::ClockDomain(MHz(250))}); }),
                ::testing::ThrowsMessage<InputError>(HasSubstr(path + ":" + place_and_message)))
        << text;
  }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(TraceTest, ReplaysTheTextOfDramSimulators) {
  make("trace_replay", {{"file", file("0x1F40 READ 0\n0x80  WRITE 100\n0x1000\tREAD\t101\n")}});
  run_until(us(1));
  // A write is sent once its beat has left, a cycle after it began.
  EXPECT_THAT(memory.seen, ElementsAre(Seen{0, false, 0x1F40, 64}, Seen{edge(101), true, 0x80, 64},
                                       Seen{edge(101), false, 0x1000, 64}));
}

TEST_F(TraceTest, CountsTheCyclesOfAnotherClock) {
  make("trace_replay",
       {{"file", file("0x0 READ 1600\n")}, {"cycles_of", "1600 MHz"}, {"base", "0x800000000"}});
  run_until(us(2));
  EXPECT_THAT(memory.seen, ElementsAre(Seen{us(1).ps, false, 0x8'0000'0000, 64}));
}

TEST_F(TraceTest, ReplaysCsvWithTimesAndBytes) {
  make("trace_replay", {{"file", file("# a camera\r\ntime_s,address,operation,bytes\r\n"
                                      "0.000001,0x1000,READ,4096\r\n\r\n0.000002,4096,READ,100\r\n")},
                        {"from", "1 us"}});
  run_until(us(5));
  EXPECT_THAT(memory.seen, ElementsAre(Seen{us(2).ps, false, 4096, 4096}, Seen{us(3).ps, false, 4096, 100}));
}

TEST_F(TraceTest, ReplaysCsvByCycles) {
  Generator& generator =
      make("trace_replay",
           {{"file", file("cycle,address,operation\n10,0x40,READ\n12,0x80,READ\n")}, {"burst", "128 B"}});
  run_until(us(5));
  EXPECT_THAT(memory.seen, ElementsAre(Seen{edge(10), false, 0x40, 128}, Seen{edge(12), false, 0x80, 128}));
  EXPECT_TRUE(generator.finished());
}

TEST_F(TraceTest, BoundsCutATrace) {
  make("trace_replay", {{"file", file("0x0 READ 0\n0x40 READ 10\n0x80 READ 20\n")}, {"bytes", "100 B"}});
  run_until(us(1));
  EXPECT_THAT(memory.seen, ElementsAre(Seen{0, false, 0, 64}, Seen{edge(10), false, 0x40, 36}));
}

TEST_F(TraceTest, RequestsBeforeTheirTurnAreMadeAsSoonAsTheyCan) {
  memory.latency = ns(100).ps;
  make("trace_replay",
       {{"file", file("0x0 READ 0\n0x40 READ 1\n0x80 READ 100\n")}, {"outstanding_reads", "1"}});
  run_until(us(1));
  EXPECT_THAT(memory.times(), ElementsAre(0, edge(25), edge(100)));
}

TEST_F(TraceTest, WhatIsNoRequestIsRefusedWithItsPlace) {
  expect_refused("0x0 READ 0\n0x40 FETCH 1\n", "2: 'FETCH' is no operation; it is READ or WRITE");
  expect_refused("0x0 READ\n", "1: '0x0 READ' has 2 fields where 3 are expected");
  expect_refused("0x0 READ 5\n# later\n0x0 READ 4\n", "3: the request lies before the one above it");
  expect_refused("0xZZ READ 5\n", "1: the address: ");
  expect_refused("0x0 READ -5\n", "1: the cycle: ");
  expect_refused("0x0 READ soon\n", "1: the cycle: ");
  expect_refused("0xFF0 READ 5\n", "1: 64 bytes at 0xff0 are none, or cross a boundary of 4 KiB");
  expect_refused("time,address,operation\n", "1: 'time,address,operation' is neither a header");
  expect_refused("cycle,address,operation\n1,0x0,READ,64\n",
                 "2: '1,0x0,READ,64' has 4 fields where 3 are expected");
  expect_refused("cycle,address,operation,bytes\n1,0x0,READ,0\n", "2: 0 bytes at 0x0 are none");
  expect_refused("cycle,address,operation,bytes\n1,0x0,READ,\n", "2: the bytes: ");
  expect_refused("time_s,address,operation\n1 ms,0x0,READ\n", "2: the time: ");
  expect_refused("# nothing\n", "1: the trace holds no request");
}

TEST_F(TraceTest, AMissingFileIsNamed) {
  EXPECT_THAT(
      [this] {
        make("trace_replay", {{"file", "/nowhere/trace"}});
      },
      ::testing::ThrowsMessage<InputError>(HasSubstr("the trace '/nowhere/trace' cannot be read")));
}

}  // namespace
}  // namespace vesper::traffic::testing

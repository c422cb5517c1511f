// Firmware under GDB, logs and states: as a user of the command meets them.
#include <gmock/gmock.h>

#include <chrono>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/support/command.h"

namespace vesper::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

constexpr const char* kDemo = "scenarios/demo/camera_and_lidar.yaml";
constexpr const char* kSoftware = "scenarios/demo/camera_and_lidar_software.yaml";

/// `vesper run --gdb` with GDB doing `commands`.
class UnderGdb {
 public:
  UnderGdb(const std::string& out, const std::vector<std::string>& commands,
           const std::vector<std::string>& options = {}) {
    const std::string err = folder_ / "err";
    std::string line =
        std::string("exec '") + VESPER_COMMAND + "' run " + kSoftware + " --gdb 0 --out '" + out + "'";
    for (const std::string& option : options) line += " '" + option + "'";
    auto run = std::async(std::launch::async, [&] {
      return run_program("/bin/sh", {"-c", line + " 2>'" + err + "'"}, VESPER_SOURCE_DIR);
    });
    std::vector<std::string> arguments{
        "-nx", "-batch", "-ex", "set pagination off", "-ex", "target remote localhost:" + port(err)};
    for (const std::string& command : commands) arguments.insert(arguments.end(), {"-ex", command});
    arguments.push_back(VESPER_FIRMWARE_DIR "/scheduler.elf");
    gdb = run_program("/usr/bin/gdb-multiarch", arguments, folder_.path());
    gdb.out += gdb.err;  // what `monitor` prints
    vesper = run.get();
    vesper.err = read_file(err);
  }

  CommandResult gdb;
  CommandResult vesper;

 private:
  /// Told once Vesper listens.
  static std::string port(const std::string& err) {
    for (;;) {
      const std::string said = fs::exists(err) ? read_file(err) : "";
      const size_t place = said.find("localhost:");
      if (place != std::string::npos && said.find('\n', place) != std::string::npos) {
        return std::to_string(std::stoi(said.substr(place + 10)));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  TemporaryFolder folder_;
};

class Gdb : public ::testing::Test {
 protected:
  Gdb() { EXPECT_EQ(run_vesper({"run", kSoftware, "--out", folder / "plain"}).status, 0); }

  void expect_same_results() {
    for (const char* file : {"summary.json", "jobs.csv", "decisions.csv"}) {
      EXPECT_EQ(read_file(folder / "plain/" + file), read_file(folder / "out/" + file)) << file;
    }
  }

  TemporaryFolder folder;
};

TEST_F(Gdb, APlainContinueChangesNothing) {
  UnderGdb run(folder / "out", {"continue"});
  EXPECT_EQ(run.vesper.status, 0) << run.vesper.err;
  EXPECT_THAT(run.gdb.out, HasSubstr("exited normally"));
  expect_same_results();
}

TEST_F(Gdb, BreaksStepsAndLooksWithoutChangingResults) {
  UnderGdb run(folder / "out",
               {"break vesper::firmware::decide", "continue", "info registers pc", "backtrace",
                "print/x $cpsr", "x/2xw 0x80000000", "x/1xw 0xf900100c", "monitor time", "monitor state",
                "step", "stepi", "nexti", "finish", "info breakpoints", "continue 20", "delete", "continue"});
  EXPECT_EQ(run.vesper.status, 0) << run.vesper.err << run.gdb.out << run.gdb.err;
  EXPECT_THAT(run.gdb.out, HasSubstr("Breakpoint 1.1, vesper::firmware::decide"));
  EXPECT_THAT(run.gdb.out, HasSubstr("vesper::firmware::run_scheduler"));
  EXPECT_THAT(run.gdb.out, HasSubstr("in main ()"));
  EXPECT_THAT(run.gdb.out, HasSubstr("0x80000000:\t0x00000001\t0x00000000"));  // a release waits
  EXPECT_THAT(run.gdb.out, HasSubstr("camera 0: released 0.000000 us"));
  EXPECT_THAT(run.gdb.out, HasSubstr("exited normally"));
  expect_same_results();
}

TEST_F(Gdb, WatchesMemoryAndWritesRegisters) {
  UnderGdb run(folder / "out", {"tbreak vesper::firmware::decide", "continue", "watch -l *(long*)($sp - 16)",
                                "continue", "print $x5 = 0x1234", "print/x $x5", "kill"});
  EXPECT_THAT(run.gdb.out, HasSubstr("Hardware watchpoint 2"));
  EXPECT_THAT(run.gdb.out, ContainsRegex("Old value = .*\nNew value = "));
  EXPECT_THAT(run.gdb.out, HasSubstr("0x1234"));
  EXPECT_EQ(run.vesper.status, 1);
  EXPECT_EQ(read_summary(folder / "out")["complete"], false);
}

TEST_F(Gdb, GoesOnWithoutADebuggerThatDetaches) {
  UnderGdb run(folder / "out", {"break vesper::firmware::decide", "continue", "detach"});
  EXPECT_EQ(run.vesper.status, 0) << run.vesper.err;
  expect_same_results();
}

TEST(GdbOption, IsRefusedWhereItCannotWork) {
  CommandResult hardware = run_vesper({"run", kDemo, "--gdb", "0"});
  EXPECT_EQ(hardware.status, 2);
  EXPECT_THAT(hardware.err, HasSubstr("--placement software"));
  CommandResult port = run_vesper({"run", kSoftware, "--gdb", "65536"});
  EXPECT_EQ(port.status, 2);
  EXPECT_THAT(port.err, HasSubstr("'65536' is no port"));
}

TEST(BreakOn, AMissTellsAllStates) {
  TemporaryFolder folder;
  CommandResult result = run_vesper({"run", "scenarios/demo/camera_and_lidar_layerwise.yaml", "--break-on",
                                     "miss", "--out", folder / "out"});
  EXPECT_EQ(result.status, 3) << result.err;
  EXPECT_THAT(result.out, HasSubstr("lidar 0 missed its deadline"));
  EXPECT_THAT(result.out,
              HasSubstr("lidar 0: released 2000.000000 us, due 7000.000000 us (missed), not started"));
  const std::string state = read_file(folder / "out/state.txt");
  EXPECT_THAT(state, HasSubstr("scheduler_block.heap = \"1:0 0:0\"\n"));
  EXPECT_THAT(state, HasSubstr("accelerator.region_count[0] = 0x2\n"));
  EXPECT_EQ(read_summary(folder / "out")["complete"], false);
}

TEST(BreakOn, APreemptionATimeAndNothing) {
  TemporaryFolder folder;
  CommandResult preemption = run_vesper({"run", kDemo, "--break-on", "preemption", "--out", folder / "out"});
  EXPECT_EQ(preemption.status, 0) << preemption.err;
  EXPECT_THAT(preemption.out, HasSubstr("lidar 0 region 0, which preempted camera 0 since 2001.052174 us"));
  CommandResult time = run_vesper({"run", kDemo, "--break-on", "2500 us", "--out", folder / "out"});
  EXPECT_THAT(time.out, HasSubstr("stopped at 2.5 ms\n"));
  EXPECT_EQ(read_summary(folder / "out")["simulated_s"], 0.0025);
  CommandResult nothing = run_vesper({"run", kDemo, "--break-on", "miss", "--out", folder / "out"});
  EXPECT_EQ(nothing.status, 0);
  EXPECT_EQ(read_summary(folder / "out")["complete"], true);
  EXPECT_FALSE(fs::exists(folder / "out/state.txt"));
  EXPECT_EQ(run_vesper({"run", kDemo, "--break-on", "rain"}).status, 2);
}

TEST(Log, TellsWhatIsWantedOfEachPlace) {
  TemporaryFolder folder;
  CommandResult result = run_vesper({"run", kDemo, "--until", "6 ms", "--log", "warn", "--log",
                                     "jobs=debug,accelerator.swap=trace", "--out", folder / "out"});
  ASSERT_EQ(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("debug   2000.000000 us jobs.lidar: lidar 0 is released\n"));
  EXPECT_THAT(result.err, HasSubstr("trace   2001.065218 us accelerator.swap: \"persist\"\n"));
  EXPECT_THAT(result.err, Not(HasSubstr("scheduler")));
  CommandResult wrong = run_vesper({"run", kDemo, "--log", "schedular=debug"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean 'scheduler'?"));
}

}  // namespace
}  // namespace vesper::test

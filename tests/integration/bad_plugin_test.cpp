// Plug-ins that do what they must not: each is named in the error, with its instance, and none hangs the
// platform.
#include <gmock/gmock.h>

#include "platform/plugin/note_reader.h"
#include "tests/support/background.h"
#include "tests/support/command.h"

namespace vesper::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

constexpr const char* kPlugin = VESPER_MISBEHAVING_PLUGIN;

std::string scenario_with(const std::string& more) {
  return "scenario: a test\ninclude: platforms/vck190.yaml\nplugins: [" + std::string(kPlugin) + "]\n" + more;
}

CommandResult run_text(const TemporaryFolder& folder, const std::string& text,
                       const std::vector<std::string>& more = {}) {
  write_file(folder / "scenario.yaml", text);
  std::vector<std::string> arguments{"run", folder / "scenario.yaml", "--out", folder / "out"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  CommandResult result = run_vesper(arguments);
  if (result.status != 0) {
    for (const auto& left : fs::directory_iterator(folder.path()))
      EXPECT_THAT(left.path().filename().string(), ::testing::AnyOf("scenario.yaml", "out")) << result.err;
    EXPECT_FALSE(fs::exists(folder / "out/summary.json"));
  }
  return result;
}

/// The tasks' memory is the plug-in's.
std::string with_memory(const std::string& fault) {
  return scenario_with(
      "memory: {fidelity: burst}\n"
      "mine: {type: bad_memory, base: 0xA0000000, fault: " +
      fault +
      "}\n"
      "connect: {noc.ddr.0: mine.port.0, noc.ddr.1: mine.port.1, noc.ddr.2: mine.port.2, noc.ddr.3: "
      "mine.port.3}\n"
      "noc: {address_map: [{base: 0x800000000, size: 6 GiB, to: ddr}]}\n"
      "ddr: {when: fixed}\n"
      "tasks: [{name: lidar, model: workloads/lidar_cluster.yaml, period: 10 ms}]\n"
      "run: {until: 12 ms}\n");
}

struct Case {
  const char* fault;
  int status;
  std::vector<const char*> says;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.fault; }
};

class BadMemory : public ::testing::TestWithParam<Case> {};

TEST_P(BadMemory, IsNamedInTheError) {
  const Case& expected = GetParam();
  TemporaryFolder folder;
  CommandResult result = run_text(folder, with_memory(expected.fault));
  EXPECT_EQ(result.status, expected.status) << result.err;
  for (const char* words : expected.says) EXPECT_THAT(result.err, HasSubstr(words));
  EXPECT_THAT(result.err, HasSubstr("libmisbehaves.so"));
}

INSTANTIATE_TEST_SUITE_P(
    Faults, BadMemory,
    ::testing::Values(
        Case{"constructor_throws",
             2,
             {"scenario.yaml:5:1: cannot build 'mine' of plug-in", "no good in the constructor"}},
        Case{"constructor_throws_a_number",
             2,
             {"cannot build 'mine'", "an exception that is no std::exception"}},
        Case{"connected_throws", 2, {"'mine' of plug-in", "threw: no good in connected"}},
        Case{"start_throws", 1, {"no good in start_of_simulation", "mine"}},
        Case{
            "process_throws", 1, {"mine of plug-in", "threw in process mine.work: no good in a process at "}},
        Case{"report_throws", 1, {"mine of plug-in", "threw in its report: no good in report"}},
        Case{"crashes", 1, {"plug-in", "died of SIGSEGV", "in process mine.work at "}},
        Case{"divides_by_zero", 1, {"plug-in", "died of SIGFPE", "in process mine.work at "}},
        Case{"aborts", 1, {"plug-in", "died of SIGABRT", "in process mine.work at "}},
        Case{"endless_deltas",
             1,
             {"time stands still at ", "1000000 delta cycles", "mine.work", "of plug-in"}},
        Case{"no_status",
             1,
             {"mine.port.", "answered without a response status (read of ", "asked by noc.ddr."}},
        Case{"no_answer", 1, {"waits for mine.port.", "has no answer, nor has the rest"}},
        Case{"no_end_req", 1, {"waits for mine.port.", "has no END_REQ"}},
        Case{"wrong_phase", 1, {"mine.port.", "sent END_RESP, which is no phase for it now"}},
        Case{"answers_twice", 1, {"mine.port.", "sent BEGIN_RESP"}},
        Case{"answers_unasked", 1, {"mine.port.", "sent BEGIN_RESP for a payload that was not asked of it"}}),
    [](const auto& fault) { return std::string(fault.param.fault); });

TEST(BadMemoryAtWork, WithoutAFaultTheJobsComplete) {
  TemporaryFolder folder;
  CommandResult result = run_text(folder, with_memory("none"));
  EXPECT_EQ(result.status, 0) << result.err;
}

TEST(BadMemoryAtWork, ACallThatDoesNotReturnIsTold) {
  TemporaryFolder folder;
  write_file(folder / "scenario.yaml", with_memory("never_returns"));
  const std::string log = folder / "log";
  Background run(vesper_words({"run", folder / "scenario.yaml", "--out", folder / "out"}), {.log = log});
  const auto told = [&] {
    return fs::exists(log) && read_file(log).find("nothing has come back from plug-in") != std::string::npos;
  };
  wait_until(told, "word of the call that does not return");
  EXPECT_THAT(read_file(log),
              AllOf(HasSubstr("libmisbehaves.so in process mine.work at "), HasSubstr("Ctrl-C twice")));
}

TEST(BadMaster, RequestsBeforeEndReqAreItsFault) {
  TemporaryFolder folder;
  CommandResult result = run_text(
      folder,
      scenario_with("memory: {fidelity: burst}\nmaster: {type: bad_master, fault: asks_twice}\n"
                    "slow: {type: bad_memory, fault: no_end_req}\nconnect: {master.out: slow.port.0}\n"
                    "run: {until: 10 ms}\n"));
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("master.out of plug-in"),
                                HasSubstr("sent BEGIN_REQ while its request before that waits for END_REQ"),
                                HasSubstr("to slow.port.0"), HasSubstr("at 1000000 ps")));
}

TEST(BadMaster, AnswersThatNeverComeAreAStall) {
  TemporaryFolder folder;
  CommandResult result = run_text(
      folder, scenario_with("master: {type: bad_master}\nslow: {type: bad_memory, fault: no_answer}\n"
                            "connect: {master.out: slow.port.0}\nrun: {until: 10 ms, patience: 80 us}\n"));
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err,
              HasSubstr("nothing has moved for 80 us of simulated time, since 10 us at the latest "
                        "(run.patience). What waits for what: master.out waits for slow.port.0 of plug-in"));
  EXPECT_THAT(result.err, HasSubstr("write of 64 bytes at 0x800000000 asked at 1000000 ps has no answer"));
}

TEST(BadMaster, WaitingWithNothingLeftToHappenIsAFailure) {
  TemporaryFolder folder;
  CommandResult result = run_text(
      folder, scenario_with("master: {type: bad_master, fault: never_asks}\nslow: {type: bad_memory}\n"
                            "connect: {master.out: slow.port.0}\nrun: {until: 10 ms}\n"));
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("nothing will happen any more"), HasSubstr("master of plug-in"),
                                HasSubstr("a request that it never makes")));
}

TEST(BadBinding, AnUnboundSocketIsNamed) {
  TemporaryFolder folder;
  CommandResult result = run_text(folder, scenario_with("master: {type: bad_master}\nrun: {until: 1 ms}\n"));
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("connections do not fit"), HasSubstr("master.out"), HasSubstr("bind")));
}

TEST(BadBinding, EndsThatDoNotFitAreNamed) {
  TemporaryFolder folder;
  for (const char* ends : {"a.out: b.out", "c.port.0: d.port.0", "c.line: a.out"}) {
    CommandResult result = run_text(
        folder,
        scenario_with("a: {type: bad_master}\nb: {type: bad_master}\nc: {type: bad_memory}\nd: {type: "
                      "bad_memory}\nconnect: {" +
                      std::string(ends) + "}\nrun: {until: 1 ms}\n"));
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, AllOf(HasSubstr("cannot connect"), HasSubstr("these do not fit"))) << ends;
  }
}

TEST(BadRegister, AnExceptionOfItsCallbackIsNamed) {
  TemporaryFolder folder;
  CommandResult result = run_text(
      folder,
      scenario_with(
          "master: {type: bad_master, fault: reads}\nbank: {type: bad_memory, fault: register_throws}\n"
          "connect: {master.out: bank.regs}\nrun: {until: 1 ms}\n"));
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("bank.regs of plug-in"),
                    HasSubstr("threw: no good in a register (read of 4 bytes at 0x0, asked by master.out)")));
}

class BadPolicy : public ::testing::TestWithParam<Case> {};

TEST_P(BadPolicy, IsNamedInTheError) {
  const Case& expected = GetParam();
  for (const char* placement : {"hardware", "ideal"}) {
    TemporaryFolder folder;
    CommandResult result = run_text(
        folder,
        scenario_with("scheduler: {policy: bad_policy, parameters: {fault: " + std::string(expected.fault) +
                      "}}\ntasks: [{name: vision, model: workloads/mlp1.yaml, period: 33 ms}]\n"
                      "run: {until: 40 ms}\n"),
        {"--placement", placement});
    EXPECT_EQ(result.status, expected.status) << result.err;
    for (const char* words : expected.says) EXPECT_THAT(result.err, HasSubstr(words));
    if (expected.status != 0) {
      EXPECT_THAT(result.err, HasSubstr("libmisbehaves.so"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Faults, BadPolicy,
    ::testing::Values(
        Case{"none", 0, {}},
        Case{"throws", 1, {"policy 'bad_policy' of plug-in", "threw in next: no idea which at "}},
        Case{"chooses_nothing", 1, {"policy 'bad_policy'", "chose no job, while 1 are ready"}},
        Case{"chooses_a_stranger",
             1,
             {"policy 'bad_policy'", "chose a job that is not in its queue (slot 4000)"}},
        Case{"crashes", 1, {"plug-in", "died of SIGSEGV", "scheduler"}}),
    [](const auto& fault) { return std::string(fault.param.fault); });

// What a plug-in was built against.

CommandResult run_with_plugin(const TemporaryFolder& folder, const std::string& library) {
  return run_text(folder, "scenario: a test\ninclude: platforms/vck190.yaml\nplugins: [" + library +
                              "]\nrun: {until: 1 us}\n");
}

TEST(PluginIdentity, EachDifferenceIsTold) {
  using plugin::Identity;
  const auto change = [](auto&& edit) {
    Identity ours{
        .abi = 1, .layout = 2, .most_jobs = 3, .vesper = "1.2.3", .systemc = "2.3.4", .compiler = "gnu"};
    Identity theirs = ours;
    edit(theirs);
    return plugin::mismatch(theirs, ours);
  };
  EXPECT_EQ(change([](Identity&) {}), "");
  EXPECT_EQ(change([](Identity& it) { it.vesper[4] = '9'; }), "") << "a patch version changes nothing";
  EXPECT_EQ(change([](Identity& it) { it.vesper[2] = '3'; }),
            "it was built against Vesper 1.3.3, this is 1.2.3");
  EXPECT_EQ(change([](Identity& it) { it.abi = 7; }), "its plug-in ABI is 7, this Vesper's is 1");
  EXPECT_EQ(change([](Identity& it) { it.systemc[4] = '3'; }),
            "it was built with SystemC 2.3.3, this Vesper with 2.3.4");
  EXPECT_THAT(change([](Identity& it) { it.compiler[0] = 'G'; }), HasSubstr("it was built with Gnu"));
  EXPECT_THAT(change([](Identity& it) { it.most_jobs = 9; }), HasSubstr("queues hold 9 jobs"));
  EXPECT_THAT(change([](Identity& it) { it.layout = 9; }), HasSubstr("headers of another build"));
}

TEST(PluginIdentity, AnotherAbiIsRefusedBeforeAnyCodeRuns) {
  TemporaryFolder folder;
  std::string bytes = read_file(VESPER_LOUD_PLUGIN);
  const std::string owner("\1\0\0\0Vesper\0\0", 12);
  const size_t note = bytes.find(owner);
  ASSERT_NE(note, std::string::npos);
  bytes[note + owner.size()] = 99;
  TemporaryFolder other;
  write_file(other / "old.so", bytes);
  CommandResult result = run_with_plugin(folder, other / "old.so");
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("scenario.yaml:3:11: cannot load the plug-in"), HasSubstr("old.so"),
                    HasSubstr("its plug-in ABI is 99, this Vesper's is 1; build it again against this one"),
                    Not(HasSubstr("initialised"))));
}

TEST(PluginIdentity, ALibraryThatIsNoPluginIsRefused) {
  TemporaryFolder folder;
  CommandResult result = run_with_plugin(folder, VESPER_BINARY_DIR "/lib/libvesper.so");
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err,
              HasSubstr("it is a library, but no plug-in of Vesper; build it with vesper_add_plugin"));
}

TEST(PluginIdentity, BrokenFilesAreRefused) {
  const std::string bytes = read_file(VESPER_LOUD_PLUGIN);
  for (size_t length : {size_t{0}, size_t{3}, size_t{40}, size_t{70}, size_t{300}, bytes.size() / 2}) {
    TemporaryFolder folder;
    TemporaryFolder other;
    write_file(other / "cut.so", bytes.substr(0, length));
    CommandResult result = run_with_plugin(folder, other / "cut.so");
    EXPECT_EQ(result.status, 2) << length << ": " << result.err;
    EXPECT_THAT(result.err, HasSubstr("cut.so"));
  }
}

TEST(PluginIdentity, ATypeThatIsThereAlreadyIsRefused) {
  TemporaryFolder folder;
  CommandResult result = run_with_plugin(folder, VESPER_LOUD_PLUGIN);
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("cannot load the plug-in"),
                    HasSubstr("an IP type 'uart' is registered already"), HasSubstr("initialised")));
}

}  // namespace
}  // namespace vesper::test

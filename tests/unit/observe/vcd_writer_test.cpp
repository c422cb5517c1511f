#include "platform/observe/vcd_writer.h"

#include "fixture.h"
#include "platform/observe/gtkwave_save.h"
#include "platform/property/node.h"

namespace vesper::observe {
namespace {

VcdSelection everything() {
  VcdSelection selection;
  selection.all = true;
  return selection;
}

class VcdWriterTest : public ::testing::Test {
 protected:
  VcdWriterTest() { hub_.join(writer_); }

  Signal make(const std::string& path, uint16_t width = 1, bool text = false) {
    return {hub_, {.path = path, .group = "accelerator", .width = width, .is_text = text}};
  }
  std::string finish(Time end) {
    writer_.finish(end);
    return read(here_ / "trace.vcd");
  }
  /// What follows the declarations.
  std::string changes(Time end) {
    std::string all = finish(end);
    return all.substr(all.find("$enddefinitions $end\n") + 21);
  }

  Folder here_;
  Time now_ = 0;
  VcdWriter writer_{here_ / "trace.vcd", everything(), [this] { return now_; }};
  ObserverHub hub_;
};

TEST_F(VcdWriterTest, WholeFile) {
  Signal busy = make("accelerator.load.busy");
  Signal region = make("accelerator.region", 8);
  Signal job = make("accelerator.job", 1, true);
  busy.set(0, 0);
  job.set("camera 3", 0);
  now_ = 10;
  busy.set(1, 10);
  region.set(5, 10);
  now_ = 20;
  busy.set(0, 20);
  job.set("a\\b\tc", 20);
  EXPECT_EQ(finish(30),
            "$version Vesper $end\n"
            "$timescale 1 ps $end\n"
            "$scope module accelerator $end\n"
            "$var wire 8 \" region [7:0] $end\n"
            "$var string 1 # job $end\n"
            "$scope module load $end\n"
            "$var wire 1 ! busy $end\n"
            "$upscope $end\n"
            "$upscope $end\n"
            "$enddefinitions $end\n"
            "#0\n"
            "$dumpvars\n"
            "0!\n"
            "bx \"\n"
            "scamera\\x203 #\n"
            "$end\n"
            "#10\n"
            "1!\n"
            "b101 \"\n"
            "#20\n"
            "0!\n"
            "sa\\x5Cb\\x09c #\n"
            "#30\n");
}

TEST_F(VcdWriterTest, FutureChangesAreWrittenInOrderOfTime) {
  Signal a = make("a", 8);
  Signal b = make("b", 8);
  now_ = 10;
  a.set(1, 10);
  a.set(2, 40);
  a.set(3, 60);
  b.set(1, 50);
  now_ = 20;
  b.set(2, 20);
  b.set(3, 30);
  now_ = 50;
  b.set(4, 50);
  EXPECT_EQ(changes(100),
            "#0\n$dumpvars\nbx !\nbx \"\n$end\n"
            "#10\nb1 !\n#20\nb10 \"\n#30\nb11 \"\n#40\nb10 !\n#50\nb100 \"\n#60\nb11 !\n#100\n");
  EXPECT_EQ(writer_.late_changes(), 0);
}

TEST_F(VcdWriterTest, TheLastValueAtATimeStands) {
  Signal a = make("a", 8);
  a.set(1, 0);
  a.set(2, 0);
  now_ = 10;
  a.set(9, 10);
  a.set(2, 10);
  EXPECT_EQ(changes(20), "#0\n$dumpvars\nb10 !\n$end\n#20\n");
}

TEST_F(VcdWriterTest, LateChangesStandAtThePresentAndAreCounted) {
  Signal a = make("a", 8);
  a.set(0, 0);
  now_ = 10;
  a.set(1, 7);
  EXPECT_EQ(changes(20), "#0\n$dumpvars\nb0 !\n$end\n#10\nb1 !\n#20\n");
  EXPECT_EQ(writer_.late_changes(), 1);
}

TEST_F(VcdWriterTest, ChangesBeyondTheEndAreLeftOut) {
  Signal a = make("a");
  a.set(0, 0);
  a.set(1, 50);
  a.set(0, 51);
  EXPECT_EQ(changes(50), "#0\n$dumpvars\n0!\n$end\n#50\n1!\n#50\n");
}

TEST_F(VcdWriterTest, NoSignals) {
  EXPECT_EQ(finish(5),
            "$version Vesper $end\n$timescale 1 ps $end\n$enddefinitions $end\n#0\n$dumpvars\n$end\n#5\n");
}

TEST_F(VcdWriterTest, WideValuesAndEmptyTexts) {
  Signal wide = make("wide", 64);
  Signal text = make("text", 1, true);
  wide.set(~uint64_t{0}, 0);
  text.set("", 0);
  EXPECT_EQ(changes(1), "#0\n$dumpvars\nb" + std::string(64, '1') + " !\ns \"\n$end\n#1\n");
}

TEST_F(VcdWriterTest, NamesAreCleanedAndKeptApart) {
  make("noc.link[0] to \"x\".busy");
  make("noc.link[0]_to__x_.busy");
  make("noc..x");
  make("end.");
  make("");
  std::vector<std::string> paths;
  for (const WaveSignal& signal : writer_.signals()) paths.push_back(signal.path);
  EXPECT_THAT(paths, ::testing::ElementsAre("noc.link_0__to__x_.busy", "noc.link_0__to__x_.busy_2", "noc._.x",
                                            "end._", "_"));
}

TEST_F(VcdWriterTest, ManySignalsHaveDistinctShortCodes) {
  std::vector<Signal> signals;
  for (int i = 0; i < 10'000; ++i) signals.push_back(make("s" + std::to_string(i)));
  std::istringstream lines(finish(0));
  std::set<std::string> codes;
  std::string word;
  while (lines >> word) {
    if (word != "wire") continue;
    std::string width, code;
    lines >> width >> code;
    EXPECT_LE(code.size(), 3);
    codes.insert(code);
  }
  EXPECT_EQ(codes.size(), 10'000);
}

TEST(VcdWindowTest, OutsideItNothingIsWritten) {
  Folder here;
  Time now = 0;
  VcdWriter writer(here / "trace.vcd", everything(), [&] { return now; }, {20, 40});
  ObserverHub hub;
  hub.join(writer);
  Signal a(hub, {.path = "a", .group = "x", .width = 8});
  Signal late(hub, {.path = "late", .group = "x"});
  for (now = 0; now < 60; now += 15) a.set(now, now);
  late.set(1, 45);
  writer.finish(60);
  const std::string all = read(here / "trace.vcd");
  EXPECT_EQ(all.substr(all.find("$enddefinitions $end\n") + 21),
            "#20\n$dumpvars\nb1111 !\nx\"\n$end\n#30\nb11110 !\n#40\n");
}

TEST_F(VcdWriterTest, ValuesWithNamesAreTexts) {
  Signal bus(hub_, {.path = "bus", .group = "ddr", .width = 2, .value_names = {"idle", "read"}});
  bus.set(1, 0);
  now_ = 5;
  bus.set(0, 5);
  bus.set(3, 9);
  const std::string all = finish(10);
  EXPECT_THAT(all, ::testing::HasSubstr("$var string 1 ! bus $end\n"));
  EXPECT_THAT(all, ::testing::EndsWith("sread !\n$end\n#5\nsidle !\n#9\ns3 !\n#10\n"));
}

TEST_F(VcdWriterTest, ManyChangesKeepTheirOrder) {
  Signal a = make("a", 32);
  std::string expected = "#0\n$dumpvars\nb0 !\n$end\n";
  a.set(0, 0);
  constexpr Time kChanges = 300'000;
  for (now_ = 1; now_ < kChanges; ++now_) a.set(now_ & 1, now_);
  for (Time t = 1; t < kChanges; ++t) expected += fmt::format("#{}\nb{} !\n", t, t & 1);
  EXPECT_EQ(changes(kChanges), expected + fmt::format("#{}\n", kChanges));
}

TEST_F(VcdWriterTest, DeclaringAfterTimeMovedIsAnError) {
  Signal a = make("a");
  now_ = 5;
  a.set(1, 5);
  EXPECT_THROW(make("b"), std::logic_error);
}

TEST(VcdSelectionTest, DefaultGroups) {
  VcdSelection selection;
  EXPECT_TRUE(selection.wants({.path = "cpu.function", .group = "cpu"}));
  EXPECT_FALSE(selection.wants({.path = "noc.link0", .group = "noc"}));
  EXPECT_FALSE(selection.wants({.path = "mine", .group = "mine"}));
}

TEST(VcdSelectionTest, GroupsAndPatterns) {
  VcdSelection selection = parse_vcd_selection("cpu,noc.link[01].*,ddr");
  EXPECT_TRUE(selection.wants({.path = "cpu.function", .group = "cpu"}));
  EXPECT_TRUE(selection.wants({.path = "noc.link1.busy", .group = "noc"}));
  EXPECT_FALSE(selection.wants({.path = "noc.link2.busy", .group = "noc"}));
  EXPECT_FALSE(selection.wants({.path = "irq.line", .group = "irq"}));
  EXPECT_TRUE(parse_vcd_selection("all").wants({.path = "x", .group = "mine"}));
}

TEST(VcdSelectionTest, UnknownGroupIsAnInputError) {
  EXPECT_THAT([] { parse_vcd_selection("schedule"); },
              ::testing::ThrowsMessage<InputError>(
                  ::testing::HasSubstr("'schedule' is no group of signals (did you mean 'scheduler'?)")));
}

TEST(GtkwaveSaveTest, AGroupAGroup) {
  const WaveSignal signals[] = {{"cpu.function", "cpu", 1, true},
                                {"irq.line40", "irq", 1, false},
                                {"cpu.pc", "cpu", 64, false},
                                {"cpu.pending", "cpu", 8, false}};
  EXPECT_THAT(gtkwave_save("trace.vcd", signals, 0, ms(100)),
              ::testing::AllOf(::testing::StartsWith("[*]\n[dumpfile] \"trace.vcd\"\n"),
                               ::testing::HasSubstr("*-34.4 -1 "),
                               ::testing::EndsWith("@800200\n-cpu\n@820\n+{cpu/function} cpu.function\n"
                                                   "@22\n+{cpu/pc} cpu.pc[63:0]\n"
                                                   "@24\n+{cpu/pending} cpu.pending[7:0]\n@1000200\n-cpu\n"
                                                   "@800200\n-irq\n@28\n+{irq/line40} irq.line40\n"
                                                   "@1000200\n-irq\n")));
}

}  // namespace
}  // namespace vesper::observe

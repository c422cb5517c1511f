#include "platform/observe/terminal_summary.h"

#include "fixture.h"

namespace vesper::observe {
namespace {

Summary camera_and_lidar() {
  Summary s;
  s.scenario = "a camera and a lidar share one accelerator";
  s.simulated = ms(200);
  s.tasks = {{"camera", 6, 6, 0, Distribution{us(14'200), us(14'200), us(15'100), us(15'100), us(15'100)}},
             {"lidar", 20, 19, 1, Distribution{us(1'900), us(1'900), us(2'200), us(2'200), us(2'200)}}};
  s.scheduler = {"software",
                 "edf",
                 {},
                 412,
                 19,
                 Distribution{ns(3'100), 0, 0, 0, us(4)},
                 Distribution{us(71), 0, 0, 0, us(80)},
                 std::nullopt};
  s.metrics.antt = 1.25;
  return s;
}

TEST(TerminalSummaryTest, AScreen) {
  TerminalExtras extras{0.9, "ddr 46 % busy", "traces/run/ (summary.json)"};
  EXPECT_EQ(
      terminal_summary(camera_and_lidar(), extras),
      "a camera and a lidar share one accelerator        200 ms simulated in 900 ms\n"
      "task      jobs  missed   response mean / p99 / max\n"
      "camera       6       0   14.2 ms / 15.1 ms / 15.1 ms\n"
      "lidar       20       1    1.9 ms /  2.2 ms /  2.2 ms\n"
      "scheduler edf in software: 412 decisions, 3.1 us each (max 4.0 us), 19 preemptions, 71.0 us to take "
      "effect\n"
      "memory    ddr 46 % busy\n"
      "written   traces/run/ (summary.json)\n");
}

TEST(TerminalSummaryTest, NothingHappenedAndInterrupted) {
  Summary s;
  s.scenario = "nothing";
  s.complete = false;
  s.tasks = {{"a task with a long name", 0, 0, 0, std::nullopt}};
  s.scheduler.policy = "fcfs";
  s.scheduler.placement = "ideal";
  EXPECT_EQ(
      terminal_summary(s, {}),
      "nothing                                           0.0 ns simulated in 0.0 ns, stopped before its end\n"
      "task                     jobs  missed   response mean / p99 / max\n"
      "a task with a long name     0       0   - / - / -\n"
      "scheduler fcfs ideally: 0 decisions, 0 preemptions\n");
}

TEST(TerminalSummaryTest, RunsSideBySide) {
  Summary hardware = camera_and_lidar();
  hardware.scheduler.placement = "hardware";
  hardware.scheduler.decision_latency = Distribution{ns(78), 0, 0, 0, ns(130)};
  hardware.tasks[1].missed = 0;
  const Summary runs[] = {hardware, camera_and_lidar()};
  EXPECT_EQ(compare(runs),
            "                                hardware      software\n"
            "decision latency    mean         78.0 ns        3.1 us\n"
            "                    max           130 ns        4.0 us\n"
            "preemption latency  mean         71.0 us       71.0 us\n"
            "                    max          80.0 us       80.0 us\n"
            "blocking            mean               -             -\n"
            "                    max                -             -\n"
            "preemptions                           19            19\n"
            "deadlines missed                 0 of 26       1 of 26\n"
            "ANTT                               1.250         1.250\n");
}

TEST(TerminalSummaryTest, WhereThingsAre) {
  EXPECT_EQ(written_text("traces/run", {"jobs.csv", "summary.json"}),
            "traces/run/ (jobs.csv, summary.json)  wave: --vcd");
  EXPECT_EQ(written_text("run/", {"trace.vcd"}),
            "run/ (trace.vcd)  wave: gtkwave run/trace.vcd run/trace.gtkw");
}

}  // namespace
}  // namespace vesper::observe

#include <nlohmann/json.hpp>

#include "fixture.h"
#include "platform/observe/bandwidth_log.h"
#include "platform/observe/firmware_log.h"
#include "platform/observe/job_log.h"
#include "platform/observe/latency_log.h"
#include "platform/observe/step_log.h"

namespace vesper::observe {
namespace {

constexpr const char* kJobsHeader =
    "task,job,release_s,start_s,finish_s,deadline_s,response_s,missed,preemptions,late,failed,"
    "isolated_s,weight,warm_up\n";

TEST(JobLogTest, ARowAJob) {
  Folder here;
  JobLog log(here / "jobs.csv", two_tasks());
  log.job_released({{kCamera, 0}, ms(0), ms(33), false});
  log.instruction_issued({{kCamera, 0}, 0, false, false, {}, us(2), 0});
  log.job_released({{kLidar, 0}, ms(1), ms(5), true});
  log.instruction_issued({{kLidar, 0}, 0, true, false, {kCamera, 0}, ms(2), 0});
  log.job_completed({kLidar, 0}, ms(4));
  log.instruction_issued({{kCamera, 0}, 1, false, true, {}, ms(4), 0});
  log.job_completed({kCamera, 0}, ms(34));
  log.finish(ms(40));
  EXPECT_EQ(read(here / "jobs.csv"), std::string(kJobsHeader) +
                                         "lidar,0,0.001,0.002,0.004,0.005,0.003,0,0,1,0,0.001,1,0\n"
                                         "camera,0,0,0.000002,0.034,0.033,0.034,1,1,0,0,0.004,1,0\n");
}

TEST(JobLogTest, VisitsOfStagesCountForTheJobThatTheyBelongTo) {
  Folder here;
  JobLog log(here / "jobs.csv", two_stages());
  for (uint32_t job : {0U, 1U}) {
    log.job_released({{kVision, job}, ms(job), ms(33), false});
    log.job_released({{kQkv, 6 * job}, ms(job), ms(33), false});
  }
  log.job_released({{kQkv, 1}, ms(1), ms(33), false});
  log.instruction_issued({{kQkv, 0}, 0, false, false, {}, us(2), kOnQkv});
  log.instruction_issued({{kQkv, 6}, 0, true, false, {kQkv, 0}, ms(2), kOnQkv});  // by the other job
  log.instruction_issued({{kQkv, 0}, 1, false, true, {}, ms(3), kOnQkv});
  log.instruction_issued({{kQkv, 1}, 0, true, false, {kQkv, 0}, ms(4), kOnQkv});  // by a visit of its own
  log.job_completed({kQkv, 0}, ms(5));
  log.job_completed({kVision, 0}, ms(6));
  log.finish(ms(10));
  EXPECT_EQ(read(here / "jobs.csv"), std::string(kJobsHeader) +
                                         "vision,0,0,0.000002,0.006,0.033,0.006,0,1,0,0,0.004,1,0\n"
                                         "vision,1,0.001,0.002,,0.033,,0,0,0,0,0.004,1,0\n");
}

TEST(JobLogTest, UnfinishedJobs) {
  Folder here;
  JobLog log(here / "jobs.csv", two_tasks());
  log.job_released({{kLidar, 0}, ms(1), ms(40), false});
  log.job_released({{kLidar, 1}, ms(2), ms(41), false});
  log.job_released({{kCamera, 0}, ms(3), kNoDeadline, false});
  log.instruction_issued({{kLidar, 0}, 0, false, false, {}, ms(4), 0});
  log.finish(ms(40));
  EXPECT_EQ(read(here / "jobs.csv"), std::string(kJobsHeader) +
                                         "camera,0,0.003,,,,,0,0,0,0,0.004,1,0\n"
                                         "lidar,0,0.001,0.004,,0.04,,1,0,0,0,0.001,1,0\n"
                                         "lidar,1,0.002,,,0.041,,0,0,0,0,0.001,1,0\n");
}

TEST(JobLogTest, CompletionAtTheDeadlineIsInTime) {
  Folder here;
  JobLog log(here / "jobs.csv", two_tasks());
  log.job_released({{kLidar, 0}, 0, ms(4), false});
  log.job_completed({kLidar, 0}, ms(4));
  log.job_released({{kLidar, 1}, 0, ms(4), false});
  log.job_completed({kLidar, 1}, ms(4) + 1);
  log.finish(ms(5));
  EXPECT_EQ(read(here / "jobs.csv"),
            std::string(kJobsHeader) +
                "lidar,0,0,,0.004,0.004,0.004,0,0,0,0,0.001,1,0\n"
                "lidar,1,0,,0.004000000001,0.004,0.004000000001,1,0,0,0,0.001,1,0\n");
}

TEST(JobLogTest, AFailedJobHasMissedAndHasNoFinish) {
  Folder here;
  JobLog log(here / "jobs.csv", two_tasks());
  log.job_released({{kLidar, 0}, ms(1), ms(40), false});
  log.instruction_issued({{kLidar, 0}, 0, false, false, {}, ms(2), 0});
  log.job_failed({kLidar, 0}, ms(3));
  log.job_failed({kLidar, 0}, ms(4));
  log.job_failed({kLidar, 7}, ms(4));  // never released: ignored
  log.finish(ms(10));
  EXPECT_EQ(read(here / "jobs.csv"),
            std::string(kJobsHeader) + "lidar,0,0.001,0.002,,0.04,,1,0,0,1,0.001,1,0\n");
}

TEST(JobLogTest, NoJobsLeaveAHeader) {
  Folder here;
  JobLog log(here / "jobs.csv", RunInfo{});
  log.job_completed({3, 9}, 5);  // never released: ignored
  log.finish(0);
  EXPECT_EQ(read(here / "jobs.csv"), kJobsHeader);
}

TEST(JobLogTest, JobsFinishInAnyOrderAndNumbersMaySkip) {
  Folder here;
  JobLog log(here / "jobs.csv", two_tasks());
  for (uint32_t job : {5U, 6U, 4'000'000'000U}) log.job_released({{kLidar, job}, job % 10, ms(1), false});
  for (uint32_t job : {6U, 4'000'000'000U, 5U, 6U}) log.job_completed({kLidar, job}, ns(1));
  log.finish(ms(1));
  EXPECT_EQ(read(here / "jobs.csv"),
            std::string(kJobsHeader) +
                "lidar,6,0.000000000006,,0.000000001,0.001,0.000000000994,0,0,0,0,0.001,1,0\n"
                "lidar,4000000000,0,,0.000000001,0.001,0.000000001,0,0,0,0,0.001,1,0\n"
                "lidar,5,0.000000000005,,0.000000001,0.001,0.000000000995,0,0,0,0,0.001,1,0\n");
}

TEST(JobLogTest, AJobShowsItsOwnIsolatedTimeAndWeight) {
  Folder here;
  JobLog log(here / "jobs.csv", two_tasks());
  log.job_released({{kLidar, 0}, 0, ms(4), false, us(7), 9, true});
  log.job_completed({kLidar, 0}, ms(1));
  log.finish(ms(5));
  EXPECT_EQ(read(here / "jobs.csv"),
            std::string(kJobsHeader) + "lidar,0,0,,0.001,0.004,0.001,0,0,0,0,0.000007,9,1\n");
}

TEST(StepLogTest, ARowAnOperationWithNamesQuoted) {
  Folder here;
  RunInfo run = two_tasks();
  run.tasks[1].name = "the \"fast\", small one";
  StepLog log(here / "steps.csv", run);
  log.operation({{kCamera, 2}, 1, 17, OperationKind::load, ns(5), ns(9), 4, 4096, 0});
  log.operation({{kLidar, 3}, 0, 0, OperationKind::resume, ns(9), ns(12), 3, 8192, 0});
  log.operation({{9, 3}, 0, 0, OperationKind::clean, ns(9), ns(12), 3, 0, 4});
  log.close();
  EXPECT_EQ(read(here / "steps.csv"),
            "accelerator,task,job,layer,step,operation,start_s,cycles,bytes\n"
            "accelerator,camera,2,1,17,load,0.000000005,4,4096\n"
            "accelerator,\"the \"\"fast\"\", small one\",3,0,0,resume,0.000000009,3,8192\n"
            "accelerator4,task9,3,0,0,clean,0.000000009,3,0\n");
}

Transfer transfer(uint16_t task, uint16_t port, bool write, uint64_t bytes, Time start, Time end) {
  return {{task, 0}, 0, port, write, bytes, start, end};
}

TEST(BandwidthLogTest, SplitsTransfersOverWindows) {
  Folder here;
  BandwidthLog log(two_tasks(), us(1));
  log.transfer(transfer(kCamera, 0, false, 1000, ns(500), ns(3500)));
  log.transfer(transfer(kLidar, 1, true, 64, us(1), us(2)));       // ends with the window
  log.transfer(transfer(kLidar, 1, false, 32, us(2), us(2)));      // takes no time
  log.transfer(transfer(kCamera, 0, true, 1, ns(900), ns(1100)));  // one byte is whole
  log.write(here / "bandwidth.csv", {"ddr.0", "ddr,1"});
  EXPECT_EQ(read(here / "bandwidth.csv"),
            "window_s,port,task,read_bytes,write_bytes\n"
            "0,ddr.0,camera,166,0\n"
            "0.000001,ddr.0,camera,334,1\n"
            "0.000001,\"ddr,1\",lidar,0,64\n"
            "0.000002,ddr.0,camera,333,0\n"
            "0.000002,\"ddr,1\",lidar,32,0\n"
            "0.000003,ddr.0,camera,167,0\n");
}

TEST(LatencyLogTest, SumsByTaskPortAndDirection) {
  Folder here;
  LatencyLog log(two_tasks());
  LatencyParts parts{};
  parts[static_cast<size_t>(LatencyPart::network)] = 3;
  parts[static_cast<size_t>(LatencyPart::other)] = ns(1) - 3;
  auto tell = [&](uint16_t task, uint16_t port, bool write) {
    log.latency({{task, 1}, 0, port, write, 100, us(1), us(1) + ns(1), &parts});
  };
  tell(kLidar, 1, true);
  tell(kLidar, 0, false);
  tell(kLidar, 0, false);
  tell(kCamera, 1, false);
  log.write(here / "latency.csv", {"a", "b,c"});
  EXPECT_EQ(read(here / "latency.csv"),
            "task,port,direction,payloads,bytes,latency_s,admission_s,network_s,links_s,door_s,service_s,"
            "bank_conflict_s,row_miss_s,refresh_s,turnaround_s,arbitration_s,port_s,other_s\n"
            "camera,\"b,c\",read,1,100,0.000000001,0,0.000000000003,0,0,0,0,0,0,0,0,0,0.000000000997\n"
            "lidar,a,read,2,200,0.000000002,0,0.000000000006,0,0,0,0,0,0,0,0,0,0.000000001994\n"
            "lidar,\"b,c\",write,1,100,0.000000001,0,0.000000000003,0,0,0,0,0,0,0,0,0,0.000000000997\n");
  const nlohmann::ordered_json json = log.json();
  ASSERT_EQ(json.size(), 2U);
  EXPECT_EQ(json[1]["name"], "lidar");
  EXPECT_EQ(json[1]["payloads"], 3);
  EXPECT_EQ(json[1]["bytes"], 300);
  EXPECT_DOUBLE_EQ(json[1]["latency_s"], 3e-9);
  EXPECT_DOUBLE_EQ(json[1]["parts_s"]["network"], 9e-12);
  EXPECT_DOUBLE_EQ(json[1]["parts_s"]["door"], 0);
}

TEST(LatencyLogTest, NoTrafficLeavesAHeader) {
  Folder here;
  LatencyLog log(two_tasks());
  log.write(here / "latency.csv", {});
  EXPECT_THAT(read(here / "latency.csv"), ::testing::EndsWith("other_s\n"));
  EXPECT_TRUE(log.json().empty());
}

TEST(BandwidthLogTest, SumsReconcileToTheByte) {
  Folder here;
  BandwidthLog log(two_tasks(), 997);
  uint64_t told = 0;
  for (uint64_t i = 1; i < 500; ++i) {
    uint64_t bytes = i * 7919 % 4097;
    log.transfer(transfer(kCamera, 0, i % 2 == 0, bytes, i * 131, i * 131 + i * i % 5003));
    told += bytes;
  }
  log.write(here / "bandwidth.csv", {"ddr"});
  std::ifstream table(here / "bandwidth.csv");
  std::string line;
  std::getline(table, line);
  uint64_t found = 0;
  while (std::getline(table, line)) {
    size_t last = line.rfind(',');
    size_t before = line.rfind(',', last - 1);
    found += std::stoull(line.substr(before + 1)) + std::stoull(line.substr(last + 1));
  }
  EXPECT_EQ(found, told);
}

TEST(BandwidthLogTest, HugeTransfersDoNotOverflow) {
  Folder here;
  BandwidthLog log(two_tasks(), ms(1000));
  log.transfer(transfer(kCamera, 0, false, uint64_t{1} << 50, 0, ms(2000)));
  log.write(here / "bandwidth.csv", {"ddr"});
  EXPECT_EQ(read(here / "bandwidth.csv"),
            "window_s,port,task,read_bytes,write_bytes\n"
            "0,ddr,camera,562949953421312,0\n"
            "1,ddr,camera,562949953421312,0\n");
}

TEST(FirmwareLogTest, LinesCarryTimeAndSource) {
  std::vector<std::string> lines;
  FirmwareLog log([&](const std::string& line) { lines.push_back(line); });
  log.log("uart", "scheduler ready", us(1200));
  EXPECT_THAT(lines, ::testing::ElementsAre("1.2 ms  uart: scheduler ready"));
}

}  // namespace
}  // namespace vesper::observe

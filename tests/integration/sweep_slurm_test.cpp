// A sweep as a job array of a real Slurm of one node, started here with its own configuration, ports and
// folders.
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>

#include <fstream>
#include <random>

#include "tests/integration/sweep_fixture.h"

namespace vesper::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Shards of so many points that none is done while the test looks at it.
constexpr const char* kSets = "grid.set.count=60";
constexpr size_t kPoints = 1800;

/// A port that nobody listens on.
int free_port() {
  int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(socket, reinterpret_cast<sockaddr*>(&address), size) != 0)
    throw std::runtime_error("no free port");
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  close(socket);
  return ntohs(address.sin_port);
}

class SlurmSweep : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* program : {"munged", "slurmctld", "slurmd"})
      ASSERT_TRUE(fs::exists(std::string("/usr/sbin/") + program)) << "tools/setup.sh installs it";
    for (const char* name : {"munge", "state", "spool"}) {
      fs::create_directory(folder_ / name);
      fs::permissions(folder_ / name, fs::perms::owner_all);
    }
    write_file(folder_ / "munge/key", random_bytes());
    fs::permissions(folder_ / "munge/key", fs::perms::owner_read | fs::perms::owner_write);
    write_file(folder_ / "slurm.conf", configuration());
    setenv("SLURM_CONF", (folder_ / "slurm.conf").c_str(), 1);
    munged_ = daemon({"/usr/sbin/munged", "--foreground", "--force", "--key-file", folder_ / "munge/key",
                      "--socket", folder_ / "munge/socket", "--pid-file", folder_ / "munge/pid",
                      "--seed-file", folder_ / "munge/seed"});
    wait_until([&] { return fs::exists(folder_ / "munge/socket"); }, "munge");
    std::string conf = folder_ / "slurm.conf";
    controller_ = daemon({"/usr/sbin/slurmctld", "-D", "-c", "-f", conf});
    node_ = daemon({"/usr/sbin/slurmd", "-D", "-N", "node", "-f", conf});
    wait_until(
        [&] {
          return contains(run("/usr/bin/sinfo", {"--noheader", "--format=%T"}).out, "idle");
        },
        "a node of Slurm");
  }
  void TearDown() override {
    node_.reset();
    controller_.reset();
    munged_.reset();
  }

  [[nodiscard]] std::unique_ptr<Background> daemon(const std::vector<std::string>& words) const {
    return std::make_unique<Background>(words, Background::Options{folder_ / "daemons.log", SIGTERM});
  }

  static bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  }

  CommandResult run(const std::string& program, const std::vector<std::string>& arguments) const {
    return run_program(program, arguments, folder_.path());
  }

  static std::string random_bytes() {
    std::random_device device;
    std::string bytes;
    for (int i = 0; i < 1024; ++i) bytes += static_cast<char>(device());
    return bytes;
  }

  [[nodiscard]] std::string configuration() const {
    std::string user = getpwuid(getuid())->pw_name;
    char host[256] = {};
    gethostname(host, sizeof host - 1);
    std::string folder = folder_.path().string();
    // A requeued job waits until its old credential has expired: two minutes unless told otherwise.
    return "ClusterName=test\nSlurmctldHost=" + std::string(host) + "(127.0.0.1)\nSlurmUser=" + user +
           "\nSlurmdUser=" + user + "\nAuthType=auth/munge\nAuthInfo=cred_expire=5,socket=" + folder +
           "/munge/socket\nSlurmctldPort=" + std::to_string(free_port()) +
           "\nSlurmdPort=" + std::to_string(free_port()) + "\nStateSaveLocation=" + folder +
           "/state\nSlurmdSpoolDir=" + folder + "/spool\nSlurmctldPidFile=" + folder +
           "/slurmctld.pid\nSlurmdPidFile=" + folder +
           "/slurmd.pid\nProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nSwitchType=switch/none\n"
           "MpiDefault=none\nSelectType=select/cons_tres\nSelectTypeParameters=CR_CPU\n"
           "JobAcctGatherType=jobacct_gather/none\nAccountingStorageType=accounting_storage/none\n"
           "ReturnToService=2\nSchedulerParameters=sched_interval=2,batch_sched_delay=1,sched_min_interval="
           "100000\n"
           "NodeName=node NodeHostname=" +
           std::string(host) + " NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN\n" +
           "PartitionName=main Nodes=node Default=YES MaxTime=INFINITE State=UP\n";
  }

  [[nodiscard]] std::vector<std::string> sweep(const std::string& out) const {
    return {"sweep", kSmallSweep, "--set", kSets, "--out", out, "--launcher", "slurm", "--shards", "4"};
  }

  /// The process that computes a shard.
  static pid_t process_of(const fs::path& shard_folder) {
    for (const auto& entry : fs::directory_iterator("/proc")) {
      std::string name = entry.path().filename().string();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      std::ifstream in(entry.path() / "cmdline", std::ios::binary);
      std::string words((std::istreambuf_iterator<char>(in)), {});
      std::ifstream status(entry.path() / "stat");
      std::string id;
      std::string command;
      std::string state;
      pid_t parent = 0;
      status >> id >> command >> state >> parent;
      bool is_worker = command == "(vesper)" && parent_is_vesper(parent);
      if (command == "(vesper)" && !is_worker &&
          words.find(shard_folder.string() + '\0') != std::string::npos)
        return std::stoi(name);
    }
    return -1;
  }
  static bool parent_is_vesper(pid_t parent) {
    std::ifstream in("/proc/" + std::to_string(parent) + "/comm");
    std::string name;
    std::getline(in, name);
    return name == "vesper";
  }

  TemporaryFolder folder_;
  std::unique_ptr<Background> munged_, controller_, node_;
};

TEST_F(SlurmSweep, AKilledTaskIsRequeuedAndTheResultIsThatOfALocalSweep) {
  ASSERT_EQ(run_vesper({"sweep", kSmallSweep, "--set", kSets, "--out", folder_ / "local"}).status, 0);
  fs::path out = folder_.path() / "out";
  fs::path shard = out / "shards/2";
  Background watch(vesper_words(sweep(out.string())), {folder_ / "err"});
  wait_for_points(shard, 5);
  pid_t task = process_of(shard);
  ASSERT_GT(task, 0);
  ASSERT_EQ(kill(task, SIGKILL), 0);
  ASSERT_LT(points_done(shard), kPoints / 4);
  std::string before = read_file(shard / "journal.csv");
  int status = watch.wait();
  std::string said = read_file(folder_ / "err");
  ASSERT_TRUE(WIFEXITED(status));
  ASSERT_EQ(WEXITSTATUS(status), 0) << said;
  EXPECT_THAT(said, HasSubstr("shard 2 ended early (FAILED): it is requeued"));
  EXPECT_TRUE(read_file(shard / "journal.csv").starts_with(before.substr(0, before.rfind('\n') + 1)));
  std::string restarts =
      run("/usr/bin/squeue", {"--noheader", "--array", "--states=all", "-O", "ArrayTaskID:.4,restartcnt:.4"})
          .out;
  EXPECT_THAT(restarts, HasSubstr("   2   1")) << "Slurm counts the restart";
  for (const char* file : {"results.csv", "aggregate.csv", "plot.svg", "plot.png"})
    EXPECT_EQ(read_file(out / file), read_file(folder_.path() / "local" / file)) << file;
}

TEST_F(SlurmSweep, AWatchThatWasKilledGoesOnWithTheSameJob) {
  fs::path out = folder_.path() / "out";
  {
    Background watch(vesper_words(sweep(out.string())), {folder_ / "first"});
    wait_for_points(out / "shards/1", 1);
    watch.end(SIGKILL);
  }
  CommandResult again = run_vesper(sweep(out.string()));
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, Not(HasSubstr("submitted")));
  EXPECT_EQ(read_csv(out / "results.csv").size(), kPoints);
  CommandResult changed = run_vesper({"sweep", kSmallSweep, "--set", kSets, "--out", out.string(),
                                      "--launcher", "slurm", "--shards", "4", "--set", "seed=9"});
  EXPECT_EQ(changed.status, 2);
  EXPECT_THAT(changed.err, HasSubstr("holds another sweep"));
}

TEST_F(SlurmSweep, AShardThatCannotEndIsGivenUpWithItsLastWords) {
  // Slurm starts the shards; the sweep's folder of shard 1 belongs to another sweep.
  fs::path out = folder_.path() / "out";
  ASSERT_EQ(run_vesper({"sweep", kSmallSweep, "--out", (out / "shards/1").string(), "--shard", "1/4", "--set",
                        "grid.set.count=1"})
                .status,
            0);
  CommandResult result = run_vesper(sweep(out.string()));
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("shard 1 ended 4 times without its results (FAILED)"));
  EXPECT_THAT(result.err, HasSubstr("holds results of another sweep"));
}

}  // namespace
}  // namespace vesper::test

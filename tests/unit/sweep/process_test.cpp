// Work in other processes: answers, exceptions and kills.
#include "platform/sweep/process.h"

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <numeric>
#include <set>

#include "platform/property/node.h"
#include "platform/sweep/workers.h"
#include "tests/unit/sweep/fixture.h"

namespace vesper::sweep {
namespace {

using ::testing::HasSubstr;

std::vector<uint64_t> pieces(uint64_t count) {
  std::vector<uint64_t> all(count);
  std::iota(all.begin(), all.end(), uint64_t{0});
  return all;
}

TEST(Child, AnswersOfAnySizeComeBack) {
  for (size_t size : {size_t{0}, size_t{1}, size_t{1} << 20}) {
    EXPECT_EQ(in_child([&] { return std::string(size, 'x'); }).size(), size);
  }
}

TEST(Child, ExceptionsAndKillsAreTold) {
  EXPECT_THROW(in_child([]() -> std::string { throw InputError("wrong"); }), InputError);
  EXPECT_THROW(in_child([]() -> std::string { throw std::runtime_error("failed"); }), std::runtime_error);
  EXPECT_THROW(in_child([]() -> std::string {
                 raise(SIGKILL);
                 return "";
               }),
               Killed);
}

TEST(Workers, DoEveryPieceOnceWhateverTheirNumber) {
  for (unsigned count : {1U, 2U, 5U, 40U}) {
    std::map<uint64_t, std::string> answers;
    WorkerHooks hooks;
    hooks.work = [](uint64_t piece) { return std::to_string(piece * piece); };
    hooks.done = [&](uint64_t piece, const std::string& answer) {
      EXPECT_TRUE(answers.emplace(piece, answer).second);
    };
    EXPECT_TRUE(run_in_workers(pieces(30), count, hooks));
    ASSERT_EQ(answers.size(), 30U);
    EXPECT_EQ(answers[7], "49");
  }
}

TEST(Workers, APieceWhoseWorkerIsKilledIsDoneByAnother) {
  test::TemporaryFolder folder;
  std::set<uint64_t> done;
  WorkerHooks hooks;
  hooks.work = [&](uint64_t piece) {
    std::string mark = folder / std::to_string(piece);
    if (piece % 3 == 0 && !std::filesystem::exists(mark)) {
      test::write_file(mark, "");
      raise(SIGKILL);
    }
    return std::string("done");
  };
  hooks.done = [&](uint64_t piece, const std::string&) { done.insert(piece); };
  EXPECT_TRUE(run_in_workers(pieces(10), 3, hooks));
  EXPECT_EQ(done.size(), 10U);
}

TEST(Workers, APieceThatKillsEveryWorkerEndsTheWork) {
  WorkerHooks hooks;
  hooks.work = [&](uint64_t piece) {
    if (piece == 4) raise(SIGSEGV);
    return std::string();
  };
  hooks.done = [](uint64_t, const std::string&) {};
  try {
    run_in_workers(pieces(10), 2, hooks);
    FAIL();
  } catch (const Killed& error) {
    EXPECT_THAT(error.what(), HasSubstr("point 4"));
  }
}

TEST(Workers, WrongInputEndsTheWork) {
  WorkerHooks hooks;
  hooks.work = [&](uint64_t piece) -> std::string {
    if (piece == 4) throw InputError("point 4 is wrong");
    return "";
  };
  hooks.done = [](uint64_t, const std::string&) {};
  EXPECT_THROW(run_in_workers(pieces(10), 2, hooks), InputError);
}

TEST(Workers, AnInterruptionEndsTheWorkEarly) {
  size_t done = 0;
  WorkerHooks hooks;
  hooks.work = [](uint64_t) { return std::string(); };
  hooks.done = [&](uint64_t, const std::string&) { ++done; };
  hooks.interrupted = [&] { return done >= 3; };
  EXPECT_FALSE(run_in_workers(pieces(1000), 2, hooks));
  EXPECT_LT(done, 10U);
}

TEST(Programs, GiveStatusAndBothOutputs) {
  ProgramResult result = run_program({"sh", "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(result.status, 3);
  EXPECT_EQ(result.out, "out\n");
  EXPECT_EQ(result.err, "err\n");
  EXPECT_EQ(run_program({"no-such-program-at-all"}).status, 127);
  EXPECT_TRUE(has_program("sh"));
  EXPECT_FALSE(has_program("no-such-program-at-all"));
}

}  // namespace
}  // namespace vesper::sweep

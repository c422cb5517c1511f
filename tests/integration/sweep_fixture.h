/// Sweeps as users run them: to their end, or in the background to be killed.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "tests/support/command.h"

namespace vesper::test {

namespace fs = std::filesystem;

constexpr const char* kSmallSweep = "tests/integration/sweep/small.yaml";

/// Lines of a sweep's journal below its first.
inline size_t points_done(const fs::path& folder) {
  if (!fs::exists(folder / "journal.csv")) return 0;
  std::string text = read_file(folder / "journal.csv");
  auto lines = static_cast<size_t>(std::ranges::count(text, '\n'));
  return lines == 0 ? 0 : lines - 1;
}

template <class Condition>
void wait_until(Condition condition) {
  while (!condition()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

/// `vesper ARGUMENTS` under way, its error output in a file.
class Background {
 public:
  Background(const std::vector<std::string>& arguments, const std::string& err) {
    std::vector<char*> argv{const_cast<char*>(VESPER_COMMAND)};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    process_ = fork();
    if (process_ != 0) return;
    int file = open(err.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    dup2(file, STDERR_FILENO);
    dup2(file, STDOUT_FILENO);
    if (chdir(VESPER_SOURCE_DIR) == 0) execv(VESPER_COMMAND, argv.data());
    _exit(127);
  }
  ~Background() {
    if (process_ > 0) end(SIGKILL);
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// Sends the signal and waits for the end; the wait status.
  int end(int signal) {
    kill(process_, signal);
    return wait();
  }
  int wait() {
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = -1;
    return status;
  }

 private:
  pid_t process_ = -1;
};

}  // namespace vesper::test

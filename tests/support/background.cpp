#include "tests/support/background.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace vesper::test {

Background::Background(const std::vector<std::string>& words, const Options& options)
    : last_signal_(options.last_signal) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("cannot start " + words[0]);
  if (process_ != 0) return;
  int file = open(options.log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  rlimit limit{options.file_limit, options.file_limit};
  bool limited = options.file_limit == 0 || setrlimit(RLIMIT_FSIZE, &limit) == 0;
  if (limited && chdir(VESPER_SOURCE_DIR) == 0) execv(argv[0], argv.data());
  _exit(127);
}

Background::~Background() {
  if (process_ > 0) end(last_signal_);
}

int Background::end(int signal) {
  kill(process_, signal);
  return wait();
}

int Background::wait() {
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
  return status;
}

std::vector<std::string> vesper_words(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{VESPER_COMMAND};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

void wait_until(const std::function<bool()>& condition, const std::string& what) {
  auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("waited in vain for " + what);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace vesper::test

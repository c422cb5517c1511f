/// Programs under way while a test looks at what they leave.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace vesper::test {

/// A program with its outputs in a log; it is ended with this object, by SIGKILL unless told otherwise.
class Background {
 public:
  /// `file_limit`: the most bytes a file that it writes may have; 0: no limit.
  struct Options {
    std::string log;
    int last_signal = 9;
    size_t file_limit = 0;
  };
  Background(const std::vector<std::string>& words, const Options& options);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// Sends the signal and waits for the end; the wait status.
  int end(int signal);
  int wait();

 private:
  pid_t process_ = -1;
  int last_signal_;
};

/// `vesper ARGUMENTS`, from the source folder.
std::vector<std::string> vesper_words(const std::vector<std::string>& arguments);

/// Returns when the condition holds. Throws std::runtime_error after two minutes: what it waits for will not
/// come.
void wait_until(const std::function<bool()>& condition, const std::string& what);

}  // namespace vesper::test

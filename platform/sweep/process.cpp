#include "platform/sweep/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "platform/property/node.h"

namespace vesper::sweep {
namespace {

constexpr char kAnswer = 'a';
constexpr char kInputError = 'i';
constexpr char kFailure = 'f';

void write_all(int file, const std::string& bytes) {
  for (size_t done = 0; done < bytes.size();) {
    ssize_t count = write(file, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    done += static_cast<size_t>(count);
  }
}

/// False at the end.
bool read_some(int file, std::string& out) {
  std::array<char, 65536> buffer;
  ssize_t count = 0;
  do {
    count = read(file, buffer.data(), buffer.size());
  } while (count < 0 && errno == EINTR);
  if (count > 0) out.append(buffer.data(), static_cast<size_t>(count));
  return count > 0;
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::runtime_error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  return ends;
}

[[noreturn]] void become(const std::vector<std::string>& arguments, const std::string& folder, int out,
                         int err) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  int none = open("/dev/null", O_RDONLY);
  dup2(none, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (chdir(folder.c_str()) == 0) execvp(argv[0], argv.data());
  _exit(127);
}

}  // namespace

pid_t fork_process() {
  std::fflush(nullptr);
  pid_t child = fork();
  if (child < 0) throw std::runtime_error(fmt::format("cannot start a process: {}", std::strerror(errno)));
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

void end_with_parent(int parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
}

std::string guarded_answer(const std::function<std::string()>& work) {
  try {
    return kAnswer + work();
  } catch (const InputError& error) {
    return kInputError + std::string(error.what());
  } catch (const std::exception& error) {
    return kFailure + std::string(error.what());
  }
}

std::string answer_of(const std::string& bytes) {
  if (bytes.empty()) throw std::runtime_error("a process gave no answer");
  std::string text = bytes.substr(1);
  if (bytes[0] == kInputError) throw InputError(text);
  if (bytes[0] != kAnswer) throw std::runtime_error(text);
  return text;
}

std::string in_child(const std::function<std::string()>& work) {
  std::array<int, 2> ends = make_pipe();
  int parent = getpid();
  pid_t child = fork_process();
  if (child == 0) {
    end_with_parent(parent);
    close(ends[0]);
    write_all(ends[1], guarded_answer(work));
    _exit(0);
  }
  close(ends[1]);
  std::string bytes;
  while (read_some(ends[0], bytes)) {
  }
  close(ends[0]);
  int status = wait_for(child);
  if (WIFSIGNALED(status))
    throw Killed(
        fmt::format("signal {} ({}) ended the simulation", WTERMSIG(status), strsignal(WTERMSIG(status))));
  return answer_of(bytes);
}

ProgramResult run_program(const std::vector<std::string>& arguments, const std::string& folder) {
  std::array<int, 2> out = make_pipe();
  std::array<int, 2> err = make_pipe();
  pid_t child = fork_process();
  if (child == 0) become(arguments, folder, out[1], err[1]);
  close(out[1]);
  close(err[1]);
  ProgramResult result;
  std::array<pollfd, 2> open{pollfd{out[0], POLLIN, 0}, pollfd{err[0], POLLIN, 0}};
  while (open[0].fd >= 0 || open[1].fd >= 0) {
    if (poll(open.data(), open.size(), -1) < 0 && errno != EINTR) break;
    for (size_t i = 0; i < open.size(); ++i) {
      if (open[i].fd < 0 || open[i].revents == 0) continue;
      if (!read_some(open[i].fd, i == 0 ? result.out : result.err)) open[i].fd = -1;
    }
  }
  close(out[0]);
  close(err[0]);
  int status = wait_for(child);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

bool has_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
  while (true) {
    size_t colon = rest.find(':');
    std::filesystem::path candidate = std::filesystem::path(rest.substr(0, colon)) / name;
    if (access(candidate.c_str(), X_OK) == 0) return true;
    if (colon == std::string_view::npos) return false;
    rest.remove_prefix(colon + 1);
  }
}

}  // namespace vesper::sweep

#include "platform/sweep/workers.h"

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "platform/sweep/process.h"

namespace vesper::sweep {
namespace {

constexpr int kPollMs = 200;

bool send_all(int socket, const char* data, size_t size) {
  while (size > 0) {
    ssize_t count = send(socket, data, size, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    data += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

bool receive_all(int socket, char* data, size_t size) {
  while (size > 0) {
    ssize_t count = recv(socket, data, size, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    data += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

bool send_frame(int socket, const std::string& bytes) {
  uint64_t size = bytes.size();
  return send_all(socket, reinterpret_cast<const char*>(&size), sizeof size) &&
         send_all(socket, bytes.data(), bytes.size());
}

std::optional<std::string> receive_frame(int socket) {
  uint64_t size = 0;
  if (!receive_all(socket, reinterpret_cast<char*>(&size), sizeof size)) return std::nullopt;
  std::string bytes(size, '\0');
  if (!receive_all(socket, bytes.data(), size)) return std::nullopt;
  return bytes;
}

[[noreturn]] void serve(int socket, const WorkerHooks& hooks) {
  std::signal(SIGINT, SIG_IGN);  // the parent hears of it and ends its workers
  uint64_t piece = 0;
  while (receive_all(socket, reinterpret_cast<char*>(&piece), sizeof piece)) {
    std::string answer = guarded_answer([&] { return hooks.work(piece); });
    if (!send_frame(socket, answer)) break;
  }
  _exit(0);
}

class Workers {
 public:
  Workers(const std::vector<uint64_t>& pieces, const WorkerHooks& hooks)
      : waiting_(pieces.begin(), pieces.end()), hooks_(hooks) {}
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() {
    for (Worker& worker : workers_) end(worker);
  }

  bool run(unsigned count) {
    size_t most = std::min<size_t>(std::max(count, 1U), waiting_.size());
    for (size_t i = 0; i < most; ++i) start();
    while (std::ranges::any_of(workers_, [](const Worker& worker) { return worker.piece.has_value(); })) {
      if (hooks_.interrupted && hooks_.interrupted()) return false;
      wait();
    }
    return true;
  }

 private:
  struct Worker {
    pid_t process = -1;
    int socket = -1;
    std::optional<uint64_t> piece;
  };

  void start() {
    std::array<int, 2> ends;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw std::runtime_error(fmt::format("cannot make a socket: {}", std::strerror(errno)));
    int parent = getpid();
    pid_t process = fork_process();
    if (process == 0) {
      end_with_parent(parent);
      close(ends[0]);
      for (const Worker& other : workers_) close(other.socket);
      if (hooks_.in_worker) hooks_.in_worker();
      serve(ends[1], hooks_);
    }
    close(ends[1]);
    workers_.push_back({process, ends[0], std::nullopt});
    give(workers_.back());
  }

  void give(Worker& worker) {
    worker.piece.reset();
    if (waiting_.empty()) return;
    uint64_t piece = waiting_.front();
    waiting_.pop_front();
    worker.piece = piece;
    // Should it have died meanwhile, its socket tells so when it is read.
    send_all(worker.socket, reinterpret_cast<const char*>(&piece), sizeof piece);
  }

  void wait() {
    std::vector<pollfd> sockets;
    for (const Worker& worker : workers_) sockets.push_back({worker.piece ? worker.socket : -1, POLLIN, 0});
    if (poll(sockets.data(), sockets.size(), kPollMs) <= 0) return;
    // From the back, as a dead worker leaves the list.
    for (size_t i = sockets.size(); i-- > 0;) {
      if (sockets[i].revents != 0) hear(i);
    }
  }

  void hear(size_t index) {
    Worker& worker = workers_[index];
    uint64_t piece = *worker.piece;
    std::optional<std::string> frame = receive_frame(worker.socket);
    if (!frame) return replace(index, piece);
    hooks_.done(piece, answer_of(*frame));
    give(worker);
  }

  void replace(size_t index, uint64_t piece) {
    int status = end(workers_[index]);
    workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(index));
    if (++tries_[piece] >= kMostTries) {
      std::string signal = WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "no answer";
      throw Killed(fmt::format("the process of point {} ended {} times without a result ({})", piece,
                               kMostTries, signal));
    }
    waiting_.push_front(piece);
    start();
  }

  static int end(Worker& worker) {
    if (worker.process < 0) return 0;
    kill(worker.process, SIGKILL);
    close(worker.socket);
    return wait_for(std::exchange(worker.process, -1));
  }

  std::deque<uint64_t> waiting_;
  const WorkerHooks& hooks_;
  std::vector<Worker> workers_;
  std::map<uint64_t, unsigned> tries_;
};

}  // namespace

bool run_in_workers(const std::vector<uint64_t>& pieces, unsigned workers, const WorkerHooks& hooks) {
  return Workers(pieces, hooks).run(workers);
}

unsigned usable_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<unsigned>(std::max(CPU_COUNT(&cores), 1));
}

}  // namespace vesper::sweep

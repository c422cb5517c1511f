#include "platform/plugin/crash.h"

#include <execinfo.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "platform/plugin/load.h"

namespace vesper::plugin {
namespace {

constexpr size_t kHandlerStack = size_t{1} << 18;
constexpr unsigned kSecondsToDie = 5;
constexpr int kMostFrames = 64;
constexpr time_t kSecondsBetweenLooks = 5;

struct Deadly {
  int number;
  const char* name;
};
constexpr Deadly kDeadly[] = {{SIGSEGV, "SIGSEGV, an invalid memory access"},
                              {SIGBUS, "SIGBUS, an invalid memory access"},
                              {SIGFPE, "SIGFPE, a division by zero or the like"},
                              {SIGILL, "SIGILL, an invalid instruction"},
                              {SIGABRT, "SIGABRT: it was aborted, or an exception had nobody to catch it"}};

void (*describe)(std::string&) = nullptr;
std::function<void()>& clean_up() {
  static std::function<void()> function;
  return function;
}

void say(const std::string& message) {
  [[maybe_unused]] auto written = write(STDERR_FILENO, message.data(), message.size());
}

/// The innermost plug-in on the stack.
const char* culprit() {
  std::array<void*, kMostFrames> frames{};
  const int count = backtrace(frames.data(), kMostFrames);
  for (int i = 0; i < count; ++i) {
    if (const char* name = plugin_at(frames[static_cast<size_t>(i)])) return name;
  }
  return nullptr;
}

/// The process is beyond repair; should telling about it hang or crash in turn, the alarm or the default
/// action ends it.
void on_deadly_signal(int number) {
  for (const Deadly& deadly : kDeadly) std::signal(deadly.number, SIG_DFL);
  std::signal(SIGALRM, SIG_DFL);
  alarm(kSecondsToDie);
  const char* name = "a signal";
  for (const Deadly& deadly : kDeadly) {
    if (deadly.number == number) name = deadly.name;
  }
  const char* plugin = culprit();
  std::string message = "vesper: the simulation failed: ";
  message += plugin != nullptr ? std::string("plug-in ") + plugin : std::string("Vesper");
  message += std::string(" died of ") + name;
  if (describe != nullptr) describe(message);
  say(message + "\n");
  if (clean_up()) clean_up()();
  _exit(1);
}

uint64_t (*progress_of_run)() = nullptr;
uint64_t progress_seen = 0;

void look_for_progress(int /*signal*/) {
  if (progress_of_run == nullptr) return;
  const uint64_t now = progress_of_run();
  if (now != progress_seen) {
    progress_seen = now;
    return;
  }
  std::string message = "vesper: for seconds nothing has come back";
  if (const char* plugin = culprit()) message += std::string(" from plug-in ") + plugin;
  if (describe != nullptr) describe(message);
  say(message + "; Ctrl-C twice ends the run\n");
}

void set_timer(time_t seconds) {
  const itimerval every{{seconds, 0}, {seconds, 0}};
  setitimer(ITIMER_PROF, &every, nullptr);
}

}  // namespace

HangWatch::HangWatch(uint64_t (*progress)()) {
  progress_of_run = progress;
  progress_seen = UINT64_MAX;
  struct sigaction action {};
  action.sa_handler = look_for_progress;
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  sigaction(SIGPROF, &action, nullptr);
  set_timer(kSecondsBetweenLooks);
}

HangWatch::~HangWatch() {
  set_timer(0);
  progress_of_run = nullptr;
}

void tell_crashes() {
  static bool done = false;
  if (done) return;
  done = true;
  static std::array<char, kHandlerStack> memory;
  stack_t stack{};
  stack.ss_sp = memory.data();
  stack.ss_size = memory.size();
  sigaltstack(&stack, nullptr);
  std::array<void*, 1> frame{};
  backtrace(frame.data(), 1);  // loads what it needs now, not while the process dies
  struct sigaction action {};
  action.sa_handler = on_deadly_signal;
  action.sa_flags = SA_ONSTACK | static_cast<int>(SA_RESETHAND);
  for (const Deadly& deadly : kDeadly) sigaction(deadly.number, &action, nullptr);
}

void describe_crashes_by(void (*append)(std::string&)) { describe = append; }

CrashCleanup::CrashCleanup(std::function<void()> function) { clean_up() = std::move(function); }
CrashCleanup::~CrashCleanup() { clean_up() = nullptr; }

}  // namespace vesper::plugin

/// The end of a process by a signal, told: which plug-in's code it was, and what was being simulated.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace vesper::plugin {

/// From now on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT end the process with exit status 1 and a message
/// on standard error, not with a core dump. Called when the first plug-in is loaded.
void tell_crashes();

/// What is being simulated, as " in process lamp.blink at 1250000 ps"; called while the process dies.
void describe_crashes_by(void (*append)(std::string& message));

/// While one of these lives, a call that does not come back is told on standard error, with the plug-in it is
/// in: when `progress` has not changed for 5 to 10 seconds of the process's own time, and each 5 seconds
/// more. Nothing is ended: what computes for long may come back.
class HangWatch {
 public:
  explicit HangWatch(uint64_t (*progress)());
  ~HangWatch();
  HangWatch(const HangWatch&) = delete;
  HangWatch& operator=(const HangWatch&) = delete;
};

/// While this lives, `clean_up` is called before a process that crashes ends.
class CrashCleanup {
 public:
  explicit CrashCleanup(std::function<void()> clean_up);
  ~CrashCleanup();
  CrashCleanup(const CrashCleanup&) = delete;
  CrashCleanup& operator=(const CrashCleanup&) = delete;
};

}  // namespace vesper::plugin

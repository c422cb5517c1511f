/// The seam between models and everything that watches them: models tell, nobody asks.
///
/// Summary, CSV files, waves, timeline and progress are observers side by side. Models hold an ObserverHub;
/// `hub.wants(Topic)` is one test of a bit, so that a run without observers costs nothing. Times are
/// picoseconds of simulated time; nothing here knows SystemC or a model.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/observe/latency_part.h"

namespace vesper::observe {

using Time = uint64_t;

struct JobId {
  uint16_t task = 0;
  uint32_t job = 0;
  auto operator<=>(const JobId&) const = default;
};

/// A job became ready: at its release it entered its FIFO (or stood at the door of a full one: `late`).
struct JobReleased {
  JobId job;
  Time release = 0;
  Time deadline = 0;
  bool late = false;
  Time isolated = 0;     ///< its true time alone on the accelerator; 0: its task's estimate
  uint32_t weight = 1;   ///< its importance for policies that weigh
  bool warm_up = false;  ///< counts in no figure
};

/// A scheduling instruction {task, job, region, preempt, resume} as it reached the kernel manager.
struct InstructionIssued {
  JobId job;
  uint32_t region = 0;
  bool preempt = false;
  bool resume = false;
  JobId previous;  ///< the job preempted, if `preempt`
  Time at = 0;
  uint16_t accelerator = 0;
};

/// The end of a region, as the kernel manager reports it to the scheduler.
struct RegionEnded {
  JobId job;
  uint32_t region = 0;
  bool last = false;  ///< the job's last region: the job is complete
  Time end = 0;       ///< the accelerator finished its last operation
  Time feedback = 0;  ///< the feedback became visible to the scheduler
  uint16_t accelerator = 0;
};

enum class OperationKind : uint8_t { load, compute, store, clean, persist, resume, kCount };
std::string_view name_of(OperationKind kind);

/// One operation of an accelerator's engine.
struct Operation {
  JobId job;
  uint32_t layer = 0;
  uint32_t step = 0;  ///< tile iteration within the layer
  OperationKind kind = OperationKind::load;
  Time start = 0;
  Time end = 0;
  uint64_t cycles = 0;  ///< of the accelerator's clock
  uint64_t bytes = 0;
  uint16_t accelerator = 0;
};

/// What an accelerator counts by itself over a run.
struct AcceleratorTotals {
  uint64_t steps = 0;     ///< tile iterations
  Time compute_busy = 0;  ///< the compute engine worked
  uint64_t errors = 0;    ///< bursts of its ports answered with an error
  std::optional<Time> fetch_busy =
      {};                            ///< its fetch engine worked, where it runs ahead of the compute engine
  std::optional<Time> busy = {};     ///< it had something to do; else from instructions to ends of regions
  std::optional<Time> at_peak = {};  ///< its MACs would take so long at the array's full rate
};

/// Results that a functional accelerator checked.
struct FunctionalTotals {
  uint64_t jobs_checked = 0;
  uint64_t mismatches = 0;  ///< of them, jobs with a wrong output
  std::string first;        ///< the first mismatch, in words
};

/// Bytes that passed a memory port.
struct Transfer {
  JobId job;
  uint32_t layer = 0;
  uint16_t port = 0;  ///< from ObserverHub::port
  bool write = false;
  uint64_t bytes = 0;
  Time start = 0;
  Time end = 0;
  const LatencyParts* parts = nullptr;  ///< of end - start, to which they sum; null in topic transfer
};

/// Points on the way of a software decision.
enum class Mark : uint8_t {
  interrupt_asserted,      ///< value: line
  vector_entered,          ///< the CPU took an interrupt
  interrupt_acknowledged,  ///< value: line
  policy_entered,
  policy_left,
};

/// A firmware function became the one that executes.
struct FunctionEntered {
  std::string_view name;
  Time at = 0;
};

enum class Topic : uint32_t {
  job = 1U << 0,
  instruction = 1U << 1,
  region = 1U << 2,
  operation = 1U << 3,
  transfer = 1U << 4,
  mark = 1U << 5,
  function = 1U << 6,
  signal = 1U << 7,
  log = 1U << 8,
  latency = 1U << 9,  ///< payloads of initiators as they are done, with the parts of their time
};
constexpr uint32_t bit(Topic topic) { return static_cast<uint32_t>(topic); }

/// A traced signal. Values are unsigned numbers of `width` bits, or texts where `is_text`.
struct SignalInfo {
  std::string path;   ///< hierarchical, dots between levels: `accelerator.load.busy`
  std::string group;  ///< scheduler, cpu, accelerator, irq, fsm, noc, ddr
  uint16_t width = 1;
  bool is_text = false;
};

class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;

  /// The topics this observer wants, an or of `bit(Topic)`. Asked once, when it joins.
  [[nodiscard]] virtual uint32_t topics() const = 0;

  virtual void job_released(const JobReleased&) {}
  /// The job's first compute operation began (topic job).
  virtual void first_compute(JobId, Time /*at*/) {}
  virtual void job_completed(JobId, Time /*at*/) {}
  /// The job was abandoned after an error of the memory: it will not complete (topic job).
  virtual void job_failed(JobId, Time /*at*/) {}
  virtual void instruction_issued(const InstructionIssued&) {}
  virtual void region_ended(const RegionEnded&) {}
  virtual void operation(const Operation&) {}
  virtual void transfer(const Transfer&) {}
  virtual void latency(const Transfer&) {}
  virtual void mark(Mark, uint32_t /*value*/, Time /*at*/) {}
  virtual void function_entered(const FunctionEntered&) {}
  virtual void log(std::string_view /*source*/, std::string_view /*line*/, Time /*at*/) {}

  /// Whether this observer wants the signal; asked once for each signal declared.
  virtual bool signal_declared(uint32_t /*id*/, const SignalInfo&) { return false; }
  virtual void signal_changed(uint32_t /*id*/, uint64_t /*value*/, Time /*at*/) {}
  virtual void signal_changed(uint32_t /*id*/, std::string_view /*text*/, Time /*at*/) {}
};

/// Tells every observer that wants to know. Observers join before models are built and outlive the run.
class ObserverHub {
 public:
  void join(Observer& observer);

  [[nodiscard]] bool wants(Topic topic) const { return (topics_ & bit(topic)) != 0; }

  void job_released(const JobReleased& event) const;
  void first_compute(JobId job, Time at) const;
  void job_completed(JobId job, Time at) const;
  void job_failed(JobId job, Time at) const;
  void instruction_issued(const InstructionIssued& event) const;
  void region_ended(const RegionEnded& event) const;
  void operation(const Operation& event) const;
  void transfer(const Transfer& event) const;
  void latency(const Transfer& event) const;
  void mark(Mark mark, uint32_t value, Time at) const;
  void function_entered(const FunctionEntered& event) const;
  void log(std::string_view source, std::string_view line, Time at) const;

  /// An id for a memory port by name, for `Transfer::port`; the same name gives the same id.
  uint16_t port(std::string_view name);
  [[nodiscard]] const std::vector<std::string>& ports() const { return ports_; }

 private:
  friend class Signal;
  struct Subscription {
    Observer* observer;
    uint32_t topics;
  };
  template <class Tell>
  void tell(Topic topic, Tell&& tell) const {
    for (const Subscription& subscription : subscriptions_) {
      if ((subscription.topics & bit(topic)) != 0) tell(*subscription.observer);
    }
  }

  std::vector<Subscription> subscriptions_;
  uint32_t topics_ = 0;
  uint32_t next_signal_ = 0;
  std::vector<std::string> ports_;
};

/// A signal of a model. Free when nobody wants it; an unchanged value is not told again.
class Signal {
 public:
  Signal() = default;
  Signal(ObserverHub& hub, SignalInfo info);

  [[nodiscard]] bool traced() const { return !observers_.empty(); }
  void set(uint64_t value, Time at) {
    if (observers_.empty() || (known_ && value == value_)) return;
    tell(value, at);
  }
  void set(std::string_view text, Time at) {
    if (observers_.empty() || (known_ && text == text_)) return;
    tell(text, at);
  }

 private:
  void tell(uint64_t value, Time at);
  void tell(std::string_view text, Time at);

  std::vector<Observer*> observers_;
  uint32_t id_ = 0;
  uint64_t value_ = 0;
  std::string text_;
  bool known_ = false;
};

}  // namespace vesper::observe

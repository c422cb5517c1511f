/// What accelerators behind a kernel manager have in common, whatever they compute: they run one region at a
/// time.
///
/// Models      kernel manager, instruction and feedback sockets, interrupt, and what is told of a region and
///             its job to observers: instruction, end, first compute, completion, failure; the waves job,
///             region, layer, load, compute and store.
/// Timing      look-up and launch cycles after the instruction, a cycle more for each further entry of the
///             region, the region may begin; feedback comes `feedback_cycles` after its end, the interrupt
///             `interrupt_cycles` after that. Each counts from the next edge of the clock; where it is 0
///             there is no edge to wait for, and things happen at that very picosecond. Defaults: look-up 1
///             cycle, launch on the 3rd, feedback 2 (DERCA, RTSS 2025, kernel management). An instruction is
///             answered with an error while a region runs.
/// Interrupt   `interrupt` is high while feedback waits and the control register enables it. The `feedback`
///             socket, if bound, gets each feedback when it becomes visible.
/// Errors      what an instruction asks for and the tables do not hold ends the run with a message.
#pragma once

#include <fmt/format.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/accelerator/kernel_manager.h"
#include "models/core/clock_domain.h"
#include "models/core/ip.h"
#include "models/core/sim_error.h"

namespace vesper::accelerator {

struct ControlProperties {
  Frequency clock = MHz(230);  // VCK190, DERCA
  uint32_t lookup_cycles = 1;
  uint32_t launch_cycles = 2;
  uint32_t feedback_cycles = 2;
  uint32_t interrupt_cycles = 1;
  /// Declares these properties in the schema of a class derived from this one.
  template <class P>
  static void describe_in(Schema<P>& p) {
    p("clock", &ControlProperties::clock, "clock of the accelerator's programmable logic")
        .between(MHz(1), MHz(10'000));
    p("lookup_cycles", &ControlProperties::lookup_cycles, "cycles to look a region up in the tables")
        .between(0, 1000);
    p("launch_cycles", &ControlProperties::launch_cycles, "cycles from look-up to the first operation")
        .between(0, 1000);
    p("feedback_cycles", &ControlProperties::feedback_cycles,
      "cycles from the end of a region to its feedback")
        .between(0, 1000);
    p("interrupt_cycles", &ControlProperties::interrupt_cycles, "cycles from feedback to the interrupt")
        .between(0, 1000);
  }
};

class RegionAccelerator : public core::Ip {
 public:
  tlm_utils::simple_target_socket_optional<RegionAccelerator> instructions{"instructions"};
  tlm_utils::simple_initiator_socket_optional<RegionAccelerator> feedback{"feedback"};
  core::InterruptOut interrupt{"interrupt"};

 protected:
  /// `told_as`: number of the accelerator, as observers are told.
  RegionAccelerator(sc_core::sc_module_name name, const ControlProperties& properties,
                    const core::Environment& environment, uint16_t told_as = 0);

  /// Finds what the instruction asks for and keeps it; how many entries the region has. Throws
  /// core::SimulationError when the tables do not hold it.
  virtual uint32_t look_up(const Instruction& instruction) = 0;
  /// Runs what was looked up, `launch` cycles from now on; in the end, calls region_ends().
  virtual void run(core::Cycles launch) = 0;
  /// The time given to call_back_at() has come.
  virtual void called_back() {}
  /// Once a region, at the first event after its end, before its job's completion or its feedback is told.
  virtual void region_over() {}
  /// The monitor's reading, for the feedback.
  [[nodiscard]] virtual uint32_t monitored() const { return 0; }

  /// Does something; what goes wrong ends the simulation.
  template <class Work>
  void guarded(const Work& work);
  /// The time `cycles` edges after the next one; `ps` itself where there is none to wait for.
  [[nodiscard]] uint64_t after(uint64_t ps, core::Cycles cycles) const {
    return cycles == 0 ? ps : clock_.after(ps, cycles);
  }
  /// While a region runs; its end replaces the wish.
  void call_back_at(uint64_t ps);
  /// What a region's time went into; the rest of it the array waited.
  struct RegionShares {
    uint64_t compute_ps = 0;  ///< work done again apart
    uint64_t swap_ps = 0;     ///< swap-out, swap-in and work done again
  };
  /// The region ends at `ps`, now or later.
  void region_ends(uint64_t ps, const RegionShares& shares);

  [[nodiscard]] const Instruction& running() const { return running_; }
  [[nodiscard]] observe::JobId running_job() const { return {running_.task, running_.job}; }
  /// Of the instruction before.
  [[nodiscard]] observe::JobId previous_job() const { return previous_job_; }
  [[nodiscard]] bool job_ends() const { return manager_.last_region(running_.task, running_.region); }

  /// The job is lost: it will not complete, and its feedback says so.
  void fail_job(observe::JobId job);
  [[nodiscard]] bool has_failed(observe::JobId job) const { return failed_jobs_.contains(job); }

  [[nodiscard]] bool awaits_first_compute() const;
  void tell_first_compute(uint64_t at_ps);

  /// Whether anybody wants one of the signals.
  [[nodiscard]] bool traced() const { return traced_; }
  void follow(const observe::Signal& signal) { traced_ = traced_ || signal.traced(); }
  void show_job(observe::JobId job, uint64_t time);
  void show_no_job(uint64_t time);
  [[nodiscard]] observe::SignalInfo number(const char* signal, uint16_t width) const;
  [[nodiscard]] observe::SignalInfo text(const char* signal) const;

  const core::ClockDomain clock_;
  const uint16_t number_;
  observe::ObserverHub& observers_;
  const std::vector<std::string> task_names_;
  KernelManager manager_;
  bool traced_ = false;
  observe::Signal job_signal_, region_signal_, layer_signal_, load_signal_, compute_signal_, store_signal_;

 private:
  enum class State : uint8_t { idle, running, completing, reporting };

  void instruction_written(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  bool issue(const abi::InstructionWords& words);
  void begin(const Instruction& instruction);
  void wake();
  void complete_job();
  void report_feedback();
  void send_feedback();
  void update_interrupt();

  const ControlProperties control_;
  sc_core::sc_event wake_, interrupt_due_;
  State state_ = State::idle;
  Instruction running_;
  observe::JobId previous_job_;
  uint64_t end_ps_ = 0;
  RegionShares shares_;
  std::set<observe::JobId> failed_jobs_;  // that did not pass their last region yet
  std::vector<uint64_t> computed_job_;    // by task: 1 + the job whose first compute has been told
  std::optional<observe::JobId> shown_job_;
  abi::FeedbackWords feedback_words_{};
  tlm::tlm_generic_payload feedback_payload_;
};

template <class Work>
void RegionAccelerator::guarded(const Work& work) {
  try {
    work();
  } catch (const core::SimulationError& error) {
    core::fail_simulation(fmt::format("{}: {}, at {} ps", name(), error.what(), core::now_ps()));
  }
}

}  // namespace vesper::accelerator

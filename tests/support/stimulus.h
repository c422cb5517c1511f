/// What tests of models stand on: a clock, things to do at exact times, an initiator, a target that records,
/// a probe for interrupt lines and one for traced signals. A SystemC kernel lives once a process: one fixture
/// a process.
#pragma once

#include <gmock/gmock.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "models/core/clock_domain.h"
#include "models/core/interrupt.h"
#include "models/core/ip.h"
#include "platform/observe/observer.h"

namespace vesper::test {

/// Calls functions at exact simulated times, in order of time, then of registration.
class Agenda : public sc_core::sc_module {
 public:
  explicit Agenda(sc_core::sc_module_name name) : sc_module(name) {
    SC_HAS_PROCESS(Agenda);
    SC_METHOD(step);
    sensitive << wake_;
  }
  void at(uint64_t ps, std::function<void()> action) {
    ASSERT_GE(ps, core::now_ps()) << "too late to do something then";
    actions_.emplace(ps, std::move(action));
    if (sc_core::sc_is_running()) plan();
  }

 private:
  void step() {
    while (!actions_.empty() && actions_.begin()->first <= core::now_ps()) {
      std::function<void()> action = std::move(actions_.begin()->second);
      actions_.erase(actions_.begin());
      action();
    }
    plan();
  }
  void plan() {
    wake_.cancel();
    if (!actions_.empty()) wake_.notify(core::to_time(actions_.begin()->first - core::now_ps()));
  }

  std::multimap<uint64_t, std::function<void()>> actions_;
  sc_core::sc_event wake_{"wake"};
};

/// Blocking reads and writes.
class Initiator : public sc_core::sc_module {
 public:
  explicit Initiator(sc_core::sc_module_name name) : sc_module(name) {}

  tlm::tlm_response_status transport(tlm::tlm_command command, uint64_t address, void* data,
                                     unsigned int bytes) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(static_cast<unsigned char*>(data));
    payload.set_data_length(bytes);
    payload.set_streaming_width(bytes);
    sc_core::sc_time delay;
    socket->b_transport(payload, delay);
    return payload.get_response_status();
  }
  uint32_t read32(uint64_t address) {
    uint32_t value = 0;
    EXPECT_EQ(transport(tlm::TLM_READ_COMMAND, address, &value, sizeof value), tlm::TLM_OK_RESPONSE);
    return value;
  }
  void write32(uint64_t address, uint32_t value) {
    EXPECT_EQ(transport(tlm::TLM_WRITE_COMMAND, address, &value, sizeof value), tlm::TLM_OK_RESPONSE);
  }
  template <class T>
  tlm::tlm_response_status write(uint64_t address, T value) {
    return transport(tlm::TLM_WRITE_COMMAND, address, &value, sizeof value);
  }
  template <class T>
  tlm::tlm_response_status read(uint64_t address, T& value) {
    return transport(tlm::TLM_READ_COMMAND, address, &value, sizeof value);
  }

  tlm_utils::simple_initiator_socket<Initiator> socket{"socket"};
};

/// Records what it is sent and when; answers OK, or as `respond` says.
class TargetRecorder : public sc_core::sc_module {
 public:
  struct Access {
    uint64_t at = 0;
    tlm::tlm_command command = tlm::TLM_IGNORE_COMMAND;
    uint64_t address = 0;
    std::vector<unsigned char> bytes;
    template <class T>
    [[nodiscard]] T as() const {
      T value{};
      EXPECT_EQ(bytes.size(), sizeof value);
      std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
      return value;
    }
  };

  explicit TargetRecorder(sc_core::sc_module_name name) : sc_module(name) {
    socket.register_b_transport(this, &TargetRecorder::b_transport);
  }
  [[nodiscard]] std::vector<uint64_t> times() const {
    std::vector<uint64_t> all;
    for (const Access& access : accesses) all.push_back(access.at);
    return all;
  }

  tlm_utils::simple_target_socket<TargetRecorder> socket{"socket"};
  std::vector<Access> accesses;
  std::function<tlm::tlm_response_status(const Access&)> respond;

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& /*delay*/) {
    Access access{core::now_ps(), payload.get_command(), payload.get_address(), {}};
    access.bytes.assign(payload.get_data_ptr(), payload.get_data_ptr() + payload.get_data_length());
    payload.set_response_status(respond ? respond(access) : tlm::TLM_OK_RESPONSE);
    accesses.push_back(std::move(access));
  }
};

/// When a line rose and fell.
class InterruptProbe {
 public:
  explicit InterruptProbe(core::InterruptOut& line) { line.connect(in_); }
  [[nodiscard]] const std::vector<uint64_t>& rises() const { return rises_; }
  [[nodiscard]] const std::vector<uint64_t>& falls() const { return falls_; }
  [[nodiscard]] bool level() const { return in_.level(); }

 private:
  std::vector<uint64_t> rises_, falls_;
  core::InterruptIn in_{[this](bool level) { (level ? rises_ : falls_).push_back(core::now_ps()); }};
};

/// Keeps what models tell: released jobs, and every change of the signals whose path ends in one of
/// `suffixes`.
class RecordingObserver : public observe::Observer {
 public:
  struct Change {
    uint64_t at = 0;
    std::string value;
    bool operator==(const Change&) const = default;
    friend void PrintTo(const Change& change, std::ostream* out) {
      *out << change.at << " ps: " << change.value;
    }
  };

  explicit RecordingObserver(std::vector<std::string> suffixes = {}) : suffixes_(std::move(suffixes)) {}
  [[nodiscard]] uint32_t topics() const override {
    return bit(observe::Topic::job) | bit(observe::Topic::signal) | bit(observe::Topic::instruction);
  }
  void job_released(const observe::JobReleased& event) override { released.push_back(event); }
  bool signal_declared(uint32_t id, const observe::SignalInfo& info) override {
    for (const std::string& suffix : suffixes_) {
      if (info.path.ends_with(suffix)) {
        suffix_of_[id] = suffix;
        return true;
      }
    }
    return false;
  }
  void signal_changed(uint32_t id, uint64_t value, observe::Time at) override {
    changes[suffix_of_[id]].push_back({at, std::to_string(value)});
  }
  void signal_changed(uint32_t id, std::string_view text, observe::Time at) override {
    changes[suffix_of_[id]].push_back({at, std::string(text)});
  }

  std::vector<observe::JobReleased> released;
  std::map<std::string, std::vector<Change>> changes;  ///< by suffix

 private:
  std::vector<std::string> suffixes_;
  std::map<uint32_t, std::string> suffix_of_;
};

class Stimulus : public ::testing::Test {
 protected:
  explicit Stimulus(Frequency frequency = MHz(230)) : clock(frequency) {}

  /// Runs through everything that happens up to and including `ps`.
  static void run_until(uint64_t ps) {
    if (ps + 1 > core::now_ps()) sc_core::sc_start(core::to_time(ps + 1 - core::now_ps()));
  }
  static void run_until(Duration time) { run_until(time.ps); }
  /// Time of edge n.
  [[nodiscard]] uint64_t edge(core::Cycles n) const { return clock.edge(n); }

  const core::ClockDomain clock;
  Agenda agenda{"agenda"};
};

}  // namespace vesper::test

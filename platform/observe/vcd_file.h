/// The text of a value change dump: puts changes in order of time and writes those that lie in a window.
///
/// Order    every change comes with the simulated time at which it was told, which never falls; the change
/// may
///          be for then or for the future, in any order between signals. Changes are written when time has
///          passed them. One told for the past is written at the time it was told and counted in
///          late_changes(). Of several values of a signal at one time the last told is written, and none if
///          it is the value the signal had.
/// Window   outside it nothing is written; what the signals are when it begins stands in `$dumpvars`.
/// Texts    and values that have names are variables of type `string`, as GTKWave reads them: `s<text> <id>`
/// with
///          blanks, backslashes and unprintable characters as \xHH.
/// Source: IEEE 1364-2005, clause 18 (four-state VCD); the string variables are GTKWave's extension.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "platform/observe/file_writer.h"
#include "platform/observe/wave_signal.h"

namespace vesper::observe {

/// What of a run a wave shows, both ends included.
struct VcdWindow {
  Time from = 0;
  Time to = std::numeric_limits<Time>::max();
};

class VcdFile {
 public:
  VcdFile(const std::filesystem::path& path, VcdWindow window) : window_(window), file_(path) {}

  /// Declares a signal, before the first change; its number is one more than that of the one before.
  void declare(const WaveSignal& signal);
  /// `signal` becomes `value` at `at`, told at `now`.
  void change(uint32_t signal, uint64_t value, Time at, Time now);
  void change(uint32_t signal, std::string_view text, Time at, Time now);
  /// Writes all changes up to `end` and closes the file.
  void finish(Time end);

  [[nodiscard]] uint64_t late_changes() const { return late_changes_; }

 private:
  /// What a signal shows and will show once the present time is over.
  struct State {
    std::string path;
    std::string code;  ///< VCD identifier
    uint16_t width = 1;
    bool is_text = false;
    std::vector<std::string> names;  ///< of the values 0, 1, ...
    bool known = false;
    bool pending = false;
    uint64_t value = 0;
    uint64_t next_value = 0;
    std::string text;
    std::string next_text;
  };
  struct Change {
    Time at;
    uint64_t order;
    uint64_t value;  ///< of a text: its place in texts_
    uint32_t signal;
  };
  struct Later {
    bool operator()(const Change& a, const Change& b) const {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };

  bool belongs_to_present(Time at, Time now);
  void advance(Time now);
  void take_future(Time at);
  void set_pending(uint32_t signal);
  void add_future(uint32_t signal, uint64_t value, Time at);
  uint64_t keep(std::string_view text);
  void apply(const Change& change);
  void pass_present();
  void write_present();
  void write_time(Time time);
  void write_header();
  void write_initial_values();
  void write_value(const State& state);
  void write_number(uint64_t value);
  void write_text(std::string_view text);
  static void take_over(State& state);

  VcdWindow window_;
  FileWriter file_;
  std::vector<State> states_;
  std::vector<uint32_t> present_;   ///< signals with a pending value at now_
  std::vector<Change> future_;      ///< heap, earliest first
  std::vector<std::string> texts_;  ///< of changes in future_, and room for more
  std::vector<uint64_t> free_texts_;
  Time now_ = 0;
  uint64_t order_ = 0;
  uint64_t late_changes_ = 0;
  bool started_ = false;
};

}  // namespace vesper::observe

/// Value change dump of the selected signals: `trace.vcd`, timescale 1 ps.
///
/// Time     a change may be told for now or for the future, in any order between signals; changes are written
///          when simulated time has passed them. One told for the past is written at the present time and
///          counted in late_changes(). Of several values of a signal at one time the last told is written,
///          and none if it is the value the signal had.
/// Declare  all signals before simulated time first moves. A signal is x (a text: empty) until its first
/// value. Texts    variables of type `string`, as GTKWave reads them: `s<text> <id>` with blanks, backslashes
/// and
///          unprintable characters as \xHH.
/// Names    dots are scopes; characters other than letters, digits, `_` and `$` become `_`; names that so
/// become
///          equal are numbered. No date in the header: equal runs leave equal bytes.
/// Source: IEEE 1364-2005, clause 18 (four-state VCD); the string variables are GTKWave's extension.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "platform/observe/file_writer.h"
#include "platform/observe/vcd_selection.h"
#include "platform/observe/wave_signal.h"

namespace vesper::observe {

class VcdWriter final : public Observer {
 public:
  using Now = std::function<Time()>;
  VcdWriter(const std::filesystem::path& path, VcdSelection selection, Now now);

  /// Writes all changes up to `end`, which become the end of the wave, and closes the file.
  void finish(Time end);

  [[nodiscard]] const std::vector<WaveSignal>& signals() const { return signals_; }
  [[nodiscard]] uint64_t late_changes() const { return late_changes_; }

  [[nodiscard]] uint32_t topics() const override { return bit(Topic::signal); }
  bool signal_declared(uint32_t id, const SignalInfo& info) override;
  void signal_changed(uint32_t id, uint64_t value, Time at) override;
  void signal_changed(uint32_t id, std::string_view text, Time at) override;

 private:
  /// What a signal shows and will show once the present time is over.
  struct State {
    std::string code;  ///< VCD identifier
    uint16_t width = 1;
    bool is_text = false;
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
    uint32_t slot;
  };
  struct Later {
    bool operator()(const Change& a, const Change& b) const {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };

  uint32_t slot_of(uint32_t id) const { return slots_[id]; }
  bool belongs_to_present(Time at);
  void advance(Time now);
  void take_future(Time at);
  void set_pending(uint32_t slot);
  void add_future(uint32_t slot, uint64_t value, Time at);
  uint64_t keep(std::string_view text);
  void apply(const Change& change);
  void write_present();
  void write_header();
  void write_initial_values();
  void write_change(State& state);
  void write_value(const State& state);
  void write_text(std::string_view text);
  std::string unique_path(const std::string& path);

  VcdSelection selection_;
  Now clock_;
  FileWriter file_;
  std::vector<uint32_t> slots_;  ///< by signal id
  std::vector<State> states_;
  std::vector<WaveSignal> signals_;  ///< as states_
  std::vector<uint32_t> present_;    ///< slots with a pending value at now_
  std::vector<Change> future_;       ///< heap, earliest first
  std::vector<std::string> texts_;   ///< of changes in future_, and room for more
  std::vector<uint64_t> free_texts_;
  Time now_ = 0;
  uint64_t order_ = 0;
  uint64_t late_changes_ = 0;
  bool started_ = false;
};

}  // namespace vesper::observe

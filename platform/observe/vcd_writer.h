/// Value change dump of the selected signals: `trace.vcd`, timescale 1 ps (vcd_file.h tells what stands in
/// it).
///
/// Declare  all signals before simulated time first moves. A signal is x (a text: empty) until its first
///          value.
/// Names    dots are scopes; characters other than letters, digits, `_` and `$` become `_`; names that so
///          become equal are numbered. No date in the header: equal runs leave equal bytes.
/// Speed    changes are gathered in batches, which a thread of its own puts in order and writes while the
///          simulation goes on. Few batches wait: a simulation faster than the disk waits for it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "platform/observe/vcd_file.h"
#include "platform/observe/vcd_selection.h"

namespace vesper::observe {

class VcdWriter final : public Observer {
 public:
  using Now = std::function<Time()>;
  VcdWriter(const std::filesystem::path& path, VcdSelection selection, Now now, VcdWindow window = {});
  ~VcdWriter() override;

  /// Writes all changes up to `end`, which become the end of the wave, and closes the file. Throws
  /// std::runtime_error if it could not be written.
  void finish(Time end);

  [[nodiscard]] const std::vector<WaveSignal>& signals() const { return signals_; }
  [[nodiscard]] const VcdWindow& window() const { return window_; }
  /// Patterns of the selection that no signal fits.
  [[nodiscard]] std::vector<std::string> unmatched_patterns() const;
  /// After finish().
  [[nodiscard]] uint64_t late_changes() const { return file_.late_changes(); }

  [[nodiscard]] uint32_t topics() const override { return bit(Topic::signal); }
  bool signal_declared(uint32_t id, const SignalInfo& info) override;
  void signal_changed(uint32_t id, uint64_t value, Time at) override;
  void signal_changed(uint32_t id, std::string_view text, Time at) override;

 private:
  struct Change {
    Time at;
    Time now;
    uint64_t value;  ///< of a text: where it begins in Batch::texts
    uint32_t signal;
    uint32_t text_size;
  };
  struct Batch {
    std::vector<Change> changes;
    std::string texts;
  };

  void add(uint32_t id, uint64_t value, size_t text_size, Time at);
  void hand_over();
  void end_thread();
  void write_batches();
  void write(const Batch& batch);
  std::string unique_path(const std::string& path);

  VcdSelection selection_;
  VcdWindow window_;
  Now clock_;
  VcdFile file_;                     ///< the thread's, once it has begun
  std::vector<uint32_t> numbers_;    ///< by signal id: of the signal in the file
  std::vector<WaveSignal> signals_;  ///< as in the file
  std::vector<std::string> paths_;   ///< as models name them
  bool moved_ = false;               ///< simulated time

  Batch batch_;
  std::mutex mutex_;  ///< of all that follows
  std::condition_variable changed_;
  std::deque<Batch> waiting_;
  std::vector<Batch> written_;  ///< for their room
  bool over_ = false;
  std::thread thread_;
};

}  // namespace vesper::observe

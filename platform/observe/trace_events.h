/// A file of Chrome trace events: what Perfetto (ui.perfetto.dev) and chrome://tracing open.
///
/// Tracks are threads of processes; both are made with their names as they are first needed. Times are in
/// microseconds with all digits down to the picosecond. Slices of a track have to nest, the outer one first,
/// and counters of a name to come in order of time: the file is written as it is told.
/// Source: "Trace Event Format", Google.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/observe/file_writer.h"

namespace vesper::observe {

class TraceEvents {
 public:
  struct Track {
    uint32_t process = 0;
    uint32_t thread = 0;
  };

  explicit TraceEvents(const std::filesystem::path& path);

  /// Processes and their threads are shown in the order in which they are made.
  uint32_t add_process(const std::string& name);
  /// `rank`: threads of a process are shown by rising rank; 0: as they are made.
  Track add_thread(uint32_t process, const std::string& name, uint32_t rank = 0);

  /// `quoted_name` is a JSON string, `args` the inside of a JSON object. An end before its start counts as
  /// it.
  void slice(Track track, std::string_view quoted_name, Time start, Time end, std::string_view args = {});
  void instant(Track track, std::string_view quoted_name, Time at);
  /// One sample of a counter; `args` are its series.
  void counter(uint32_t process, std::string_view quoted_name, Time at, std::string_view args);
  /// A point of an arrow through slices that are under way on their tracks: it starts, steps on, finishes.
  enum class Flow : char { start = 's', step = 't', finish = 'f' };
  void flow(Flow flow, Track track, std::string_view id, Time at);

  void close();

 private:
  void begin(char phase, Track track, std::string_view quoted_name);
  void time(std::string_view key, Time time);
  void args(std::string_view args);
  void name(const char* what, Track track, const std::string& name, uint32_t rank);

  FileWriter file_;
  uint32_t processes_ = 0;
  uint32_t threads_ = 0;
  bool first_ = true;
};

}  // namespace vesper::observe

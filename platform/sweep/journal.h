/// What a sweep has done so far: a line a finished point, appended as it finishes.
///
/// `journal.csv` in the sweep's folder: a first line that names the sweep (its fingerprint), the shard and
/// the number of points, then rows of the results in order of completion. Each line is one write at the end
/// of the file; a line that a kill cut short is dropped when the journal is opened again. One process at a
/// time has a journal open: the file is locked, and the lock ends with the process.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "platform/sweep/shard.h"

namespace vesper::sweep {

/// What a journal belongs to.
struct JournalKey {
  std::string fingerprint;
  Shard shard;
  uint64_t points = 0;  ///< of the whole sweep
  size_t columns = 0;   ///< of a row

  bool operator==(const JournalKey&) const = default;
};

using Rows = std::map<uint64_t, std::string>;

class Journal {
 public:
  /// Opens or begins the journal of `folder`, which is made; `work` is what messages call its work. Throws
  /// InputError when it belongs to another sweep, another process has it, or the folder cannot be written.
  Journal(const std::filesystem::path& folder, const JournalKey& key, std::string work = "sweep");
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Points done, with their rows.
  [[nodiscard]] const Rows& rows() const { return rows_; }
  /// Throws std::runtime_error when the disk is full.
  void append(uint64_t point, const std::string& row);
  /// The file, for a child process to close: a lock lasts as long as anybody has the file open.
  [[nodiscard]] int descriptor() const { return file_.descriptor; }

 private:
  void open(const std::filesystem::path& path);
  void begin(const JournalKey& key);
  void load(const std::string& text, const std::filesystem::path& path, const JournalKey& key);

  struct File {
    int descriptor = -1;
    File() = default;
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File();
  };

  std::string work_;
  File file_;
  Rows rows_;
};

/// A journal as it is, without opening it for writing: rows and key. Throws InputError when there is none.
struct ReadJournal {
  JournalKey key;
  Rows rows;
};
ReadJournal read_journal(const std::filesystem::path& folder);

/// How many points the journal of `folder` has done; 0 when there is none yet. Cheap enough to be asked
/// often.
uint64_t journal_length(const std::filesystem::path& folder);

}  // namespace vesper::sweep

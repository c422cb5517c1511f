/// The folder a run leaves its files in: all of them or none.
///
/// Files are written into a temporary folder, `<folder>.partial-<pid>` beside the folder (inside it, should
/// the folder be a mount of its own), and renamed into place by commit(). `summary.json` seals the result:
/// commit() removes the old one first and puts the new one in place last, so that a folder that has one is
/// complete. Files an earlier run left and this one does not write are removed; files Vesper does not write
/// are left alone. Without commit(), the destructor removes the temporary folder and the folder stays as it
/// was.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

namespace vesper::observe {

class OutputFolder {
 public:
  /// Throws InputError if `folder` is a file or cannot be written to.
  explicit OutputFolder(std::filesystem::path folder);
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  ~OutputFolder();

  /// Where to write the file that will be `name` in the folder.
  [[nodiscard]] std::filesystem::path file(std::string_view name);
  void write(std::string_view name, std::string_view contents);
  /// Drops everything written: what the destructor does, for a process that ends without it.
  void discard() noexcept;
  /// Takes back a file that was written.
  void remove(std::string_view name);
  /// Puts everything written in place. Throws std::runtime_error if that fails.
  void commit();

  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
  /// Names of the files of this run, sorted.
  [[nodiscard]] const std::set<std::string>& files() const { return files_; }

 private:
  void make_partial();
  void check_writable() const;

  std::filesystem::path folder_;
  std::filesystem::path partial_;
  std::set<std::string> files_;
};

}  // namespace vesper::observe

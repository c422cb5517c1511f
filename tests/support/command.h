/// Runs the `vesper` command as a user would, and reads what it leaves.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace vesper::test {

struct CommandResult {
  int status = -1;
  std::string out;
  std::string err;
};

/// `vesper ARGUMENTS` in `folder`. Throws when it cannot be started or is killed by a signal.
CommandResult run_vesper(const std::vector<std::string>& arguments,
                         const std::filesystem::path& folder = VESPER_SOURCE_DIR);
/// Any program, by its path.
CommandResult run_program(const std::string& program, const std::vector<std::string>& arguments,
                          const std::filesystem::path& folder);

/// A folder that is removed with this object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& text);

/// The `summary.json` that a run left in `folder`.
nlohmann::json read_summary(const std::filesystem::path& folder);

/// A CSV file without quoted commas: a row a map from column to field.
std::vector<std::map<std::string, std::string>> read_csv(const std::filesystem::path& path);

/// The picoseconds that a decimal number of seconds with at most twelve decimals names, exactly.
int64_t picoseconds(const std::string& seconds);

/// The shipped scenarios: every YAML file below scenarios/ with a title of its own, relative to the source
/// folder.
std::vector<std::string> shipped_scenarios();

}  // namespace vesper::test

/// Ways to have a sweep's points computed: here on all cores, or by a cluster's batch system. Registered by
/// name where they are written.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "platform/sweep/journal.h"
#include "platform/sweep/results.h"

namespace vesper::sweep {

struct LaunchRequest {
  const Sweep* sweep = nullptr;
  std::filesystem::path folder;  ///< of the journal and results
  JournalKey key;
  unsigned processes = 1;  ///< at once, here
  std::function<Verdict(uint64_t point)> judge;
  std::function<bool()> interrupted;
  std::function<void(const std::string&)> tell;  ///< a line for the user

  // For batch systems: the command that computes a shard, without --out and --shard.
  std::vector<std::string> command;
  uint64_t shards = 1;
  std::vector<std::string> batch_options;  ///< passed on as they are
};

struct Launcher {
  const char* name;
  const char* help;
  /// All rows of the request's shard; none when interrupted, and then a second call goes on where this ended.
  /// Throws InputError on what is wrong with a point, std::runtime_error on what fails.
  std::optional<Rows> (*run)(const LaunchRequest& request);
};

const std::vector<Launcher>& launchers();
struct LauncherRegistration {
  explicit LauncherRegistration(const Launcher& launcher);
};

/// All points that the journals have, with the key of the first. Throws InputError unless they belong to one
/// sweep and agree.
ReadJournal merge_journals(const std::vector<std::filesystem::path>& folders);

/// Writes results.csv, the tables, and for each plot the aggregate and its script, and draws it unless
/// `plots` is false. The names of the files, in order.
std::vector<std::string> write_results(const Sweep& sweep, const Rows& rows,
                                       const std::filesystem::path& folder, bool plots);

}  // namespace vesper::sweep

/// Replays a command log and finds every broken rule of the standard, by its own bookkeeping.
///
/// Shares nothing with the controller but the part's numbers: it keeps the time of the last command of each
/// kind per bank and compares each new command with all of them, pair by pair.
#pragma once

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "models/ddr/command_log.h"

namespace vesper::ddr::testing {

class TimingChecker final : public CommandLog {
 public:
  explicit TimingChecker(const Part& part);

  void issued(const Command& command) override;
  /// Broken rules, in words; empty if all is well.
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  [[nodiscard]] uint64_t count(CommandKind kind) const { return counts_[static_cast<size_t>(kind)]; }
  [[nodiscard]] const std::vector<Command>& commands() const { return commands_; }
  /// Refreshes of every rank kept their mean distance up to `clock`.
  void check_refreshes(Clock clock);

 private:
  struct BankHistory {
    bool open = false;
    uint32_t row = 0;
    int64_t activate = kLongAgo, precharge = kLongAgo, read = kLongAgo, write = kLongAgo;
  };
  static constexpr int64_t kLongAgo = -1'000'000;

  void activate(const Command& c, int64_t t);
  void precharge(const Command& c, int64_t t);
  void column(const Command& c, int64_t t, bool write);
  void close(uint32_t bank, int64_t t);
  void refresh(const Command& c, int64_t t);
  void data(int64_t from, const Command& c);
  void apart(int64_t distance, int64_t least, const char* rule, const Command& c);
  void require(bool holds, const char* rule, const Command& c);
  [[nodiscard]] uint32_t rank(uint32_t bank) const { return bank / part_.banks_of_rank(); }
  [[nodiscard]] uint32_t group(uint32_t bank) const { return bank / part_.banks; }

  Part part_;
  std::vector<BankHistory> banks_;
  std::vector<std::deque<int64_t>> activates_;  ///< of a rank
  std::vector<int64_t> refreshed_;
  std::vector<uint64_t> refreshes_;
  std::vector<Command> commands_;
  std::vector<std::string> violations_;
  std::array<uint64_t, 7> counts_{};
  int64_t last_ = -1;
  int64_t bus_free_ = 0;
};

}  // namespace vesper::ddr::testing

/// `latency.csv`: where the time of memory requests went, a row a task, port and direction.
///
/// A payload of an initiator counts when it is done (topic latency), with the time from its request until
/// then; `latency_s` and the parts are sums over payloads, which overlap in time. All times are exact to the
/// picosecond, so that the parts of a row sum to its latency. Payloads and bytes are those of the same port
/// in `bandwidth.csv`. A few additions a payload; kept in memory until the run ends.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "platform/observe/run_info.h"

namespace vesper::observe {

class LatencyLog final : public Observer {
 public:
  explicit LatencyLog(const RunInfo& run) : requesters_(requester_names(run)) {}

  /// Writes the table; `ports` are the names of Transfer::port.
  void write(const std::filesystem::path& path, const std::vector<std::string>& ports) const;
  /// The sums of each task over its ports and directions, for the summary.
  [[nodiscard]] nlohmann::ordered_json json() const;

  [[nodiscard]] uint32_t topics() const override { return bit(Topic::latency); }
  void latency(const Transfer& event) override;

 private:
  struct Sums {
    uint64_t payloads = 0;
    uint64_t bytes = 0;
    Time latency = 0;
    LatencyParts parts{};
    void add(const Sums& other);
  };
  struct Port {
    Sums directions[2];  // read, write
  };

  std::vector<std::string> requesters_;
  std::vector<std::vector<Port>> tasks_;  // by task, then port
};

}  // namespace vesper::observe

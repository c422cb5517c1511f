/// `bandwidth.csv`: bytes by window of time, port and task, read and written.
///
/// A transfer that spans windows is spread evenly over its time in whole bytes: up to a time t after its
/// start it has moved floor(bytes * t / duration). The rows therefore add up to the bytes told, to the byte.
/// Windows without bytes have no row. Kept in memory until the run ends.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "platform/observe/run_info.h"

namespace vesper::observe {

class BandwidthLog final : public Observer {
 public:
  /// `window` is not 0.
  BandwidthLog(const RunInfo& run, Time window);

  /// Writes the table; `ports` are the names of Transfer::port.
  void write(const std::filesystem::path& path, const std::vector<std::string>& ports) const;

  [[nodiscard]] uint32_t topics() const override { return bit(Topic::transfer); }
  void transfer(const Transfer& event) override;

 private:
  struct Bytes {
    uint64_t read = 0;
    uint64_t written = 0;
  };
  using Requesters = std::vector<Bytes>;  // by task
  using Ports = std::vector<Requesters>;  // by port

  void add(uint64_t window, const Transfer& event, uint64_t bytes);

  std::vector<std::string> requesters_;
  Time window_;
  std::map<uint64_t, Ports> windows_;
  std::map<uint64_t, Ports>::iterator recent_ = windows_.end();
};

}  // namespace vesper::observe

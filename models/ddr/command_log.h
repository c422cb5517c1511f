/// What a controller sends to the DRAM, for checkers and waves. Off (null) by default.
#pragma once

#include <cstdint>

#include "models/ddr/part.h"

namespace vesper::ddr {

enum class CommandKind : uint8_t {
  activate,
  precharge,
  read,
  write,
  read_precharge,
  write_precharge,
  refresh
};

struct Command {
  CommandKind kind = CommandKind::activate;
  uint32_t bank = 0;  ///< of the channel; the first of its rank for a refresh
  uint32_t row = 0;
  uint64_t block = 0;  ///< of a read or write: address / burst size
  Clock clock = 0;
};

class CommandLog {
 public:
  CommandLog() = default;
  CommandLog(const CommandLog&) = delete;
  CommandLog& operator=(const CommandLog&) = delete;
  virtual ~CommandLog() = default;
  /// Commands come in order of their clocks, at most one a clock.
  virtual void issued(const Command& command) = 0;
};

}  // namespace vesper::ddr

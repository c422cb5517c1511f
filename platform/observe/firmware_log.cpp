#include "platform/observe/firmware_log.h"

#include <fmt/format.h>

#include "platform/observe/format.h"

namespace vesper::observe {

void FirmwareLog::log(std::string_view source, std::string_view line, Time at) {
  print_(fmt::format("{}  {}: {}", readable_time(at), source, line));
}

}  // namespace vesper::observe

/// Networks in other tools' files. A format is registered where it is written and chosen by the file name's
/// extension; every other file is a workload file in YAML (network.h).
#pragma once

#include <string>
#include <vector>

#include "platform/workload/network.h"

namespace vesper::workload {

struct NetworkFormat {
  const char* extension;  ///< with its dot
  const char* help;
  /// Throws InputError: at `named_at` where the file cannot be read, else with the place in the file.
  Network (*read)(const std::string& path, const Shape& shape, const Location& named_at);
};

/// The registered formats, by extension.
std::vector<NetworkFormat>& network_formats();
/// Null: a workload file.
const NetworkFormat* find_network_format(const std::string& path);

struct NetworkFormatRegistration {
  explicit NetworkFormatRegistration(const NetworkFormat& format);
};

/// The whole file. Throws InputError at `named_at` if it cannot be read.
std::string read_model_file(const std::string& path, const Location& named_at);

}  // namespace vesper::workload

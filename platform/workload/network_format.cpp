#include "platform/workload/network_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace vesper::workload {

std::vector<NetworkFormat>& network_formats() {
  static std::vector<NetworkFormat> registered;
  return registered;
}

const NetworkFormat* find_network_format(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  auto it = std::ranges::find_if(network_formats(), [&](const auto& f) { return extension == f.extension; });
  return it == network_formats().end() ? nullptr : &*it;
}

NetworkFormatRegistration::NetworkFormatRegistration(const NetworkFormat& format) {
  std::vector<NetworkFormat>& all = network_formats();
  auto after = std::ranges::find_if(
      all, [&](const auto& other) { return std::string_view(format.extension) < other.extension; });
  all.insert(after, format);
}

std::string read_model_file(const std::string& path, const Location& named_at) {
  std::ifstream in(path, std::ios::binary);
  std::error_code ignored;
  if (!in || !std::filesystem::is_regular_file(path, ignored))
    throw InputError(named_at, fmt::format("cannot read the model '{}'", path));
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace vesper::workload

/// Topologies of SCALE-Sim (github.com/scalesim-project/scale-sim-v2, scalesim/topology_utils.py): a header,
/// then a row a layer, each ending in a comma.
///
///     Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,
///     Layer, M, N, K,
///
/// As SCALE-Sim reads them: the first line is the header (here it tells the form apart); an input map has its
/// padding in it; an output side is ceil((input - filter + stride) / stride); a layer with DP in its name is
/// depthwise, `Num Filter` filters for each channel; a ninth column is the stride along the width.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <sstream>

#include "platform/workload/network_format.h"

namespace vesper::workload {
namespace {

constexpr uint64_t kMost = 0x7FFF'FFFF;
constexpr size_t kMostLayers = 65535;

class Topology {
 public:
  explicit Topology(const std::string& path)
      : file_(std::make_shared<const std::string>(path)), network_{std::filesystem::path(path).stem(), {}} {}

  Network read(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      ++line_;
      if (split(line); fields_.empty()) continue;
      if (columns_ == 0) {
        read_header();
      } else {
        network_.layers.push_back(is_gemm_ ? gemm() : convolution());
        if (network_.layers.size() > kMostLayers) fail(fmt::format("more than {} layers", kMostLayers));
      }
    }
    if (network_.layers.empty()) fail("the topology has no layers");
    return std::move(network_);
  }

 private:
  [[noreturn]] void fail(const std::string& message, size_t field = 0) const {
    int column = field < starts_.size() ? starts_[field] : 1;
    throw InputError(Location{file_, line_, column}, message);
  }

  /// Into fields without surrounding blanks; a last one that is empty is none.
  void split(const std::string& line) {
    fields_.clear();
    starts_.clear();
    for (size_t begin = 0; begin <= line.size();) {
      size_t end = std::min(line.find(',', begin), line.size());
      size_t first = line.find_first_not_of(" \t\r", begin);
      size_t last = line.find_last_not_of(" \t\r", end == 0 ? 0 : end - 1);
      bool blank = first == std::string::npos || first >= end;
      fields_.push_back(blank ? "" : line.substr(first, last - first + 1));
      starts_.push_back(static_cast<int>((blank ? begin : first) + 1));
      begin = end + 1;
    }
    if (!fields_.empty() && fields_.back().empty()) fields_.pop_back();
  }

  void read_header() {
    columns_ = fields_.size();
    is_gemm_ = columns_ == 4 && fields_[1] == "M" && fields_[2] == "N" && fields_[3] == "K";
    if (!is_gemm_ && columns_ != 8 && columns_ != 9) {
      fail(fmt::format(
          "the header has {} columns; it is 'Layer, M, N, K,' or 'Layer name, IFMAP Height, IFMAP "
          "Width, Filter Height, Filter Width, Channels, Num Filter, Strides,'",
          columns_));
    }
  }

  [[nodiscard]] uint32_t number(size_t field, const char* what) const {
    const std::string& text = fields_[field];
    uint64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > kMost) {
      fail(fmt::format("{} is '{}'; it must be a whole number between 1 and {}", what, text, kMost), field);
    }
    return static_cast<uint32_t>(value);
  }

  void expect(size_t least, size_t most) const {
    if (fields_.size() < least || fields_.size() > most) {
      fail(fmt::format("the layer has {} columns; the header has {}", fields_.size(), columns_));
    }
  }

  [[nodiscard]] Layer gemm() const {
    expect(4, 4);
    return {fields_[0], number(1, "M"), number(3, "K"), number(2, "N")};
  }

  [[nodiscard]] Layer convolution() const {
    expect(8, 9);  // SCALE-Sim takes a row with a ninth column whatever the header says
    uint32_t height = number(1, "IFMAP Height"), width = number(2, "IFMAP Width");
    uint32_t window_height = number(3, "Filter Height"), window_width = number(4, "Filter Width");
    uint32_t channels = number(5, "Channels"), filters = number(6, "Num Filter");
    uint32_t stride = number(7, "Strides");
    uint32_t stride_width = fields_.size() == 9 ? number(8, "the stride along the width") : stride;
    if (window_height > height) fail("the filter is higher than the input map", 3);
    if (window_width > width) fail("the filter is wider than the input map", 4);
    bool depthwise = fields_[0].find("DP") != std::string::npos;
    uint32_t groups = depthwise ? channels : 1;
    auto rows = static_cast<unsigned __int128>(side(height, window_height, stride)) *
                side(width, window_width, stride_width) * groups;
    auto reduced = static_cast<unsigned __int128>(window_height) * window_width * (channels / groups);
    if (rows > kMost || reduced > kMost)
      fail(fmt::format("layer '{}': a dimension of its product exceeds {}", fields_[0], kMost));
    return {fields_[0], static_cast<uint32_t>(rows), static_cast<uint32_t>(reduced), filters, groups};
  }

  static uint64_t side(uint64_t input, uint64_t window, uint64_t stride) {
    return (input - window + 2 * stride - 1) / stride;
  }

  std::shared_ptr<const std::string> file_;
  Network network_;
  std::vector<std::string> fields_;
  std::vector<int> starts_;
  size_t columns_ = 0;
  bool is_gemm_ = false;
  int line_ = 0;
};

Network read_scale_sim(const std::string& path, const Shape& shape, const Location& named_at) {
  if (shape.tokens) {
    throw InputError(shape.where, fmt::format("'{}' is a topology of fixed shapes; 'tokens' is for a "
                                              "transformer",
                                              path));
  }
  Network network = Topology(path).read(read_model_file(path, named_at));
  if (shape.batch) process_together(network, *shape.batch, shape.where);
  return network;
}

const NetworkFormatRegistration registration{
    {".csv", "SCALE-Sim topology, convolutions or matrix products", read_scale_sim}};

}  // namespace
}  // namespace vesper::workload

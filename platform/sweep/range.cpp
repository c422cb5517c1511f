#include "platform/sweep/range.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "platform/property/schema.h"

namespace vesper::sweep {
namespace {

constexpr unsigned kMostDecimals = 9;
constexpr uint64_t kMostValues = 1'000'000'000;

/// digits * 10^-decimals, with a unit.
struct Quantity {
  int64_t digits = 0;
  unsigned decimals = 0;
  std::string unit;
};

Quantity quantity_of(const Node& node, const std::string& path) {
  auto wrong = [&] {
    return InputError(
        node.where(),
        fmt::format("{} takes a number of at most {} decimals, with its unit, not {}", path, kMostDecimals,
                    node.is_scalar() ? "'" + node.text() + "'" : node.kind_name()));
  };
  if (!node.is_scalar()) throw wrong();
  const std::string& text = node.text();
  size_t end = std::min(text.find_first_not_of("-0123456789."), text.size());
  std::string number = text.substr(0, end);
  size_t dot = number.find('.');
  Quantity quantity;
  if (dot != std::string::npos) {
    quantity.decimals = static_cast<unsigned>(number.size() - dot - 1);
    number.erase(dot, 1);
  }
  auto [parsed, error] = std::from_chars(number.data(), number.data() + number.size(), quantity.digits);
  constexpr int64_t kMost = 1'000'000'000'000'000'000;
  bool whole = error == std::errc{} && parsed == number.data() + number.size();
  if (!whole || quantity.decimals > kMostDecimals || std::abs(quantity.digits) > kMost) throw wrong();
  size_t unit = text.find_first_not_of(' ', end);
  if (unit != std::string::npos) quantity.unit = text.substr(unit);
  return quantity;
}

int64_t scaled(const Quantity& quantity, unsigned decimals, const Node& node, const std::string& path) {
  int64_t digits = quantity.digits;
  for (unsigned i = quantity.decimals; i < decimals; ++i) {
    if (__builtin_mul_overflow(digits, 10, &digits)) {
      throw InputError(node.where(), fmt::format("{} is too large for its decimals", path));
    }
  }
  return digits;
}

const Node& required(const Node& map, const char* key, const std::string& path) {
  const Node* found = map.find(key);
  if (found == nullptr) {
    throw InputError(map.where(), fmt::format("'{}.{}' is missing: write {{from: ..., to: ..., step: ...}}, "
                                              "{{count: ...}} or a list of values",
                                              path, key));
  }
  return *found;
}

void check_keys(const Node& node, const std::string& path) {
  static const std::vector<std::string> keys{"from", "to", "step", "count"};
  for (const Node::Entry& entry : node.entries()) {
    if (std::ranges::find(keys, entry.key) != keys.end()) continue;
    throw InputError(entry.where,
                     fmt::format("unknown key '{}.{}'{}: a range has from, to and step, or count", path,
                                 entry.key, did_you_mean(entry.key, keys)));
  }
}

uint64_t count_of(const Node& node, const std::string& path) {
  uint64_t count = 0;
  Codec<uint64_t>::read(node, count, path);
  if (count == 0 || count > kMostValues) {
    throw InputError(node.where(),
                     fmt::format("{} is {}; it must be between 1 and {}", path, count, kMostValues));
  }
  return count;
}

}  // namespace

Range Range::read(const Node& node, const std::string& path, Step step) {
  check_keys(node, path);
  Range range;
  if (const Node* count = node.find("count")) {
    if (node.entries().size() > 1) throw InputError(node.where(), path + " has a count: leave the rest out");
    range.size_ = count_of(*count, path + ".count");
    return range;
  }
  const Node& from = required(node, "from", path);
  const Node& to = required(node, "to", path);
  const Node* by = node.find("step");
  if (by == nullptr && step == Step::written) by = &required(node, "step", path);
  Quantity first = quantity_of(from, path + ".from");
  Quantity last = quantity_of(to, path + ".to");
  unsigned decimals = std::max(first.decimals, last.decimals);
  Quantity between{1, decimals, first.unit};
  if (by != nullptr) between = quantity_of(*by, path + ".step");
  if (first.unit != last.unit || first.unit != between.unit) {
    throw InputError(node.where(), fmt::format("{}: write from, to and step in the same unit", path));
  }
  range.decimals_ = std::max(decimals, between.decimals);
  range.unit_ = first.unit;
  range.first_ = scaled(first, range.decimals_, from, path + ".from");
  int64_t end = scaled(last, range.decimals_, to, path + ".to");
  range.step_ = scaled(between, range.decimals_, node, path + ".step");
  if (range.step_ <= 0) throw InputError(node.where(), fmt::format("{}.step must be above 0", path));
  if (end < range.first_) {
    throw InputError(node.where(), fmt::format("{} is empty: its end lies below its beginning", path));
  }
  auto steps = static_cast<uint64_t>((static_cast<__int128>(end) - range.first_) / range.step_);
  if (steps >= kMostValues)
    throw InputError(node.where(), fmt::format("{} has more than {} values", path, kMostValues));
  range.size_ = steps + 1;
  return range;
}

std::string Range::at(uint64_t i) const {
  int64_t value = first_ + static_cast<int64_t>(i) * step_;
  uint64_t power = 1;
  for (unsigned d = 0; d < decimals_; ++d) power *= 10;
  auto magnitude = static_cast<uint64_t>(std::abs(value));
  std::string text = fmt::format("{}{}", value < 0 ? "-" : "", magnitude / power);
  if (decimals_ > 0) {
    std::string fraction = fmt::format("{:0{}}", magnitude % power, decimals_);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    if (!fraction.empty()) text += "." + fraction;
  }
  return unit_.empty() ? text : text + " " + unit_;
}

}  // namespace vesper::sweep

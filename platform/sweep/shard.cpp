#include "platform/sweep/shard.h"

#include <fmt/format.h>

#include <charconv>

#include "platform/property/node.h"

namespace vesper::sweep {

Shard parse_shard(const std::string& text) {
  constexpr uint64_t kMost = 100'000;
  Shard shard;
  const char* end = text.data() + text.size();
  auto [slash, error] = std::from_chars(text.data(), end, shard.number);
  bool fine = error == std::errc{} && slash != end && *slash == '/';
  if (fine) {
    auto [last, wrong] = std::from_chars(slash + 1, end, shard.count);
    fine = wrong == std::errc{} && last == end && shard.number >= 1 && shard.number <= shard.count &&
           shard.count <= kMost;
  }
  if (!fine)
    throw InputError(fmt::format("a shard is i/n with 1 <= i <= n <= {}, like 2/4; not '{}'", kMost, text));
  return shard;
}

}  // namespace vesper::sweep

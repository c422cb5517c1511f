/// Packets of GDB's remote serial protocol: `$data#checksum`.
/// Source: "Debugging with GDB" 13, appendix E.1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vesper::debug {

/// Two hexadecimal digits a byte.
std::string to_hex(std::span<const std::byte> bytes);
std::string to_hex(std::string_view text);
/// Nothing when `digits` are not whole bytes.
std::optional<std::vector<std::byte>> from_hex(std::string_view digits);
/// Takes a hexadecimal number from the front of `text`; nothing when there is none or it is too large.
std::optional<uint64_t> take_number(std::string_view& text);
/// Takes `c` from the front of `text`, if it is there.
bool take(std::string_view& text, char c);

/// `data` between `$` and its checksum, escaped.
std::string packet_of(std::string_view data);

/// Finds packets in what arrives.
class PacketReader {
 public:
  enum class Kind : uint8_t { packet, damaged, interrupt };
  struct Item {
    Kind kind = Kind::packet;
    std::string data;
  };

  void add(std::string_view bytes) { bytes_ += bytes; }
  /// The next one that is complete; acknowledgements are passed over.
  std::optional<Item> next();

 private:
  std::string bytes_;
};

}  // namespace vesper::debug

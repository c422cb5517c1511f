#include "platform/debug/packet.h"

#include <fmt/format.h>

#include <charconv>

namespace vesper::debug {
namespace {

constexpr char kInterrupt = '\x03';
constexpr char kEscape = '}';
constexpr char kEscapeMask = 0x20;

uint8_t checksum(std::string_view data) {
  unsigned sum = 0;
  for (char c : data) sum += static_cast<unsigned char>(c);
  return static_cast<uint8_t>(sum);
}

std::string unescaped(std::string_view data) {
  std::string out;
  for (size_t i = 0; i < data.size(); ++i) {
    const bool escaped = data[i] == kEscape && i + 1 < data.size();
    out += escaped ? static_cast<char>(data[++i] ^ kEscapeMask) : data[i];
  }
  return out;
}

}  // namespace

std::string to_hex(std::span<const std::byte> bytes) {
  std::string out;
  for (std::byte byte : bytes) fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<unsigned>(byte));
  return out;
}

std::string to_hex(std::string_view text) { return to_hex(std::as_bytes(std::span(text))); }

std::optional<std::vector<std::byte>> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::vector<std::byte> bytes;
  for (size_t i = 0; i < digits.size(); i += 2) {
    uint8_t value = 0;
    auto [end, error] = std::from_chars(digits.data() + i, digits.data() + i + 2, value, 16);
    if (error != std::errc{} || end != digits.data() + i + 2) return std::nullopt;
    bytes.push_back(std::byte{value});
  }
  return bytes;
}

std::optional<uint64_t> take_number(std::string_view& text) {
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::string packet_of(std::string_view data) {
  std::string escaped;
  for (char c : data) {
    if (c == '$' || c == '#' || c == kEscape || c == '*') {
      escaped += kEscape;
      c = static_cast<char>(c ^ kEscapeMask);
    }
    escaped += c;
  }
  return fmt::format("${}#{:02x}", escaped, checksum(escaped));
}

std::optional<PacketReader::Item> PacketReader::next() {
  const size_t start = bytes_.find_first_of(std::string("$") + kInterrupt);
  if (start == std::string::npos) {
    bytes_.clear();
    return std::nullopt;
  }
  bytes_.erase(0, start);
  if (bytes_[0] == kInterrupt) {
    bytes_.erase(0, 1);
    return Item{Kind::interrupt, {}};
  }
  const size_t hash = bytes_.find('#');
  if (hash == std::string::npos || hash + 2 >= bytes_.size()) return std::nullopt;
  const std::string data = bytes_.substr(1, hash - 1);
  std::string_view digits = std::string_view(bytes_).substr(hash + 1, 2);
  const std::optional<uint64_t> sum = take_number(digits);
  bytes_.erase(0, hash + 3);
  if (sum != checksum(data)) return Item{Kind::damaged, {}};
  return Item{Kind::packet, unescaped(data)};
}

}  // namespace vesper::debug

/// Quantities with units, as they stand in scenarios: `230 MHz`, `25.6 GB/s`, `10 ms`, `48 MiB`.
///
/// Every quantity is an integer in its base unit, so that parsing, printing and arithmetic are exact and the
/// same on every machine. A text that does not name a whole number of base units is refused, never rounded.
#pragma once

#include <compare>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace vesper {

/// A text that is no quantity of the wanted kind; the message says what would be.
class UnitError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A span of simulated time in picoseconds (`10 ms`, `0 s`; units s, ms, us, ns, ps).
struct Duration {
  uint64_t ps = 0;
  auto operator<=>(const Duration&) const = default;
};

/// A clock frequency in hertz (`230 MHz`; units Hz, kHz, MHz, GHz).
struct Frequency {
  uint64_t hz = 0;
  auto operator<=>(const Frequency&) const = default;
};

/// An amount of memory in bytes (`48 MiB`, `4 KiB`, `256 B`; decimal kB, MB, GB as well).
struct Bytes {
  uint64_t count = 0;
  auto operator<=>(const Bytes&) const = default;
};

/// A data rate in bytes per second (`25.6 GB/s`; units B/s, kB/s, MB/s, GB/s).
struct Bandwidth {
  uint64_t bytes_per_second = 0;
  auto operator<=>(const Bandwidth&) const = default;
};

/// An address in a memory map (`0xF9000000`, hexadecimal or decimal).
struct Address {
  uint64_t value = 0;
  auto operator<=>(const Address&) const = default;
};

/// A non-negative decimal fraction kept exactly to a millionth (`0.8`, `1`): cycles per instruction, shares.
struct Ratio {
  uint64_t millionths = 0;
  auto operator<=>(const Ratio&) const = default;
  [[nodiscard]] double value() const { return static_cast<double>(millionths) / 1e6; }
};

constexpr Duration ps(uint64_t n) { return {n}; }
constexpr Duration ns(uint64_t n) { return {n * 1'000}; }
constexpr Duration us(uint64_t n) { return {n * 1'000'000}; }
constexpr Duration ms(uint64_t n) { return {n * 1'000'000'000}; }
constexpr Frequency MHz(uint64_t n) { return {n * 1'000'000}; }
constexpr Bytes KiB(uint64_t n) { return {n << 10}; }
constexpr Bytes MiB(uint64_t n) { return {n << 20}; }
constexpr Ratio ratio(uint64_t whole) { return {whole * 1'000'000}; }

/// Parses a quantity; throws UnitError with the accepted units and an example.
void parse(std::string_view text, Duration& out);
void parse(std::string_view text, Frequency& out);
void parse(std::string_view text, Bytes& out);
void parse(std::string_view text, Bandwidth& out);
void parse(std::string_view text, Address& out);
void parse(std::string_view text, Ratio& out);
void parse(std::string_view text, uint64_t& out);
void parse(std::string_view text, uint32_t& out);
void parse(std::string_view text, bool& out);
void parse(std::string_view text, double& out);
void parse(std::string_view text, std::string& out);

/// The text that parses to the same quantity, in the largest unit that keeps it whole.
std::string to_text(Duration value);
std::string to_text(Frequency value);
std::string to_text(Bytes value);
std::string to_text(Bandwidth value);
std::string to_text(Address value);
std::string to_text(Ratio value);
std::string to_text(uint64_t value);
std::string to_text(uint32_t value);
std::string to_text(bool value);
std::string to_text(double value);
std::string to_text(const std::string& value);

/// The name of the kind of quantity, as references and errors print it.
constexpr const char* kind_of(const Duration*) { return "time"; }
constexpr const char* kind_of(const Frequency*) { return "frequency"; }
constexpr const char* kind_of(const Bytes*) { return "bytes"; }
constexpr const char* kind_of(const Bandwidth*) { return "data rate"; }
constexpr const char* kind_of(const Address*) { return "address"; }
constexpr const char* kind_of(const Ratio*) { return "number"; }
constexpr const char* kind_of(const uint64_t*) { return "integer"; }
constexpr const char* kind_of(const uint32_t*) { return "integer"; }
constexpr const char* kind_of(const bool*) { return "true or false"; }
constexpr const char* kind_of(const double*) { return "number"; }
constexpr const char* kind_of(const std::string*) { return "text"; }

}  // namespace vesper

/// Numbers of the page: columns of one type one after the other, little-endian, each aligned to eight bytes;
/// the page gets them base64-coded and lays typed arrays over them.
#pragma once

#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

namespace vesper::report {

static_assert(std::endian::native == std::endian::little, "columns are written as they lie in memory");

template <class T>
constexpr const char* kColumnType = nullptr;
template <>
inline constexpr const char* kColumnType<double> = "f64";
template <>
inline constexpr const char* kColumnType<float> = "f32";
template <>
inline constexpr const char* kColumnType<uint32_t> = "u32";
template <>
inline constexpr const char* kColumnType<uint16_t> = "u16";
template <>
inline constexpr const char* kColumnType<uint8_t> = "u8";

class Columns {
 public:
  /// What finds the column again: [type, offset in bytes, count].
  template <class T>
  nlohmann::ordered_json add(const std::vector<T>& values) {
    const size_t offset = bytes_.size();
    const size_t size = values.size() * sizeof(T);
    bytes_.resize(offset + (size + 7) / 8 * 8);
    if (size > 0) std::memcpy(bytes_.data() + offset, values.data(), size);
    return {kColumnType<T>, offset, values.size()};
  }
  [[nodiscard]] std::string base64() const;

 private:
  std::vector<unsigned char> bytes_;
};

}  // namespace vesper::report

/// Integer arithmetic that models share. SystemC-free.
#pragma once

#include <concepts>
#include <cstdint>

namespace vesper {

/// Least integer not below a / b; `b` is not 0.
template <std::unsigned_integral T>
constexpr T ceil_div(T a, T b) {
  return static_cast<T>(a / b + (a % b != 0 ? 1 : 0));
}

/// Picoseconds, rounded up, that `amount` takes at so many of it a second: cycles of a clock, bytes.
constexpr uint64_t ps_at(unsigned __int128 amount, uint64_t per_second) {
  constexpr uint64_t kPicosecondsASecond = 1'000'000'000'000;
  return static_cast<uint64_t>((amount * kPicosecondsASecond + per_second - 1) / per_second);
}

}  // namespace vesper

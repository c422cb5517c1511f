/// Integer arithmetic that models share. SystemC-free.
#pragma once

#include <concepts>

namespace vesper {

/// Least integer not below a / b; `b` is not 0.
template <std::unsigned_integral T>
constexpr T ceil_div(T a, T b) {
  return static_cast<T>(a / b + (a % b != 0 ? 1 : 0));
}

}  // namespace vesper

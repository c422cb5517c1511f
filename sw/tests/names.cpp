// Functions of every kind of name.
#include "sw/tests/platform.h"

namespace vesper::test {
namespace {

struct Shape {
  explicit Shape(uint32_t n) : sides(n) {}
  [[gnu::noinline]] uint32_t operator()(uint32_t x) const { return x * sides; }
  [[gnu::noinline]] uint32_t operator<<(uint32_t x) const { return sides << x; }
  uint32_t sides;
};

[[gnu::noinline]] uint32_t hidden(uint32_t x) {
  asm volatile("" : "+r"(x));
  return x + 1;
}

}  // namespace

template <class T>
[[gnu::noinline]] T twice(T value) {
  auto add = [](T a, T b) __attribute__((noinline)) {
    asm volatile("" : "+r"(a));
    return a + b;
  };
  return add(value, value);
}

}  // namespace vesper::test

extern "C" void main() {
  using namespace vesper::test;
  volatile uint32_t n = 3;
  Shape shape{n};
  report(0, hidden(n) + shape(n) + (shape << n) + twice<uint32_t>(n));
}

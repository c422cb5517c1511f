/// A line of text in a fixed buffer; what does not fit is cut off.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vesper::hal {

struct Hex {
  uint64_t value;
};
constexpr Hex hex(uint64_t value) { return {value}; }

template <size_t Capacity>
class Text {
 public:
  Text& operator<<(char c) {
    if (size_ + 1 < Capacity) characters_[size_++] = c;
    return *this;
  }
  Text& operator<<(const char* s) {
    while (*s != '\0') *this << *s++;
    return *this;
  }
  Text& operator<<(uint64_t value) { return digits(value, 10); }
  Text& operator<<(Hex number) {
    *this << "0x";
    return digits(number.value, 16);
  }
  [[nodiscard]] const char* c_str() {
    characters_[size_] = '\0';
    return characters_;
  }

 private:
  Text& digits(uint64_t value, unsigned base) {
    char reversed[20];
    unsigned count = 0;
    do {
      reversed[count++] = "0123456789abcdef"[value % base];
      value /= base;
    } while (value != 0);
    while (count > 0) *this << reversed[--count];
    return *this;
  }

  char characters_[Capacity];
  size_t size_ = 0;
};

}  // namespace vesper::hal

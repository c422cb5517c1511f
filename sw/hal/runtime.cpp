/// What the compiler expects to find without a library: memory functions and the C++ ABI's few hooks.
#include <stddef.h>
#include <stdint.h>

#include "sw/hal/panic.h"

namespace {
bool aligned(const void* a, const void* b) {
  return ((reinterpret_cast<uintptr_t>(a) | reinterpret_cast<uintptr_t>(b)) & 7) == 0;
}
}  // namespace

extern "C" {

void* memcpy(void* __restrict to, const void* __restrict from, size_t bytes) {
  auto* out = static_cast<unsigned char*>(to);
  const auto* in = static_cast<const unsigned char*>(from);
  if (aligned(out, in)) {
    for (; bytes >= 8; bytes -= 8, out += 8, in += 8) {
      *reinterpret_cast<uint64_t*>(out) = *reinterpret_cast<const uint64_t*>(in);
    }
  }
  for (; bytes > 0; --bytes) *out++ = *in++;
  return to;
}

void* memmove(void* to, const void* from, size_t bytes) {
  auto* out = static_cast<unsigned char*>(to);
  const auto* in = static_cast<const unsigned char*>(from);
  if (out <= in) {
    for (; bytes > 0; --bytes) *out++ = *in++;
    return to;
  }
  while (bytes > 0) {
    --bytes;
    out[bytes] = in[bytes];
  }
  return to;
}

void* memset(void* to, int value, size_t bytes) {
  auto* out = static_cast<unsigned char*>(to);
  auto byte = static_cast<unsigned char>(value);
  if (aligned(out, out)) {
    uint64_t word = byte * 0x0101010101010101ULL;
    for (; bytes >= 8; bytes -= 8, out += 8) *reinterpret_cast<uint64_t*>(out) = word;
  }
  for (; bytes > 0; --bytes) *out++ = byte;
  return to;
}

int memcmp(const void* a, const void* b, size_t bytes) {
  const auto* left = static_cast<const unsigned char*>(a);
  const auto* right = static_cast<const unsigned char*>(b);
  for (; bytes > 0; --bytes, ++left, ++right) {
    if (*left != *right) return *left - *right;
  }
  return 0;
}

size_t strlen(const char* text) {
  size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

int strcmp(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return static_cast<unsigned char>(*a) - static_cast<unsigned char>(*b);
}

[[noreturn]] void abort() { vesper::hal::panic("abort"); }
[[noreturn]] void __cxa_pure_virtual() { vesper::hal::panic("pure virtual function called"); }
void* __dso_handle = nullptr;
int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }  // firmware never runs destructors of statics
}

/// Virtual destructors refer to these; there is no heap.
void operator delete(void*) noexcept { vesper::hal::panic("operator delete: there is no heap"); }
void operator delete(void*, size_t) noexcept { vesper::hal::panic("operator delete: there is no heap"); }

namespace std {
[[noreturn]] void terminate() noexcept { vesper::hal::panic("terminate"); }
}  // namespace std

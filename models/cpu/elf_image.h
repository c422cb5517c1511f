/// An AArch64 ELF executable: what of it goes into memory, where it starts, and what its functions are
/// called.
///
/// Checked     magic, 64-bit class, little endian, machine AArch64, executable type; that every header,
///             segment and symbol lies within the file; that segments do not overlap and fit the memory they
///             are placed in. Every failure is an ElfError that names the file and the cause.
/// Leaves out  dynamic linking, relocation, sections other than the symbol table.
/// Source      System V ABI, chapters 4 and 5; ELF for the Arm 64-bit Architecture (IHI 0056).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace vesper::cpu {

class ElfError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class ElfImage {
 public:
  struct Segment {
    uint64_t address = 0;  ///< physical address (p_paddr)
    uint64_t file_offset = 0;
    uint64_t file_size = 0;
    uint64_t memory_size = 0;  ///< zero-filled beyond file_size
  };
  struct Function {
    std::string name;  ///< demangled, without types: `ns::f`, `ns::f::{lambda#1}::operator()`
    uint64_t address = 0;
    uint64_t size = 0;
  };

  static ElfImage load(const std::filesystem::path& file);
  static ElfImage parse(std::vector<std::byte> bytes, std::string name);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] uint64_t entry() const { return entry_; }
  [[nodiscard]] std::span<const Segment> segments() const { return segments_; }
  /// Sorted by address; no two begin at the same one.
  [[nodiscard]] std::span<const Function> functions() const { return functions_; }
  [[nodiscard]] const Function* function_at(uint64_t address) const;
  [[nodiscard]] const Function* function_named(std::string_view name) const;

  /// Copies the segments into `memory`, which begins at address `base`.
  void place(std::span<std::byte> memory, uint64_t base) const;

 private:
  ElfImage(std::vector<std::byte> bytes, std::string name);

  void read_header();
  void read_segments(uint64_t offset, size_t count);
  void read_symbols(uint64_t offset, size_t count);
  void read_functions(uint64_t offset, uint64_t size, std::string_view strings);
  void settle_functions();
  std::span<const std::byte> slice(uint64_t offset, uint64_t size, const char* what) const;
  template <class T>
  T at(uint64_t offset, const char* what) const;
  [[noreturn]] void fail(const std::string& cause) const;

  std::vector<std::byte> bytes_;
  std::string name_;
  uint64_t entry_ = 0;
  std::vector<Segment> segments_;
  std::vector<Function> functions_;
};

}  // namespace vesper::cpu

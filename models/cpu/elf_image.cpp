#include "models/cpu/elf_image.h"

#include <cxxabi.h>
#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>

namespace vesper::cpu {
namespace {

constexpr std::string_view kAnonymous = "(anonymous namespace)";
constexpr std::string_view kOperator = "operator";

/// Where the operator's symbol after `from` ends: `operator<<(`, `operator()(`; `operator delete(` ends at
/// its word.
size_t end_of_operator(std::string_view name, size_t from) {
  size_t at = from + kOperator.size();
  if (name.substr(at, 2) == "()") return at + 2;
  while (at < name.size() && name[at] != '(' && name[at] != ' ') ++at;
  return at;
}

/// `void ns::f<int>(int)::{lambda(int)#1}::operator()(int) const` -> `ns::f::{lambda#1}::operator()`.
std::string without_types(std::string_view name) {
  std::string kept;
  size_t depth = 0;
  for (size_t i = 0; i < name.size(); ++i) {
    size_t atom = 0;
    if (name.substr(i).starts_with(kAnonymous)) atom = kAnonymous.size();
    if (name.substr(i).starts_with(kOperator)) atom = end_of_operator(name, i) - i;
    if (atom != 0) {
      if (depth == 0) kept += name.substr(i, atom);
      i += atom - 1;
    } else if (name[i] == '<' || name[i] == '(') {
      ++depth;
    } else if (name[i] == '>' || name[i] == ')') {
      if (depth > 0) --depth;
    } else if (depth == 0 && name[i] == ' ') {
      if (name.substr(i).starts_with(" const") || name.substr(i).starts_with(" [clone")) break;
      kept.clear();  // what stood before was the type of the result
    } else if (depth == 0) {
      kept += name[i];
    }
  }
  return kept;
}

/// A symbol as people write it; one that is not mangled stays as it is.
std::string readable(const char* symbol) {
  int status = 0;
  std::unique_ptr<char, void (*)(void*)> demangled(abi::__cxa_demangle(symbol, nullptr, nullptr, &status),
                                                   std::free);
  return status == 0 ? without_types(demangled.get()) : symbol;
}

}  // namespace

ElfImage ElfImage::load(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file)) {
    throw ElfError(fmt::format("{}: cannot be opened", file.string()));
  }
  std::vector<char> chars{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  std::vector<std::byte> bytes(chars.size());
  if (!chars.empty()) std::memcpy(bytes.data(), chars.data(), chars.size());
  return parse(std::move(bytes), file.string());
}

ElfImage ElfImage::parse(std::vector<std::byte> bytes, std::string name) {
  ElfImage image(std::move(bytes), std::move(name));
  image.read_header();
  return image;
}

ElfImage::ElfImage(std::vector<std::byte> bytes, std::string name)
    : bytes_(std::move(bytes)), name_(std::move(name)) {}

void ElfImage::fail(const std::string& cause) const { throw ElfError(fmt::format("{}: {}", name_, cause)); }

std::span<const std::byte> ElfImage::slice(uint64_t offset, uint64_t size, const char* what) const {
  if (offset > bytes_.size() || size > bytes_.size() - offset) {
    fail(fmt::format("truncated: {} needs bytes {} to {}, the file has {}", what, offset, offset + size,
                     bytes_.size()));
  }
  return std::span(bytes_).subspan(offset, size);
}

template <class T>
T ElfImage::at(uint64_t offset, const char* what) const {
  T value;
  std::memcpy(&value, slice(offset, sizeof(T), what).data(), sizeof(T));
  return value;
}

void ElfImage::read_header() {
  if (bytes_.size() < SELFMAG || std::memcmp(bytes_.data(), ELFMAG, SELFMAG) != 0) fail("not an ELF file");
  auto header = at<Elf64_Ehdr>(0, "the ELF header");
  if (header.e_ident[EI_CLASS] != ELFCLASS64) fail("not a 64-bit ELF");
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) fail("not a little-endian ELF");
  if (header.e_machine != EM_AARCH64) {
    fail(fmt::format("an ELF for another machine (e_machine {}, AArch64 is {})", header.e_machine,
                     EM_AARCH64));
  }
  if (header.e_type != ET_EXEC)
    fail("not an executable (position-independent and relocatable ELFs are not loaded)");
  if (header.e_phnum == 0) fail("has no segments");
  if (header.e_phentsize != sizeof(Elf64_Phdr)) fail("program headers of a wrong size");
  entry_ = header.e_entry;
  read_segments(header.e_phoff, header.e_phnum);
  bool entry_is_loaded = std::ranges::any_of(
      segments_, [&](const Segment& s) { return entry_ >= s.address && entry_ - s.address < s.memory_size; });
  if (!entry_is_loaded || entry_ % 4 != 0)
    fail(fmt::format("the entry point {:#x} is in no segment", entry_));
  if (header.e_shnum != 0) {
    if (header.e_shentsize != sizeof(Elf64_Shdr)) fail("section headers of a wrong size");
    read_symbols(header.e_shoff, header.e_shnum);
  }
}

void ElfImage::read_segments(uint64_t offset, size_t count) {
  slice(offset, count * sizeof(Elf64_Phdr), "the program header table");
  for (size_t i = 0; i < count; ++i) {
    auto header = at<Elf64_Phdr>(offset + i * sizeof(Elf64_Phdr), "a program header");
    if (header.p_type != PT_LOAD || header.p_memsz == 0) continue;
    if (header.p_memsz < header.p_filesz)
      fail(fmt::format("segment {} is smaller in memory than in the file", i));
    if (header.p_paddr + header.p_memsz < header.p_paddr)
      fail(fmt::format("segment {} wraps the address space", i));
    slice(header.p_offset, header.p_filesz, "a segment");
    segments_.push_back({header.p_paddr, header.p_offset, header.p_filesz, header.p_memsz});
  }
  if (segments_.empty()) fail("has no loadable segments");
  std::ranges::sort(segments_, {}, &Segment::address);
  for (size_t i = 1; i < segments_.size(); ++i) {
    const Segment& below = segments_[i - 1];
    if (below.address + below.memory_size > segments_[i].address) {
      fail(fmt::format("segments overlap: {:#x}..{:#x} and {:#x}..{:#x}", below.address,
                       below.address + below.memory_size, segments_[i].address,
                       segments_[i].address + segments_[i].memory_size));
    }
  }
}

void ElfImage::read_symbols(uint64_t offset, size_t count) {
  slice(offset, count * sizeof(Elf64_Shdr), "the section header table");
  for (size_t i = 0; i < count; ++i) {
    auto table = at<Elf64_Shdr>(offset + i * sizeof(Elf64_Shdr), "a section header");
    if (table.sh_type != SHT_SYMTAB) continue;
    if (table.sh_link >= count) fail("the symbol table names a section that does not exist");
    auto strings = at<Elf64_Shdr>(offset + table.sh_link * sizeof(Elf64_Shdr), "a section header");
    auto text = slice(strings.sh_offset, strings.sh_size, "the string table");
    if (text.empty() || text.back() != std::byte{0}) fail("the string table does not end in a zero byte");
    read_functions(table.sh_offset, table.sh_size, {reinterpret_cast<const char*>(text.data()), text.size()});
  }
  settle_functions();
}

void ElfImage::read_functions(uint64_t offset, uint64_t size, std::string_view strings) {
  slice(offset, size, "the symbol table");
  for (uint64_t i = 0; i < size / sizeof(Elf64_Sym); ++i) {
    auto symbol = at<Elf64_Sym>(offset + i * sizeof(Elf64_Sym), "a symbol");
    if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF) continue;
    if (symbol.st_name >= strings.size()) fail("a symbol's name lies outside the string table");
    functions_.push_back({readable(strings.data() + symbol.st_name), symbol.st_value, symbol.st_size});
  }
}

/// Sorts, drops aliases (the longest of one address stays), gives sizeless assembly functions the room to the
/// next.
void ElfImage::settle_functions() {
  std::ranges::stable_sort(functions_, [](const Function& a, const Function& b) {
    return a.address != b.address ? a.address < b.address : a.size > b.size;
  });
  auto aliases = std::ranges::unique(functions_, {}, &Function::address);
  functions_.erase(aliases.begin(), aliases.end());
  for (size_t i = 0; i < functions_.size(); ++i) {
    if (functions_[i].size != 0) continue;
    functions_[i].size = i + 1 < functions_.size() ? functions_[i + 1].address - functions_[i].address : 4;
  }
}

const ElfImage::Function* ElfImage::function_at(uint64_t address) const {
  auto above = std::ranges::upper_bound(functions_, address, {}, &Function::address);
  if (above == functions_.begin()) return nullptr;
  const Function& function = *std::prev(above);
  return address - function.address < function.size ? &function : nullptr;
}

const ElfImage::Function* ElfImage::function_named(std::string_view name) const {
  auto it = std::ranges::find(functions_, name, &Function::name);
  return it == functions_.end() ? nullptr : &*it;
}

void ElfImage::place(std::span<std::byte> memory, uint64_t base) const {
  for (const Segment& segment : segments_) {
    if (segment.address < base || segment.address - base > memory.size() ||
        segment.memory_size > memory.size() - (segment.address - base)) {
      fail(fmt::format("segment {:#x}..{:#x} is outside memory {:#x}..{:#x}", segment.address,
                       segment.address + segment.memory_size, base, base + memory.size()));
    }
    auto target = memory.subspan(segment.address - base, segment.memory_size);
    auto source = std::span(bytes_).subspan(segment.file_offset, segment.file_size);
    std::ranges::copy(source, target.begin());
    std::ranges::fill(target.subspan(segment.file_size), std::byte{0});
  }
}

}  // namespace vesper::cpu

// What the scheduler firmware keeps in memory, from its ELF file: tables and policy for a queue of 512 jobs
// take at most 256 KiB, and there is no heap.
#include <elf.h>
#include <gmock/gmock.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "models/cpu/elf_image.h"

namespace vesper {
namespace {

const char* const kFirmware = VESPER_FIRMWARE_DIR "/scheduler.elf";

template <class T>
T read_at(const std::string& file, uint64_t offset) {
  T value;
  EXPECT_LE(offset + sizeof value, file.size());
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

uint64_t writable_bytes() {
  std::ifstream stream(kFirmware, std::ios::binary);
  std::string file{std::istreambuf_iterator<char>(stream), {}};
  auto header = read_at<Elf64_Ehdr>(file, 0);
  uint64_t bytes = 0;
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    auto section = read_at<Elf64_Shdr>(file, header.e_shoff + i * sizeof(Elf64_Shdr));
    constexpr uint64_t kData = SHF_ALLOC | SHF_WRITE;
    if ((section.sh_flags & kData) == kData) bytes += section.sh_size;
  }
  return bytes;
}

TEST(FirmwareMemory, TablesAndPolicyTakeAtMost256KiB) {
  EXPECT_GT(writable_bytes(), 100U * 1024) << "the tables of 512 jobs";
  EXPECT_LE(writable_bytes(), 256U * 1024);
}

TEST(FirmwareMemory, ThereIsNoHeap) {
  cpu::ElfImage image = cpu::ElfImage::load(kFirmware);
  ASSERT_NE(image.function_named("vesper::firmware::decide"), nullptr);
  for (const cpu::ElfImage::Function& function : image.functions()) {
    EXPECT_THAT(function.name, ::testing::Not(::testing::AnyOf("malloc", "calloc", "realloc", "sbrk",
                                                               "operator new", "operator new[]")));
  }
}

}  // namespace
}  // namespace vesper

// What the ELF loader accepts and what it refuses, with the message.
#include "models/cpu/elf_image.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <functional>

namespace vesper::cpu {
namespace {

using ::testing::HasSubstr;

/// An executable of two segments: 16 bytes at 0x1000, 8 bytes with 24 in memory at 0x2000.
struct Sample {
  Elf64_Ehdr header{};
  Elf64_Phdr segments[2]{};
  unsigned char text[16]{1, 2, 3, 4};
  unsigned char data[8]{9, 8, 7};

  Sample() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_EXEC;
    header.e_machine = EM_AARCH64;
    header.e_entry = 0x1004;
    header.e_phoff = offsetof(Sample, segments);
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 2;
    segments[0] = {PT_LOAD, PF_R | PF_X, offsetof(Sample, text), 0x1000, 0x1000, sizeof text, sizeof text, 4};
    segments[1] = {PT_LOAD, PF_R | PF_W, offsetof(Sample, data), 0x2000, 0x2000, sizeof data, 24, 4};
  }
  [[nodiscard]] std::vector<std::byte> bytes() const {
    std::vector<std::byte> copy(sizeof *this);
    std::memcpy(copy.data(), this, sizeof *this);
    return copy;
  }
};

std::string refusal(const std::function<void()>& load) {
  try {
    load();
  } catch (const ElfError& error) {
    return error.what();
  }
  return "accepted";
}

std::string refusal_of(const Sample& sample) {
  return refusal([&] { ElfImage::parse(sample.bytes(), "sample.elf"); });
}

TEST(ElfImage, PlacesSegmentsAndClearsWhatTheFileDoesNotHold) {
  ElfImage image = ElfImage::parse(Sample().bytes(), "sample.elf");
  EXPECT_EQ(image.entry(), 0x1004U);
  std::vector<std::byte> memory(0x2000, std::byte{0xFF});
  image.place(memory, 0x1000);
  EXPECT_EQ(memory[0], std::byte{1});
  EXPECT_EQ(memory[3], std::byte{4});
  EXPECT_EQ(memory[16], std::byte{0xFF});
  EXPECT_EQ(memory[0x1000], std::byte{9});
  EXPECT_EQ(memory[0x1000 + 8], std::byte{0});
  EXPECT_EQ(memory[0x1000 + 23], std::byte{0});
  EXPECT_EQ(memory[0x1000 + 24], std::byte{0xFF});
}

TEST(ElfImage, RefusesWhatIsNotThere) {
  EXPECT_EQ(refusal([] { ElfImage::load("/no/such.elf"); }), "/no/such.elf: cannot be opened");
  EXPECT_EQ(refusal([] { ElfImage::load("/"); }), "/: cannot be opened");
}

TEST(ElfImage, RefusesWhatIsNoElf) {
  EXPECT_EQ(refusal([] { ElfImage::parse({}, "empty"); }), "empty: not an ELF file");
  EXPECT_EQ(refusal([] { ElfImage::parse(std::vector<std::byte>(100), "zeros"); }), "zeros: not an ELF file");
}

TEST(ElfImage, RefusesAnotherMachineOrClass) {
  Sample sample;
  sample.header.e_machine = EM_X86_64;
  EXPECT_EQ(refusal_of(sample), "sample.elf: an ELF for another machine (e_machine 62, AArch64 is 183)");
  EXPECT_THAT(refusal([] { ElfImage::load("/proc/self/exe"); }),
              HasSubstr("/proc/self/exe: an ELF for another"));
  sample = Sample();
  sample.header.e_ident[EI_CLASS] = ELFCLASS32;
  EXPECT_EQ(refusal_of(sample), "sample.elf: not a 64-bit ELF");
  sample = Sample();
  sample.header.e_ident[EI_DATA] = ELFDATA2MSB;
  EXPECT_EQ(refusal_of(sample), "sample.elf: not a little-endian ELF");
  sample = Sample();
  sample.header.e_type = ET_DYN;
  EXPECT_THAT(refusal_of(sample), HasSubstr("sample.elf: not an executable"));
}

TEST(ElfImage, RefusesEveryTruncation) {
  std::vector<std::byte> whole = Sample().bytes();
  for (size_t size = SELFMAG; size < whole.size(); ++size) {
    std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_THAT(refusal([&] { ElfImage::parse(cut, "cut.elf"); }), HasSubstr("cut.elf: truncated: ")) << size;
  }
}

TEST(ElfImage, RefusesEveryTruncationOfRealFirmwareUpToItsSymbols) {
  std::ifstream stream(VESPER_FIRMWARE_DIR "/test_hello.elf", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  ASSERT_GT(text.size(), 1000U);
  for (size_t size = 4; size < text.size(); size += 97) {
    std::vector<std::byte> cut(size);
    std::memcpy(cut.data(), text.data(), size);
    EXPECT_THAT(refusal([&] { ElfImage::parse(cut, "cut.elf"); }), HasSubstr("cut.elf: truncated: ")) << size;
  }
}

TEST(ElfImage, RefusesOverlapsAndWraps) {
  Sample sample;
  sample.segments[1].p_paddr = 0x100F;
  EXPECT_EQ(refusal_of(sample), "sample.elf: segments overlap: 0x1000..0x1010 and 0x100f..0x1027");
  sample = Sample();
  sample.segments[1].p_paddr = ~uint64_t{0} - 4;
  EXPECT_EQ(refusal_of(sample), "sample.elf: segment 1 wraps the address space");
  sample = Sample();
  sample.segments[0].p_memsz = 8;
  EXPECT_EQ(refusal_of(sample), "sample.elf: segment 0 is smaller in memory than in the file");
}

TEST(ElfImage, RefusesAnEntryOutsideItsSegments) {
  Sample sample;
  sample.header.e_entry = 0x1010;
  EXPECT_EQ(refusal_of(sample), "sample.elf: the entry point 0x1010 is in no segment");
  sample.header.e_entry = 0x1002;
  EXPECT_EQ(refusal_of(sample), "sample.elf: the entry point 0x1002 is in no segment");
}

TEST(ElfImage, RefusesMemoryThatDoesNotHoldIt) {
  ElfImage image = ElfImage::parse(Sample().bytes(), "sample.elf");
  std::vector<std::byte> memory(0x1017);
  EXPECT_EQ(refusal([&] { image.place(memory, 0x1000); }),
            "sample.elf: segment 0x2000..0x2018 is outside memory 0x1000..0x2017");
  EXPECT_THAT(refusal([&] { image.place(memory, 0x1800); }),
              HasSubstr("segment 0x1000..0x1010 is outside memory"));
}

TEST(ElfImage, KnowsFunctionsByAddressAndName) {
  ElfImage image = ElfImage::load(VESPER_FIRMWARE_DIR "/test_hello.elf");
  const ElfImage::Function* main = image.function_named("main");
  ASSERT_NE(main, nullptr);
  EXPECT_EQ(image.function_at(main->address), main);
  EXPECT_EQ(image.function_at(main->address + main->size - 4), main);
  const ElfImage::Function* print = image.function_named("vesper::hal::uart::print");
  ASSERT_NE(print, nullptr);
  EXPECT_EQ(image.function_at(0x4), nullptr);
  EXPECT_EQ(image.function_named("nothing"), nullptr);
  EXPECT_EQ(image.function_at(image.entry())->name, "_start");
}

TEST(ElfImage, NamesFunctionsAsPeopleWriteThem) {
  ElfImage image = ElfImage::load(VESPER_FIRMWARE_DIR "/test_names.elf");
  for (const char* name : {"vesper::test::(anonymous namespace)::hidden",
                           "vesper::test::(anonymous namespace)::Shape::operator()",
                           "vesper::test::(anonymous namespace)::Shape::operator<<", "vesper::test::twice",
                           "vesper::test::twice::{lambda#1}::operator()"}) {
    EXPECT_NE(image.function_named(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace vesper::cpu

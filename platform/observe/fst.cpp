#include "platform/observe/fst.h"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <stdexcept>

#include "platform/sweep/process.h"

namespace vesper::observe {
namespace {

constexpr const char* kProgram = "vcd2fst";

// The header's date. Source: gtkwave 3.3.118, lib/libfst/fstapi.c, FST_HDR_OFFS_DATE and FST_HDR_DATE_SIZE.
constexpr std::streamoff kDateOffset = 202;
constexpr size_t kDateSize = 119;

void take_out_date(const std::filesystem::path& fst) {
  std::fstream file(fst, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(kDateOffset);
  const std::array<char, kDateSize> nothing{};
  file.write(nothing.data(), nothing.size());
  if (!file) throw std::runtime_error(fmt::format("{}: cannot be written", fst.string()));
}

}  // namespace

bool can_write_fst() { return sweep::has_program(kProgram); }

void vcd_to_fst(const std::filesystem::path& vcd, const std::filesystem::path& fst) {
  sweep::ProgramResult result = sweep::run_program({kProgram, "-v", vcd.string(), "-f", fst.string()});
  if (result.status != 0 || !std::filesystem::exists(fst)) {
    throw std::runtime_error(
        fmt::format("{} failed with status {}: {}{}", kProgram, result.status, result.out, result.err));
  }
  take_out_date(fst);
}

}  // namespace vesper::observe

/// GTKWave's compressed waves: FST, made from a VCD by vcd2fst (Debian package gtkwave).
#pragma once

#include <filesystem>

namespace vesper::observe {

/// Whether vcd2fst is there.
bool can_write_fst();

/// Throws std::runtime_error when vcd2fst fails. Equal waves leave equal bytes: vcd2fst's date is taken out.
void vcd_to_fst(const std::filesystem::path& vcd, const std::filesystem::path& fst);

}  // namespace vesper::observe

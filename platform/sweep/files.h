/// Files of a sweep's folder, read and written whole.
#pragma once

#include <filesystem>
#include <string>

namespace vesper::sweep {

/// Empty where there is no such file.
std::string contents_of(const std::filesystem::path& path);

/// Writes the file whole or not at all. Throws std::runtime_error.
void write_file(const std::filesystem::path& path, const std::string& text);

}  // namespace vesper::sweep

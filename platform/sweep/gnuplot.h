/// What all plots have in common: a gnuplot script beside its CSV, and the SVG and PNG that it draws.
#pragma once

#include <filesystem>
#include <string>

namespace vesper::sweep {

/// Text as a string of gnuplot's.
std::string gnuplot_text(const std::string& text);

/// The script's beginning: data are CSV, title, labels, grid, the key outside.
std::string script_head(const std::string& file, const std::string& title, const std::string& x_label,
                        const std::string& y_label);

/// Colour, width and point of one of `count` series. Lines grow thinner one after the other, so that one
/// shows beside another that lies on it.
std::string look(size_t series, size_t count);

/// The script's end: the plot command once for `file`.svg and once for `file`.png.
std::string drawn_twice(const std::string& file, const std::string& command);

/// Runs gnuplot on the script of that name in `folder`. Throws std::runtime_error with what it says.
void draw(const std::filesystem::path& folder, const std::string& script);

}  // namespace vesper::sweep

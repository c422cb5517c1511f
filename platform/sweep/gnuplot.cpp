#include "platform/sweep/gnuplot.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "platform/sweep/process.h"

namespace vesper::sweep {
namespace {

/// Colours that stay apart for colour-blind readers and in print, after Okabe and Ito (2008), without yellow.
constexpr const char* kColours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                    "#E69F00", "#56B4E9", "#000000", "#7F7F7F"};

}  // namespace

std::string gnuplot_text(const std::string& text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string script_head(const std::string& file, const std::string& title, const std::string& x_label,
                        const std::string& y_label) {
  std::string script = fmt::format("# Draws {0} anew: gnuplot {0}.gp\n", file);
  script += "set datafile separator ','\nset encoding utf8\n";
  script += fmt::format("set title {}\n", gnuplot_text(title));
  script += fmt::format("set xlabel {}\nset ylabel {}\n", gnuplot_text(x_label), gnuplot_text(y_label));
  script +=
      "set grid linetype 1 linecolor rgb '#dddddd' linewidth 0.8\nset key outside right top\nset border "
      "3\nset tics nomirror\n";
  return script + "set bars small\n";
}

std::string look(size_t series, size_t count) {
  double width = count == 1 ? 2 : 4.5 - 3.0 * static_cast<double>(series) / static_cast<double>(count - 1);
  return fmt::format("linecolor rgb '{}' linewidth {:.1f} pointtype {} pointsize 0.8",
                     kColours[series % std::size(kColours)], width, 4 + series % 12);
}

std::string drawn_twice(const std::string& file, const std::string& command) {
  const std::pair<const char*, const char*> terminals[] = {
      {"svg", "svg size 900,540 dynamic noenhanced background 'white' font 'DejaVu Sans,13'"},
      {"png", "pngcairo size 1350,810 noenhanced background 'white' font 'DejaVu Sans,13' fontscale 1.4"}};
  std::string script;
  for (const auto& [suffix, terminal] : terminals)
    script += fmt::format("set terminal {}\nset output {}\n{}", terminal, gnuplot_text(file + "." + suffix),
                          command);
  return script;
}

void draw(const std::filesystem::path& folder, const std::string& script) {
  ProgramResult result = run_program({"gnuplot", script}, folder.string());
  if (result.status != 0)
    throw std::runtime_error(
        fmt::format("gnuplot {} in '{}' failed: {}", script, folder.string(), result.err));
}

}  // namespace vesper::sweep

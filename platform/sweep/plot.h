/// Plots of a sweep's aggregate by gnuplot: a script beside the CSV, and the SVG and PNG it draws.
#pragma once

#include <string>

#include "platform/sweep/aggregate.h"

namespace vesper::sweep {

/// `aggregate.csv`, or with the plot's name `aggregate-NAME.csv`.
std::string aggregate_file(const Plot& plot);
/// `plot`, or `plot-NAME`: the files are this with .gp, .svg, .png.
std::string plot_file(const Plot& plot);

/// The script that draws the plot of an aggregate over {by, x} or {x}. A bottom axis of numbers, with one
/// unit or none, is drawn to scale; any other has its values side by side. Where x is a quantity, a point for
/// each value of `by`. Error bars are the aggregate's 95 % intervals, where all values have one.
std::string gnuplot_script(const Sweep& sweep, const Plot& plot, const Aggregate& aggregate);

/// Throws InputError with the remedy when the sweep has plots and there is no gnuplot.
void check_gnuplot(const Sweep& sweep);

}  // namespace vesper::sweep

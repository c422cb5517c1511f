/// Tables of a sweep: means of figures over all axes but those of its rows and columns, with 95 % intervals
/// (aggregate.h).
///
/// CSV         the axes of the rows, then of each column its mean, `_low` and `_high`. With `across`, columns
/// are
///             named VALUE and FIGURE with a space between.
/// Markdown    a mean and half the width of its interval: `4.02 ± 0.31`; the mean alone where there is no
/// interval,
///             and nothing where there is no mean. The half width has two significant digits.
#pragma once

#include <string>

#include "platform/sweep/aggregate.h"

namespace vesper::sweep {

/// `table.csv` and `table.md`, or `table-NAME.csv`, ...
std::string table_file(const Table& table, const std::string& suffix);

struct TableTexts {
  std::string csv;
  std::string markdown;
};
TableTexts table_texts(const Sweep& sweep, const Table& table, const Rows& rows);

}  // namespace vesper::sweep

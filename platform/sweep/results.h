/// The results of a sweep: a row a point, the same text wherever and in however many pieces it was run.
///
/// Columns: point, the axes, seed, outcome, bound, the figures. Outcomes:
///   analysis   proved schedulable; not simulated
///   simulated  simulated without a missed deadline
///   missed     a deadline was missed
///   timeout    given up at `bound` (simulated, regions) before a miss: neither a success nor a failure
///   unproven   the analysis does not prove it and the sweep simulates nothing
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "platform/sweep/sweep_file.h"

namespace vesper::sweep {

enum class Outcome : uint8_t { analysis, simulated, missed, timeout, unproven };
inline EnumNames<Outcome> enum_names(Outcome) {
  return {{Outcome::analysis, "analysis"},
          {Outcome::simulated, "simulated"},
          {Outcome::missed, "missed"},
          {Outcome::timeout, "timeout"},
          {Outcome::unproven, "unproven"}};
}
constexpr size_t kOutcomes = 5;

/// What a point came to.
struct Verdict {
  Outcome outcome = Outcome::simulated;
  std::string bound;  ///< of a timeout
  uint64_t seed = 0;
  nlohmann::ordered_json figures;  ///< as summary.json, and `analysis`; null where there is nothing
};

/// Columns beside axes and figures: point, seed, outcome, bound.
const std::vector<std::string>& fixed_columns();
/// Rates that plots may show: success_rate, analysis_rate.
const std::vector<std::string>& rate_names();

std::vector<std::string> columns(const Sweep& sweep);
/// The columns as a line of CSV, with its newline.
std::string header(const Sweep& sweep);
/// A point's row as a line of CSV, with its newline.
std::string row(const Sweep& sweep, uint64_t point, const Verdict& verdict);

/// A point's row, taken apart.
struct Result {
  std::vector<std::string> axes;
  Outcome outcome = Outcome::simulated;
  std::vector<std::string> figures;
};
/// Throws InputError when the line is no row of the sweep.
Result read_row(const Sweep& sweep, std::string_view line);

/// The value at a path of a JSON tree as a CSV field's text; a step in a list is an index or an item's
/// `name`. Empty where there is none.
std::string figure_at(const nlohmann::ordered_json& root, std::string_view path);

/// The fields of a line of CSV (RFC 4180, without newlines in fields).
std::vector<std::string> split_csv(std::string_view line);

}  // namespace vesper::sweep

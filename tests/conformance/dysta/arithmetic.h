/// What the number format of Dysta's dynamic level changes: decisions, and what comes of them.
#pragma once

#include <string>
#include <vector>

#include "tests/conformance/dysta/mixes.h"

namespace vesper::test {

struct ArithmeticRow {
  std::string workload;
  std::string format;
  uint64_t decisions = 0;  ///< of a run that is decided in fp64
  uint64_t differ = 0;     ///< of those, at which the format would choose another job
  Service service;         ///< of a run that is decided in this format
};

/// fp64, fp32 and fp16 with the policy's defaults, over five seeds of both request mixes and over
/// attnn30.json.
std::vector<ArithmeticRow> arithmetic_rows();

/// As a table in Markdown, a line a row below two of heading; and as CSV.
std::string markdown_of(const std::vector<ArithmeticRow>& rows);
std::string csv_of(const std::vector<ArithmeticRow>& rows);

}  // namespace vesper::test

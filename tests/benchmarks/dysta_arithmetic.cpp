/// FP16 against FP32 against FP64 in Dysta's dynamic level: how many decisions differ, and what comes of
/// them. Prints the table of tests/conformance/dysta/README.md, with `--csv` the same as CSV. The same on
/// every machine.
#include <fmt/format.h>

#include <string_view>
#include <systemc>

#include "tests/conformance/dysta/arithmetic.h"

int sc_main(int argc, char** argv) {
  auto rows = vesper::test::arithmetic_rows();
  bool csv = argc > 1 && std::string_view(argv[1]) == "--csv";
  fmt::print("{}", csv ? vesper::test::csv_of(rows) : vesper::test::markdown_of(rows));
  return 0;
}

int main(int argc, char** argv) { return sc_main(argc, argv); }

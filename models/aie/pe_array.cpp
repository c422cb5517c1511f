#include "models/aie/pe_array.h"

#include "platform/property/integer.h"

namespace vesper::aie {
void PeArray::describe(Schema<PeArray>& p) {
  p("m", &PeArray::m, "engines along the rows of the output").between(1, 1024);
  p("k", &PeArray::k, "engines along the reduced dimension").between(1, 1024);
  p("n", &PeArray::n, "engines along the columns of the output").between(1, 1024);
  p("block", &PeArray::block, "side of the cubic product an engine does in a round").between(1, 1024);
  p("round_cycles", &PeArray::round_cycles, "cycles of the accelerator's clock that a round takes")
      .must([](const Ratio& cycles) { return cycles.millionths <= 1'000'000'000'000; }, "at most 1000000");
}

uint64_t PeArray::output_rounds(uint32_t tile_m, uint32_t tile_n) const {
  return ceil_div<uint64_t>(tile_m, uint64_t{m} * block) * ceil_div<uint64_t>(tile_n, uint64_t{n} * block);
}

uint64_t PeArray::compute_cycles(uint32_t tile_m, uint32_t tile_k, uint32_t tile_n) const {
  uint64_t rounds = output_rounds(tile_m, tile_n) * ceil_div<uint64_t>(tile_k, uint64_t{k} * block);
  auto scaled = static_cast<unsigned __int128>(rounds) * round_cycles.millionths;
  return static_cast<uint64_t>((scaled + 999'999) / 1'000'000);
}

uint64_t PeArray::clean_cycles(uint32_t tile_m, uint32_t tile_n) const {
  return output_rounds(tile_m, tile_n) * (uint64_t{block} * block + 1);
}

}  // namespace vesper::aie

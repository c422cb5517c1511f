#include "models/ddr/part.h"

#include <bit>
#include <stdexcept>

namespace vesper::ddr {

namespace {
void require(bool holds, const Part& part, const char* what) {
  if (!holds) throw std::invalid_argument("DRAM part " + part.name + ": " + what);
}
}  // namespace

void Part::describe(Schema<Part>& p) {
  p("name", &Part::name, "speed bin");
  p("clock", &Part::clock, "DRAM clock, half the data rate").at_least(MHz(1));
  p("ranks", &Part::ranks, "ranks of the channel").between(1, 4);
  p("bank_groups", &Part::bank_groups, "bank groups of a rank").between(1, 8);
  p("banks", &Part::banks, "banks of a bank group").between(1, 16);
  p("rows", &Part::rows, "rows of a bank").between(2, 1U << 20);
  p("columns", &Part::columns, "columns of a row").between(16, 1U << 14);
  p("bus_bits", &Part::bus_bits, "data width of the channel, without ECC").between(8, 128);
  p("burst_length", &Part::burst_length, "words of a burst (BL)").between(2, 32);
  p("cl", &Part::cl, "read command to data, clocks");
  p("cwl", &Part::cwl, "write command to data, clocks");
  p("trcd", &Part::trcd, "activate to read or write, clocks");
  p("trp", &Part::trp, "precharge to activate, clocks");
  p("tras", &Part::tras, "activate to precharge, clocks");
  p("trc", &Part::trc, "activate to activate of a bank, clocks");
  p("trfc", &Part::trfc, "refresh to the next command, clocks");
  p("trefi", &Part::trefi, "mean distance of refreshes, clocks; 0 turns refresh off");
  p("trrd_s", &Part::trrd_s, "activate to activate, another bank group, clocks");
  p("trrd_l", &Part::trrd_l, "activate to activate, same bank group, clocks");
  p("tfaw", &Part::tfaw, "window of four activates, clocks");
  p("tccd_s", &Part::tccd_s, "read to read or write to write, another bank group, clocks").at_least(1);
  p("tccd_l", &Part::tccd_l, "read to read or write to write, same bank group, clocks").at_least(1);
  p("twtr_s", &Part::twtr_s, "end of write data to read, another bank group, clocks");
  p("twtr_l", &Part::twtr_l, "end of write data to read, same bank group, clocks");
  p("twr", &Part::twr, "end of write data to precharge, clocks");
  p("trtp", &Part::trtp, "read to precharge, clocks");
  p("trtw_gap", &Part::trtw_gap, "free bus clocks between read and write data");
  p("trtrs", &Part::trtrs, "free bus clocks between data of two ranks");
}

void Part::check() const {
  for (uint32_t size : {ranks, bank_groups, banks, rows, columns, bus_bits, burst_length}) {
    require(std::has_single_bit(size), *this, "ranks, banks, rows, columns, widths are powers of two");
  }
  require(all_banks() <= kMaxBanks, *this, "at most 64 banks on a channel");
  require(all_groups() <= kMaxGroups, *this, "at most 32 bank groups on a channel");
  require(columns >= burst_length, *this, "a row is at least a burst long");
  require(cl + burst_clocks() + trtw_gap >= cwl, *this, "cwl exceeds the read latency");
  require(trc >= tras && tras >= trcd, *this, "trc >= tras >= trcd");
  require(tccd_l >= tccd_s && trrd_l >= trrd_s && twtr_l >= twtr_s, *this,
          "_l timings are at least the _s ones");
  require(tccd_s >= burst_clocks(), *this, "tccd_s is at least half the burst length");
  require(trefi == 0 || trefi / ranks > trfc + trc + trp, *this, "trefi leaves no time between refreshes");
}

}  // namespace vesper::ddr

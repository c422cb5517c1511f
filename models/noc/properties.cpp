#include "models/noc/properties.h"

namespace vesper::noc {

void Placement::describe(Schema<Placement>& p) {
  p("endpoint", &Placement::endpoint, "name: pl.N, ddr.N, aie.N, cpu.N").required();
  p("column", &Placement::column, "column of the switch");
  p("row", &Placement::row, "row of the switch, 0 next to the horizontal NoC; the lane if `horizontal`");
  p("horizontal", &Placement::horizontal, "on the horizontal NoC (layout versal)");
}

void AddressRange::describe(Schema<AddressRange>& p) {
  p("base", &AddressRange::base, "first address").required();
  p("size", &AddressRange::size, "size").required();
  p("to", &AddressRange::to, "an NSU (ddr.N), or ddr: the port the NMU's number selects");
}

void Regulation::describe(Schema<Regulation>& p) {
  p("endpoint", &Regulation::endpoint, "the NMU").required();
  p("rate", &Regulation::rate, "sustained data rate, reads and writes together").required();
  p("burst", &Regulation::burst, "bytes that may pass at once after a pause").at_least(Bytes{256});
}

void Fault::describe(Schema<Fault>& p) {
  p("silent", &Fault::silent, "a switch (s0, s1, ... as in the names of links) or an NSU (ddr.N)").required();
  p("from", &Fault::from, "when it stops answering");
}

void NocProperties::describe(Schema<NocProperties>& p) {
  p("clock", &NocProperties::clock, "NoC clock");
  p("layout", &NocProperties::layout, "arrangement of the switches");
  p("columns", &NocProperties::columns, "vertical NoCs, or columns of the mesh").between(1, 32);
  p("rows", &NocProperties::rows, "switches of a vertical NoC, or rows of the mesh").between(1, 32);
  p("lanes", &NocProperties::lanes, "parallel channels of the horizontal NoC").between(1, 8);
  p("hop_cycles", &NocProperties::hop_cycles, "NoC cycles through a switch and the link behind it")
      .between(1, 64);
  p("interface_cycles", &NocProperties::interface_cycles, "NoC cycles through an NMU or NSU, each way")
      .between(1, 64);
  p("credit_cycles", &NocProperties::credit_cycles, "NoC cycles until a credit can be used").between(1, 64);
  p("buffer_flits", &NocProperties::buffer_flits, "flits a virtual channel's FIFO holds").between(1, 128);
  p("grant_flits", &NocProperties::grant_flits, "flits of a packet between two arbitrations of a link")
      .between(1, 64);
  p("nmu_read_bytes", &NocProperties::nmu_read_bytes, "bytes of reads an NMU has in flight").at_least(256);
  p("nmu_reads", &NocProperties::nmu_reads, "reads an NMU accepts").at_least(1);
  p("nmu_writes", &NocProperties::nmu_writes, "writes an NMU accepts, and write packets it has in flight")
      .at_least(1);
  p("nsu_reads", &NocProperties::nsu_reads, "reads an NSU has outstanding").at_least(1);
  p("nsu_writes", &NocProperties::nsu_writes, "writes an NSU has outstanding").at_least(1);
  p("placement", &NocProperties::placement, "endpoints that are not at their default place");
  p("address_map", &NocProperties::address_map, "which addresses lead to which NSU");
  p("regulation", &NocProperties::regulation, "bandwidth limits of NMUs (token bucket)");
  p("faults", &NocProperties::faults, "switches and NSUs that stop answering");
  p("timeout", &NocProperties::timeout,
    "an accepted payload without an answer for so long is answered with an error; 0: never");
}

}  // namespace vesper::noc

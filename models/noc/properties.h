/// Properties of the NoC model, with the source of each default.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/property/schema.h"

namespace vesper::noc {

enum class Layout : uint8_t { versal, mesh };
inline EnumNames<Layout> enum_names(Layout) { return {{Layout::versal, "versal"}, {Layout::mesh, "mesh"}}; }

/// Where an endpoint is attached, instead of its default place.
struct Placement {
  std::string endpoint;
  uint32_t column = 0;
  uint32_t row = 0;
  bool horizontal = false;  ///< versal: on the horizontal NoC, `row` being the lane
  static void describe(Schema<Placement>& p);
};

/// Addresses that lead to an NSU: `ddr.2`, or `ddr` for the port that the NMU's number selects.
struct AddressRange {
  Address base;
  Bytes size;
  std::string to = "ddr";
  static void describe(Schema<AddressRange>& p);
};

/// Bandwidth regulation of an NMU.
struct Regulation {
  std::string endpoint;
  Bandwidth rate;
  Bytes burst = KiB(4);
  static void describe(Schema<Regulation>& p);
};

/// A switch or NSU that stops answering: a switch passes no packet on, an NSU neither requests nor answers.
struct Fault {
  std::string silent;
  Duration from;
  static void describe(Schema<Fault>& p);
};

struct NocProperties {
  Frequency clock = MHz(1000);  // VC1902 -2MP (AMD PG313, Physical Link (Raw) Bandwidth)
  Layout layout = Layout::versal;
  uint32_t columns = 4;  // vertical NoCs of the VC1902 (AMD DS950, XCVC1902)
  uint32_t rows = 5;     // assumed: makes room for the published spread of structural latency, see noc.h
  uint32_t lanes = 4;    // physical channels of the bottom horizontal NoC (AMD PG406, overview)
  // AMD's compiler reports structural round trips of 32, 36 and 40 cycles (Vivado design tutorials, NoC
  // Module 02): steps of 4, so one switch more costs 2 cycles each way, link included; at least 2 a switch by
  // AMD PG313.
  uint32_t hop_cycles = 2;
  uint32_t interface_cycles = 4;  // an NMU or NSU, each way; with 4 to 6 switches gives those 32, 36 and 40
  uint32_t credit_cycles = 2;     // assumed: a credit needs the link and an update cycle
  uint32_t buffer_flits = 16;     // depth not published; one packet of 256 B
  // The coarsest up to which latency under load follows flit-by-flit arbitration within the errors that
  // fabric.h states as 3 %; cost under load goes with its inverse.
  uint32_t grant_flits = 3;
  uint32_t nmu_read_bytes = 2048;  // read reorder buffer of 64 x 32 B (AMD PG313, NoC Master Unit)
  uint32_t nmu_reads = 64;         // AXI reads and writes accepted (AMD PG313, Throughput, Latency ...)
  uint32_t nmu_writes = 64;
  uint32_t nsu_reads = 32;  // outstanding at an NSU (AMD PG313)
  uint32_t nsu_writes = 32;
  std::vector<Placement> placement;
  // DDR_LOW0 and DDR_LOW1 of the Versal address map (AMD AM011, top-level memory map); 8 GiB in all.
  std::vector<AddressRange> address_map{{Address{0}, Bytes{uint64_t{2} << 30}, "ddr"},
                                        {Address{0x8'0000'0000}, Bytes{uint64_t{6} << 30}, "ddr"}};
  std::vector<Regulation> regulation;
  std::vector<Fault> faults;
  // Assumed; above what 28 full NMUs (64 payloads of 4 KiB each) take through one memory port of 10 GB/s.
  Duration timeout = ms(10);
  static void describe(Schema<NocProperties>& p);
};

}  // namespace vesper::noc

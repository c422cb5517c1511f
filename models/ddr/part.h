/// A DRAM part: organisation and timing of one channel, as data.
///
/// All timings are in DRAM clocks and carry the names of the JEDEC standards (DDR4: JESD79-4, sections 4.24
/// and 13; LPDDR4: JESD209-4). The defaults are the DDR4-3200 part of the VCK190; others stand in
/// scenarios/platforms/dram/. Not modelled: power-down, self-refresh, per-bank refresh, ZQ calibration, CRC.
#pragma once

#include <cstdint>
#include <string>

#include "platform/property/schema.h"

namespace vesper::ddr {

/// DRAM clocks, counted from time 0.
using Clock = uint64_t;
/// Later than any clock of a run.
constexpr Clock kNever = UINT64_MAX / 4;

/// Most banks and bank groups of all ranks of a channel (a bank set is one machine word).
constexpr uint32_t kMaxBanks = 64;
constexpr uint32_t kMaxGroups = 32;

struct Part {
  std::string name = "DDR4-3200AA";
  Frequency clock = MHz(1600);  ///< half the data rate

  uint32_t ranks = 1;
  uint32_t bank_groups = 4;  ///< of a rank; 1 where the standard has none
  uint32_t banks = 4;        ///< of a bank group
  uint32_t rows = 65536;     ///< of a bank
  uint32_t columns = 1024;   ///< of a row, each one bus width wide
  uint32_t bus_bits = 64;    ///< of the channel, without ECC
  uint32_t burst_length = 8;

  // DDR4-3200AA 22-22-22, 8 Gb x8 devices: Micron MT40A1G8, as DRAMsim3's DDR4_8Gb_x8_3200.ini lists them.
  uint32_t cl = 22;
  uint32_t cwl = 16;
  uint32_t trcd = 22;
  uint32_t trp = 22;
  uint32_t tras = 52;
  uint32_t trc = 74;
  uint32_t trfc = 560;
  uint32_t trefi = 12480;
  uint32_t trrd_s = 4;
  uint32_t trrd_l = 8;
  uint32_t tfaw = 34;
  uint32_t tccd_s = 4;
  uint32_t tccd_l = 8;
  uint32_t twtr_s = 4;
  uint32_t twtr_l = 12;
  uint32_t twr = 24;
  uint32_t trtp = 12;
  uint32_t trtw_gap = 1;  ///< bus clocks kept free between read and write data: the write preamble (tWPRE)
  uint32_t trtrs = 1;     ///< bus clocks kept free when another rank drives

  static void describe(Schema<Part>& p);
  /// Throws std::invalid_argument when sizes are no powers of two or timings contradict one another.
  void check() const;

  [[nodiscard]] uint32_t burst_bytes() const { return bus_bits / 8 * burst_length; }
  [[nodiscard]] uint32_t burst_clocks() const { return burst_length / 2; }
  [[nodiscard]] uint32_t banks_of_rank() const { return bank_groups * banks; }
  [[nodiscard]] uint32_t all_banks() const { return ranks * banks_of_rank(); }
  [[nodiscard]] uint32_t all_groups() const { return ranks * bank_groups; }
  [[nodiscard]] uint64_t capacity() const { return uint64_t{all_banks()} * rows * columns * (bus_bits / 8); }
  /// Clocks from a read command to the last word of its data.
  [[nodiscard]] uint32_t read_clocks() const { return cl + burst_clocks(); }
  [[nodiscard]] uint32_t read_to_write() const { return cl + burst_clocks() + trtw_gap - cwl; }
  [[nodiscard]] uint32_t write_to_read(bool same_group) const {
    return cwl + burst_clocks() + (same_group ? twtr_l : twtr_s);
  }
  [[nodiscard]] uint32_t write_to_precharge() const { return cwl + burst_clocks() + twr; }
};

}  // namespace vesper::ddr

/// Where an address lies in a channel, in AMD's notation (PG313, "Address Mapping Notation").
///
/// `16R-2B-1BG-7C-1BG-3C` lists fields from the most significant address bit down: R row, B bank, BG bank
/// group, C column, RK rank. A kind may come in several pieces; a piece further left holds its more
/// significant bits. The bits within one bus word (the low 3 of a 64-bit bus) are not listed. Bits of a burst
/// are its lowest column bits, which have to be the map's lowest. A map may list more row bits than the part
/// has, as PG313's `6R-2B-1BG-11R-7C-1BG-3C` does, if they are its topmost bits: addresses within the
/// capacity leave them 0.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "models/ddr/part.h"

namespace vesper::ddr {

struct Coordinates {
  uint32_t row = 0;
  uint32_t bank = 0;    ///< of the channel: (rank * bank groups + bank group) * banks + bank
  uint32_t column = 0;  ///< first column of the burst, in bursts
};

class AddressMap {
 public:
  /// Throws std::invalid_argument naming the character position of the first thing wrong.
  AddressMap(std::string_view notation, const Part& part);

  [[nodiscard]] uint32_t burst_bits() const { return burst_bits_; }
  /// Decodes burst number `block` = address / burst size.
  [[nodiscard]] Coordinates locate(uint64_t block) const {
    uint32_t row = 0;
    uint32_t bank = 0;
    for (uint32_t i = 0; i < row_pieces_; ++i) row |= rows_[i].take(block);
    for (uint32_t i = 0; i < bank_pieces_; ++i) bank |= banks_[i].take(block);
    return {row, bank, 0};
  }
  /// As locate(), with the column.
  [[nodiscard]] Coordinates locate_fully(uint64_t block) const;
  /// The burst number at a location: the inverse of locate_fully().
  [[nodiscard]] uint64_t block_at(const Coordinates& location) const;

 private:
  struct Piece {
    uint32_t shift = 0;   ///< of the piece in the block number
    uint32_t mask = 0;    ///< of the piece's width
    uint32_t target = 0;  ///< its least significant bit in the field
    [[nodiscard]] uint32_t take(uint64_t block) const {
      return (static_cast<uint32_t>(block >> shift) & mask) << target;
    }
    [[nodiscard]] uint64_t place(uint32_t field) const { return uint64_t{(field >> target) & mask} << shift; }
  };
  static constexpr uint32_t kMaxPieces = 16;
  using Pieces = std::array<Piece, kMaxPieces>;

  Pieces rows_{}, banks_{}, columns_{};
  uint32_t row_pieces_ = 0, bank_pieces_ = 0, column_pieces_ = 0;
  uint32_t burst_bits_ = 0;
};

}  // namespace vesper::ddr

#include "models/ddr/address_map.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <stdexcept>
#include <vector>

namespace vesper::ddr {

namespace {

enum class Kind : uint8_t { row, bank, bank_group, column, rank };
constexpr std::array<std::string_view, 5> kNames{"R", "B", "BG", "C", "RK"};

struct Field {
  Kind kind;
  uint32_t bits;
  size_t position;  ///< in the notation, for errors
};

[[noreturn]] void fail(std::string_view notation, size_t position, const std::string& what) {
  throw std::invalid_argument("address map '" + std::string(notation) + "', character " +
                              std::to_string(position + 1) + ": " + what);
}

uint32_t read_count(std::string_view notation, size_t& at) {
  const size_t start = at;
  uint32_t count = 0;
  while (at < notation.size() && std::isdigit(static_cast<unsigned char>(notation[at])) != 0 && count < 100) {
    count = count * 10 + static_cast<uint32_t>(notation[at++] - '0');
  }
  if (at == start) fail(notation, start, "a number of bits is missing");
  if (count == 0 || count > 32) fail(notation, start, "a field has 1 to 32 bits");
  return count;
}

Kind read_kind(std::string_view notation, size_t& at) {
  const size_t start = at;
  while (at < notation.size() && notation[at] != '-') ++at;
  const std::string_view name = notation.substr(start, at - start);
  for (size_t k = 0; k < kNames.size(); ++k) {
    if (kNames[k] == name) return static_cast<Kind>(k);
  }
  fail(notation, start, "'" + std::string(name) + "' is no field; there are R, B, BG, C and RK");
}

std::vector<Field> parse(std::string_view notation) {
  std::vector<Field> fields;
  size_t at = 0;
  for (;;) {
    const size_t position = at;
    const uint32_t bits = read_count(notation, at);
    fields.push_back({read_kind(notation, at), bits, position});
    if (at == notation.size()) return fields;
    ++at;
  }
}

uint32_t log2_of(uint32_t size) { return static_cast<uint32_t>(std::countr_zero(size)); }

/// Bits of each kind that the part has, in the order of Kind.
std::array<uint32_t, 5> bits_of(const Part& part) {
  return {log2_of(part.rows), log2_of(part.banks), log2_of(part.bank_groups), log2_of(part.columns),
          log2_of(part.ranks)};
}

/// Takes row bits beyond the part's off the topmost field, if they are there.
void drop_surplus_rows(std::string_view notation, std::vector<Field>& fields, uint32_t surplus) {
  if (fields.front().kind != Kind::row || fields.front().bits < surplus) {
    fail(notation, 0, "it has " + std::to_string(surplus) + " row bits too many, and they are not topmost");
  }
  fields.front().bits -= surplus;
}

void check_sums(std::string_view notation, std::vector<Field>& fields,
                const std::array<uint32_t, 5>& wanted) {
  std::array<uint32_t, 5> found{};
  for (const Field& field : fields) found[static_cast<size_t>(field.kind)] += field.bits;
  const auto row = static_cast<size_t>(Kind::row);
  if (found[row] > wanted[row]) {
    drop_surplus_rows(notation, fields, found[row] - wanted[row]);
    found[row] = wanted[row];
  }
  for (size_t k = 0; k < found.size(); ++k) {
    if (found[k] == wanted[k]) continue;
    size_t position = notation.size();
    for (const Field& field : fields) {
      if (static_cast<size_t>(field.kind) == k) position = field.position;
    }
    fail(notation, position,
         "it has " + std::to_string(found[k]) + " bits of " + std::string(kNames[k]) + ", the part has " +
             std::to_string(wanted[k]));
  }
}

}  // namespace

AddressMap::AddressMap(std::string_view notation, const Part& part) {
  std::vector<Field> fields = parse(notation);
  const std::array<uint32_t, 5> wanted = bits_of(part);
  check_sums(notation, fields, wanted);
  burst_bits_ = log2_of(part.burst_bytes());
  const uint32_t word_columns = log2_of(part.burst_length);
  if (fields.back().kind != Kind::column || fields.back().bits < word_columns) {
    fail(notation, fields.back().position,
         "the lowest " + std::to_string(word_columns) + " bits are a burst's columns");
  }
  if (fields.size() > kMaxPieces) fail(notation, fields[kMaxPieces].position, "it has more than 16 fields");

  fields.back().bits -= word_columns;
  // Bank, bank group and rank together number the banks of the channel.
  const std::array<uint32_t, 5> base{0, 0, wanted[1], 0, wanted[1] + wanted[2]};
  std::array<uint32_t, 5> placed{};
  uint32_t shift = 0;
  for (size_t i = fields.size(); i-- > 0;) {
    const Field& field = fields[i];
    const auto k = static_cast<size_t>(field.kind);
    const auto mask = static_cast<uint32_t>((uint64_t{1} << field.bits) - 1);
    const Piece piece{shift, mask, base[k] + placed[k]};
    if (field.bits == 0) continue;
    if (field.kind == Kind::row)
      rows_[row_pieces_++] = piece;
    else if (field.kind == Kind::column)
      columns_[column_pieces_++] = piece;
    else
      banks_[bank_pieces_++] = piece;
    placed[k] += field.bits;
    shift += field.bits;
  }
}

Coordinates AddressMap::locate_fully(uint64_t block) const {
  Coordinates location = locate(block);
  for (uint32_t i = 0; i < column_pieces_; ++i) location.column |= columns_[i].take(block);
  return location;
}

uint64_t AddressMap::block_at(const Coordinates& location) const {
  uint64_t block = 0;
  for (uint32_t i = 0; i < row_pieces_; ++i) block |= rows_[i].place(location.row);
  for (uint32_t i = 0; i < bank_pieces_; ++i) block |= banks_[i].place(location.bank);
  for (uint32_t i = 0; i < column_pieces_; ++i) block |= columns_[i].place(location.column);
  return block;
}

}  // namespace vesper::ddr

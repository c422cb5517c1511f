#include "models/ddr/address_map.h"

#include <gmock/gmock.h>

#include <set>
#include <stdexcept>
#include <tuple>

namespace vesper::ddr {
namespace {

using ::testing::HasSubstr;

uint32_t group_of(uint32_t bank) { return bank / 4; }

TEST(AddressMap, SimpleRowBankColumn) {
  // PG313: column = address[12:3], bank group = [14:13], bank = [16:15], row = [32:17].
  const AddressMap map("16R-2B-2BG-10C", Part{});
  const uint64_t address = (uint64_t{0xABCD} << 17) | (2U << 15) | (3U << 13) | (5U << 6);
  const Coordinates at = map.locate_fully(address >> 6);
  EXPECT_EQ(at.row, 0xABCDU);
  EXPECT_EQ(group_of(at.bank), 3U);
  EXPECT_EQ(at.bank % 4, 2U);
  EXPECT_EQ(at.column, 5U);
}

TEST(AddressMap, BankGroupOptimisedAlternatesGroupsEvery64Bytes) {
  const AddressMap map("16R-2B-1BG-7C-1BG-3C", Part{});
  EXPECT_EQ(group_of(map.locate(0).bank), 0U);
  EXPECT_EQ(group_of(map.locate(1).bank), 1U);
  EXPECT_EQ(group_of(map.locate(2).bank), 0U);
  EXPECT_EQ(group_of(map.locate(uint64_t{1} << (14 - 6)).bank), 2U);  // address bit 14
}

TEST(AddressMap, PiecesOfARowJoinLeftToRight) {
  const AddressMap map("6R-2B-1BG-11R-7C-1BG-3C", Part{});
  EXPECT_EQ(map.locate(uint64_t{1} << (14 - 6)).row, 1U);             // lowest of 11R
  EXPECT_EQ(group_of(map.locate(uint64_t{1} << (25 - 6)).bank), 2U);  // 32 MiB
  EXPECT_EQ(map.locate(uint64_t{1} << (28 - 6)).row, 1U << 11);       // lowest of 6R
}

TEST(AddressMap, EveryBlockHasItsOwnPlaceAndComesBack) {
  Part part;
  part.rows = 4;
  part.columns = 32;
  part.ranks = 2;
  for (const char* notation : {"2R-1RK-2B-2BG-5C", "1R-1B-1BG-1RK-1R-1C-1B-1BG-4C", "2R-1C-2B-1RK-2BG-4C"}) {
    const AddressMap map(notation, part);
    std::set<std::tuple<uint32_t, uint32_t, uint32_t>> seen;
    const uint64_t blocks = part.capacity() / 64;
    for (uint64_t block = 0; block < blocks; ++block) {
      const Coordinates at = map.locate_fully(block);
      EXPECT_EQ(map.block_at(at), block);
      EXPECT_LT(at.row, part.rows);
      EXPECT_LT(at.bank, part.all_banks());
      seen.insert({at.row, at.bank, at.column});
    }
    EXPECT_EQ(seen.size(), blocks) << notation;
  }
}

std::string error_of(const char* notation) {
  try {
    AddressMap map(notation, Part{});
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(AddressMap, ErrorsNameThePlace) {
  EXPECT_THAT(error_of("16R-2B-2BX-10C"), HasSubstr("character 9: 'BX' is no field"));
  EXPECT_THAT(error_of("16R-B-2BG-10C"), HasSubstr("character 5: a number of bits is missing"));
  EXPECT_THAT(error_of("16R-0B-2BG-10C"), HasSubstr("character 5: a field has 1 to 32 bits"));
  EXPECT_THAT(error_of("16R-3B-2BG-10C"), HasSubstr("character 5: it has 3 bits of B, the part has 2"));
  EXPECT_THAT(error_of("16R-2B-10C"), HasSubstr("0 bits of BG"));
  EXPECT_THAT(error_of("16R-2B-10C-2BG"), HasSubstr("character 12: the lowest 3 bits"));
  EXPECT_THAT(error_of("15R-2B-2BG-10C"), HasSubstr("15 bits of R"));
  EXPECT_THAT(error_of("2B-17R-2BG-10C"), HasSubstr("too many"));
  EXPECT_THAT(error_of(""), HasSubstr("character 1"));
  EXPECT_THAT(error_of("16R-2B-2BG-10C-"), HasSubstr("character 16"));
}

}  // namespace
}  // namespace vesper::ddr

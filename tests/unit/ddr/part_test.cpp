#include "models/ddr/part.h"

#include <gmock/gmock.h>

#include <fstream>
#include <stdexcept>

#include "models/ddr/address_map.h"

namespace vesper::ddr {
namespace {

/// A plain `key: value` file as a node, without comments.
Node read_map(const std::string& file) {
  std::ifstream in(std::string(VESPER_SOURCE_DIR) + "/scenarios/platforms/dram/" + file);
  EXPECT_TRUE(in.good()) << file;
  Node map = Node::map();
  for (std::string line; std::getline(in, line);) {
    line = line.substr(0, line.find('#'));
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto trim = [](const std::string& text) {
      const size_t first = text.find_first_not_of(" '\"");
      return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" '\"") - first + 1);
    };
    map.at_or_add(trim(line.substr(0, colon)), {}) = Node::scalar(trim(line.substr(colon + 1)));
  }
  return map;
}

Part load(const std::string& file) {
  Part part;
  schema_of<Part>().read(read_map(file), part, file);
  part.check();
  return part;
}

double peak_gb_per_s(const Part& part) {
  return 2e-9 * static_cast<double>(part.clock.hz) * part.bus_bits / 8;
}

TEST(Part, PresetsAreSound) {
  EXPECT_NEAR(peak_gb_per_s(load("ddr4-2400.yaml")), 19.2, 0.01);
  EXPECT_NEAR(peak_gb_per_s(load("ddr4-2666.yaml")), 21.33, 0.01);
  EXPECT_NEAR(peak_gb_per_s(load("ddr4-3200.yaml")), 25.6, 0.01);
  EXPECT_NEAR(peak_gb_per_s(load("lpddr4-3933.yaml")), 15.73, 0.01);
}

TEST(Part, PresetsTakeTheMapsTheyAreUsedWith) {
  for (const char* file : {"ddr4-2400.yaml", "ddr4-2666.yaml", "ddr4-3200.yaml"}) {
    EXPECT_NO_THROW(AddressMap("16R-2B-1BG-7C-1BG-3C", load(file))) << file;
  }
  EXPECT_NO_THROW(AddressMap("16R-3B-10C", load("lpddr4-3933.yaml")));
}

TEST(Part, TheDefaultIsTheDdr4_3200Preset) {
  const Node preset = schema_of<Part>().write(load("ddr4-3200.yaml"));
  const Node built_in = schema_of<Part>().write(Part{});
  ASSERT_EQ(preset.entries().size(), built_in.entries().size());
  for (size_t i = 0; i < preset.entries().size(); ++i) {
    EXPECT_EQ(preset.entries()[i].value.text(), built_in.entries()[i].value.text())
        << preset.entries()[i].key;
  }
}

TEST(Part, RefusesWhatCannotBe) {
  const auto refused = [](auto change, const char* words) {
    Part part;
    change(part);
    try {
      part.check();
      ADD_FAILURE() << words;
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(words));
    }
  };
  refused([](Part& p) { p.rows = 1000; }, "powers of two");
  refused([](Part& p) { p.tras = 100; }, "trc >= tras");
  refused([](Part& p) { p.trefi = 600; }, "trefi");
  refused([](Part& p) { p.tccd_s = 2, p.tccd_l = 2; }, "tccd_s");
  refused([](Part& p) { p.bank_groups = 8, p.banks = 16; }, "64 banks");
}

}  // namespace
}  // namespace vesper::ddr

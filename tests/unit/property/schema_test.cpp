#include "platform/property/schema.h"

#include <gmock/gmock.h>

#include "platform/scenario/yaml.h"

namespace vesper {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

enum class Colour : uint8_t { red, green };
EnumNames<Colour> enum_names(Colour) { return {{Colour::red, "red"}, {Colour::green, "green"}}; }

struct Wheel {
  uint32_t spokes = 32;
  Duration turn = ms(1);
  static void describe(Schema<Wheel>& p) {
    p("spokes", &Wheel::spokes, "spokes it has").between(1, 100);
    p("turn", &Wheel::turn, "time a turn takes");
  }
};

struct Base {
  Frequency clock = MHz(230);
};

struct Bicycle : Base {
  std::string name;
  Colour colour = Colour::green;
  Wheel front;
  std::vector<Wheel> spare;
  std::vector<uint32_t> gears{1, 2};
  std::optional<Bytes> memory;
  std::optional<uint32_t> seats;
  Ratio slope = ratio(1);
  static void describe(Schema<Bicycle>& p) {
    p("clock", &Bicycle::clock, "how fast");
    p("name", &Bicycle::name, "what it is called").required();
    p("colour", &Bicycle::colour, "colour of the frame");
    p("front", &Bicycle::front, "front wheel");
    p("spare", &Bicycle::spare, "spare wheels");
    p("gears", &Bicycle::gears, "gears")
        .must([](const std::vector<uint32_t>& g) { return g.size() < 4; }, "at most three");
    p("memory", &Bicycle::memory, "how much").at_least(KiB(1));
    p("seats", &Bicycle::seats, "seats").between(1, 2);
    p("slope", &Bicycle::slope, "slope");
  }
};

Bicycle read(const std::string& yaml, std::span<const std::string> foreign = {}) {
  Bicycle bicycle;
  schema_of<Bicycle>().read(scenario::parse_yaml(yaml, "bike.yaml"), bicycle, "bike", foreign);
  return bicycle;
}

std::string refusal(const std::string& yaml) {
  try {
    read(yaml);
  } catch (const InputError& error) {
    return error.what();
  }
  ADD_FAILURE() << "taken: " << yaml;
  return "";
}

TEST(Schema, ReadsEveryKindOfProperty) {
  Bicycle b = read(
      "name: b\ncolour: red\nclock: 1 GHz\nfront: {spokes: 20}\nspare: [{spokes: 1}, {turn: 2 ms}]\ngears: "
      "[5]\n"
      "memory: 2 KiB\nslope: 0.25\n");
  EXPECT_EQ(b.name, "b");
  EXPECT_EQ(b.colour, Colour::red);
  EXPECT_EQ(b.clock, MHz(1000));
  EXPECT_EQ(b.front.spokes, 20U);
  EXPECT_EQ(b.front.turn, ms(1)) << "keys that are not there keep their default";
  ASSERT_EQ(b.spare.size(), 2U);
  EXPECT_EQ(b.spare[0].spokes, 1U);
  EXPECT_EQ(b.spare[1].spokes, 32U);
  EXPECT_EQ(b.spare[1].turn, ms(2));
  EXPECT_THAT(b.gears, ::testing::ElementsAre(5U)) << "a list replaces the default";
  EXPECT_EQ(b.memory, KiB(2));
  EXPECT_EQ(b.seats, std::nullopt);
  EXPECT_EQ(b.slope.millionths, 250'000U);
}

TEST(Schema, ErrorsNameFileLineColumnPathAndRemedy) {
  EXPECT_EQ(refusal("name: b\nfrontt: {spokes: 3}\n"),
            "bike.yaml:2:1: unknown key 'bike.frontt' (did you mean 'front'?)");
  EXPECT_EQ(refusal("name: b\nfront:\n  spoks: 3\n"),
            "bike.yaml:3:3: unknown key 'bike.front.spoks' (did you mean 'spokes'?)");
  EXPECT_EQ(refusal("name: b\nfront: {spokes: 101}\n"),
            "bike.yaml:2:17: bike.front.spokes is 101; it must be between 1 and 100");
  EXPECT_EQ(refusal("name: b\nfront: {spokes: 0}\n"),
            "bike.yaml:2:17: bike.front.spokes is 0; it must be between 1 and 100");
  EXPECT_EQ(refusal("name: b\nmemory: 1023 B\n"),
            "bike.yaml:2:9: bike.memory is 1023 B; it must be at least 1 KiB");
  EXPECT_EQ(refusal("name: b\ncolour: gren\n"),
            "bike.yaml:2:9: bike.colour is one of red|green, not 'gren' (did you mean 'green'?)");
  EXPECT_EQ(refusal("name: b\nspare: [{}, {spokes: 500}]\n"),
            "bike.yaml:2:22: bike.spare[1].spokes is 500; it must be between 1 and 100");
  EXPECT_THAT(refusal("name: b\ngears: [1, x]\n"), StartsWith("bike.yaml:2:12: bike.gears[1]: 'x'"));
  EXPECT_THAT(refusal("name: b\ngears: [1, 2, 3, 4]\n"), HasSubstr("it must be at most three"));
  EXPECT_THAT(refusal("name: b\nclock: 230\n"), StartsWith("bike.yaml:2:8: bike.clock: '230' has no unit"));
  EXPECT_EQ(refusal("colour: red\n"), "bike.yaml:1:1: 'bike.name' is missing: what it is called");
}

TEST(Schema, TheWrongKindOfNodeIsNamed) {
  EXPECT_EQ(refusal("name: [b]\n"), "bike.yaml:1:7: bike.name takes text, not a list");
  EXPECT_EQ(refusal("name: b\nfront: 3\n"), "bike.yaml:2:8: bike.front takes a map, not a value");
  EXPECT_EQ(refusal("name: b\nfront: [3]\n"), "bike.yaml:2:8: bike.front takes a map, not a list");
  EXPECT_THAT(refusal("name: b\ngears: 3\n"),
              StartsWith("bike.yaml:2:8: bike.gears takes a list, not a value"));
  EXPECT_THAT(refusal("name: b\ncolour: {a: 1}\n"),
              StartsWith("bike.yaml:2:9: bike.colour is one of red|green, not a map"));
  EXPECT_THAT(refusal("name: b\nspare: [3]\n"), StartsWith("bike.yaml:2:9: bike.spare[0] takes a map"));
}

TEST(Schema, AKeyWithoutAValueIsAnErrorWithItsPlace) {
  EXPECT_EQ(refusal("name:\n"), "bike.yaml:1:1: bike.name takes text, not nothing");
  EXPECT_THAT(refusal("name: b\nclock: ~\n"),
              StartsWith("bike.yaml:2:1: bike.clock takes frequency, not nothing"));
  EXPECT_THAT(refusal("name: b\ngears:\n"),
              StartsWith("bike.yaml:2:1: bike.gears takes a list, not nothing"));
}

TEST(Schema, ForeignKeysBelongToSomebodyElse) {
  const std::string foreign[] = {"type", "base"};
  EXPECT_EQ(read("name: b\ntype: bicycle\nbase: {anything: [1]}\n", foreign).name, "b");
  EXPECT_THROW(read("name: b\nfront: {type: wheel}\n", foreign), InputError) << "only at their own level";
}

TEST(Schema, WritesWhatItReads) {
  Bicycle b = read("name: b\nclock: 1 GHz\nspare: [{spokes: 1}]\nmemory: 2 KiB\n");
  Node written = schema_of<Bicycle>().write(b);
  EXPECT_EQ(written.find("clock")->text(), "1 GHz");
  EXPECT_EQ(written.find("colour")->text(), "green") << "defaults are written, too";
  EXPECT_EQ(written.find("front")->find("spokes")->text(), "32");
  EXPECT_EQ(written.find("seats"), nullptr) << "what is not set has no value to write";
  Bicycle again;
  schema_of<Bicycle>().read(scenario::parse_yaml(scenario::to_yaml(written), "again"), again, "");
  EXPECT_EQ(scenario::to_yaml(schema_of<Bicycle>().write(again)), scenario::to_yaml(written));
}

TEST(Schema, ListsDeclarationsWithDefaultsAndRanges) {
  std::vector<PropertyInfo> list = schema_of<Bicycle>().list();
  ASSERT_EQ(list.size(), 9U);
  EXPECT_EQ(list[0].name, "clock");
  EXPECT_EQ(list[0].kind, "frequency");
  EXPECT_EQ(list[0].default_text, "230 MHz");
  EXPECT_EQ(list[1].default_text, "") << "a required property has no default";
  EXPECT_EQ(list[2].kind, "red|green");
  ASSERT_EQ(list[3].children.size(), 2U);
  EXPECT_EQ(list[3].children[0].range, "between 1 and 100");
  EXPECT_EQ(list[4].kind, "list of map");
  EXPECT_EQ(list[4].children.size(), 2U);
  EXPECT_EQ(list[6].range, "at least 1 KiB");
}

}  // namespace
}  // namespace vesper

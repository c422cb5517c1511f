#include "platform/scenario/yaml.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <random>

#include "tests/support/command.h"

namespace vesper::scenario {
namespace {

using test::TemporaryFolder;
using test::write_file;
using ::testing::HasSubstr;
using ::testing::StartsWith;

template <class F>
std::string refusal(F&& work) {
  try {
    work();
  } catch (const InputError& error) {
    return error.what();
  }
  ADD_FAILURE() << "taken";
  return "";
}

std::string overridden(const std::string& yaml, const std::vector<std::string>& assignments) {
  Node root = parse_yaml(yaml, "y");
  for (const std::string& assignment : assignments) apply_override(root, assignment);
  return to_yaml(root);
}

TEST(Yaml, NodesKnowWhereTheyStand) {
  Node root = parse_yaml("a: 1\nb:\n  - x\n  - {c: 2}\n", "f.yaml");
  EXPECT_EQ(root.find("a")->where().text(), "f.yaml:1:4");
  EXPECT_EQ(root.entries()[1].where.text(), "f.yaml:2:1");
  EXPECT_EQ(root.find("b")->items()[0].where().text(), "f.yaml:3:5");
  EXPECT_EQ(root.find("b")->items()[1].find("c")->where().text(), "f.yaml:4:9");
}

TEST(Yaml, BadTextIsRefusedWithItsPlace) {
  EXPECT_THAT(refusal([] { parse_yaml("a: [1\nb: 2\n", "f.yaml"); }), StartsWith("f.yaml:"));
  EXPECT_EQ(refusal([] { parse_yaml("a: 1\nb: 2\na: 3\n", "f.yaml"); }),
            "f.yaml:3:1: key 'a' is given twice in this map");
  EXPECT_EQ(refusal([] { parse_yaml("a: {b: 1, b: 2}\n", "f.yaml"); }),
            "f.yaml:1:11: key 'b' is given twice in this map");
  EXPECT_THAT(refusal([] { parse_yaml("? [1, 2]\n: 3\n", "f.yaml"); }),
              HasSubstr("a key must be a plain word"));
  EXPECT_THAT(refusal([] { parse_yaml("a: *nowhere\n", "f.yaml"); }), StartsWith("f.yaml:1:"));
}

TEST(Yaml, AFileIsOneDocument) {
  EXPECT_THAT(refusal([] { parse_yaml("a: 1\n---\nb: 2\n", "f.yaml"); }), HasSubstr("one document"));
  EXPECT_EQ(parse_yaml("---\na: 1\n...\n", "f.yaml").find("a")->text(), "1");
  EXPECT_EQ(parse_yaml("", "f.yaml").kind(), Node::Kind::null);
}

TEST(Yaml, ANodeThatHoldsItselfIsRefused) {
  EXPECT_THAT(refusal([] { parse_yaml("a: &x {b: 1, c: *x}\n", "f.yaml"); }), StartsWith("f.yaml:1:"));
  EXPECT_THAT(refusal([] { parse_yaml("a: &x [*x]\n", "f.yaml"); }), StartsWith("f.yaml:1:"));
  EXPECT_EQ(parse_yaml("a: &x {b: 1}\nc: *x\n", "f.yaml").find("c")->find("b")->text(), "1")
      << "an alias is fine";
}

class Includes : public ::testing::Test {
 protected:
  void file(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(folder / name).parent_path());
    write_file(folder / name, text);
  }
  std::string loaded(const std::string& name) { return to_yaml(load_yaml(folder / name)); }
  std::string refused(const std::string& name) {
    return refusal([&] { load_yaml(folder / name); });
  }
  TemporaryFolder folder;
};

TEST_F(Includes, LieBelowTheFileAndMergeKeyByKey) {
  file("base.yaml", "a: {x: 1, y: 2}\nlist: [1, 2]\nb: base\n");
  file("top.yaml", "a: {y: 20, z: 30}\ninclude: base.yaml\nlist: [9]\n");
  EXPECT_EQ(loaded("top.yaml"), "a:\n  x: 1\n  y: 20\n  z: 30\nlist:\n  - 9\nb: base\n");
}

TEST_F(Includes, OfAListLaterOnesWinAndTheFileWinsOverAll) {
  file("1.yaml", "a: 1\nb: 1\nc: 1\n");
  file("2.yaml", "b: 2\nc: 2\nd: 2\n");
  file("top.yaml", "include: [1.yaml, 2.yaml]\nc: 3\n");
  EXPECT_EQ(loaded("top.yaml"), "a: 1\nb: 2\nc: 3\nd: 2\n");
  file("other.yaml", "include: [2.yaml, 1.yaml]\n");
  EXPECT_EQ(loaded("other.yaml"), "b: 1\nc: 1\nd: 2\na: 1\n");
}

TEST_F(Includes, AreRelativeToTheFileThatNamesThem) {
  file("sub/deep/leaf.yaml", "leaf: 1\n");
  file("sub/middle.yaml", "include: deep/leaf.yaml\nmiddle: 1\n");
  file("top.yaml", "include: sub/middle.yaml\n");
  EXPECT_EQ(loaded("top.yaml"), "leaf: 1\nmiddle: 1\n");
}

TEST_F(Includes, MayMeetTwiceInADiamond) {
  file("base.yaml", "base: 1\n");
  file("l.yaml", "include: base.yaml\nl: 1\n");
  file("r.yaml", "include: base.yaml\nr: 1\n");
  file("top.yaml", "include: [l.yaml, r.yaml]\n");
  EXPECT_EQ(loaded("top.yaml"), "base: 1\nl: 1\nr: 1\n");
}

TEST_F(Includes, CyclesAreRefusedAtThePlaceThatClosesThem) {
  file("a.yaml", "x: 1\ninclude: b.yaml\n");
  file("b.yaml", "include: [c.yaml, ./sub/../a.yaml]\n");
  file("c.yaml", "c: 1\n");
  std::string message = refused("a.yaml");
  EXPECT_THAT(message, HasSubstr("b.yaml:1:19: cyclic include"));
  EXPECT_THAT(message, HasSubstr("a.yaml -> "));
  file("self.yaml", "include: self.yaml\n");
  EXPECT_THAT(refused("self.yaml"), HasSubstr("self.yaml:1:10: cyclic include"));
}

TEST_F(Includes, MissingAndWrongOnesAreRefusedWithTheirPlace) {
  file("top.yaml", "a: 1\ninclude: missing.yaml\n");
  EXPECT_THAT(refused("top.yaml"), HasSubstr("top.yaml:2:10: cannot read"));
  file("second.yaml", "include:\n  - top2.yaml\n  - gone.yaml\n");
  file("top2.yaml", "a: 1\n");
  EXPECT_THAT(refused("second.yaml"), HasSubstr("second.yaml:3:5: cannot read"));
  file("folder.yaml", "include: .\n");
  EXPECT_THAT(refused("folder.yaml"), HasSubstr("is a folder"));
  file("map.yaml", "include: {a: b}\n");
  EXPECT_THAT(refused("map.yaml"), HasSubstr("map.yaml:1:10: include takes a path"));
  file("list.yaml", "- a\n- b\n");
  EXPECT_THAT(refused("list.yaml"), HasSubstr("not a map of keys"));
  file("of_list.yaml", "include: list.yaml\n");
  EXPECT_THAT(refused("of_list.yaml"), HasSubstr("list.yaml:1:1"));
  EXPECT_THAT(refused("nowhere.yaml"), HasSubstr("nowhere.yaml: cannot read"));
}

TEST_F(Includes, AnEmptyFileIncludesNothing) {
  file("empty.yaml", "");
  file("top.yaml", "include: empty.yaml\na: 1\n");
  EXPECT_EQ(loaded("top.yaml"), "a: 1\n");
  file("both.yaml", "include: [empty.yaml, top.yaml]\nb: 2\n");
  EXPECT_EQ(loaded("both.yaml"), "a: 1\nb: 2\n");
}

TEST(Override, SetsAtAPathAndAddsWhatIsMissing) {
  EXPECT_EQ(overridden("a: {b: 1}\n", {"a.b=2", "a.c.d=10 ms", "e=x"}),
            "a:\n  b: 2\n  c:\n    d: 10 ms\ne: x\n");
  EXPECT_EQ(overridden("a: 1\n", {"a=2", "a=3"}), "a: 3\n") << "the last one wins";
  EXPECT_EQ(overridden("a: 1\n", {"a={b: [1, 2]}"}), "a:\n  b:\n    - 1\n    - 2\n") << "a value is YAML";
  EXPECT_EQ(overridden("a: 1\n", {"a=b=c"}), "a: b=c\n");
}

TEST(Override, ItemsOfAListAreNamedByIndexOrName) {
  const std::string tasks = "t:\n  - name: cam\n    p: 1\n  - name: lidar\n    p: 2\n";
  EXPECT_EQ(overridden(tasks, {"t.lidar.p=3", "t.0.p=4"}),
            "t:\n  - name: cam\n    p: 4\n  - name: lidar\n    p: 3\n");
  EXPECT_EQ(overridden("t: [1, 2]\n", {"t.1=5"}), "t:\n  - 1\n  - 5\n");
  for (const char* wrong : {"t.2.p=1", "t.radar.p=1", "t.-1.p=1", "t.99999999999999999999.p=1"}) {
    EXPECT_THAT(refusal([&] { overridden(tasks, {wrong}); }),
                HasSubstr("--set " + std::string(wrong) + ": the list has no item"))
        << wrong;
  }
}

TEST(Override, AKeyWithDotsIsAStep) {
  const std::string links = "connect:\n  a.b: x\n  a.b.c: y\n";
  EXPECT_EQ(overridden(links, {"connect.a.b=z"}), "connect:\n  a.b: z\n  a.b.c: y\n");
  EXPECT_EQ(overridden(links, {"connect.a.b.c=z"}), "connect:\n  a.b: x\n  a.b.c: z\n");
  EXPECT_EQ(overridden(links, {"connect.a.bc=z"}), links + "  a:\n    bc: z\n");
}

TEST(Override, NonsenseIsRefusedWithTheWholeAssignment) {
  for (const char* wrong : {"a", "=1", "", "a..b=1", ".a=1", "a.b.=1"}) {
    std::string message = refusal([&] { overridden("a: {b: 1}\n", {wrong}); });
    EXPECT_THAT(message, HasSubstr("--set " + std::string(wrong))) << wrong;
  }
  EXPECT_THAT(refusal([&] { overridden("a: 1\n", {"a.b=2"}); }), HasSubstr("nothing lies below a value"));
  EXPECT_THAT(refusal([&] { overridden("a: 1\n", {"a=[1"}); }), StartsWith("--set a=[1"));
}

TEST(Override, AnErrorInItsValueNamesIt) {
  Node root;
  apply_override(root, "run.until=");
  EXPECT_THAT(root.find("run")->find("until")->where().text(), StartsWith("--set run.until="));
}

/// Texts that YAML would read as something else unless they are quoted, and random ones.
std::string random_text(std::mt19937& random) {
  static const char* const kAwkward[] = {
      "",   "~",    "null", "true", "- a", "a: b", "#x",  "a #b",  "'",   "\"", "[a", "{b", "*c",  "&d",
      "!e", "%f",   "|",    ">",    "@g",  "`h",   " i",  "j ",    "k:",  ":l", "?",  "-",  "---", "...",
      "\n", "a\nb", "\t",   "\\",   "1.0", "0x1",  "ü ∑", "10 ms", "a,b", "]",  "}",  "<<", "=",   "0o7"};
  if (random() % 2 == 0) return kAwkward[random() % std::size(kAwkward)];
  std::string text;
  for (size_t n = random() % 8; n > 0; --n) text += static_cast<char>(32 + random() % 95);
  return text;
}

Node random_tree(std::mt19937& random, int depth) {
  size_t kind = depth == 0 ? 0 : random() % 3;
  if (kind == 0) return Node::scalar(random_text(random));
  if (kind == 1) {
    Node list = Node::list();
    for (size_t n = random() % 4; n > 0; --n) list.add(random_tree(random, depth - 1));
    return list;
  }
  Node map = Node::map();
  for (size_t n = random() % 4; n > 0; --n)
    map.at_or_add(random_text(random), {}) = random_tree(random, depth - 1);
  return map;
}

void expect_same(const Node& a, const Node& b, const std::string& yaml) {
  ASSERT_EQ(a.kind(), b.kind()) << yaml;
  ASSERT_EQ(a.text(), b.text()) << yaml;
  ASSERT_EQ(a.items().size(), b.items().size()) << yaml;
  ASSERT_EQ(a.entries().size(), b.entries().size()) << yaml;
  for (size_t i = 0; i < a.items().size(); ++i) expect_same(a.items()[i], b.items()[i], yaml);
  for (size_t i = 0; i < a.entries().size(); ++i) {
    ASSERT_EQ(a.entries()[i].key, b.entries()[i].key) << yaml;
    expect_same(a.entries()[i].value, b.entries()[i].value, yaml);
  }
}

TEST(Yaml, EveryTreeSurvivesItsText) {
  std::mt19937 random{1};
  for (int i = 0; i < 3000; ++i) {
    Node root = Node::map();
    root.at_or_add("root", {}) = random_tree(random, 3);
    std::string yaml = to_yaml(root);
    Node again;
    ASSERT_NO_THROW(again = parse_yaml(yaml, "y")) << yaml;
    expect_same(root, again, yaml);
    ASSERT_EQ(to_yaml(again), yaml);
  }
}

TEST(ResolvePath, IsRelativeToTheFileOfItsPlace) {
  auto file = [](const char* name) { return std::make_shared<const std::string>(name); };
  EXPECT_EQ(resolve_path("../w/a.yaml", {file("s/demo/x.yaml"), 3, 1}), "s/w/a.yaml");
  EXPECT_EQ(resolve_path("/abs/a.yaml", {file("s/demo/x.yaml"), 3, 1}), "/abs/a.yaml");
  EXPECT_EQ(resolve_path("a.yaml", {file("--set tasks.0.model=a.yaml"), 1, 1}), "a.yaml")
      << "on the command line: as the shell means it";
  EXPECT_EQ(resolve_path("a.yaml", {}), "a.yaml");
}

}  // namespace
}  // namespace vesper::scenario

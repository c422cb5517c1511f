#include "platform/property/node.h"

#include <gmock/gmock.h>

namespace vesper {
namespace {

Location at(int line, int column) { return {std::make_shared<const std::string>("file.yaml"), line, column}; }

TEST(Location, PrintsFileLineColumn) {
  EXPECT_EQ(at(3, 7).text(), "file.yaml:3:7");
  EXPECT_EQ(at(0, 0).text(), "file.yaml");
  EXPECT_EQ(Location{}.text(), "");
  EXPECT_STREQ(InputError(at(3, 7), "no").what(), "file.yaml:3:7: no");
  EXPECT_STREQ(InputError(Location{}, "no").what(), "no");
}

TEST(Node, FindsAndAddsKeysInOrder) {
  Node map;
  map.at_or_add("b", at(1, 1)) = Node::scalar("1", at(1, 4));
  map.at_or_add("a", at(2, 1)) = Node::scalar("2", at(2, 4));
  map.at_or_add("b", at(9, 9)) = Node::scalar("3", at(9, 9));
  ASSERT_EQ(map.entries().size(), 2U);
  EXPECT_EQ(map.entries()[0].key, "b");
  EXPECT_EQ(map.entries()[0].where.line, 1);
  EXPECT_EQ(map.find("b")->text(), "3");
  EXPECT_EQ(map.find("c"), nullptr);
  EXPECT_EQ(map.find("b")->find("x"), nullptr) << "a scalar has no keys";
  map.erase("b");
  EXPECT_EQ(map.find("b"), nullptr);
  map.erase("b");
  EXPECT_EQ(map.entries().size(), 1U);
}

TEST(Node, MapsMergeKeyByKeyAtEveryDepth) {
  Node base;
  base.at_or_add("kept", at(1, 1)) = Node::scalar("k");
  Node& inner = base.at_or_add("inner", at(2, 1));
  inner.at_or_add("x", at(3, 1)) = Node::scalar("1");
  inner.at_or_add("y", at(4, 1)) = Node::scalar("2");
  Node over;
  Node& over_inner = over.at_or_add("inner", at(12, 1));
  over_inner.at_or_add("y", at(13, 1)) = Node::scalar("20", at(13, 4));
  over_inner.at_or_add("z", at(14, 1)) = Node::scalar("30", at(14, 4));
  base.merge(over);
  EXPECT_EQ(base.find("kept")->text(), "k");
  const Node* merged = base.find("inner");
  ASSERT_EQ(merged->entries().size(), 3U);
  EXPECT_EQ(merged->find("x")->text(), "1");
  EXPECT_EQ(merged->find("y")->text(), "20");
  EXPECT_EQ(merged->find("y")->where().line, 13) << "an error has to name the place that won";
  EXPECT_EQ(merged->find("z")->text(), "30");
}

TEST(Node, AnythingButTwoMapsIsReplaced) {
  Node list = Node::list(at(1, 1));
  list.add(Node::scalar("1"));
  list.add(Node::scalar("2"));
  Node shorter = Node::list(at(2, 1));
  shorter.add(Node::scalar("9"));
  list.merge(shorter);
  ASSERT_EQ(list.items().size(), 1U);
  EXPECT_EQ(list.items()[0].text(), "9");
  list.merge(Node::scalar("x"));
  EXPECT_TRUE(list.is_scalar());
  Node map;
  map.at_or_add("a", {}) = Node::scalar("1");
  list.merge(map);
  EXPECT_EQ(list.find("a")->text(), "1");
  list.merge(Node{});
  EXPECT_EQ(list.kind(), Node::Kind::null);
}

TEST(Node, NearestNameIsTheLeastEditDistance) {
  const std::string names[] = {"placement", "policy", "preemption", "clock"};
  EXPECT_EQ(nearest("polcy", names), "policy");
  EXPECT_EQ(nearest("placment", names), "placement");
  EXPECT_EQ(nearest("clock", names), "clock");
  EXPECT_EQ(nearest("zzzzzzzzzzzzzz", names), "");
  EXPECT_EQ(did_you_mean("polcy", names), " (did you mean 'policy'?)");
  EXPECT_EQ(did_you_mean("zzzzzzzzzzzzzz", names), "");
  EXPECT_EQ(nearest("x", {}), "");
}

}  // namespace
}  // namespace vesper

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/forest.h>

#include "support/expect_error.h"
#include "support/trees.h"

namespace rondo::testing_support {
namespace {

using test::expect_error;

std::vector<std::int32_t> numbers(std::span<const std::int32_t> of) {
  return {of.begin(), of.end()};
}

TEST(Forest, OrdersNodesByHeightThenTreeThenNode) {
  const Parents parents = {{2, 2, -1}, {-1}, {1, 2, -1}};
  const auto forest = Forest::of(parents);
  EXPECT_EQ(forest->trees(), 3);
  EXPECT_EQ(forest->rows(), 7);
  EXPECT_EQ(forest->heights(), 3);
  EXPECT_EQ(forest->leaves(), 4);
  EXPECT_EQ(forest->rows_at(1), 2);
  EXPECT_EQ(forest->rows_at(2), 1);
  EXPECT_EQ(forest->row(0, 0), 0);
  EXPECT_EQ(forest->row(0, 2), 4);
  EXPECT_EQ(forest->row(1, 0), 2);
  EXPECT_EQ(forest->row(2, 0), 3);
  EXPECT_EQ(forest->row(2, 1), 5);
  EXPECT_EQ(numbers(forest->roots()), (std::vector<std::int32_t>{4, 2, 6}));
  EXPECT_EQ(numbers(forest->children(4)), (std::vector<std::int32_t>{0, 1}));
  EXPECT_EQ(numbers(forest->children(6)), (std::vector<std::int32_t>{5}));
  EXPECT_TRUE(forest->children(0).empty());
  EXPECT_EQ(forest->most_children(), 2);
  EXPECT_EQ(forest->nodes(2), 3);
}

TEST(Forest, ChildrenStandInTheOrderOfTheirNumbers) {
  const Parents parents = {{3, 3, 0, -1, 3}};  // node 0, the first child, is the higher one
  const auto forest = Forest::of(parents);
  const std::int32_t root = forest->root(0);
  EXPECT_EQ(numbers(forest->children(root)),
            (std::vector<std::int32_t>{forest->row(0, 0), forest->row(0, 1), forest->row(0, 4)}));
}

TEST(Forest, HoldsATreeInALineAndOneOfManyChildren) {
  const Parents parents = {chain_tree(100'000), star_tree(100'000)};
  const auto forest = Forest::of(parents);
  EXPECT_EQ(forest->heights(), 100'000);
  EXPECT_EQ(forest->most_children(), 100'000);
}

TEST(Forest, RefusesWhatIsNoTree) {
  const auto refused = [](Parents parents, const std::string& why) {
    expect_error(
        ErrorKind::shape, [&] { (void)Forest::of(parents); }, why);
  };
  refused({}, "at least one tree");
  refused({{-1}, {}}, "tree 2 has no node");
  refused({{-1, -1}}, "wanted one root (parent -1), got 2");
  refused({{1, 0}}, "wanted one root (parent -1), got 0");
  refused({{-1, 5}}, "node 1 has parent 5");
  refused({{-1, -2}}, "node 1 has parent -2");
  refused({{-1, 2, 1}}, "tree 1 has a cycle through or below node 1");
  refused({{-1, 1}}, "cycle");
}

}  // namespace
}  // namespace rondo::testing_support

// How the sequences of a recurrence, or its units, are shared out to threads.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/runtime.h>

#include "base/random.h"
#include "ops/recurrent/call.h"

namespace rondo::recurrence {
namespace {

/// Rows of sequences [first, last), the longest first, and one more for each step.
Index work(const Layout& layout, Index first, Index last) {
  Index sum = layout.length(first);
  for (Index s = first; s < last; ++s)
    sum += layout.length(s);
  return sum;
}

std::shared_ptr<const Layout> random_lengths(Index count, Random& random) {
  std::vector<std::int32_t> lengths;
  for (Index i = 0; i < count; ++i)
    lengths.push_back(static_cast<std::int32_t>(1 + random.below(40)));
  return Layout::of(lengths);
}

TEST(RecurrentGroups, CoverAllSequences) {
  Random random(1);
  for (const Index count : {1, 2, 3, 7, 20})
    for (const Index parts : {1, 2, 3, 8}) {
      const auto layout = random_lengths(count, random);
      const std::vector<Group> groups = share_out(*layout, parts);
      EXPECT_LE(std::ssize(groups), parts);
      Index end = 0;
      for (const Group group : groups) {
        ASSERT_EQ(group.first, end);
        ASSERT_GT(group.last, group.first);
        end = group.last;
      }
      EXPECT_EQ(end, count);
    }
}

TEST(RecurrentGroups, TheMostWorkIsAsLittleAsCanBe) {
  Random random(2);
  for (const Index count : {2, 3, 7, 20}) {
    const auto layout = random_lengths(count, random);
    Index most = 0;
    for (const Group group : share_out(*layout, 2))
      most = std::max(most, work(*layout, group.first, group.last));
    for (Index cut = 1; cut < count; ++cut)
      EXPECT_LE(most, std::max(work(*layout, 0, cut), work(*layout, cut, count))) << "cut at " << cut;
  }
  const std::vector<Group> equal = share_out(*Layout::uniform(20, 35), 2);
  ASSERT_EQ(equal.size(), 2U);
  EXPECT_EQ(equal.front().last, 10);
}

/// Whether a batch of such lengths is shared out by units.
bool by_units(Index gates, Index hidden, const std::shared_ptr<const Layout>& layout,
              std::size_t directions = 1) {
  Call call{};
  call.x = Sequences(Tensor::zeros({layout->rows(), 1}), layout);
  call.weights.resize(directions);
  call.hidden = hidden;
  constexpr Index plenty = Index{1} << 40;
  return Jobs(call, plenty, gates, true).by_units();
}

TEST(RecurrentGroups, UnitsAreSharedOutWhereUIsLargeForItsRows) {
  const auto equal = Layout::uniform(20, 35);
  const auto thin = Layout::of(std::vector<std::int32_t>{40, 30, 20, 20, 10, 10, 5, 5, 5, 5});
  Runtime two({.threads = 2, .isa = {}});
  {
    const Runtime::Use use(two);
    EXPECT_TRUE(by_units(4, 650, equal)) << "few rows";
    EXPECT_FALSE(by_units(4, 200, equal));
    EXPECT_TRUE(by_units(4, 200, thin)) << "few rows in the end";
    EXPECT_TRUE(by_units(3, 200, thin));
    EXPECT_FALSE(by_units(1, 200, thin)) << "a small U";
    EXPECT_FALSE(by_units(20, 100, thin)) << "uneven shares";
    EXPECT_FALSE(by_units(4, 200, thin, 2)) << "two directions";
  }
  Runtime one({.threads = 1, .isa = {}});
  const Runtime::Use use(one);
  EXPECT_FALSE(by_units(4, 650, equal)) << "one thread";
}

}  // namespace
}  // namespace rondo::recurrence

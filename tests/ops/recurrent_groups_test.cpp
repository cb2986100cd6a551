// How the sequences of a recurrence are shared out to threads.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "ops/recurrent/walk.h"

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

}  // namespace
}  // namespace rondo::recurrence

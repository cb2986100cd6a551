// Which texts a beam keeps.
#include "decode/beam.h"

#include <limits>

#include <gtest/gtest.h>

namespace rondo::decode {
namespace {

constexpr float never = -std::numeric_limits<float>::infinity();

TEST(BeamStep, KeepsTheLikeliestOfAllTexts) {
  BeamStep step(3);
  step.extend(0, -1, std::vector<float>{-2, -0.5F, never});
  step.keep(1, -2);
  step.extend(2, -1, std::vector<float>{-0.5F, -4, -4});
  const std::vector<Extension> best = step.best();
  ASSERT_EQ(best.size(), 3U);
  EXPECT_EQ(best[0].from, 0U);  // of two at -1.5 the earlier text
  EXPECT_EQ(best[0].token, 1);
  EXPECT_EQ(best[0].score, -1.5);
  EXPECT_EQ(best[1].from, 2U);
  EXPECT_TRUE(best[2].kept);
  EXPECT_EQ(best[2].from, 1U);
}

TEST(BeamStep, HasFewerWhereFewCanGoOn) {
  BeamStep step(5);
  step.extend(0, 0, std::vector<float>{never, -1, never});
  EXPECT_EQ(step.best().size(), 1U);
}

}  // namespace
}  // namespace rondo::decode

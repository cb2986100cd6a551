#include "runtime/processors.h"

#include <gtest/gtest.h>

namespace rondo {
namespace {

TEST(Processors, QuotaIsReadFromCpuMax) {
  EXPECT_EQ(quota_of("150000 100000"), 1.5);
  EXPECT_EQ(quota_of("max 100000"), std::nullopt);
  EXPECT_EQ(quota_of("-1 100000"), std::nullopt);
  EXPECT_EQ(quota_of("100000"), std::nullopt);
  EXPECT_EQ(quota_of("100000 0"), std::nullopt);
  EXPECT_EQ(quota_of(" "), std::nullopt);
  EXPECT_EQ(quota_of(""), std::nullopt);
}

TEST(Processors, ThereIsAtLeastOne) {
  EXPECT_GE(usable_processors(), 1);
}

}  // namespace
}  // namespace rondo

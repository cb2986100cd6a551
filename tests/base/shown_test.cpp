#include "base/shown.h"

#include <cmath>

#include <gtest/gtest.h>

namespace rondo {
namespace {

TEST(Shown, FixedDigits) {
  EXPECT_EQ(fixed(2.0 / 3, 2), "0.67");
  EXPECT_EQ(fixed(-0.004, 2), "-0.00");
  EXPECT_EQ(fixed(1e300, 0).size(), 301U);
  EXPECT_EQ(fixed(0.5, 0), "0") << "half to even, as printf does";
  EXPECT_EQ(fixed(std::nan(""), 4), "nan");
}

TEST(Shown, SignificantDigits) {
  EXPECT_EQ(significant(0.25, 4), "0.25");
  EXPECT_EQ(significant(123.456, 4), "123.5");
  EXPECT_EQ(significant(1.5e-7, 4), "1.5e-07");
  EXPECT_EQ(significant(0, 4), "0");
}

TEST(Shown, PlainNumbersReadBack) {
  EXPECT_EQ(plain(1e9), "1000000000");
  EXPECT_EQ(plain(0.1F), "0.1");
  EXPECT_EQ(plain(0.1), "0.1");
  EXPECT_EQ(plain(1.5), "1.5");
  EXPECT_EQ(plain(-8192.0), "-8192");
  EXPECT_EQ(plain(1e-9F), "1e-09");
}

}  // namespace
}  // namespace rondo

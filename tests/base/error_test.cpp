#include <gtest/gtest.h>

#include <rondo/error.h>

namespace rondo {
namespace {

TEST(Error, KeepsKindAndMessage) {
  const Error error(ErrorKind::data, "data: train.tsv line 17: no label");
  EXPECT_EQ(error.kind(), ErrorKind::data);
  EXPECT_STREQ(error.what(), "data: train.tsv line 17: no label");
  EXPECT_EQ(name_of(error.kind()), "data");
}

}  // namespace
}  // namespace rondo

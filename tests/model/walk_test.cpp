// How a network goes through the batches of an input of one's own.
#include <thread>

#include <gtest/gtest.h>

#include <rondo/network.h>

#include "support/expect_error.h"

namespace rondo::detail {
namespace {

struct Made {
  std::size_t number;
  std::thread::id by;
};

/// It cannot be copied, as an epoch that owns its file.
struct Pass {
  std::unique_ptr<std::size_t> count;
  std::size_t size() const { return *count; }
  Made batch(std::size_t number) const {
    if (number == 7) throw Error(ErrorKind::data, "data: batch 7");
    return {number, std::this_thread::get_id()};
  }
};

Pass pass(std::size_t count) {
  return {std::make_unique<std::size_t>(count)};
}

TEST(Walk, ThreadMakesTheBatchesOfAnyInput) {
  Walk<Pass> walk;
  EXPECT_EQ(walk.begin(pass(6)), 6U);
  for (const std::size_t number : {0, 1, 2, 5, 3, 4}) {
    const Made made = walk.batch(number);
    EXPECT_EQ(made.number, number);
    EXPECT_NE(made.by, std::this_thread::get_id());
  }
  EXPECT_EQ(walk.begin(pass(9)), 9U) << "the pass before was not walked to its end";
  EXPECT_EQ(walk.batch(6).number, 6U);
  test::expect_error(
      ErrorKind::data, [&] { walk.batch(7); }, "batch 7");
}

}  // namespace
}  // namespace rondo::detail

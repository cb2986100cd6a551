// Batches of any type, made ahead.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include <rondo/data/prefetch.h>
#include <rondo/error.h>

#include "support/expect_error.h"

namespace rondo::data {
namespace {

using Owned = std::unique_ptr<std::size_t>;  // it can only be moved

TEST(Prefetch, ThreadMakesBatchesOfAnyType) {
  const auto here = std::this_thread::get_id();
  std::atomic<bool> elsewhere = true;
  Prefetch<Owned> upcoming(3, 50, [&](std::size_t number) {
    if (std::this_thread::get_id() == here) elsewhere = false;
    return std::make_unique<std::size_t>(number * number);
  });
  for (std::size_t i = 3; i < 50; ++i) {
    EXPECT_EQ(upcoming.position(), i);
    EXPECT_EQ(*upcoming.next().value(), i * i);
  }
  EXPECT_FALSE(upcoming.next());
  EXPECT_EQ(upcoming.position(), 50U);
  EXPECT_TRUE(elsewhere);
}

TEST(Prefetch, ThreadMakesThreeAheadAtMost) {
  std::atomic<std::size_t> made = 0;
  Prefetch<int> upcoming(0, 1000, [&](std::size_t) { return static_cast<int>(++made); });
  for (std::size_t taken = 1; taken < 100; ++taken) {
    upcoming.next();
    EXPECT_LE(made, taken + 3);
  }
}

TEST(Prefetch, ThreadsErrorComesAfterTheBatchesBeforeIt) {
  Prefetch<int> upcoming(0, 9, [](std::size_t number) -> int {
    if (number == 4) throw Error(ErrorKind::data, "data: batch 4");
    return static_cast<int>(number);
  });
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(upcoming.next(), i);
  for (int i = 0; i < 2; ++i)
    test::expect_error(
        ErrorKind::data, [&] { upcoming.next(); }, "batch 4");
  EXPECT_EQ(upcoming.position(), 4U);
}

/// What an input of one's own may give as one pass.
struct Countdown {
  std::size_t size() const { return 5; }
  std::string batch(std::size_t number) const { return std::to_string(size() - number); }
};

TEST(Prefetch, ThreadWalksAnythingWithASizeAndBatches) {
  Prefetch upcoming(Countdown{}, 2);
  std::string all;
  while (const std::optional<std::string> batch = upcoming.next())
    all += *batch;
  EXPECT_EQ(all, "321");
  upcoming = Prefetch(Countdown{});
  EXPECT_EQ(upcoming.next(), "5");
}

}  // namespace
}  // namespace rondo::data

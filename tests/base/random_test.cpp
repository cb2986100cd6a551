#include "base/random.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include <gtest/gtest.h>

#include <rondo/error.h>

namespace rondo {
namespace {

TEST(Philox, GivesTheKnownAnswersOfRandom123) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (RandomBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}),
            (RandomBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (RandomBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, ReadsTheBlocksOfItsStreamInOrder) {
  Random random(7, 9);
  for (std::uint64_t block = 0; block < 100; ++block)
    for (const std::uint32_t number : random_block(7, 9, block))
      EXPECT_EQ(random.bits32(), number);
}

TEST(Random, DiffersBySeedStreamAndPlace) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed : {0ull, 1ull, 1ull << 32, 1ull << 63})
    for (std::uint64_t stream : {0ull, 1ull, 1ull << 32, 1ull << 63}) {
      Random random(seed, stream);
      for (int i = 0; i < 10; ++i)
        seen.insert(random.bits64());
    }
  EXPECT_EQ(seen.size(), 160u);
  EXPECT_NE(random_block(1, 1, 0), random_block(1, 1, std::uint64_t{1} << 32));
}

TEST(Random, UniformStaysInItsInterval) {
  EXPECT_EQ(to_uniform(0), 0.0f);
  EXPECT_LT(to_uniform(0xffffffff), 1.0f);
  EXPECT_GT(to_uniform_open(0), 0.0f);
  EXPECT_LT(to_uniform_open(0xffffffff), 1.0f);
  EXPECT_EQ(to_uniform_open(0) + to_uniform_open(0xffffffff), 1.0f);
  Random random(1);
  double sum = 0, squares = 0;
  constexpr int count = 100'000;
  for (int i = 0; i < count; ++i) {
    const double value = random.uniform();
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / count, 0.5, 0.004);
  EXPECT_NEAR(squares / count, 1.0 / 3, 0.004);
  for (int i = 0; i < 1'000; ++i) {
    const float value = random.uniform(-0.05f, 0.05f);
    EXPECT_TRUE(value >= -0.05f && value < 0.05f);
    const double fine = random.uniform_double();
    EXPECT_TRUE(fine >= 0 && fine < 1);
    EXPECT_LT(random.uniform(1.0f, std::nextafter(1.0f, 2.0f)), std::nextafter(1.0f, 2.0f));
  }
}

TEST(Random, BelowIsUniformAndInRange) {
  Random random(3);
  std::map<std::uint64_t, int> count;
  for (int i = 0; i < 70'000; ++i)
    ++count[random.below(7)];
  ASSERT_EQ(count.size(), 7u);
  EXPECT_EQ(count.rbegin()->first, 6u);
  for (const auto& [value, times] : count)
    EXPECT_NEAR(times, 10'000, 400) << value;
  EXPECT_EQ(random.below(1), 0u);
  EXPECT_THROW(random.below(0), Bug);
  // With a bound of 3/4 of the range a plain remainder would hit the lowest third twice as often.
  constexpr std::uint64_t bound = std::uint64_t{3} << 62;
  int lowest = 0;
  for (int i = 0; i < 30'000; ++i)
    lowest += random.below(bound) < bound / 3;
  EXPECT_NEAR(lowest, 10'000, 400);
}

TEST(Random, NormalIsBoxAndMullersToTheLastDigits) {
  Random random(5), bits(5);
  for (int i = 0; i < 20'000; ++i) {
    const double radius = std::sqrt(-2 * std::log((bits.bits32() + 0.5) * 0x1p-32));
    const double angle = 2 * std::numbers::pi * (bits.bits32() * 0x1p-32);
    ASSERT_NEAR(random.normal(), radius * std::cos(angle), 1e-14);
    ASSERT_NEAR(random.normal(), radius * std::sin(angle), 1e-14);
  }
}

TEST(Random, NormalHasTheRightMoments) {
  Random random(6);
  constexpr int count = 200'000;
  double moments[5] = {};
  for (int i = 0; i < count; ++i) {
    double power = 1;
    for (const double value = random.normal(); double& moment : moments) {
      moment += power / count;
      power *= value;
    }
  }
  EXPECT_NEAR(moments[1], 0, 0.01);
  EXPECT_NEAR(moments[2], 1, 0.015);
  EXPECT_NEAR(moments[3], 0, 0.04);
  EXPECT_NEAR(moments[4], 3, 0.1);
}

TEST(Random, NormalHasTheSameBitsOnEveryMachineAndCompiler) {
  Random random(42, hash_of("golden"));
  ContentHash hash;
  for (int i = 0; i < 10'000; ++i)
    hash.number(std::bit_cast<std::uint64_t>(random.normal()));
  EXPECT_EQ(hexadecimal(hash.digest()), "d9f70fb07ab32b3a");
}

TEST(Shuffle, IsAPermutationThatDependsOnSeedAndEpochOnly) {
  const std::vector<std::uint32_t> order = permutation(1'000, 1, 0);
  EXPECT_EQ(order, permutation(1'000, 1, 0));
  EXPECT_NE(order, permutation(1'000, 1, 1));
  EXPECT_NE(order, permutation(1'000, 2, 0));
  std::vector<std::uint32_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (std::uint32_t i = 0; i < 1'000; ++i)
    ASSERT_EQ(sorted[i], i);
  EXPECT_TRUE(permutation(0, 1, 0).empty());
  EXPECT_EQ(permutation(1, 1, 0), std::vector<std::uint32_t>{0});
  EXPECT_EQ(permutation(6, 1, 0), (std::vector<std::uint32_t>{2, 0, 4, 3, 5, 1}));
}

TEST(Shuffle, GivesEveryOrderItsShare) {
  std::map<std::vector<std::uint32_t>, int> count;
  for (std::uint64_t epoch = 0; epoch < 24'000; ++epoch)
    ++count[permutation(4, 11, epoch)];
  ASSERT_EQ(count.size(), 24u);
  for (const auto& [order, times] : count)
    EXPECT_NEAR(times, 1'000, 160);
}

TEST(Hash, OfNamesIsFnv1a) {
  EXPECT_EQ(hash_of(""), 0xcbf29ce484222325u);
  EXPECT_EQ(hash_of("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(hash_of("foobar"), 0x85944171f73967e8u);
}

TEST(Hash, MixDependsOnBothAndOnTheirOrder) {
  EXPECT_NE(mix(1, 2), mix(2, 1));
  EXPECT_NE(mix(0, 0), mix(0, 1));
  EXPECT_NE(mix(0, 0), mix(1, 0));
  std::set<std::uint64_t> seen;
  for (std::uint64_t a = 0; a < 100; ++a)
    for (std::uint64_t b = 0; b < 100; ++b)
      seen.insert(mix(a, b));
  EXPECT_EQ(seen.size(), 10'000u);
}

TEST(ContentHash, IsXxh64) {
  const auto hash = [](std::string_view bytes) { return ContentHash().bytes(bytes).digest(); };
  EXPECT_EQ(hash(""), 0xef46db3751d8e999u);
  EXPECT_EQ(hash("a"), 0xd24ec4f1a98c6e5bu);
  EXPECT_EQ(hash("abc"), 0x44bc2cf5ad770999u);
  EXPECT_EQ(hash("Nobody inspects the spammish repetition"), 0xfbcea83c8a378bf1u);
}

TEST(ContentHash, DoesNotDependOnHowTheBytesAreCut) {
  std::string bytes;
  for (int i = 0; i < 300; ++i)
    bytes += static_cast<char>(i * 37);
  const std::uint64_t whole = ContentHash().bytes(bytes).digest();
  Random random(8);
  for (int trial = 0; trial < 200; ++trial) {
    ContentHash hash;
    for (std::string_view rest = bytes; !rest.empty();) {
      const std::size_t size = std::min<std::size_t>(rest.size(), random.below(70));
      hash.bytes(rest.substr(0, size));
      rest.remove_prefix(size);
    }
    EXPECT_EQ(hash.digest(), whole);
  }
}

TEST(ContentHash, KeepsFieldsApart) {
  EXPECT_NE(ContentHash().text("a").text("bc").digest(), ContentHash().text("ab").text("c").digest());
  EXPECT_NE(ContentHash().number(1).digest(), ContentHash().number(2).digest());
  EXPECT_EQ(hexadecimal(0x0123456789abcdefu), "0123456789abcdef");
}

}  // namespace
}  // namespace rondo

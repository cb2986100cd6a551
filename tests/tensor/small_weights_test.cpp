#include "tensor/small_weights.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <rondo/error.h>

#include "base/random.h"

namespace rondo {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

std::vector<float> drawn(Index count, std::uint64_t seed, float scale) {
  Random random(seed);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& x : values)
    x = random.uniform(-scale, scale);
  return values;
}

TEST(SmallWeights, Bf16RoundsToEven) {
  EXPECT_EQ(from_bf16(to_bf16(1.0F)), 1.0F);
  EXPECT_EQ(from_bf16(to_bf16(1.00390625F)), 1.0F) << "half way, down to even";
  EXPECT_EQ(from_bf16(to_bf16(1.01171875F)), 1.015625F) << "half way, up to even";
  EXPECT_EQ(from_bf16(to_bf16(-1.004F)), -1.0078125F);
  EXPECT_EQ(from_bf16(to_bf16(std::numeric_limits<float>::max())), infinity);
  EXPECT_EQ(from_bf16(to_bf16(-infinity)), -infinity);
  EXPECT_TRUE(std::isnan(from_bf16(to_bf16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(SmallWeights, RoundingIsCloseAndRoundsNothingTwice) {
  for (const float scale : {1e-20F, 0.003F, 1.0F, 5e7F}) {
    for (const WeightType type : {WeightType::f32, WeightType::bf16, WeightType::int8, WeightType::w8a8}) {
      const std::vector<float> exact = drawn(40 * 33, 1, scale);
      std::vector<float> once = exact;
      round_to(type, 40, 33, once.data());
      for (std::size_t i = 0; i < exact.size(); ++i) {
        const float error = type == WeightType::f32    ? 0
                            : type == WeightType::bf16 ? std::abs(exact[i]) / 256
                                                       : scale / 253;
        ASSERT_LE(std::abs(once[i] - exact[i]), error);
      }
      std::vector<float> twice = once;
      round_to(type, 40, 33, twice.data());
      EXPECT_EQ(twice, once) << "scale " << scale;
    }
  }
}

TEST(SmallWeights, NumbersTimesScalesAreTheRoundedMatrixExactly) {
  std::vector<float> matrix = drawn(50 * 20, 2, 0.7F);
  std::fill_n(matrix.begin(), 20, 0.0F);
  round_to(WeightType::int8, 50, 20, matrix.data());
  const Int8Matrix small = to_int8(50, 20, matrix.data());
  for (std::size_t i = 0; i < matrix.size(); ++i)
    ASSERT_EQ(small.scales[i / 20] * static_cast<float>(small.numbers[i]), matrix[i]);
  EXPECT_EQ(small.scales[0], 0);
}

TEST(SmallWeights, ARowThatIsNotFiniteIsNoneAtAll) {
  std::vector<float> matrix = drawn(2 * 5, 2, 1);
  matrix[7] = infinity;
  round_to(WeightType::int8, 2, 5, matrix.data());
  for (std::size_t i = 0; i < 10; ++i)
    EXPECT_EQ(std::isnan(matrix[i]), i >= 5);
}

TEST(SmallWeights, AnArenaSaysWhenItIsOverdrawn) {
  alignas(64) std::byte memory[192];
  Arena arena(memory, sizeof memory);
  EXPECT_EQ(arena.take<float>(3), reinterpret_cast<float*>(memory));
  EXPECT_EQ(arena.take<std::int16_t>(33), reinterpret_cast<std::int16_t*>(memory + 64));
  EXPECT_THROW(arena.take<float>(1), Bug);
}

}  // namespace
}  // namespace rondo

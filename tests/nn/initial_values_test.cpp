#include "nn/initial_values.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <rondo/error.h>

namespace rondo {
namespace {

Tensor initial(Shape shape, const Initial& options, DType type = DType::f32) {
  Tensor value = Tensor::full(std::move(shape), 99, type);
  fill_initial(value, options, 1, "layer.weight");
  return value;
}

struct Moments {
  double mean = 0, variance = 0, low = 1e9, high = -1e9;
};
Moments moments(const Tensor& t) {
  Moments m;
  const auto n = static_cast<double>(t.size());
  for (std::int64_t i = 0; i < t.size(); ++i) {
    m.mean += t.at(i) / n;
    m.variance += t.at(i) * t.at(i) / n;
    m.low = std::min(m.low, t.at(i));
    m.high = std::max(m.high, t.at(i));
  }
  return m;
}

TEST(InitialValues, GlorotUniformTakesABlocksFans) {
  const Moments m = moments(initial({4 * 100, 50}, {.blocks = 4}));
  const double limit = std::sqrt(6.0 / (100 + 50));
  EXPECT_NEAR(m.mean, 0, 0.01 * limit * 3);
  EXPECT_NEAR(m.variance, limit * limit / 3, 0.05 * limit * limit);
  EXPECT_LT(m.high, limit);
  EXPECT_GT(m.high, 0.99 * limit);
  EXPECT_GT(m.low, -limit);
}

TEST(InitialValues, UniformZerosOnes) {
  const Moments m = moments(initial({1000, 10}, {.kind = Initializer::uniform, .scale = 0.05F}));
  EXPECT_LT(m.high, 0.05001);
  EXPECT_GT(m.high, 0.0499);
  EXPECT_NEAR(m.variance, 0.05 * 0.05 / 3, 1e-4);
  EXPECT_EQ(moments(initial({7}, {.kind = Initializer::zeros})).high, 0);
  EXPECT_EQ(moments(initial({7}, {.kind = Initializer::ones})).low, 1);
}

TEST(InitialValues, OneBlockOnly) {
  const Tensor bias = initial({8}, {.kind = Initializer::ones, .scale = 1.5F, .blocks = 4, .only_block = 1});
  for (std::int64_t i = 0; i < 8; ++i)
    EXPECT_EQ(bias.at(i), i / 2 == 1 ? 1.5 : 0) << i;
}

/// Of block b of [blocks · rows, columns]: the largest |Q Qᵀ - 1| over rows, or Qᵀ Q over columns.
double orthogonality(const Tensor& t, std::int64_t b, std::int64_t rows, std::int64_t columns) {
  double worst = 0;
  const bool by_rows = rows <= columns;
  const std::int64_t few = by_rows ? rows : columns, many = by_rows ? columns : rows;
  for (std::int64_t i = 0; i < few; ++i)
    for (std::int64_t j = 0; j < few; ++j) {
      double dot = 0;
      for (std::int64_t k = 0; k < many; ++k) {
        const std::int64_t base = b * rows * columns;
        dot += by_rows ? t.at(base + i * columns + k) * t.at(base + j * columns + k)
                       : t.at(base + k * columns + i) * t.at(base + k * columns + j);
      }
      worst = std::max(worst, std::abs(dot - (i == j ? 1 : 0)));
    }
  return worst;
}

TEST(InitialValues, OrthogonalGateByGate) {
  const Initial options{.kind = Initializer::orthogonal, .blocks = 4};
  const Tensor square = initial({4 * 37, 37}, options, DType::f64);
  for (std::int64_t b = 0; b < 4; ++b)
    EXPECT_LT(orthogonality(square, b, 37, 37), 1e-13);
  EXPECT_LT(orthogonality(initial({4 * 5, 23}, options, DType::f64), 2, 5, 23), 1e-13);
  EXPECT_LT(orthogonality(initial({4 * 23, 5}, options, DType::f64), 3, 23, 5), 1e-13);
  EXPECT_LT(orthogonality(initial({4 * 37, 37}, options), 1, 37, 37), 1e-5);
  EXPECT_NE(square.at(0), square.at(37 * 37)) << "gates differ";
}

TEST(InitialValues, BothTypesHoldTheSameNumbers) {
  for (const Initializer kind :
       {Initializer::glorot_uniform, Initializer::orthogonal, Initializer::uniform}) {
    const Tensor single = initial({6, 6}, {.kind = kind}),
                 twice = initial({6, 6}, {.kind = kind}, DType::f64);
    for (std::int64_t i = 0; i < 36; ++i)
      EXPECT_EQ(static_cast<float>(twice.at(i)), single.at(i));
  }
}

TEST(InitialValues, BlocksMustDivideTheRows) {
  EXPECT_THROW(initial({10, 3}, {.blocks = 4}), Bug);
}

}  // namespace
}  // namespace rondo

// The dual descent against what it should find: where the gradient of the primal problem is 0.
#include "wide/logistic_regression.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "wide/log_counts.h"

namespace rondo::wide {
namespace {

/// Random texts of some n-grams whose class depends on them, with noise.
struct Example {
  Features texts;
  std::vector<float> values, costs;
  std::vector<std::int8_t> y;

  explicit Example(std::size_t size, std::uint64_t seed) {
    constexpr std::size_t ngrams = 30;
    Random random(seed);
    for (std::size_t f = 0; f < ngrams; ++f)
      values.push_back(random.uniform(-2, 2));
    for (std::size_t i = 0; i < size; ++i) {
      float sum = 0.3F;
      for (std::size_t f = 0; f < ngrams; ++f)
        if (random.uniform() < 0.2F) {
          texts.numbers.push_back(static_cast<std::int32_t>(f));
          sum += values[f];
        }
      texts.ends.push_back(texts.numbers.size());
      y.push_back(sum + 3 * static_cast<float>(random.normal()) > 0 ? 1 : -1);
      costs.push_back(random.uniform(0.1F, 2));
    }
  }
  BinaryProblem problem() const { return {.texts = texts, .values = values, .y = y, .costs = costs}; }
};

/// Gradient of the primal objective, in f64 and in the order of the texts: of each w, then of b.
std::vector<double> gradient(const BinaryProblem& problem, const BinarySolution& solution) {
  std::vector<double> result(problem.values.size() + 1);
  for (std::size_t f = 0; f < problem.values.size(); ++f)
    result[f] = static_cast<double>(solution.weights[f]) / static_cast<double>(problem.values[f]);
  result.back() = static_cast<double>(solution.bias);
  for (std::size_t i = 0; i < problem.texts.size(); ++i) {
    double sum = static_cast<double>(solution.bias);
    for (const std::int32_t f : problem.texts[i])
      sum += static_cast<double>(solution.weights[static_cast<std::size_t>(f)]);
    const double y = problem.y[i];
    const double pull = -static_cast<double>(problem.costs[i]) * y / (1 + std::exp(y * sum));
    for (const std::int32_t f : problem.texts[i])
      result[static_cast<std::size_t>(f)] +=
          pull * static_cast<double>(problem.values[static_cast<std::size_t>(f)]);
    result.back() += pull;
  }
  return result;
}

TEST(LogisticRegression, EndsWhereTheGradientIsZero) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const Example example(400, seed);
    const BinarySolution solution = solve(example.problem(), {}, 1e-6, 2'000);
    EXPECT_LT(solution.passes, 2'000);
    for (const double slope : gradient(example.problem(), solution))
      EXPECT_NEAR(slope, 0, 2e-4);
  }
}

TEST(LogisticRegression, IsCloseAtItsUsualTolerance) {
  const Example example(400, 4);
  const BinarySolution exact = solve(example.problem(), {}, 1e-6, 2'000), usual = solve(example.problem());
  EXPECT_LT(usual.passes, exact.passes);
  for (std::size_t f = 0; f < exact.weights.size(); ++f)
    EXPECT_NEAR(usual.weights[f], exact.weights[f], 0.05);
}

TEST(LogisticRegression, ATextWithoutACostDoesNotCount) {
  Example example(50, 5);
  for (std::size_t i = 25; i < 50; ++i)
    example.costs[i] = 0;
  const BinarySolution with = solve(example.problem(), {}, 1e-6, 2'000);
  example.texts.ends.resize(25);
  example.texts.numbers.resize(example.texts.ends.back());
  example.y.resize(25);
  example.costs.resize(25);
  const BinarySolution without = solve(example.problem(), {}, 1e-6, 2'000);
  for (std::size_t f = 0; f < with.weights.size(); ++f)
    EXPECT_NEAR(with.weights[f], without.weights[f], 1e-4);
}

TEST(LogisticRegression, HoldsWithValuesOfAnySize) {
  Example example(100, 6);
  for (float& value : example.values)
    value *= 100;
  for (float& cost : example.costs)
    cost *= 1'000;
  const BinarySolution solution = solve(example.problem());
  for (const float weight : solution.weights)
    EXPECT_TRUE(std::isfinite(weight));
}

TEST(LogisticRegression, StopsWhenAsked) {
  const Example example(100, 7);
  int asked = 0;
  EXPECT_EQ(solve(
                example.problem(), [&] { return ++asked == 2; }, 0, 50)
                .passes,
            2);
  EXPECT_EQ(solve(example.problem(), {}, 0, 50).passes, 50);
}

TEST(LogCounts, AreThoseOfWangAndManning) {
  // Texts {0, 1}, {0}, {1, 2}, {2}; the first two are of class 1.
  const Features texts{.numbers = {0, 1, 0, 1, 2, 2}, .ends = {2, 3, 5, 6}};
  const std::vector<std::int32_t> labels = {1, 1, 0, 0}, texts_with = {2, 2, 2};
  const std::vector<float> ratios = log_count_ratios(texts, labels, texts_with, 1);
  // p = (3, 2, 1), q = (1, 2, 3), both of sum 6.
  EXPECT_NEAR(ratios[0], std::log(3.0), 1e-6);
  EXPECT_NEAR(ratios[1], 0, 1e-6);
  EXPECT_NEAR(ratios[2], -std::log(3.0), 1e-6);
}

}  // namespace
}  // namespace rondo::wide

// Focal loss against its formula, and where numbers are extreme. Gradients, threads and instruction sets: the
// table of op cases.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/ops.h>

#include "support/checks.h"
#include "support/expect_error.h"

namespace rondo {
namespace {

using test::expect_error;
using testing_support::differentiate;
using testing_support::random_tensor;

Tensor labels_of(std::initializer_list<std::int32_t> values) {
  return Tensor::of<std::int32_t>({std::ssize(values)}, std::vector<std::int32_t>(values));
}

/// -α (1 - p)^γ log p of each row as the paper writes it, as a weighted mean.
double by_formula(const Tensor& logits, const Tensor& labels, double gamma, const Tensor& of_classes,
                  const Tensor& of_rows) {
  double total = 0, weight = 0;
  for (std::int64_t row = 0; row < logits.rows(); ++row) {
    double sum = 0;
    for (std::int64_t c = 0; c < logits.columns(); ++c)
      sum += std::exp(logits.at(row * logits.columns() + c));
    const std::int32_t label = labels.data<std::int32_t>()[static_cast<std::size_t>(row)];
    const double p = std::exp(logits.at(row * logits.columns() + label)) / sum;
    const double w = of_classes.at(label) * of_rows.at(row);
    total -= w * std::pow(1 - p, gamma) * std::log(p);
    weight += w;
  }
  return total / weight;
}

TEST(Focal, IsThePapersFormula) {
  const Tensor logits = random_tensor({6, 4}, 1), of_classes = random_tensor({4}, 2, DType::f64, 0.1, 2),
               of_rows = random_tensor({6}, 3, DType::f64, 0.1, 2), labels = labels_of({0, 3, 1, 1, 2, 3});
  for (const double gamma : {0.0, 0.5, 1.0, 2.0, 5.0})
    EXPECT_NEAR(
        focal(Var(logits), labels, {.gamma = gamma, .class_weights = of_classes, .sample_weights = of_rows})
            .value()
            .at(0),
        by_formula(logits, labels, gamma, of_classes, of_rows), 1e-14)
        << gamma;
}

TEST(Focal, WithoutFocusIsCrossEntropy) {
  const Tensor logits = random_tensor({6, 4}, 1), labels = labels_of({0, 3, 1, 1, 2, 3});
  const std::vector<Tensor> inputs = {logits};
  const auto of_focal =
      differentiate([&](std::span<const Var> x) { return focal(x[0], labels, {.gamma = 0}); }, inputs);
  const auto plain =
      differentiate([&](std::span<const Var> x) { return cross_entropy(x[0], labels); }, inputs);
  testing_support::expect_close(of_focal.value, plain.value, 1e-14, "value");
  testing_support::expect_close(of_focal.gradients[0], plain.gradients[0], 1e-14, "gradient");
}

TEST(Focal, GradientsAreCentralDifferences) {
  const Tensor labels = labels_of({0, 3, 1, 1, 2, 3}), weights = random_tensor({4}, 2, DType::f64, 0.1, 2);
  const Tensor targets = random_tensor({6, 4}, 5, DType::f64, 0, 1);
  for (const double gamma : {0.5, 2.0}) {
    const std::vector<Tensor> inputs = {random_tensor({6, 4}, 1)};
    testing_support::gradient_check(
        [&](std::span<const Var> x) {
          return focal(x[0], labels, {.gamma = gamma, .class_weights = weights});
        },
        inputs);
    testing_support::gradient_check(
        [&](std::span<const Var> x) { return binary_focal(x[0], targets, {.gamma = gamma}); }, inputs);
  }
}

TEST(Focal, OfTwoClassesIsThatOfOneDecision) {
  const Tensor x = random_tensor({7, 1}, 4), labels = labels_of({0, 1, 1, 0, 1, 0, 0});
  Tensor both = Tensor::zeros({7, 2}, DType::f64);
  for (std::int64_t i = 0; i < 7; ++i)
    both.data<double>()[static_cast<std::size_t>(2 * i + 1)] = x.at(i);
  const Tensor weights = Tensor::of<double>({2}, {0.25, 0.75});
  EXPECT_NEAR(
      binary_focal(Var(x), labels.to(DType::f64).reshape({7, 1}), {.gamma = 2, .class_weights = weights})
          .value()
          .at(0),
      focal(Var(both), labels, {.gamma = 2, .class_weights = weights}).value().at(0), 1e-14);
}

TEST(Focal, OfSureAnswersIsFinite) {
  for (const DType type : {DType::f32, DType::f64})
    for (const double gamma : {0.0, 0.5, 2.0}) {
      const Tensor logits = Tensor::of<double>({4, 2}, {1000, -1000, -1000, 1000, 40, -40, -40, 40}).to(type);
      const auto of_classes = differentiate(
          [&](std::span<const Var> x) {
            return focal(x[0], labels_of({0, 0, 1, 1}), {.gamma = gamma});
          },
          std::vector<Tensor>{logits});
      const auto of_decisions = differentiate(
          [&](std::span<const Var> x) {
            return binary_focal(x[0], Tensor::of<double>({4, 2}, {1, 1, 1, 1, 0, 0, 0, 0}).to(type),
                                {.gamma = gamma});
          },
          std::vector<Tensor>{logits});
      for (const auto* const seen : {&of_classes, &of_decisions}) {
        EXPECT_TRUE(std::isfinite(seen->value.at(0))) << gamma;
        for (std::int64_t i = 0; i < 8; ++i)
          EXPECT_TRUE(std::isfinite(seen->gradients[0].at(i))) << gamma << " " << i;
      }
    }
}

TEST(Focal, WeightsThatSumToNothingGiveNoLossAndNoGradient) {
  const auto seen = differentiate(
      [&](std::span<const Var> x) {
        return focal(x[0], labels_of({1, 1}), {.class_weights = Tensor::of<double>({2}, {1, 0})});
      },
      std::vector<Tensor>{random_tensor({2, 2}, 1)});
  EXPECT_EQ(seen.value.at(0), 0);
  EXPECT_THAT(seen.gradients[0].data<double>(), testing::Each(0.0));
}

TEST(Focal, RefusesWhatDoesNotFit) {
  const Var logits(Tensor::zeros({2, 3}));
  expect_error(
      ErrorKind::option,
      [&] {
        (void)focal(logits, labels_of({0, 1}), {.gamma = -1});
      },
      "focal: gamma wanted from 0 on, got -1");
  expect_error(
      ErrorKind::shape,
      [&] {
        (void)focal(logits, labels_of({0, 3}));
      },
      "labels within [0, 3), got 3");
  expect_error(
      ErrorKind::shape, [&] { (void)focal(logits, labels_of({0})); }, "labels i32 [2]");
  expect_error(
      ErrorKind::shape,
      [&] {
        (void)binary_focal(logits, Tensor::zeros({2, 2}));
      },
      "targets like the predictions");
}

}  // namespace
}  // namespace rondo

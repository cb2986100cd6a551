// Operations with gradients of one's own.
#include <cmath>

#include <gtest/gtest.h>

#include <rondo/ops.h>

#include "support/checks.h"
#include "support/expect_error.h"

namespace rondo::testing_support {
namespace {

using test::expect_error;

/// a · b / (1 + |a · b|), written for f64.
Var soft_product(const Var& a, const Var& b) {
  Tensor value = Tensor::zeros(a.shape(), DType::f64);
  for (std::size_t i = 0; i < static_cast<std::size_t>(value.size()); ++i) {
    const double product = a.value().data<double>()[i] * b.value().data<double>()[i];
    value.data<double>()[i] = product / (1 + std::abs(product));
  }
  return custom_op("soft_product", value, {a, b}, [a, b](const Tensor& dy) {
    Tensor da = Tensor::zeros(a.shape(), DType::f64), db = Tensor::zeros(b.shape(), DType::f64);
    for (std::size_t i = 0; i < static_cast<std::size_t>(dy.size()); ++i) {
      const double x = a.value().data<double>()[i], y = b.value().data<double>()[i];
      const double bend = 1 + std::abs(x * y), slope = dy.data<double>()[i] / (bend * bend);
      da.data<double>()[i] = slope * y;
      db.data<double>()[i] = slope * x;
    }
    return std::vector<Tensor>{da, db};
  });
}

TEST(CustomOp, GradientsAreThoseOfItsValue) {
  const std::vector<Tensor> inputs = {random_tensor({3, 4}, 1), random_tensor({3, 4}, 2)};
  gradient_check([](std::span<const Var> x) { return soft_product(x[0], x[1]); }, inputs);
  gradient_check([](std::span<const Var> x) { return soft_product(tanh(x[0]), x[0]) * x[1]; }, inputs);
}

/// x, through `gradient`.
Var passed(const Var& x, GradientFunction gradient) {
  return custom_op("passed", x.value(), {x}, std::move(gradient));
}

TEST(CustomOp, OneTensorMayServeSeveralInputs) {
  const Var a = parameter(random_tensor({2, 2}, 1)), b = parameter(random_tensor({2, 2}, 2));
  const Recording step;
  const Var x = a * Var(1.F).value().to(DType::f64), y = b * Var(1.F).value().to(DType::f64);
  const Var besides = sum(x);  // whose gradient reaches x after that of `both`, and must not reach y
  const Var both = custom_op("both", x.value(), {x, y}, [](const Tensor& dy) {
    return std::vector<Tensor>{dy, dy};
  });
  (sum(both) + besides).backward();
  for (std::int64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(a.leaf()->gradient.at(i), 2);
    EXPECT_EQ(b.leaf()->gradient.at(i), 1);
  }
}

TEST(CustomOp, IsCalledOnceAndOnlyForAGradient) {
  int calls = 0;
  const auto count = [&](const Tensor& dy) {
    ++calls;
    return std::vector<Tensor>{dy};
  };
  const Var x = parameter(random_tensor({2}, 1));
  EXPECT_FALSE(passed(x, count).tracked()) << "without a Recording";
  {
    const Recording step;
    EXPECT_FALSE(passed(x.value(), count).tracked()) << "of a constant";
    const Var unused = passed(x, count), used = passed(x, count);
    EXPECT_TRUE(unused.tracked());
    EXPECT_EQ(calls, 0);
    sum(used).backward();
  }
  EXPECT_EQ(calls, 1);
}

TEST(CustomOp, AnEmptyTensorIsNoGradient) {
  const Var x = parameter(random_tensor({2}, 1));
  const Recording step;
  sum(passed(x, [](const Tensor&) { return std::vector<Tensor>(1); })).backward();
  EXPECT_EQ(x.leaf()->gradient.at(0), 0);
}

TEST(CustomOp, RefusesWhatDoesNotFit) {
  expect_error(
      ErrorKind::shape, [] { custom_op("mine", Tensor::zeros({2}, DType::i32), {}, {}); }, "mine wanted",
      "f32 or f64", "i32 [2]");
  const Var x = parameter(random_tensor({2}, 1));
  const auto backward = [&](const std::vector<Tensor>& gradients) {
    const Recording step;
    sum(passed(x, [&](const Tensor&) { return gradients; })).backward();
  };
  expect_error(
      ErrorKind::shape, [&] { backward({}); }, "passed: its gradient", "1 inputs, got 0");
  expect_error(
      ErrorKind::shape, [&] { backward({Tensor::zeros({3}, DType::f64)}); },
      "passed: the gradient of input 0 wanted f64 [2], got f64 [3]");
  expect_error(
      ErrorKind::shape, [&] { backward({Tensor::zeros({2})}); }, "wanted f64 [2], got f32 [2]");
}

}  // namespace
}  // namespace rondo::testing_support

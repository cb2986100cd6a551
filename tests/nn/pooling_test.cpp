// Pooling by attention, pooling over windows, and highway connections, against loops over numbers.
#include <cmath>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/pooling.h>

#include "support/checks.h"
#include "support/expect_error.h"

namespace rondo::testing_support {
namespace {

using test::expect_error;

std::shared_ptr<const Layout> packed() {
  const std::vector<std::int32_t> lengths = {6, 4, 4, 1};
  return Layout::of(lengths);
}

double number(const Tensor& x, std::int64_t row, std::int64_t column) {
  return x.at(row * x.columns() + column);
}

/// weight [M, N] · a row of x
std::vector<double> times(const Tensor& weight, const Tensor& x, std::int64_t row) {
  std::vector<double> y(static_cast<std::size_t>(weight.rows()), 0.0);
  for (std::int64_t m = 0; m < weight.rows(); ++m)
    for (std::int64_t n = 0; n < weight.columns(); ++n)
      y[static_cast<std::size_t>(m)] += number(weight, m, n) * number(x, row, n);
  return y;
}

double score_of(AttentionScore score, const ParameterStore& store, const Tensor& x, std::int64_t row) {
  const Tensor query = store.get("query");
  double sum = 0;
  if (score == AttentionScore::dot || score == AttentionScore::scaled_dot) {
    for (std::int64_t j = 0; j < x.columns(); ++j)
      sum += query.at(j) * number(x, row, j);
    return score == AttentionScore::dot ? sum : sum / std::sqrt(static_cast<double>(x.columns()));
  }
  const std::vector<double> key = times(store.get("weight"), x, row);
  for (std::size_t j = 0; j < key.size(); ++j) {
    const auto at = static_cast<std::int64_t>(j);
    sum += score == AttentionScore::bilinear
               ? query.at(at) * key[j]
               : store.get("direction").at(at) * std::tanh(query.at(at) + key[j]);
  }
  return sum;
}

TEST(AttentionPooling, IsAMeanWeightedByScores) {
  const Tensor x = random_tensor({15, 3}, 1);
  const auto layout = packed();
  for (const AttentionScore score : {AttentionScore::dot, AttentionScore::scaled_dot,
                                     AttentionScore::bilinear, AttentionScore::additive}) {
    SCOPED_TRACE(std::string(name_of(score)));
    const auto store = std::make_shared<ParameterStore>(1, DType::f64);
    const nn::AttentionPooling pool(Scope(store), 3, {.score = score, .units = 5});
    for (const Parameter& p : store->parameters())
      store->set(p.name, random_tensor(p.leaf->value.shape(), 7));
    const Attended found = pool.attended({Var(x), layout});
    expect_same_bits(pool({Var(x), layout}).value(), found.context.value(), "call");
    for (std::int64_t k = 0; k < 4; ++k) {
      double all = 0;
      std::vector<double> shares;
      for (std::int64_t t = 0; t < layout->length(k); ++t) {
        shares.push_back(std::exp(score_of(score, *store, x, layout->row(k, t))));
        all += shares.back();
      }
      for (std::int64_t j = 0; j < 3; ++j) {
        double mean = 0;
        for (std::size_t t = 0; t < shares.size(); ++t)
          mean += shares[t] / all * number(x, layout->row(k, static_cast<std::int64_t>(t)), j);
        EXPECT_NEAR(number(found.context.value(), k, j), mean, 1e-12) << k << " " << j;
      }
      const std::vector<double> weights = found.of(k);
      ASSERT_EQ(weights.size(), shares.size());
      for (std::size_t t = 0; t < shares.size(); ++t)
        EXPECT_NEAR(weights[t], shares[t] / all, 1e-12);
    }
  }
}

TEST(AttentionPooling, HasTheGradientsOfItsValue) {
  for (const AttentionScore score : {AttentionScore::scaled_dot, AttentionScore::additive}) {
    const auto layout = packed();
    const bool additive = score == AttentionScore::additive;
    const auto pooled = [&](std::span<const Var> x) {
      const auto store = std::make_shared<ParameterStore>(1, DType::f64);
      return nn::AttentionPooling(Scope(store), 3, {.score = score})({x[0], layout});
    };
    gradient_check(pooled, std::vector<Tensor>{random_tensor({15, 3}, 1)});
    // Of the weights: a step along the gradient changes the sum as it says.
    const auto store = std::make_shared<ParameterStore>(1, DType::f64);
    const nn::AttentionPooling pool(Scope(store), 3, {.score = score});
    const Var x(random_tensor({15, 3}, 1));
    const Tensor by = random_tensor({4, 3}, 2);
    const auto value = [&] { return sum(pool({x, layout}) * Var(by)); };
    {
      const Recording recording;
      value().backward();
    }
    for (const char* const name : {"query", "weight", "direction"}) {
      if (!additive && std::string_view(name) != "query") continue;
      const Tensor before = store->get(name), gradient = store->find(name)->leaf->gradient.clone();
      for (std::int64_t i = 0; i < before.size(); ++i) {
        Tensor up = before.clone(), down = before.clone();
        up.data<double>()[static_cast<std::size_t>(i)] += 1e-5;
        down.data<double>()[static_cast<std::size_t>(i)] -= 1e-5;
        store->set(name, up);
        const double above = value().value().at(0);
        store->set(name, down);
        EXPECT_NEAR(gradient.at(i), (above - value().value().at(0)) / 2e-5, 1e-8) << name << " " << i;
      }
      store->set(name, before);
    }
  }
}

// -- Windows: ragged lengths, every padding, against the definition.

using Range = std::pair<std::int64_t, std::int64_t>;

/// The steps [first, last) of window `i`, cut to the sequence.
Range steps_of(Padding padding, std::int64_t size, std::int64_t stride, std::int64_t length, std::int64_t i) {
  std::int64_t first = i * stride;
  if (padding == Padding::causal) first -= size - 1;
  if (padding == Padding::same) {
    const std::int64_t windows = (length + stride - 1) / stride;
    first -= std::max<std::int64_t>(0, (windows - 1) * stride + size - length) / 2;
  }
  return {std::max<std::int64_t>(0, first), std::min(first + size, length)};
}

void expect_windows(int size, int stride, Padding padding) {
  SCOPED_TRACE(std::to_string(size) + " " + std::to_string(stride) + " " + std::string(name_of(padding)));
  const Tensor x = random_tensor({15, 3}, 1);
  const auto layout = packed();
  const Sequences largest =
      nn::MaxPooling1D({.pool_size = size, .strides = stride, .padding = padding})({Var(x), layout});
  const Sequences means =
      nn::AveragePooling1D({.pool_size = size, .strides = stride, .padding = padding})({Var(x), layout});
  for (std::int64_t k = 0; k < 4; ++k) {
    const std::int64_t length = layout->length(k);
    const std::int64_t count =
        padding == Padding::valid ? (length - size) / stride + 1 : (length + stride - 1) / stride;
    ASSERT_EQ(largest.layout()->length(k), count);
    for (std::int64_t i = 0; i < count; ++i)
      for (std::int64_t j = 0; j < 3; ++j) {
        const auto [first, last] = steps_of(padding, size, stride, length, i);
        double most = -INFINITY, sum = 0;
        for (std::int64_t t = first; t < last; ++t) {
          most = std::max(most, number(x, layout->row(k, t), j));
          sum += number(x, layout->row(k, t), j);
        }
        const std::int64_t row = largest.layout()->row(k, i);
        EXPECT_EQ(number(largest.rows().value(), row, j), most);
        EXPECT_NEAR(number(means.rows().value(), row, j), sum / static_cast<double>(last - first), 1e-14);
      }
  }
}

TEST(WindowPooling, IsTheLargestAndTheMeanOfEachWindow) {
  for (const int size : {1, 2, 3, 5})
    for (const int stride : {1, 2, 3}) {
      expect_windows(size, stride, Padding::same);
      expect_windows(size, stride, Padding::causal);
    }
  expect_windows(1, 1, Padding::valid);
  expect_windows(1, 2, Padding::valid);
}

TEST(WindowPooling, StridesAreTheSizeUnlessGiven) {
  const Sequences pooled = nn::MaxPooling1D({.pool_size = 3})({Var(random_tensor({15, 3}, 1)), packed()});
  EXPECT_EQ(pooled.layout()->length(0), 2);
  EXPECT_EQ(pooled.layout()->length(3), 1);
}

TEST(WindowPooling, RefusesWhatHasNoWindow) {
  const Sequences x(Var(random_tensor({15, 3}, 1)), packed());
  expect_error(
      ErrorKind::shape, [&] { nn::MaxPooling1D({.pool_size = 2, .padding = Padding::valid})(x); },
      "shorter than a window", "same");
  expect_error(
      ErrorKind::option, [&] { nn::AveragePooling1D({.pool_size = 0}); }, "average_pooling1d.pool_size", "0");
  expect_error(
      ErrorKind::option, [&] { pool_windows(x, Pool::max, {.size = 2, .dilation = 2}); }, "dilation", "2");
}

// -- Highway.

TEST(Highway, TakesAShareAndHandsTheRestOn) {
  const auto store = std::make_shared<ParameterStore>(1, DType::f64);
  const nn::Highway highway(Scope(store), 3, {.activation = Activation::tanh});
  EXPECT_EQ(store->get("gate_bias").at(0), -1) << "most is handed on at first";
  for (const Parameter& p : store->parameters())
    store->set(p.name, random_tensor(p.leaf->value.shape(), 3));
  const Tensor x = random_tensor({7, 3}, 1);
  const Tensor y = highway(Var(x)).value();
  for (std::int64_t i = 0; i < 7; ++i) {
    const std::vector<double> done = times(store->get("weight"), x, i),
                              gate = times(store->get("gate_weight"), x, i);
    for (std::int64_t j = 0; j < 3; ++j) {
      const auto at = static_cast<std::size_t>(j);
      const double share = 1 / (1 + std::exp(-gate[at] - store->get("gate_bias").at(j)));
      const double wanted =
          share * std::tanh(done[at] + store->get("bias").at(j)) + (1 - share) * number(x, i, j);
      EXPECT_NEAR(number(y, i, j), wanted, 1e-14);
    }
  }
}

TEST(Highway, HasTheGradientsOfItsValue) {
  gradient_check(
      [](std::span<const Var> x) {
        return nn::Highway(Scope(std::make_shared<ParameterStore>(1, DType::f64)), 4)(x[0]);
      },
      std::vector<Tensor>{random_tensor({6, 4}, 1)});
  expect_error(
      ErrorKind::option,
      [] { nn::Highway(Scope(std::make_shared<ParameterStore>()) / "h", 3, {.gate_bias = 200}); },
      "h.gate_bias", "200");
}

}  // namespace
}  // namespace rondo::testing_support

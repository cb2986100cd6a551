// Attention over ragged memories against its definition, written out.
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include <rondo/attention.h>
#include <rondo/ops.h>

#include "support/checks.h"
#include "support/expect_error.h"

namespace rondo::testing_support {
namespace {

using test::expect_error;

constexpr std::int64_t width = 5, columns = 3;
const std::vector<std::int32_t> lengths = {4, 3, 3, 1};
/// Some memories are asked twice, one never; the queries come in no order.
const std::vector<std::int32_t> asked = {2, 0, 0, 3, 2};

struct Inputs {
  std::shared_ptr<const Layout> layout = Layout::of(lengths);
  Tensor query, keys, values, direction;

  explicit Inputs(DType type = DType::f64)
      : query(random_tensor({std::ssize(asked), width}, 1, type)),
        keys(random_tensor({layout->rows(), width}, 2, type)),
        values(random_tensor({layout->rows(), columns}, 3, type)),
        direction(random_tensor({width}, 4, type)) {}
};

double score(const Inputs& in, std::int64_t query, std::int64_t row, double scale, bool additive) {
  double sum = 0;
  for (std::int64_t i = 0; i < width; ++i) {
    const double q = in.query.at(query * width + i), k = in.keys.at(row * width + i);
    sum += additive ? in.direction.at(i) * std::tanh(q + k) : scale * q * k;
  }
  return sum;
}

void expect_defined(const Attended& found, const Inputs& in, double scale, bool additive, double tolerance) {
  Tensor wanted = Tensor::zeros({std::ssize(asked), columns}, DType::f64);
  for (std::int64_t q = 0; q < std::ssize(asked); ++q) {
    const std::int64_t memory = asked[static_cast<std::size_t>(q)], steps = in.layout->length(memory);
    std::vector<double> weights;
    for (std::int64_t t = 0; t < steps; ++t)
      weights.push_back(std::exp(score(in, q, in.layout->row(memory, t), scale, additive)));
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    const std::vector<double> given = found.of(q);
    ASSERT_EQ(given.size(), weights.size());
    for (std::int64_t t = 0; t < steps; ++t) {
      const double weight = weights[static_cast<std::size_t>(t)] / sum;
      EXPECT_NEAR(given[static_cast<std::size_t>(t)], weight, tolerance) << "query " << q << " step " << t;
      for (std::int64_t c = 0; c < columns; ++c)
        wanted.data<double>()[static_cast<std::size_t>(q * columns + c)] +=
            weight * in.values.at(in.layout->row(memory, t) * columns + c);
    }
  }
  expect_close(found.context.value().to(DType::f64), wanted, tolerance, "context");
}

Attended run(const Inputs& in, double scale, bool additive) {
  return attend(Var(in.query), Var(in.keys), {Var(in.values), in.layout}, asked, scale,
                additive ? Var(in.direction) : Var());
}

TEST(Attention, IsAMeanByMatch) {
  for (const bool additive : {false, true}) {
    expect_defined(run(Inputs(), 0.7, additive), Inputs(), 0.7, additive, 1e-12);
    for_each_isa(
        [&] { expect_defined(run(Inputs(DType::f32), 0.7, additive), Inputs(), 0.7, additive, 1e-5); });
  }
}

TEST(Attention, HasItsGradients) {
  const Inputs in;
  for (const bool additive : {false, true}) {
    std::vector<Tensor> inputs = {in.query, in.keys, in.values};
    if (additive) inputs.push_back(in.direction);
    gradient_check(
        [&](std::span<const Var> x) {
          return attend(x[0], x[1], {x[2], in.layout}, asked, 0.7, additive ? x[3] : Var()).context;
        },
        inputs);
  }
}

TEST(Attention, IsTheSameAloneAndOnAnyThreads) {
  const Inputs in(DType::f32);
  const Attended together = run(in, 1, true);
  for_each_thread_count(
      [&] { expect_same_bits(run(in, 1, true).context.value(), together.context.value(), "context"); });
  const Var one = slice_rows(Var(in.query), 1, 2);
  const Attended alone = attend(one, Var(in.keys), {Var(in.values), in.layout}, std::vector<std::int32_t>{0},
                                1, Var(in.direction));
  for (std::int64_t c = 0; c < columns; ++c)
    EXPECT_EQ(alone.context.value().at(c), together.context.value().at(columns + c));
}

TEST(Attention, SurvivesLargeScores) {
  Inputs in(DType::f32);
  for (float& value : in.query.data<float>())
    value *= 1e4F;
  const Attended found = run(in, 1, false);
  for (std::int64_t i = 0; i < found.context.value().size(); ++i)
    EXPECT_TRUE(std::isfinite(found.context.value().at(i)));
}

TEST(Attention, RefusesWhatDoesNotFit) {
  const Inputs in;
  const Sequences values(Var(in.values), in.layout);
  expect_error(
      ErrorKind::shape, [&] { attend(Var(in.query), Var(in.values), values, asked); }, "");
  expect_error(
      ErrorKind::shape,
      [&] {
        attend(Var(in.query), Var(in.keys), values, std::vector<std::int32_t>{0, 1, 2, 3, 4});
      },
      "");
}

}  // namespace
}  // namespace rondo::testing_support

// Connectionist temporal classification against a sum over every path, and what it says of impossible
// targets.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/ctc.h>
#include <rondo/error.h>

#include "support/checks.h"
#include "support/expect_error.h"
#include "support/golden.h"

namespace rondo::testing_support {
namespace {

using Labels = std::vector<std::int32_t>;
using Targets = std::vector<Labels>;
using Rows = std::vector<std::vector<double>>;

constexpr double infinite = std::numeric_limits<double>::infinity();

Labels collapsed(const Labels& path) {
  Labels labels;
  for (std::size_t t = 0; t < path.size(); ++t)
    if (path[t] != 0 && (t == 0 || path[t] != path[t - 1])) labels.push_back(path[t]);
  return labels;
}

/// -ln of the sum over every path, one after another.
double plain_loss(const Rows& p, const Labels& target) {
  const auto symbols = static_cast<std::int32_t>(p[0].size());
  Labels path(p.size(), 0);
  double sum = 0;
  for (bool more = true; more;) {
    if (collapsed(path) == target) {
      double product = 1;
      for (std::size_t t = 0; t < p.size(); ++t)
        product *= p[t][static_cast<std::size_t>(path[t])];
      sum += product;
    }
    more = false;
    for (std::size_t t = 0; t < path.size() && !more; ++t)
      if (++path[t] < symbols)
        more = true;
      else
        path[t] = 0;
  }
  return sum > 0 ? -std::log(sum) : infinite;
}

/// One sequence's logits, from probabilities.
Tensor logits_of(const Rows& p) {
  std::vector<double> logs;
  for (const std::vector<double>& row : p)
    for (const double x : row)
      logs.push_back(std::log(x));
  return Tensor::of({static_cast<std::int64_t>(p.size()), static_cast<std::int64_t>(p[0].size())}, logs);
}

double loss_of(const Rows& p, const Labels& target) {
  const Targets targets = {target};
  return ctc_loss({Var(logits_of(p)), Layout::uniform(1, static_cast<std::int64_t>(p.size()))}, targets)
      .losses[0];
}

Rows uniform(std::size_t frames) {
  return Rows(frames, {1.0 / 3, 1.0 / 3, 1.0 / 3});
}
const Rows six = {{.2, .7, .1}, {.1, .8, .1}, {.6, .3, .1}, {.1, .6, .3}, {.1, .2, .7}, {.2, .1, .7}};

TEST(CTC, FewestFrames) {
  EXPECT_EQ(ctc_frames(Labels{}), 0);
  EXPECT_EQ(ctc_frames(Labels{1}), 1);
  EXPECT_EQ(ctc_frames(Labels{1, 2}), 2);
  EXPECT_EQ(ctc_frames(Labels{1, 1}), 3);
  EXPECT_EQ(ctc_frames(Labels{1, 1, 2}), 4);
  EXPECT_EQ(ctc_frames(Labels{1, 1, 1}), 5);
  EXPECT_EQ(ctc_frames(Labels{2, 2, 1, 1}), 6);
}

TEST(CTC, KnownNumbers) {
  EXPECT_NEAR(loss_of(uniform(1), {1}), 1.098612, 1e-6);
  EXPECT_NEAR(loss_of(uniform(3), {1}), 1.504077, 1e-6);
  EXPECT_NEAR(loss_of(uniform(2), {1, 2}), 2.197225, 1e-6);
  EXPECT_NEAR(loss_of(uniform(3), {1, 2}), 1.686399, 1e-6);
  EXPECT_NEAR(loss_of(uniform(3), {1, 1}), 3.295837, 1e-6);
  EXPECT_NEAR(loss_of(uniform(4), {1, 1}), 2.785011, 1e-6);
  EXPECT_NEAR(loss_of(uniform(4), {1, 1, 2}), 4.394449, 1e-6);
  EXPECT_NEAR(loss_of(uniform(6), {1, 1, 2}), 3.259469, 1e-6);
  EXPECT_NEAR(loss_of(uniform(3), {}), 3.295837, 1e-6);
  EXPECT_NEAR(loss_of(six, {1, 2}), 1.140779, 1e-6);
  EXPECT_NEAR(loss_of(six, {1, 1, 2}), 1.328822, 1e-6);
  EXPECT_NEAR(loss_of(six, {}), 10.637457, 1e-6);
  EXPECT_EQ(loss_of(uniform(2), {1, 1}), infinite);
}

TEST(CTC, GradientOfKnownNumbers) {
  const Var logits = parameter(logits_of(six));
  const Recording recording;
  const Targets targets = {{1, 1, 2}};
  ctc_loss({logits, Layout::uniform(1, 6)}, targets).loss.backward();
  EXPECT_NEAR(logits.leaf()->gradient.at(0), 0.009343, 1e-6);
  EXPECT_NEAR(logits.leaf()->gradient.at(1), -0.109343, 1e-6);
  EXPECT_NEAR(logits.leaf()->gradient.at(2), 0.1, 1e-6);
}

TEST(CTC, EveryPathOfEveryShortTarget) {
  const Targets targets = {{},     {1},       {2},       {1, 2},    {2, 1},
                           {1, 1}, {1, 1, 2}, {2, 1, 2}, {1, 1, 1}, {2, 2, 1, 1}};
  for (std::int64_t frames = 1; frames <= 7; ++frames) {
    const Tensor noise = random_tensor({frames, 3}, static_cast<std::uint64_t>(frames), DType::f64, -2, 2);
    Rows p;
    for (std::int64_t t = 0; t < frames; ++t) {
      double sum = 0;
      p.push_back({});
      for (std::int64_t k = 0; k < 3; ++k)
        sum += std::exp(noise.at(3 * t + k));
      for (std::int64_t k = 0; k < 3; ++k)
        p.back().push_back(std::exp(noise.at(3 * t + k)) / sum);
    }
    for (const Labels& target : targets) {
      const double wanted = plain_loss(p, target), got = loss_of(p, target);
      if (std::isinf(wanted))
        EXPECT_EQ(got, infinite) << frames;
      else
        EXPECT_NEAR(got, wanted, 1e-9) << frames;
    }
  }
}

const std::vector<std::int32_t> lengths = {9, 7, 7, 3, 1};
const Targets ragged = {{1, 1, 2}, {3, 1, 3, 3}, {}, {4, 4, 4}, {2}};  // the fourth has no path

TEST(CTC, GradientCheck) {
  const auto layout = Layout::of(lengths);
  const std::vector<Tensor> inputs = {random_tensor({layout->rows(), 5}, 7, DType::f64, -3, 3)};
  const Tensor weights = Tensor::of<double>({5}, std::vector<double>{1, 0.5, 2, 3, 0.25});
  gradient_check(
      [&](std::span<const Var> x) {
        return ctc_loss({x[0], layout}, ragged, {.blank = 0, .weights = weights}).loss;
      },
      inputs);
}

TEST(CTC, ImpossibleTargetsHaveNoPartInTheMean) {
  const auto layout = Layout::of(lengths);
  const Var logits = parameter(random_tensor({layout->rows(), 5}, 7, DType::f32));
  const Recording recording;
  const CTCLoss got = ctc_loss({logits, layout}, ragged);
  EXPECT_EQ(got.weight, 4);
  EXPECT_EQ(got.losses[3], infinite);
  EXPECT_NEAR(static_cast<double>(got.loss.item()),
              (got.losses[0] + got.losses[1] + got.losses[2] + got.losses[4]) / 4, 1e-6);
  got.loss.backward();
  for (std::int64_t t = 0; t < 3; ++t)
    for (std::int64_t k = 0; k < 5; ++k)
      EXPECT_EQ(logits.leaf()->gradient.at(5 * layout->row(3, t) + k), 0);
}

TEST(CTC, AllImpossible) {
  const Var logits = parameter(random_tensor({2, 3}, 7, DType::f32));
  const Recording recording;
  const Targets targets = {{1, 1}};
  const CTCLoss got = ctc_loss({logits, Layout::uniform(1, 2)}, targets);
  EXPECT_EQ(got.weight, 0);
  EXPECT_EQ(got.loss.item(), 0);
  got.loss.backward();
  for (std::int64_t i = 0; i < 6; ++i)
    EXPECT_EQ(logits.leaf()->gradient.at(i), 0);
}

TEST(CTC, SymbolsOfProbabilityZero) {
  // Every path of "a" needs a symbol that cannot be.
  const Rows p = {{1, 0, 0}, {0.5, 0, 0.5}};
  EXPECT_EQ(loss_of(p, {1}), infinite);
  EXPECT_NEAR(loss_of(p, {2}), -std::log(0.5), 1e-12);
}

TEST(CTC, NotANumberStays) {
  Rows p = uniform(3);
  p[1][2] = std::nan("");
  EXPECT_TRUE(std::isnan(loss_of(p, {1})));
}

TEST(CTC, LongSequencesDoNotUnderflow) {
  const double loss = loss_of(uniform(4000), Labels(1000, 1));
  EXPECT_TRUE(std::isfinite(loss));
  EXPECT_GT(loss, 0);
}

TEST(CTC, SameBitsAloneAndInABatchThreads) {
  const auto layout = Layout::of(lengths);
  const Tensor x = random_tensor({layout->rows(), 5}, 3, DType::f32);
  std::vector<double> first;
  for_each_thread_count([&] {
    const std::vector<double> losses = ctc_loss({Var(x), layout}, ragged).losses;
    if (first.empty()) first = losses;
    EXPECT_EQ(losses, first);
    for (std::int64_t i = 0; i < layout->sequences(); ++i) {
      std::vector<float> rows;
      for (std::int64_t t = 0; t < layout->length(i); ++t)
        for (std::int64_t k = 0; k < 5; ++k)
          rows.push_back(static_cast<float>(x.at(5 * layout->row(i, t) + k)));
      const Targets one = {ragged[static_cast<std::size_t>(i)]};
      EXPECT_EQ(
          ctc_loss({Var(Tensor::of({layout->length(i), 5}, rows)), Layout::uniform(1, layout->length(i))},
                   one)
              .losses[0],
          losses[static_cast<std::size_t>(i)]);
    }
  });
}

TEST(CTC, WrongLabels) {
  const Sequences x(Var(random_tensor({2, 3}, 7, DType::f32)), Layout::uniform(1, 2));
  const auto with = [&](Labels labels, std::int32_t blank = 0) {
    const Targets targets = {std::move(labels)};
    return ctc_loss(x, targets, {.blank = blank}).weight;
  };
  EXPECT_THROW(with({3}), Error);
  EXPECT_THROW(with({-1}), Error);
  EXPECT_THROW(with({0}), Error);
  EXPECT_THROW(with({2}, 2), Error);
  EXPECT_THROW(with({1}, 3), Error);
  EXPECT_THROW(ctc_loss(x, Targets{}), Error);
}

TEST(CTC, LikePyTorch) {
  const Golden golden = read_golden("ctc.safetensors");
  for (const std::string name : {"one", "empty", "ragged", "last_blank", "tight"})
    for (const DType type : {DType::f64, DType::f32}) {
      SCOPED_TRACE(name);
      const auto read = [&](const std::string& what) -> const Tensor& {
        return golden.at(name + "/" + what);
      };
      std::vector<std::int32_t> steps;
      Targets targets;
      const Tensor& given = read("targets");
      for (std::int64_t i = 0; i < read("lengths").size(); ++i) {
        steps.push_back(static_cast<std::int32_t>(read("lengths").at(i)));
        targets.emplace_back();
        for (std::int64_t k = 0; k < given.columns(); ++k)
          if (given.at(i * given.columns() + k) >= 0)
            targets.back().push_back(static_cast<std::int32_t>(given.at(i * given.columns() + k)));
      }
      const Var logits = parameter(read("logits").to(type));
      const Recording recording;
      const CTCLoss got = ctc_loss(
          {logits, Layout::of(steps)}, targets,
          {.blank = static_cast<std::int32_t>(read("blank").at(0)), .weights = read("weights").to(type)});
      got.loss.backward();
      const double tolerance = type == DType::f64 ? 1e-12 : 1e-5;
      expect_close(got.loss.value().reshape({1}), read("loss"), tolerance, "loss");
      expect_close(logits.leaf()->gradient, read("d.logits"), tolerance, "d.logits");
      for (std::int64_t i = 0; i < read("losses").size(); ++i)
        EXPECT_NEAR(got.losses[static_cast<std::size_t>(i)], read("losses").at(i), 10 * tolerance);
    }
}

}  // namespace
}  // namespace rondo::testing_support

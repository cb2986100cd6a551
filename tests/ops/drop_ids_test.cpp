// Numbers and features dropped at random, as a function of (seed, step, key, place).
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/ops.h>

#include "support/checks.h"
#include "support/expect_error.h"

namespace rondo::testing_support {
namespace {

using test::expect_error;

/// 1, 2, 3, 1, 2, 3, ...
Tensor some_numbers(std::int64_t count) {
  Tensor ids = Tensor::uninitialised({count}, DType::i32);
  for (std::int64_t i = 0; i < count; ++i)
    ids.data<std::int32_t>()[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(1 + i % 3);
  return ids;
}

TEST(DropIds, EachByItsRate) {
  const std::int64_t count = 30'000;
  const Tensor ids = some_numbers(count);
  const std::vector<float> rates = {0, 0, 0.3F, 1};
  const Recording recording;
  const Tensor kept = drop_ids(ids, rates, 7);
  std::int64_t dropped = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const double now = kept.at(i), before = ids.at(i);
    EXPECT_TRUE(now == before || now == 0);
    if (before == 1) {
      EXPECT_EQ(now, 1);
    }
    if (before == 3) {
      EXPECT_EQ(now, 0);
    }
    dropped += before == 2 && now == 0 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(dropped) / 10'000, 0.3, 0.02);
}

TEST(DropIds, IsAFunctionOfSeedStepAndKey) {
  const Tensor ids = some_numbers(999);
  const std::vector<float> rates(4, 0.5F);
  const auto draw = [&](RecordingOptions options, std::uint64_t key) {
    const Recording recording(options);
    const Tensor kept = drop_ids(ids, rates, key);
    return std::vector<std::int32_t>(kept.data<std::int32_t>().begin(), kept.data<std::int32_t>().end());
  };
  const auto first = draw({.seed = 1, .step = 3}, 5);
  EXPECT_EQ(draw({.seed = 1, .step = 3}, 5), first);
  EXPECT_NE(draw({.seed = 2, .step = 3}, 5), first);
  EXPECT_NE(draw({.seed = 1, .step = 4}, 5), first);
  EXPECT_NE(draw({.seed = 1, .step = 3}, 6), first);
  expect_same_bits(drop_ids(ids, rates, 5), ids, "outside of a recording");
  const Recording without({.dropout = false});
  expect_same_bits(drop_ids(ids, rates, 5), ids, "without dropout");
}

TEST(DropIds, ThreadsChangeNothing) {
  const Tensor ids = some_numbers(100'001);
  const std::vector<float> rates(4, 0.5F);
  std::vector<Tensor> results;
  for_each_thread_count([&] {
    const Recording recording;
    results.push_back(drop_ids(ids, rates, 5));
    expect_same_bits(results.back(), results.front(), "numbers");
  });
}

TEST(DropIds, RefusesWhatHasNoRate) {
  const std::vector<float> few = {0, 0.5F}, wrong = {0, 2, 0, 0};
  expect_error(
      ErrorKind::shape, [&] { drop_ids(some_numbers(3), few, 1); }, "within [0, 2)", "got 2");
  expect_error(
      ErrorKind::option, [&] { drop_ids(some_numbers(3), wrong, 1); }, "from 0 to 1");
  expect_error(
      ErrorKind::shape, [&] { drop_ids(Tensor::zeros({3}), few, 1); }, "i32 [N]");
}

TEST(DropoutSequences, HasOneMaskForAllSteps) {
  const auto layout = Layout::of(std::vector<std::int32_t>{5, 3, 5});
  const Sequences x(parameter(Tensor::full({13, 40}, 1)), layout);
  expect_same_bits(dropout_sequences(x, 0.5F, 3).rows().value(), x.rows().value(), "outside of a recording");
  const Recording recording;
  const Sequences y = dropout_sequences(x, 0.5F, 3);
  std::set<std::vector<float>> masks;
  for (const Tensor& sequence : y.unpack()) {
    const auto all = sequence.data<float>();
    const std::vector<float> first(all.begin(), all.begin() + 40);
    masks.insert(first);
    EXPECT_THAT(first, testing::Each(testing::AnyOf(0, 2)));
    for (std::int64_t t = 1; t < sequence.rows(); ++t)
      EXPECT_TRUE(std::equal(first.begin(), first.end(), all.begin() + 40 * t));
  }
  EXPECT_EQ(masks.size(), 3U);
}

TEST(DropoutSequences, PassesTheGradientWhereTheValueWent) {
  const std::vector<Tensor> inputs = {random_tensor({8, 5}, 1)};
  gradient_check(
      [](std::span<const Var> x) {
        return dropout_sequences({x[0], Layout::of(std::vector<std::int32_t>{3, 5})}, 0.4F, 9).rows();
      },
      inputs);
}

}  // namespace
}  // namespace rondo::testing_support

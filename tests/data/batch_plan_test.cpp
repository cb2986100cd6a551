#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/data.h>
#include <rondo/error.h>

#include "support/expect_error.h"

namespace rondo::data {
namespace {

using test::expect_error;
using testing::ElementsAre;
using Lengths = std::vector<std::int32_t>;
using Lists = std::vector<std::vector<std::size_t>>;

Lengths lengths(std::size_t count) {
  Lengths all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(static_cast<std::int32_t>(i * 7 % 23 + 1));
  return all;
}

Lists lists(const EpochPlan& plan) {
  Lists all;
  for (std::size_t i = 0; i < plan.size(); ++i)
    all.emplace_back(plan.examples(i).begin(), plan.examples(i).end());
  return all;
}

std::int64_t steps_of(const std::vector<std::size_t>& batch, const Lengths& all) {
  std::int64_t steps = 0;
  for (const std::size_t example : batch)
    steps += all[example];
  return steps;
}

void expect_each_once(const Lists& batches, std::size_t examples) {
  std::vector<std::size_t> seen;
  for (const auto& batch : batches) {
    EXPECT_FALSE(batch.empty());
    seen.insert(seen.end(), batch.begin(), batch.end());
  }
  std::sort(seen.begin(), seen.end());
  std::vector<std::size_t> all(examples);
  std::iota(all.begin(), all.end(), std::size_t{0});
  EXPECT_EQ(seen, all);
}

/// Dataset of features with these lengths.
Dataset features_of(const Lengths& all) {
  Examples examples;
  for (const std::int32_t steps : all)
    examples.features.push_back(Tensor::zeros({steps, 1}));
  return Dataset(std::move(examples));
}

TEST(BatchPlan, IsWhatBatchesFollow) {
  for (const BatchOptions options : {BatchOptions{.batch_size = 8, .bucket = 3}, BatchOptions{.rows = 60}}) {
    const BatchPlan plan(lengths(101), options, 6);
    const Batches batches(features_of(lengths(101)), options, 6);
    for (const bool shuffled : {true, false}) {
      const Lists planned = lists(shuffled ? plan.epoch(2) : plan.in_order());
      const Epoch epoch = shuffled ? batches.epoch(2) : batches.in_order();
      ASSERT_EQ(epoch.size(), planned.size());
      for (std::size_t i = 0; i < epoch.size(); ++i)
        EXPECT_EQ(epoch.batch(i).examples, planned[i]);
    }
    EXPECT_EQ(plan.rows(), batches.rows());
  }
}

TEST(BatchPlan, ByRowsFillsEachBatchUpToItsSteps) {
  const Lengths all = lengths(500);
  const BatchPlan plan(all, {.bucket = 8, .rows = 100}, 3);
  for (const Lists& batches : {lists(plan.epoch(0)), lists(plan.in_order())}) {
    expect_each_once(batches, all.size());
    std::size_t full = 0;
    for (const auto& batch : batches) {
      const std::int64_t steps = steps_of(batch, all);
      EXPECT_LE(steps, 100);
      full += steps > 100 - 23;
      EXPECT_TRUE(std::is_sorted(batch.begin(), batch.end(), [&](std::size_t a, std::size_t b) {
        return all[a] != all[b] ? all[a] > all[b] : a < b;
      }));
    }
    EXPECT_GT(full, batches.size() * 3 / 4);
  }
  EXPECT_EQ(lists(plan.epoch(4)), lists(BatchPlan(all, {.bucket = 8, .rows = 100}, 3).epoch(4)));
  EXPECT_NE(lists(plan.epoch(4)), lists(plan.epoch(5)));
}

TEST(BatchPlan, AnExampleLongerThanTheRowsIsABatchOfItsOwn) {
  const BatchPlan plan({3, 30, 2, 5, 40, 4}, {.rows = 10});
  EXPECT_THAT(lists(plan.in_order()),
              ElementsAre(ElementsAre(4), ElementsAre(1), ElementsAre(3, 5), ElementsAre(0, 2)));
  const Lists shuffled = lists(plan.epoch(1));
  expect_each_once(shuffled, 6);
  EXPECT_THAT(shuffled, testing::AllOf(testing::Contains(ElementsAre(4)), testing::Contains(ElementsAre(1))));
  EXPECT_THAT(lists(BatchPlan({3, 30, 2}, {.bucket = 1, .rows = 1}).in_order()),
              ElementsAre(ElementsAre(1), ElementsAre(0), ElementsAre(2)));
}

TEST(BatchPlan, BucketsBringLikeLengthsTogetherByRowsToo) {
  const Lengths all = lengths(500);
  const auto spread = [&](int bucket) {
    std::int64_t sum = 0;
    for (const auto& batch : lists(BatchPlan(all, {.bucket = bucket, .rows = 100}).epoch(0)))
      sum += all[batch.front()] - all[batch.back()];
    return sum;
  };
  EXPECT_LT(spread(64), spread(4));
  EXPECT_LT(spread(4), spread(1));
}

TEST(BatchPlan, ChecksWhatItIsGiven) {
  expect_error(
      ErrorKind::data,
      [] {
        BatchPlan({3, 0});
      },
      "example 1: its length is 0");
  expect_error(
      ErrorKind::option, [] { BatchPlan({3}, {.rows = -1}); }, "rows");
  expect_error(
      ErrorKind::usage, [] { BatchPlan({3}).epoch(0).examples(1); }, "there are 1");
  EXPECT_EQ(BatchPlan({}).epoch(0).size(), 0U);
  EXPECT_EQ(BatchPlan({}, {.rows = 5}).in_order().size(), 0U);
}

}  // namespace
}  // namespace rondo::data

// Scores against values worked out by hand (and with scikit-learn's definitions).
#include "train/metrics.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace rondo {
namespace {

using test::expect_error;

Tensor matrix(Shape shape, const std::vector<float>& values) {
  return Tensor::of<float>(std::move(shape), values);
}

data::Batch labelled(const std::vector<std::int32_t>& labels) {
  data::Batch batch;
  batch.labels = Tensor::of<std::int32_t>({static_cast<std::int64_t>(labels.size())}, labels);
  batch.examples.resize(labels.size());
  return batch;
}

TEST(Confusion, ScoresOfThreeClassesOfWhichOneNeverOccurs) {
  Confusion confusion(4);  // truth: 0 0 0 1 1 2, said: 0 0 1 1 0 1
  const std::pair<int, int> pairs[] = {{0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 0}, {2, 1}};
  for (const auto& [truth, said] : pairs)
    confusion.add(truth, said);
  EXPECT_EQ(confusion.total(), 6);
  EXPECT_EQ(confusion.count(0, 1), 1);
  EXPECT_DOUBLE_EQ(confusion.accuracy(), 3.0 / 6);
  EXPECT_DOUBLE_EQ(confusion.micro_f1(), 3.0 / 6);
  EXPECT_DOUBLE_EQ(confusion.precision(0), 2.0 / 3);
  EXPECT_DOUBLE_EQ(confusion.recall(1), 1.0 / 2);
  EXPECT_DOUBLE_EQ(confusion.f1(1), 2.0 / 5);
  EXPECT_DOUBLE_EQ(confusion.f1(2), 0);
  EXPECT_DOUBLE_EQ(confusion.macro_f1(), (2.0 / 3 + 2.0 / 5 + 0) / 3)
      << "class 3 does not occur: not counted";
  EXPECT_DOUBLE_EQ(confusion.macro_precision(), (2.0 / 3 + 1.0 / 3 + 0) / 3);
  EXPECT_DOUBLE_EQ(confusion.macro_recall(), (2.0 / 3 + 1.0 / 2 + 0) / 3);
  EXPECT_THROW(confusion.add(4, 0), Bug);
  EXPECT_EQ(Confusion(4, confusion.counts()).counts(), confusion.counts());
  expect_error(
      ErrorKind::format, [&] { Confusion(3, confusion.counts()); }, "16 counts");
}

TEST(Metrics, PredictedClasses) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(predicted_classes(matrix({3, 3}, {1, 3, 2, 5, 5, 1, nan, nan, nan})),
            (std::vector<std::int32_t>{1, 0, 0}));
  EXPECT_EQ(predicted_classes(matrix({3, 1}, {0.2F, 0.5F, 0.7F})), (std::vector<std::int32_t>{0, 1, 1}));
  EXPECT_EQ(predicted_classes(matrix({2}, {0.9F, nan})), (std::vector<std::int32_t>{1, 0}));
}

TEST(Metrics, OverBatchesAsOverAllAtOnce) {
  MetricSums sums({Metric::accuracy,
                   Metric::f1,
                   Metric::micro_f1,
                   Metric::perplexity,
                   {"half", [](const Tensor& outputs, const data::Batch&) { return outputs.rows() / 2.0; }}},
                  false);
  sums.add(matrix({2, 2}, {0.9F, 0.1F, 0.2F, 0.8F}), labelled({0, 0}), 1.0, 2);
  sums.add(matrix({1, 2}, {0.1F, 0.9F}), labelled({1}), 4.0, 1);
  const Scores scores = sums.scores();
  EXPECT_FLOAT_EQ(scores.at("loss"), 2);
  EXPECT_FLOAT_EQ(scores.at("accuracy"), 2.0F / 3);
  EXPECT_FLOAT_EQ(scores.at("micro_f1"), 2.0F / 3);
  EXPECT_FLOAT_EQ(scores.at("f1"), 2.0F / 3);  // both classes: 2 · 1 / (2 · 1 + 1)
  EXPECT_FLOAT_EQ(scores.at("perplexity"), std::exp(2.0F));
  EXPECT_FLOAT_EQ(scores.at("half"), (1.0F * 2 + 0.5F) / 3);

  MetricSums again({Metric::accuracy,
                    Metric::f1,
                    Metric::micro_f1,
                    Metric::perplexity,
                    {"half", [](const Tensor& outputs, const data::Batch&) { return outputs.rows() / 2.0; }}},
                   false);
  again.restore(sums.save());
  EXPECT_EQ(again.scores(), scores);
  EXPECT_EQ(again.save(), sums.save());
  MetricSums other({Metric::accuracy}, false);
  expect_error(
      ErrorKind::format, [&] { other.restore(sums.save()); }, "other metrics");
  expect_error(
      ErrorKind::format, [&] { other.restore("{}"); }, "damaged");
}

TEST(Metrics, OfTheSecondClassWhenBinary) {
  MetricSums sums({Metric::precision, Metric::recall, Metric::f1}, true);
  sums.add(matrix({4, 1}, {0.9F, 0.8F, 0.7F, 0.1F}), labelled({1, 1, 0, 1}), 0.5, 4);
  EXPECT_FLOAT_EQ(sums.scores().at("precision"), 2.0F / 3);
  EXPECT_FLOAT_EQ(sums.scores().at("recall"), 2.0F / 3);
  EXPECT_FLOAT_EQ(sums.scores().at("f1"), 2.0F / 3);
}

TEST(Metrics, OfNumbers) {
  MetricSums sums({Metric::mae, Metric::mse}, false);
  data::Batch batch;
  batch.values = matrix({2, 2}, {1, 2, 3, 4});
  sums.add(matrix({2, 2}, {1, 4, 3, 3}), batch, 0.1, 2);
  EXPECT_FLOAT_EQ(sums.scores().at("mae"), 0.75F);
  EXPECT_FLOAT_EQ(sums.scores().at("mse"), 1.25F);
}

TEST(Metrics, ThatDoNotFitTheData) {
  data::Batch numbers;
  numbers.values = matrix({1, 1}, {1});
  MetricSums classes({Metric::accuracy}, false);
  expect_error(
      ErrorKind::usage,
      [&] {
        classes.add(matrix({1, 1}, {1}), numbers, 0, 1);
      },
      "'accuracy'", "use mae or mse");
  MetricSums errors({Metric::mae}, false);
  expect_error(
      ErrorKind::usage,
      [&] {
        errors.add(matrix({1, 2}, {1, 0}), labelled({1}), 0, 1);
      },
      "'mae'", "use accuracy");
}

}  // namespace
}  // namespace rondo

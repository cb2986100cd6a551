// Scores against values worked out by hand (and with scikit-learn's definitions).
#include "train/metrics.h"

#include <cmath>
#include <limits>
#include <memory>
#include <sstream>

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

TEST(Metrics, FromClassesAsFromOutputs) {
  const data::Batch batch = labelled({0, 2, 1, 1});
  const Tensor outputs = matrix({4, 3}, {3, 1, 2, 0, 1, 5, 7, 1, 2, 0, 9, 1});
  const std::vector<AnyMetric> metrics = {Metric::accuracy, Metric::f1, Metric::perplexity};
  MetricSums from_outputs(metrics, false), from_classes(metrics, false);
  EXPECT_FALSE(from_classes.needs_outputs());
  from_outputs.add(outputs, batch, 0.5, 4);
  from_classes.add(predicted_classes(outputs), 3, batch, 0.5, 4);
  EXPECT_EQ(from_classes.scores(), from_outputs.scores());
  EXPECT_EQ(from_classes.save(), from_outputs.save());
  EXPECT_TRUE(MetricSums({Metric::mae}, false).needs_outputs());
  EXPECT_TRUE(MetricSums({AnyMetric("own", [](const Tensor&, const data::Batch&) { return 1.0; })}, false)
                  .needs_outputs());
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

/// The F1 of class 1 over all batches, which no mean over batches is.
class OwnF1 final : public MetricSum {
 public:
  void add(const Tensor& outputs, const data::Batch& batch) override {
    const std::vector<std::int32_t> said = predicted_classes(outputs);
    for (std::size_t i = 0; i < said.size(); ++i) {
      const bool truth = batch.labels.at(static_cast<std::int64_t>(i)) == 1;
      both_ += truth && said[i] == 1 ? 1 : 0;
      either_ += (truth ? 1 : 0) + (said[i] == 1 ? 1 : 0);
    }
  }
  double value() const override { return either_ == 0 ? 0 : 2.0 * both_ / either_; }
  std::string save() const override { return std::to_string(both_) + " " + std::to_string(either_); }
  void restore(std::string_view saved) override {
    std::istringstream text{std::string(saved)};
    text >> both_ >> either_;
  }

 private:
  int both_ = 0, either_ = 0;
};

TEST(Metrics, ASumOfOnesOwn) {
  const AnyMetric own("own", [] { return std::make_unique<OwnF1>(); });
  const auto made = [&] { return MetricSums({own, Metric::accuracy}, true); };
  MetricSums sums = made();
  EXPECT_EQ(sums.scores().at("own"), 0);
  sums.add(matrix({3, 2}, {0.1F, 0.9F, 0.2F, 0.8F, 0.3F, 0.7F}), labelled({1, 1, 0}), 1, 3);
  MetricSums again = made();
  again.restore(sums.save());
  for (MetricSums* const each : {&sums, &again}) {
    each->add(matrix({1, 2}, {0.9F, 0.1F}), labelled({1}), 1, 1);
    EXPECT_FLOAT_EQ(each->scores().at("own"), 2.0F / 3);
    EXPECT_FLOAT_EQ(each->scores().at("accuracy"), 0.5F);
  }
  EXPECT_EQ(made().scores().at("own"), 0) << "each has its own";
}

TEST(Metrics, HaveADirection) {
  for (const Metric low : {Metric::loss, Metric::perplexity, Metric::mae, Metric::mse})
    EXPECT_EQ(better_of(low), Better::lower) << name_of(low);
  for (const Metric high :
       {Metric::accuracy, Metric::precision, Metric::recall, Metric::f1, Metric::micro_f1})
    EXPECT_EQ(better_of(high), Better::higher) << name_of(high);
  EXPECT_EQ(AnyMetric(Metric::mae).better(), Better::lower);
  const auto one = [](const Tensor&, const data::Batch&) { return 1.0; };
  EXPECT_EQ(AnyMetric("error", one).better(), Better::higher) << "the name says nothing";
  EXPECT_EQ(AnyMetric("edits", one, Better::lower).better(), Better::lower);
}

TEST(Metrics, WhatWeighsNothingIsNotLookedAt) {
  MetricSums sums({Metric::loss}, false);
  sums.add(matrix({1, 2}, {1, 0}), labelled({0}), std::numeric_limits<double>::quiet_NaN(), 0);
  sums.add(matrix({1, 2}, {1, 0}), labelled({0}), 3, 2);
  EXPECT_EQ(sums.scores().at("loss"), 3);
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

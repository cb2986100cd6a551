/// Scores of predictions against the truth. Counts are whole numbers and sums are f64, taken in the order in
/// which examples come: the same on any number of threads.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/data.h>
#include <rondo/metrics.h>
#include <rondo/tensor.h>

#include "base/json.h"

namespace rondo {

/// How often each class was predicted as which. A share with a zero divisor is 0.
class Confusion {
 public:
  explicit Confusion(int classes = 0);
  /// From counts(); Error(format) when their number is not the square of `classes`.
  Confusion(int classes, std::vector<std::int64_t> counts);

  int classes() const noexcept { return classes_; }
  /// A class outside is a Bug.
  void add(std::int32_t truth, std::int32_t predicted);
  std::int64_t count(int truth, int predicted) const;
  std::int64_t total() const noexcept;
  /// How many examples belong to a class, and how many were predicted to.
  std::int64_t support(int truth) const;
  std::int64_t predicted(int as) const;

  double accuracy() const;
  double precision(int of) const;
  double recall(int of) const;
  double f1(int of) const;
  /// Means over the classes that occur in the truth or among the predictions.
  double macro_precision() const;
  double macro_recall() const;
  double macro_f1() const;
  /// From all decisions together. With one label per example it equals the accuracy.
  double micro_f1() const;

  /// Row by row, truth by predicted.
  const std::vector<std::int64_t>& counts() const noexcept { return counts_; }

 private:
  template <class F>
  double mean_over_classes(F&& score) const;

  int classes_;
  std::vector<std::int64_t> counts_;
};

/// A mean whose sums are kept in f64.
struct Mean {
  double sum = 0, weight = 0;
  /// A value without weight is ignored; it may be NaN.
  void add(double value, double times = 1) {
    if (times == 0) return;
    sum += value * times;
    weight += times;
  }
  double value() const { return weight == 0 ? 0.0 : sum / weight; }
};

Json to_json(const Mean& mean);
/// What to_json gave; Error(format) "WHERE: ..." for anything else.
Mean mean_from(const Json& json, std::string_view where);

/// The class of each row of outputs [N, classes], or of probabilities [N] or [N, 1] (from `threshold` on:
/// class 1). Ties go to the lower class; a row with NaN is class 0.
std::vector<std::int32_t> predicted_classes(const Tensor& outputs, float threshold = 0.5F);

/// Accumulates the metrics a model was compiled with over the batches of an epoch or an evaluation.
class MetricSums {
 public:
  /// `binary`: precision, recall and f1 are those of the second of two classes. `threshold`: a single number
  /// predicts the second class from this probability on.
  MetricSums(std::vector<AnyMetric> metrics, bool binary, float threshold = 0.5F);

  /// Adds a batch. `outputs` are those of predict() (with softmax or sigmoid), `loss` is the batch's mean
  /// loss and `weight` its divisor. Error(usage) for a metric that does not fit the targets.
  void add(const Tensor& outputs, const data::Batch& batch, double loss, double weight);
  /// Whether a metric asks for more than the class of each row.
  bool needs_outputs() const noexcept;
  /// The same of a batch with labels, from the class that a model of `classes` classes says of each row.
  void add(std::span<const std::int32_t> said, int classes, const data::Batch& batch, double loss,
           double weight);
  /// The metrics by name, and "loss".
  Scores scores() const;

  /// All sums as text, and back.
  std::string save() const;
  void restore(std::string_view saved);

 private:
  void add_classes(std::span<const std::int32_t> said, int classes, const Tensor& labels);
  void add_values(const Tensor& outputs, const Tensor& values);
  void decide(std::int32_t truth, std::int32_t said);
  void check_targets(bool labelled) const;
  bool second() const noexcept { return binary_ && confusion_.classes() == 2; }
  double value(Metric metric) const;

  std::vector<AnyMetric> metrics_;
  bool binary_;
  float threshold_;
  bool needs_confusion_ = false, needs_classes_ = false, needs_errors_ = false;
  Confusion confusion_;
  Mean loss_, right_, absolute_, squared_;
  std::vector<std::unique_ptr<MetricSum>> own_;  // of each metric; empty for one of the library's
};

}  // namespace rondo

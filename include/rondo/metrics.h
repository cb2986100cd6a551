/// Metrics: a name, a direction, and a sum over the batches of an epoch or an evaluation.
#pragma once
#include <array>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <rondo/data.h>
#include <rondo/tensor.h>

namespace [[gnu::visibility("default")]] rondo {

/// Which way a value improves.
enum class Better { higher, lower };
constexpr std::array<std::string_view, 2> names_of(Better) {
  return {"higher", "lower"};
}

/// Precision, recall and f1 are means over the classes (macro); of two classes under binary_cross_entropy
/// they are the second one's. micro_f1 counts all decisions together. perplexity is exp(loss).
enum class Metric { loss, accuracy, precision, recall, f1, micro_f1, perplexity, mae, mse };
constexpr std::array<std::string_view, 9> names_of(Metric) {
  return {"loss", "accuracy", "precision", "recall", "f1", "micro_f1", "perplexity", "mae", "mse"};
}

/// By its name; Error(option) with the nearest one when there is none.
Metric metric_of(std::string_view name);
/// Lower for losses, errors and perplexity.
Better better_of(Metric metric);

/// The sum behind a metric of one's own: what it must remember of the batches to give one number for all of
/// them, such as the counts of an F1.
class MetricSum {
 public:
  virtual ~MetricSum() = default;
  /// Outputs as predict gives them, in packed order.
  virtual void add(const Tensor& outputs, const data::Batch& batch) = 0;
  /// Of all batches so far; asked for before the first one, too.
  virtual double value() const = 0;
  /// As UTF-8 text, and back exactly: a checkpoint within an epoch holds it.
  virtual std::string save() const = 0;
  virtual void restore(std::string_view saved) = 0;
};

/// One of the metrics above, or one's own: a function of a batch, or a sum over all of them.
class AnyMetric {
 public:
  /// Of a batch's outputs (as predict gives them, in packed order); the score is its mean over the batches,
  /// weighted by their examples.
  using Function = std::function<double(const Tensor& outputs, const data::Batch& batch)>;
  /// Makes an empty sum, for each epoch and each evaluation.
  using Sum = std::function<std::unique_ptr<MetricSum>()>;

  AnyMetric(Metric metric) : metric_(metric), better_(better_of(metric)), name_(name_of(metric)) {}
  /// Higher is better unless one says otherwise, whatever the name.
  AnyMetric(std::string name, Function function, Better better = Better::higher)
      : function_(std::move(function)), better_(better), name_(std::move(name)) {}
  AnyMetric(std::string name, Sum sum, Better better = Better::higher)
      : sum_(std::move(sum)), better_(better), name_(std::move(name)) {}

  /// Empty for one's own; of these, one of function() and sum() is not.
  const std::optional<Metric>& known() const noexcept { return metric_; }
  const Function& function() const noexcept { return function_; }
  const Sum& sum() const noexcept { return sum_; }
  Better better() const noexcept { return better_; }
  const std::string& name() const noexcept { return name_; }

 private:
  std::optional<Metric> metric_;
  Function function_;
  Sum sum_;
  Better better_;
  std::string name_;
};

/// What an evaluation says: "loss", "accuracy", ...
struct Scores : std::map<std::string, float> {
  using std::map<std::string, float>::map;
};
/// "accuracy 0.8731  loss 0.3127"
std::ostream& operator<<(std::ostream& out, const Scores& scores);

}  // namespace rondo

/// Metrics. Each has a name, a direction, and a sum over the batches of an epoch or an evaluation.
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

/// Whether a higher or a lower value is better.
enum class Better { higher, lower };
constexpr std::array<std::string_view, 2> names_of(Better) {
  return {"higher", "lower"};
}

/// precision, recall and f1 are means over the classes (macro). With two classes under binary_cross_entropy
/// they are those of the second class. micro_f1 counts all decisions together. perplexity is exp(loss).
enum class Metric { loss, accuracy, precision, recall, f1, micro_f1, perplexity, mae, mse };
constexpr std::array<std::string_view, 9> names_of(Metric) {
  return {"loss", "accuracy", "precision", "recall", "f1", "micro_f1", "perplexity", "mae", "mse"};
}

/// The metric of that name. Error(option), with the nearest name, if there is none.
Metric metric_of(std::string_view name);
/// The metric's direction: lower for losses, errors and perplexity, else higher.
Better better_of(Metric metric);

/// The sum behind a user-defined metric: what it must remember of all batches to give one number, such as the
/// counts of an F1.
class MetricSum {
 public:
  virtual ~MetricSum() = default;
  /// Adds a batch. `outputs` are those of predict(), in packed order.
  virtual void add(const Tensor& outputs, const data::Batch& batch) = 0;
  /// The value over all batches so far. It may be called before the first batch.
  virtual double value() const = 0;
  /// The sum as UTF-8 text, for a checkpoint within an epoch.
  virtual std::string save() const = 0;
  /// Restores a saved sum exactly.
  virtual void restore(std::string_view saved) = 0;
};

/// One of the metrics above, or a user-defined one: a function of a batch, or a sum over all batches.
class AnyMetric {
 public:
  /// A function of a batch and its outputs, which are those of predict() in packed order. The score is the
  /// mean over the batches, weighted by their number of examples.
  using Function = std::function<double(const Tensor& outputs, const data::Batch& batch)>;
  /// Makes an empty sum. It is called for each epoch and each evaluation.
  using Sum = std::function<std::unique_ptr<MetricSum>()>;

  AnyMetric(Metric metric) : metric_(metric), better_(better_of(metric)), name_(name_of(metric)) {}
  /// User-defined metrics. Higher is better unless `better` says otherwise, whatever the name.
  AnyMetric(std::string name, Function function, Better better = Better::higher)
      : function_(std::move(function)), better_(better), name_(std::move(name)) {}
  AnyMetric(std::string name, Sum sum, Better better = Better::higher)
      : sum_(std::move(sum)), better_(better), name_(std::move(name)) {}

  /// Empty for a user-defined metric, which has either function() or sum().
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

/// The scores of an evaluation by name: "loss", "accuracy", ...
struct Scores : std::map<std::string, float> {
  using std::map<std::string, float>::map;
};
/// "accuracy 0.8731  loss 0.3127"
std::ostream& operator<<(std::ostream& out, const Scores& scores);

}  // namespace rondo

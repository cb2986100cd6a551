/// Cross entropy over classes, row by row, for the operations that end in it.
#pragma once
#include <string_view>
#include <vector>

#include <rondo/ops.h>

#include "ops/loss_options.h"

namespace rondo {

/// loss of a row = - (1 - s) w[label] log p[label] - s / C · Σ w[c] log p[c], times the row's own weight; its
/// share in the mean is the same for all rows.
template <class T>
struct ClassLoss {
  Index classes;
  double smoothing, share, weight_sum;  ///< of all classes
  const T *class_weights, *sample_weights;
  const std::int32_t* labels;

  struct Row {
    double loss;
    T factor;  ///< takes powers to slopes
    T total;   ///< of the powers
  };

  /// The loss of a row. Unless `powers` is null, it receives what `slopes` needs; it may be the logits.
  Row operator()(Index row, const T* logits, T* powers) const {
    const Kernels<T>& k = kernels<T>();
    const auto of_label = static_cast<double>(logits[labels[row]]);
    const auto of_all = smoothing > 0 ? static_cast<double>(k.dot(classes, class_weights, logits)) : 0.0;
    const T largest = k.max(classes, logits), total = k.exp_sum(classes, largest, logits, powers);
    T log_total;
    k.log(1, &total, &log_total);
    const auto log_sum = static_cast<double>(largest + log_total);
    double value = on_label(row) * (log_sum - of_label);
    if (smoothing > 0) value += spread() * (weight_sum * log_sum - of_all);  // Σ w[c] (log_sum - logits[c])
    const double slope = row_share(row) * (on_label(row) + spread() * weight_sum);
    return {static_cast<double>(sample_weights[row]) * value,
            static_cast<T>(slope / static_cast<double>(total)), total};
  }

  /// The class that softmax gives most, of equal ones the first; 0 where there is a NaN. Softmax may round
  /// different powers to the same number.
  std::int32_t likeliest(const T* powers, T total) const {
    const T factor = 1 / total, most = kernels<T>().max(classes, powers) * factor;
    Index at = 0;
    while (at < classes && !(powers[at] * factor >= most))
      ++at;
    return static_cast<std::int32_t>(at < classes ? at : 0);
  }

  /// `times` the gradient of the mean, for logits [first, first + count) of a row. `powers` begin at `first`,
  /// too, and may be overwritten.
  void slopes(Index row, double times, T factor, Index first, Index count, const T* powers, T* to) const {
    kernels<T>().scale(count, static_cast<T>(times * static_cast<double>(factor)), powers, to);
    const double weight = times * row_share(row);
    if (smoothing > 0)
      kernels<T>().scale_add(count, static_cast<T>(-weight * spread()), class_weights + first, to);
    const Index label = labels[row] - first;
    if (label >= 0 && label < count) to[label] -= static_cast<T>(weight * on_label(row));
  }

 private:
  double on_label(Index row) const {
    return (1 - smoothing) * static_cast<double>(class_weights[labels[row]]);
  }
  double spread() const { return smoothing / static_cast<double>(classes); }
  double row_share(Index row) const { return share * static_cast<double>(sample_weights[row]); }
};

/// The mean from the losses of the rows.
inline Tensor mean_of(const std::vector<double>& losses, double share, DType type) {
  const double sum = blocked_sum(static_cast<Index>(losses.size()),
                                 [&](Index row) { return losses[static_cast<std::size_t>(row)]; });
  return number(sum * share, type);
}

/// The checked arguments of a cross entropy.
class ClassLossTerms {
 public:
  ClassLossTerms(std::string_view operation, Index rows, Index classes, DType type, const Tensor& labels,
                 const CrossEntropyOptions& options)
      : rows_(rows),
        classes_(classes),
        labels_(labels),
        class_weights_(checked_weights(operation, "class_weights", options.class_weights, classes, type)),
        sample_weights_(checked_weights(operation, "sample_weights", options.sample_weights, rows, type)),
        smoothing_(options.label_smoothing) {
    check_smoothing(operation, options.label_smoothing);
    if (labels.dtype() != DType::i32 || labels.shape() != Shape{rows})
      refuse_shape(operation, "labels i32 " + to_string({rows}), describe(labels));
    for (const std::int32_t label : labels.data<std::int32_t>())
      if (label < 0 || label >= classes)
        refuse_shape(operation, "labels within [0, " + std::to_string(classes) + ")", std::to_string(label));
  }

  template <class T>
  ClassLoss<T> loss() const {
    const T *of_classes = elements<T>(class_weights_), *of_rows = elements<T>(sample_weights_);
    const auto* const label = elements<std::int32_t>(labels_);
    const double weight = blocked_sum(rows_, [=](Index row) {
      return static_cast<double>(of_rows[row]) * static_cast<double>(of_classes[label[row]]);
    });
    const double of_all = lane_sum(0, classes_, [=](Index c) { return static_cast<double>(of_classes[c]); });
    return {classes_, smoothing_, weight == 0 ? 0 : 1 / weight, of_all, of_classes, of_rows, label};
  }

 private:
  Index rows_, classes_;
  Tensor labels_, class_weights_, sample_weights_;
  double smoothing_;
};

}  // namespace rondo

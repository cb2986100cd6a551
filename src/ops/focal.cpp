// Focal loss: Lin, Goyal, Girshick, He & Dollár, "Focal loss for dense object detection" (2017). Each row
// needs few numbers beyond its softmax; they are f64, since 1 - p of a sure answer has few digits in f32.
#include <cmath>

#include <rondo/ops.h>

#include "base/shown.h"
#include "ops/loss_options.h"

namespace rondo {
namespace {

void check_gamma(std::string_view operation, double gamma) {
  if (!(gamma >= 0 && std::isfinite(gamma)))
    fail(ErrorKind::option, std::string(operation) + ": gamma wanted from 0 on, got " + plain(gamma));
}

/// (1 - p)^γ log p, from log p: the loss is its negative.
struct Focus {
  double gamma;

  struct At {
    double loss;
    double slope;  ///< - p d loss / d p: what takes the place of 1 in the gradient of cross entropy
  };
  At operator()(double log_p) const {
    const double rest = -std::expm1(log_p), factor = gamma == 0 ? 1 : std::pow(rest, gamma);
    if (rest == 0) return {-factor * log_p, factor};
    return {-factor * log_p, factor * (1 - gamma * std::exp(log_p) * log_p / rest)};
  }
};

/// log of the sigmoid, without overflow.
double log_sigmoid(double x) {
  return std::min(x, 0.0) - std::log1p(std::exp(-std::abs(x)));
}

void check_labels(std::string_view operation, const Tensor& labels, Index rows, Index classes) {
  if (labels.dtype() != DType::i32 || labels.shape() != Shape{rows})
    refuse_shape(operation, "labels i32 " + to_string({rows}), describe(labels));
  for (const std::int32_t label : labels.data<std::int32_t>())
    if (label < 0 || label >= classes)
      refuse_shape(operation, "labels within [0, " + std::to_string(classes) + ")", std::to_string(label));
}

/// The checked arguments of a focal loss over classes.
struct OverClasses {
  Tensor labels, weights;  ///< weights f64 [rows]: those of class and row
  double share = 0;        ///< 1 / their sum
  Focus focus;

  OverClasses(std::string_view operation, const Var& logits, const Tensor& of_labels,
              const FocalOptions& options)
      : labels(of_labels), focus{options.gamma} {
    const Index rows = logits.rows(), classes = logits.columns();
    check_gamma(operation, options.gamma);
    check_labels(operation, labels, rows, classes);
    const Tensor of_classes =
        checked_weights(operation, "class_weights", options.class_weights, classes, DType::f64);
    const Tensor of_rows =
        checked_weights(operation, "sample_weights", options.sample_weights, rows, DType::f64);
    const auto* const label = elements<std::int32_t>(labels);
    weights = Tensor::uninitialised({rows}, DType::f64);
    double* const to = elements<double>(weights);
    for (Index row = 0; row < rows; ++row)
      to[row] = elements<double>(of_rows)[row] * elements<double>(of_classes)[label[row]];
    const double sum = blocked_sum(rows, [=](Index row) { return to[row]; });
    share = sum == 0 ? 0 : 1 / sum;
  }

  /// The loss of a row without its weight. Unless `slopes` is null, it gets the gradient of the mean.
  template <class T>
  double of_row(Index row, Index classes, const T* logits, T* slopes) const {
    const Kernels<T>& k = kernels<T>();
    const Index label = elements<std::int32_t>(labels)[row];
    const T largest = k.max(classes, logits), total = k.exp_sum(classes, largest, logits, slopes);
    const double log_p = std::min(0.0, static_cast<double>(logits[label]) - static_cast<double>(largest) -
                                           std::log(static_cast<double>(total)));
    const auto [loss, slope] = focus(log_p);
    if (slopes == nullptr) return loss;
    const double factor = share * elements<double>(weights)[row] * slope;
    k.scale(classes, static_cast<T>(factor / static_cast<double>(total)), slopes, slopes);
    slopes[label] = static_cast<T>(factor * std::expm1(log_p));
    return loss;
  }
  double weighted(Index row, double loss) const { return elements<double>(weights)[row] * loss; }
};

/// The mean of `of_row` over rows, with the gradient made at once.
template <class Loss>
Var mean_over_rows(std::string_view operation, const Var& logits, Index rows, const Loss& loss) {
  const Index columns = rows == 0 ? 0 : logits.value().size() / rows;
  Tensor slopes = logits.tracked() ? Tensor::uninitialised(logits.shape(), logits.dtype()) : Tensor{};
  Tensor mean = visit_float(logits.dtype(), operation, [&]<class T>() {
    const T* const from = elements<T>(logits.value());
    T* const to = slopes.empty() ? nullptr : elements<T>(slopes);
    std::vector<double> losses(static_cast<std::size_t>(rows));
    parallel_for(rows, rows_grain(columns, costly_grain), [&](Index begin, Index end) {
      for (Index row = begin; row < end; ++row)
        losses[static_cast<std::size_t>(row)] =
            loss.of_row(row, columns, from + row * columns, to == nullptr ? nullptr : to + row * columns);
    });
    const double sum = blocked_sum(
        rows, [&](Index row) { return loss.weighted(row, losses[static_cast<std::size_t>(row)]); });
    return number(sum * loss.share, logits.dtype());
  });
  return record(std::move(mean), {logits}, [operation, logits = without_value(logits), slopes](Gradients& g) {
    Tensor dlogits = slopes;
    visit_float(dlogits.dtype(), operation, [&]<class T>() {
      const T arrived = arrived_number<T>(g);
      T* const all = elements<T>(dlogits);
      if (arrived == 1) return;  // as a rule
      parallel_for(dlogits.size(), cheap_grain, [=](Index begin, Index end) {
        kernels<T>().scale(end - begin, arrived, all + begin, all + begin);
      });
    });
    g.give(logits, std::move(dlogits));
  });
}

/// The checked arguments of a focal loss of single decisions. The loss of a row is the sum over its elements.
struct OfDecisions {
  Tensor targets, of_rows;
  double of_zero, of_one, share = 0;
  Focus focus;

  OfDecisions(std::string_view operation, const Var& logits, const Tensor& wanted,
              const FocalOptions& options)
      : targets(wanted.dtype() == DType::i32 ? wanted : wanted.to(DType::f64)), focus{options.gamma} {
    check_gamma(operation, options.gamma);
    if (logits.shape() != wanted.shape() || logits.dtype() != wanted.dtype())
      refuse_shape(operation, "targets like the predictions, " + describe(logits), describe(wanted));
    const Tensor of_classes =
        checked_weights(operation, "class_weights", options.class_weights, 2, DType::f64);
    of_rows = checked_weights(operation, "sample_weights", options.sample_weights, logits.rows(), DType::f64);
    of_zero = of_classes.at(0);
    of_one = of_classes.at(1);
    const Index columns = logits.rows() == 0 ? 1 : logits.value().size() / logits.rows();
    const double sum = blocked_sum(logits.value().size(), [&](Index i) { return weight(i / columns, i); });
    share = sum == 0 ? 0 : 1 / sum;
  }

  double weight(Index row, Index element) const {
    return elements<double>(of_rows)[row] *
           (of_zero + (of_one - of_zero) * elements<double>(targets)[element]);
  }
  template <class T>
  double of_row(Index row, Index columns, const T* logits, T* slopes) const {
    double sum = 0;
    for (Index j = 0; j < columns; ++j) {
      const Index element = row * columns + j;
      const double x = static_cast<double>(logits[j]), t = elements<double>(targets)[element],
                   w = weight(row, element);
      const double log_p = log_sigmoid(x), log_rest = log_sigmoid(-x);
      const auto one = focus(log_p), zero = focus(log_rest);
      sum += w * (t * one.loss + (1 - t) * zero.loss);
      if (slopes != nullptr)  // d log σ(x) / dx = 1 - σ(x)
        slopes[j] = static_cast<T>(
            share * w * ((1 - t) * zero.slope * std::exp(log_p) - t * one.slope * std::exp(log_rest)));
    }
    return sum;
  }
  double weighted(Index, double loss) const { return loss; }
};

}  // namespace

Var focal(const Var& logits, const Tensor& labels, const FocalOptions& options) {
  static constexpr std::string_view operation = "focal";
  check_matrix(operation, logits);
  return mean_over_rows(operation, logits, logits.rows(), OverClasses(operation, logits, labels, options));
}

Var binary_focal(const Var& logits, const Tensor& targets, const FocalOptions& options) {
  static constexpr std::string_view operation = "binary_focal";
  return mean_over_rows(operation, logits, logits.rows(), OfDecisions(operation, logits, targets, options));
}

}  // namespace rondo

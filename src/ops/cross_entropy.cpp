#include "ops/class_loss.h"

namespace rondo {

Var cross_entropy(const Var& logits, const Tensor& labels, const CrossEntropyOptions& options) {
  static constexpr std::string_view operation = "cross_entropy";
  check_matrix(operation, logits);
  const Index rows = logits.rows(), classes = logits.columns();
  const ClassLossTerms terms(operation, rows, classes, logits.dtype(), labels, options);
  // Makes the gradient at once, while the row is in the cache. Keeping probabilities would take the same
  // memory.
  Tensor slopes = logits.tracked() ? Tensor::uninitialised(logits.shape(), logits.dtype()) : Tensor{};
  Tensor mean = visit_float(logits.dtype(), operation, [&]<class T>() {
    const ClassLoss<T> loss = terms.loss<T>();
    const T* const from = elements<T>(logits.value());
    T* const to = slopes.empty() ? nullptr : elements<T>(slopes);
    std::vector<double> losses(static_cast<std::size_t>(rows));
    parallel_for(rows, rows_grain(classes, costly_grain), [&](Index begin, Index end) {
      for (Index row = begin; row < end; ++row) {
        T* const slope = to == nullptr ? nullptr : to + row * classes;
        const auto [value, factor, total] = loss(row, from + row * classes, slope);
        losses[static_cast<std::size_t>(row)] = value;
        if (slope != nullptr) loss.slopes(row, 1, factor, 0, classes, slope, slope);
      }
    });
    return mean_of(losses, loss.share, logits.dtype());
  });
  return record(std::move(mean), {logits}, [logits = without_value(logits), slopes](Gradients& g) {
    Tensor dlogits = slopes;
    visit_float(dlogits.dtype(), operation, [&]<class T>() {
      const T arrived = arrived_number<T>(g);
      if (arrived == 1) return;  // as a rule
      T* const all = elements<T>(dlogits);
      parallel_for(dlogits.size(), cheap_grain, [=](Index begin, Index end) {
        kernels<T>().scale(end - begin, arrived, all + begin, all + begin);
      });
    });
    g.give(logits, std::move(dlogits));
  });
}

}  // namespace rondo

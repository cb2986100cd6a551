#include "model/heads/head.h"

#include <algorithm>
#include <utility>

#include "autograd/visit.h"

namespace rondo {
namespace {

/// Labels 0 and 1 as floating-point targets for binary cross entropy.
Tensor labels_as_numbers(const Tensor& labels, DType type) {
  Tensor numbers = Tensor::uninitialised(labels.shape(), type);
  visit_float(type, "labels", [&]<class T>() {
    const std::span<const std::int32_t> from = labels.data<std::int32_t>();
    std::transform(from.begin(), from.end(), numbers.data<T>().begin(),
                   [](std::int32_t label) { return static_cast<T>(label); });
  });
  return numbers;
}

FocalOptions focal_options(const CompileOptions& options, const Targets& targets) {
  return {.gamma = options.focal_gamma,
          .class_weights = targets.entropy.class_weights,
          .sample_weights = targets.entropy.sample_weights};
}

class NumbersHead final : public Head {
 public:
  Var scores(const Var& rows) const override { return rows; }
  Var outputs(const Var& scores, const Layout&) const override { return scores; }
};

/// The shared part of softmax and sigmoid: the scores may come from the head's own projection.
class ActivatedHead : public Head {
 public:
  ActivatedHead(Activation activation, std::optional<nn::Dense> projection)
      : projection_(std::move(projection)), activation_(activation) {}
  Var scores(const Var& rows) const override { return projection_ ? projection_->logits(rows) : rows; }
  Var outputs(const Var& scores, const Layout&) const override { return activate(scores, activation_); }

 protected:
  std::optional<nn::Dense> projection_;

 private:
  Activation activation_;
};

class SoftmaxHead final : public ActivatedHead {
 public:
  explicit SoftmaxHead(std::optional<nn::Dense> projection)
      : ActivatedHead(Activation::softmax, std::move(projection)) {}
  Var loss(const CompileOptions& options, Loss loss, const Var& scores, const Targets& t) const override {
    if (loss == Loss::categorical_cross_entropy) return cross_entropy(scores, t.labels, t.entropy);
    if (loss == Loss::focal) return focal(scores, t.labels, focal_options(options, t));
    return Head::loss(options, loss, scores, t);
  }
  Var loss_of_rows(const CompileOptions& options, Loss loss, const Var& rows,
                   const Targets& t) const override {
    if (loss == Loss::categorical_cross_entropy && projection_)
      return projection_->cross_entropy(rows, t.labels, t.entropy);
    return Head::loss_of_rows(options, loss, rows, t);
  }
  bool classifies(Loss loss) const override {
    return loss == Loss::categorical_cross_entropy && projection_.has_value();
  }
  Var classify(const CompileOptions&, Loss, const Var& rows, const Targets& t,
               std::vector<std::int32_t>& classes) const override {
    return projection_->cross_entropy(rows, t.labels, t.entropy, &classes);
  }
};

class SigmoidHead final : public ActivatedHead {
 public:
  explicit SigmoidHead(std::optional<nn::Dense> projection)
      : ActivatedHead(Activation::sigmoid, std::move(projection)) {}
  Var loss(const CompileOptions& options, Loss loss, const Var& scores, const Targets& t) const override {
    if (loss != Loss::binary_cross_entropy && loss != Loss::binary_focal)
      return Head::loss(options, loss, scores, t);
    const bool of_labels = !t.labels.empty();
    const Var logits = of_labels ? reshape(scores, {scores.rows()}) : scores;
    const Tensor targets = of_labels ? labels_as_numbers(t.labels, scores.dtype()) : t.values;
    return loss == Loss::binary_focal ? binary_focal(logits, targets, focal_options(options, t))
                                      : binary_cross_entropy(logits, targets, t.entropy);
  }
};

}  // namespace

Var Head::loss(const CompileOptions& options, Loss loss, const Var& scores, const Targets& targets) const {
  const auto said = [&] { return outputs(scores, *targets.layout); };
  switch (loss) {
    case Loss::mse:
      return mse(said(), targets.values, targets.weights);
    case Loss::mae:
      return mae(said(), targets.values, targets.weights);
    case Loss::huber:
      return huber(said(), targets.values, options.huber_delta, targets.weights);
    default:
      throw Bug("a loss that does not fit the head was not refused");
  }
}

Var Head::classify(const CompileOptions&, Loss, const Var&, const Targets&,
                   std::vector<std::int32_t>&) const {
  throw Bug("a head that does not classify was asked for classes");
}

std::unique_ptr<const Head> numbers_head() {
  return std::make_unique<NumbersHead>();
}
std::unique_ptr<const Head> softmax_head(std::optional<nn::Dense> projection) {
  return std::make_unique<SoftmaxHead>(std::move(projection));
}
std::unique_ptr<const Head> sigmoid_head(std::optional<nn::Dense> projection) {
  return std::make_unique<SigmoidHead>(std::move(projection));
}

std::unique_ptr<const Head> head_for(Activation final, std::optional<nn::Dense> projection) {
  if (final == Activation::softmax) return softmax_head(std::move(projection));
  if (final == Activation::sigmoid) return sigmoid_head(std::move(projection));
  return nullptr;
}

}  // namespace rondo

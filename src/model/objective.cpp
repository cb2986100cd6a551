#include "model/objective.h"

#include <algorithm>
#include <numeric>

#include <rondo/ops.h>

#include "autograd/visit.h"
#include "base/message.h"
#include "data/class_names.h"
#include "data/dataset.h"

namespace rondo {
namespace {

/// Losses of probabilities, which they take before the activation: of decisions, each by itself (sigmoid),
/// and of one among several classes (softmax).
constexpr bool is_of_decisions(Loss loss) {
  return loss == Loss::binary_cross_entropy || loss == Loss::binary_focal;
}
constexpr bool is_of_one_class(Loss loss) {
  return loss == Loss::categorical_cross_entropy || loss == Loss::focal;
}
constexpr bool is_of_classes(Loss loss) {
  return is_of_decisions(loss) || is_of_one_class(loss);
}

std::string_view in_words(Target target) {
  switch (target) {
    case Target::none:
      return "no targets";
    case Target::labels:
      return "one class per example";
    case Target::step_labels:
      return "one class per step";
    case Target::values:
      return "numbers per example";
    case Target::step_values:
      return "numbers per step";
  }
  throw Bug("a kind of target that does not exist");
}

void check_kind(const CompileOptions& options, const Signature& last, const Dataset& examples) {
  const Target target = examples.target();
  const bool steps = last.kind == Signature::Kind::steps;
  if (target == Target::none)
    fail(ErrorKind::data, "training and evaluation take examples with targets, got none");
  if (steps != has_steps(target))
    fail(ErrorKind::data, last.giver + " gives one output " + (steps ? "per step" : "per example") +
                              ", got data with " + std::string(in_words(target)) +
                              (steps ? "; end in pooling or leave out return_sequences = true"
                                     : "; set return_sequences = true"));
  const Loss loss = options.loss.value().known().value_or(Loss::mse);
  if (!options.loss.value().known()) return;
  if (is_of_classes(loss) ? is_of_one_class(loss) && !has_classes(target) : has_classes(target))
    fail(ErrorKind::data, std::string(name_of(loss)) + " takes " +
                              (is_of_classes(loss) ? "classes" : "numbers") + ", got data with " +
                              std::string(in_words(target)));
}

/// One weight per row: that of the row's sequence.
Tensor row_weights(const data::Batch& batch, std::int64_t rows, DType type) {
  if (batch.weights.empty()) return {};
  const Tensor weights = batch.weights.to(type);
  if (rows == weights.rows()) return weights;
  Tensor all = Tensor::uninitialised({rows}, type);
  visit_float(type, "weights", [&]<class T>() {
    for (std::int64_t t = 0; t < batch.layout->steps(); ++t)
      std::copy_n(weights.data<T>().begin(), batch.layout->rows_at(t),
                  all.data<T>().begin() + batch.layout->begin(t));
  });
  return all;
}

double sum_of(const Tensor& weights) {
  double sum = 0;
  for (std::int64_t i = 0; i < weights.size(); ++i)
    sum += weights.at(i);
  return sum;
}

/// The divisor of a cross entropy's mean: Σ class weight · sample weight, as in PyTorch.
double weight_of(const Tensor& labels, std::span<const float> class_weights, const Tensor& sample_weights) {
  const std::span<const std::int32_t> classes = labels.data<std::int32_t>();
  double sum = 0;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto label = static_cast<std::size_t>(classes[i]);
    sum += (class_weights.empty() ? 1.0 : static_cast<double>(class_weights[label])) *
           (sample_weights.empty() ? 1.0 : sample_weights.at(static_cast<std::int64_t>(i)));
  }
  return sum;
}

/// For outputs of that many rows.
Targets targets_of(const CompileOptions& options, const data::Batch& batch, std::int64_t rows, DType type,
                   std::span<const float> class_weights) {
  Targets targets{.labels = options.loss.value().known() ? batch.labels : Tensor{},
                  .weights = row_weights(batch, rows, type)};
  if (!batch.values.empty()) targets.values = batch.values.to(type);
  targets.layout = batch.layout;
  targets.entropy = {.label_smoothing = options.label_smoothing, .sample_weights = targets.weights};
  if (!class_weights.empty())
    targets.entropy.class_weights =
        Tensor::of({static_cast<std::int64_t>(class_weights.size())}, class_weights).to(type);
  return targets;
}

BatchLoss without_loss(const data::Batch& batch, std::int64_t rows, const Targets& targets,
                       std::span<const float> class_weights) {
  BatchLoss result{.rows = batch.layout->rows()};
  if (!targets.labels.empty())
    result.weight = weight_of(targets.labels, class_weights, targets.weights);
  else
    result.weight = targets.weights.empty() ? static_cast<double>(rows) : sum_of(targets.weights);
  return result;
}

}  // namespace

void check_loss(const CompileOptions& options, const Signature& last, Activation final) {
  check(options);
  const std::optional<Loss>& loss = options.loss.value().known();
  if (!loss || !is_of_classes(*loss)) return;
  const Activation wanted = is_of_decisions(*loss) ? Activation::sigmoid : Activation::softmax;
  if (final != wanted)
    fail(ErrorKind::option,
         std::string(name_of(*loss)) + " takes a last layer with activation " + std::string(name_of(wanted)) +
             ", got " + (final == Activation::linear ? "none" : std::string(name_of(final))) + " in " +
             last.giver + "; the loss itself takes the numbers before the activation");
}

void check_targets(const CompileOptions& options, const Signature& last, const Dataset& examples) {
  if (examples.empty()) fail(ErrorKind::data, "training and evaluation take at least one example, got none");
  check_kind(options, last, examples);
  const std::optional<Loss>& loss = options.loss.value().known();
  if (!loss) return;
  std::int64_t wanted = examples.value_count();
  std::string of = "the data have " + std::to_string(wanted) + " numbers";
  if (has_classes(examples.target())) {
    const auto classes = static_cast<std::int64_t>(examples.class_names().size());
    of = "the data have " + std::to_string(classes) + " classes";
    if (is_of_decisions(*loss) && classes != 2)
      fail(ErrorKind::data,
           std::string(name_of(*loss)) + " is for two classes, got " + std::to_string(classes) + "; use " +
               std::string(
                   name_of(*loss == Loss::binary_focal ? Loss::focal : Loss::categorical_cross_entropy)) +
               " with softmax");
    wanted = is_of_decisions(*loss) ? 1 : classes;
  }
  if (last.width != wanted)
    fail(ErrorKind::shape, last.giver + " gives " + std::to_string(last.width) + " outputs, but " + of +
                               "; set units = " + std::to_string(wanted));
}

bool is_binary(const CompileOptions& options, const Dataset& examples) {
  const std::optional<Loss>& loss = options.loss.value().known();
  return loss && is_of_decisions(*loss) && has_classes(examples.target());
}

std::vector<float> class_weights(const FitOptions& options, const Dataset& train) {
  if (!options.balance_classes && options.class_weights.empty()) return {};
  if (!has_classes(train.target()))
    fail(ErrorKind::option,
         "class weights need data with classes, got " + std::string(in_words(train.target())));
  std::vector<float> weights(train.class_names().size(), 1.F);
  if (options.balance_classes) weights = train.class_weights_balanced();
  const std::vector<std::string>& names = train.class_names();
  for (const auto& [name, weight] : options.class_weights) {
    const std::size_t place = place_of_class(names, name, "class_weights");
    if (!(weight >= 0 && weight < 1e9F))
      fail(ErrorKind::option,
           "class_weights." + quote(name) + " must be between 0 and 1e9, got " + std::to_string(weight));
    weights[place] *= weight;
  }
  return weights;
}

BatchLoss loss_of(const CompileOptions& options, const Head& head, const Var& scores,
                  const data::Batch& batch, std::span<const float> class_weights) {
  const AnyLoss& loss = options.loss;
  const Targets targets = targets_of(options, batch, scores.rows(), scores.dtype(), class_weights);
  BatchLoss result = without_loss(batch, scores.rows(), targets, class_weights);
  result.loss = loss.known() ? head.loss(options, *loss.known(), scores, targets)
                             : loss.function()(scores, batch.to(scores.dtype()));
  return result;
}

bool classifies(const CompileOptions& options, const Head& head) {
  const std::optional<Loss>& known = options.loss.value().known();
  return known && head.classifies(*known);
}

BatchLoss loss_of(const CompileOptions& options, const LayerStack& network, const data::Batch& batch,
                  std::span<const float> class_weights, std::vector<std::int32_t>* classes) {
  const std::optional<Loss>& known = options.loss.value().known();
  if (!known) return loss_of(options, network.head(), network.scores(batch), batch, class_weights);
  const Var rows = network.rows(batch);
  const Targets targets = targets_of(options, batch, rows.rows(), rows.dtype(), class_weights);
  BatchLoss result = without_loss(batch, rows.rows(), targets, class_weights);
  const Head& head = network.head();
  result.loss = classes == nullptr ? head.loss_of_rows(options, *known, rows, targets)
                                   : head.classify(options, *known, rows, targets, *classes);
  return result;
}

BatchLoss measured(const CompileOptions& options, const LayerStack& network, const data::Batch& batch,
                   std::span<const float> class_weights, MetricSums& sums) {
  const Head& head = network.head();
  if (!sums.needs_outputs() && classifies(options, head)) {
    std::vector<std::int32_t> classes;
    BatchLoss loss = loss_of(options, network, batch, class_weights, &classes);
    sums.add(classes, network.width(), batch, static_cast<double>(loss.loss.item()), loss.weight);
    return loss;
  }
  const Var scores = network.scores(batch);
  BatchLoss loss = loss_of(options, head, scores, batch, class_weights);
  const Paused constant;
  sums.add(network.outputs(Var(scores.value()), batch).value(), batch, static_cast<double>(loss.loss.item()),
           loss.weight);
  return loss;
}

}  // namespace rondo

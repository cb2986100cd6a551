#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/message.h"
#include "base/random.h"
#include "model/objective.h"
#include "model/sequential_impl.h"

namespace rondo {
namespace {

/// As many examples as keep a check of a large model within seconds.
constexpr std::size_t most_examples = 8;

/// Random operations off: a finite difference needs the same function twice.
AnyLayer without_dropout(AnyLayer layer) {
  std::visit(
      [](auto& l) {
        for_each_field(l, [](const auto& f, auto& member) {
          if constexpr (std::is_convertible_v<float, std::remove_cvref_t<decltype(member)>>)
            if (f.name == "rate" || f.name.ends_with("dropout")) member = 0.F;
        });
      },
      layer);
  return layer;
}

/// Half of them from the whole parameter, half from where the gradient is not 0, which in an embedding may
/// be few places.
std::vector<std::int64_t> places_to_check(const Tensor& gradient, const GradientCheckOptions& options,
                                          std::uint64_t stream) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(gradient.size()));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  const auto wanted = static_cast<std::size_t>(options.elements);
  if (options.elements == 0 || all.size() <= wanted) return all;
  std::vector<std::int64_t> reached;
  for (const std::int64_t i : all)
    if (gradient.at(i) != 0) reached.push_back(i);
  Random random(options.seed, stream);
  std::vector<std::int64_t> places;
  for (std::size_t i = 0; i < wanted; ++i) {
    const std::vector<std::int64_t>& from = i % 2 == 0 || reached.empty() ? all : reached;
    places.push_back(from[random.below(from.size())]);
  }
  return places;
}

GradientCheck check_one(const Parameter& parameter, const std::function<double()>& loss,
                        const GradientCheckOptions& options) {
  GradientCheck result{.parameter = parameter.name};
  Tensor value = parameter.leaf->value;
  const std::span<double> numbers = value.data<double>();
  const Tensor& gradient = parameter.leaf->gradient;
  for (const std::int64_t i : places_to_check(gradient, options, hash_of(parameter.name))) {
    double& number = numbers[static_cast<std::size_t>(i)];
    const double kept = number;
    number = kept + options.step;
    const double above = loss();
    number = kept - options.step;
    const double below = loss();
    number = kept;
    const double numeric = (above - below) / (2 * options.step), analytic = gradient.at(i);
    const double size = std::max(1e-6, std::abs(numeric) + std::abs(analytic));
    result.largest_error = std::max(result.largest_error, std::abs(numeric - analytic) / size);
    result.largest_gradient = std::max(result.largest_gradient, std::abs(analytic));
    ++result.elements;
  }
  return result;
}

}  // namespace

std::vector<GradientCheck> Sequential::check_gradients(const Dataset& data,
                                                       const GradientCheckOptions& options) const {
  const Impl& m = *impl_;
  const ParameterStore& weights = *m.live("check_gradients()").store();
  const CompileOptions& compiled = m.learning("check_gradients()");
  if (options.elements < 0 || !(options.step > 0))
    fail(ErrorKind::option, "check_gradients() takes elements of 0 or more and a step above 0");
  const Dataset examples = m.fitting(data).take(most_examples);
  check_targets(compiled, m.shapes.back(), examples);

  std::vector<AnyLayer> layers;
  for (const AnyLayer& layer : m.layers)
    layers.push_back(without_dropout(layer));
  const auto store = std::make_shared<ParameterStore>(
      [&weights](const std::string& name, const Shape&) { return weights.get(name); }, DType::f64);
  const LayerStack network = m.build(layers, store);
  for (const Parameter& p : store->parameters())
    p.leaf->trainable = true;  // frozen ones are checked too
  const data::Batch batch = m.batches(examples, {.batch_size = int{most_examples}}, 1).in_order().batch(0);
  const auto loss = [&] { return loss_of(compiled, network.final(), network.logits(batch), batch).loss; };
  {
    const Recording step;
    loss().backward();
  }
  const Paused constant;
  std::vector<GradientCheck> checks;
  for (const Parameter& p : store->parameters())
    checks.push_back(check_one(
        p, [&] { return loss().value().at(0); }, options));
  return checks;
}

}  // namespace rondo

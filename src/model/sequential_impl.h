/// The parts of a Sequential, for the files that implement it.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <rondo/model.h>

#include "model/header.h"
#include "model/layer_stack.h"
#include "train/metrics.h"

namespace rondo {

struct Sequential::Impl {
  std::vector<AnyLayer> layers;
  std::vector<std::string> names;
  std::vector<Signature> shapes;

  std::optional<CompileOptions> compiled;
  std::optional<Trainer> trainer;
  TrainingRecord before;  ///< `record` when the trainer was made
  TrainingRecord record;
  ApplicationRecord application;

  // From the data, by prepare() or from a file
  std::optional<LayerStack> network;
  std::optional<TextEncoder> encoder;
  std::vector<std::string> classes;
  Target target = Target::none;
  float threshold = 0.5F;
  WeightType weight_type = WeightType::f32;

  explicit Impl(std::vector<AnyLayer> layers);
  /// Of a model that is prepared.
  void set_weight_type(WeightType type);

  bool takes_text() const noexcept { return shapes.front().kind == Signature::Kind::ids; }
  /// The live layers, their parameters made in `store`; needs the encoder, where there is one.
  LayerStack build(std::span<const AnyLayer> of, std::shared_ptr<ParameterStore> store) const;

  /// Error(usage) "`what` ... " when it is not prepared or not compiled.
  const LayerStack& live(std::string_view what) const;
  const CompileOptions& learning(std::string_view what) const;

  /// What the model says from here on: the examples' kind of target and, where it is a class, their classes.
  void learn_to_say(const Dataset& examples);
  /// The same examples with this model's classes; Error(data) when they are of another kind or have a class
  /// that the model does not know.
  Dataset fitting(const Dataset& examples) const;
  /// The batches of fitting examples.
  data::Batches batches(const Dataset& examples, data::BatchOptions options, std::uint64_t seed) const;
  /// Empty sums of the model's metrics. Binary ones use its threshold.
  MetricSums metric_sums(const Dataset& examples) const;
  /// The loss over all examples, and the metrics. The examples must be those of fitting(). Nothing if `stop`,
  /// called after every batch, returned true; `stop` may be empty.
  std::optional<Scores> evaluate(const Dataset& examples, const data::Batches& batches,
                                 const std::function<bool()>& stop) const;

  SequentialHeader header() const;
  /// Makes a model from its header. `source` gives the values of its parameters.
  static std::unique_ptr<Impl> from(const SequentialHeader& header, const ParameterStore::Source& source,
                                    const std::string& name);
};

}  // namespace rondo

/// The network of a MultiTaskClassifier: one encoder, a head for each column of labels.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/network.h>
#include <rondo/nn.h>
#include <rondo/tasks/multi_task.h>

namespace rondo::classify {

/// Texts with labels in columns (data/label_columns.h), or texts alone.
struct HeadsInput {
  using Batch = data::Batch;

  TextEncoder encoder;
  std::vector<data::LabelColumn> columns;

  data::Batches batches(const Dataset& examples, data::BatchOptions options, std::uint64_t seed) const;
  std::string to_json() const;
  static HeadsInput from_json(std::string_view json);
};

struct HeadsNet {
  using Input = HeadsInput;
  using Options = ClassifierOptions;

  HeadsNet(const Scope& in, const HeadsInput& input, const ClassifierOptions& options);

  /// The logits of each head, [texts, its classes].
  std::vector<Var> outputs(const data::Batch& batch) const;
  /// The weighted sum of the heads' losses, per text.
  BatchLoss loss(const data::Batch& batch) const;
  /// For each text the probabilities of each head.
  std::vector<std::vector<std::vector<float>>> predict(const data::Batch& batch) const;

 private:
  Var rows(const data::Batch& batch) const;

  ClassOptions classes_;
  std::vector<double> weights_;
  nn::Embedding embedding_;
  nn::Dropout below_, above_;
  nn::RecurrentLayers encoder_;
  nn::Pooling pooling_;
  std::vector<nn::Dense> heads_;
};

/// The classes of a column in a batch, and which texts have one: labels i32 [texts], 0 where there is none,
/// and weights [texts] of 1 or 0.
struct HeadTargets {
  Tensor labels, weights;
  std::int64_t known = 0;
};
HeadTargets head_targets(const data::Batch& batch, std::size_t column, DType type);

}  // namespace rondo::classify

namespace rondo {

struct MultiTaskClassifier::Impl {
  Model<classify::HeadsNet> network;
  History history = {};
};

}  // namespace rondo

/// The networks of a TreeClassifier.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <rondo/network.h>
#include <rondo/nn.h>
#include <rondo/tasks/trees.h>
#include <rondo/trees.h>

#include "tasks/trees/input.h"

namespace rondo::trees {

/// Scores of every node's classes, [forest rows, classes].
struct NodeScores {
  Var rows;
};

struct TreeNet {
  using Input = TreeInput;
  using Options = TreeOptions;

  TreeNet(const Scope& in, const TreeInput& input, const TreeOptions& options);

  /// The vectors of all nodes, [forest rows, units].
  Var vectors(const TreeBatch& batch) const;
  NodeScores outputs(const TreeBatch& batch) const;
  /// The mean cross entropy of a labelled node, in nats.
  BatchLoss loss(const TreeBatch& batch) const;

 private:
  Var words_of(const TreeBatch& batch) const;
  MatrixVectors with_matrices(const Var& vectors, const Tensor& tokens) const;

  TreeNetworkOptions options_;
  Var words_;
  std::vector<float> rates_;
  std::optional<nn::Dense> project_, classes_;
  std::optional<nn::RecursiveNet> recursive_;
  std::optional<nn::TensorNet> tensor_;
  std::optional<nn::MatrixVectorNet> matrices_;
  std::optional<nn::BinaryTreeLSTM> binary_;
  std::optional<nn::ChildSumTreeLSTM> child_sum_;
  Var word_matrices_, left_, right_, diagonal_;  ///< of mvrnn's words
  std::uint64_t word_key_, in_key_, out_key_;
};

using TreeModel = Model<TreeNet>;

/// The probability of each class at each of the trees' own nodes; trees of any sizes in batches of their own.
std::vector<TreeAnswer> answers_of(const TreeModel& model, std::span<const LabelledTree* const> trees);

/// The likeliest class, of equal ones the first.
std::int32_t likeliest(std::span<const float> probabilities);

}  // namespace rondo::trees

namespace rondo {

struct TreeClassifier::Impl {
  trees::TreeModel network;
  History history = {};
};

}  // namespace rondo

#include "tasks/trees/network.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <rondo/ops.h>

#include "base/message.h"

namespace rondo::trees {
namespace {

/// How often a word of each number becomes unknown in training: rarer ones more often.
std::vector<float> rates_of(const Vocab& vocab, float p, std::int32_t first) {
  std::vector<float> rates(static_cast<std::size_t>(vocab.size()), 0);
  for (std::int32_t i = first; i < vocab.size() && p > 0; ++i)
    rates[static_cast<std::size_t>(i)] = p / (p + static_cast<float>(vocab.count(i)));
  return rates;
}

Tensor identity(int d, DType type) {
  Tensor flat = Tensor::zeros({d * d}, type);
  for (std::size_t i = 0; i < static_cast<std::size_t>(d); ++i)
    if (const std::size_t at = i * static_cast<std::size_t>(d + 1); type == DType::f64)
      flat.data<double>()[at] = 1;
    else
      flat.data<float>()[at] = 1;
  return flat;
}

}  // namespace

TreeNet::TreeNet(const Scope& in, const TreeInput& input, const TreeOptions& options)
    : options_(options.network),
      words_(in.parameter("words", {input.words.size(), options_.embedding},
                          {.kind = Initializer::uniform, .scale = 0.1F}, true)),
      rates_(rates_of(input.words, options_.token_dropout, input.dependencies ? 2 : 1)),
      word_key_(in.key("words")),
      in_key_(in.key("in")),
      out_key_(in.key("out")) {
  const int e = options_.embedding, h = options_.units;
  const Scope compose = in / "compose";
  const bool lstm = options_.network == TreeNetwork::tree_lstm || options_.network == TreeNetwork::child_sum;
  if (!lstm && e != h)
    project_.emplace(in / "project", e, layers::Dense{.units = h, .activation = Activation::tanh});
  switch (options_.network) {
    case TreeNetwork::rvnn:
      recursive_.emplace(compose, h);
      break;
    case TreeNetwork::surnn:
      recursive_.emplace(compose, h, static_cast<int>(std::max(input.pairs.size(), 1)));
      break;
    case TreeNetwork::rntn:
      tensor_.emplace(compose, h);
      break;
    case TreeNetwork::mvrnn: {
      const Initial small{.kind = Initializer::uniform, .scale = 0.05F};
      const int r = options_.rank;
      const std::int64_t count = input.words.size();
      matrices_.emplace(compose, h);
      if (r == 0) {
        word_matrices_ = in.parameter("matrices", {count, h * h}, small, true);
      } else {
        left_ = in.parameter("left", {count, h * r}, small, true);
        right_ = in.parameter("right", {count, r * h}, small, true);
        diagonal_ = in.parameter("diagonal", {count, h}, small, true);
      }
      break;
    }
    case TreeNetwork::tree_lstm:
      binary_.emplace(compose, e, h);
      break;
    case TreeNetwork::child_sum:
      child_sum_.emplace(compose, e, h);
      break;
    case TreeNetwork::automatic:
      throw Bug("trees: the network was not planned");
  }
  classes_.emplace(in / "classes", h, layers::Dense{.units = static_cast<int>(input.classes.size())});
}

/// The matrix of a word is near the identity: U V + diag(1 + s), or the identity and a table's row.
MatrixVectors TreeNet::with_matrices(const Var& vectors, const Tensor& tokens) const {
  const DType type = vectors.dtype();
  const int d = options_.units;
  if (word_matrices_.defined()) return {vectors, embedding(word_matrices_, tokens) + Var(identity(d, type))};
  const Var diagonal = embedding(diagonal_, tokens) + Var(Tensor::full({d}, 1, type));
  return {vectors, low_rank_matrices(embedding(left_, tokens), embedding(right_, tokens), diagonal)};
}

Var TreeNet::vectors(const TreeBatch& batch) const {
  const Tensor tokens = drop_ids(batch.tokens, rates_, word_key_);
  Var x = dropout(embedding(words_, tokens), options_.dropout, in_key_);
  if (project_) x = (*project_)(x);
  if (recursive_) return (*recursive_)(x, batch.forest, batch.pairs);
  if (tensor_) return (*tensor_)(x, batch.forest);
  if (matrices_) return (*matrices_)(with_matrices(x, tokens), batch.forest).vectors;
  return binary_ ? (*binary_)(x, batch.forest).h : (*child_sum_)(x, batch.forest).h;
}

NodeScores TreeNet::outputs(const TreeBatch& batch) const {
  return {classes_->logits(dropout(vectors(batch), options_.dropout, out_key_))};
}

BatchLoss TreeNet::loss(const TreeBatch& batch) const {
  const std::int64_t rows = batch.forest->rows();
  const Var states = dropout(vectors(batch), options_.dropout, out_key_);
  if (batch.labelled.empty()) {
    // Nothing counts, and every parameter still gets a gradient: zero.
    const Var nothing(Tensor::zeros({1}, states.dtype()));
    return {.loss = mean(states) * nothing, .weight = 0, .rows = rows};
  }
  const bool all = std::ssize(batch.labelled) == rows;
  const Var chosen = all ? states : select_rows(states, batch.labelled);
  return {.loss = cross_entropy(classes_->logits(chosen), batch.labels),
          .weight = static_cast<double>(batch.labelled.size()),
          .rows = rows};
}

std::int32_t likeliest(std::span<const float> probabilities) {
  return static_cast<std::int32_t>(std::max_element(probabilities.begin(), probabilities.end()) -
                                   probabilities.begin());
}

std::vector<TreeAnswer> answers_of(const TreeModel& model, std::span<const LabelledTree* const> trees) {
  std::vector<TreeAnswer> answers(trees.size());
  if (trees.empty()) return answers;
  const InferenceMode constant;
  const std::vector<EncodedTree> encoded = model.input().encode(trees);
  constexpr int rows_at_once = 4096;
  std::vector<std::int32_t> lengths;
  for (const EncodedTree& tree : encoded)
    lengths.push_back(static_cast<std::int32_t>(tree.parents.size()));
  const data::BatchPlan plan(std::move(lengths), {.rows = rows_at_once});
  const data::EpochPlan batches = plan.in_order();
  const std::size_t classes = model.input().classes.size();
  for (std::size_t b = 0; b < batches.size(); ++b) {
    const TreeBatch batch = model.input().pack(encoded, batches.examples(b));
    const Var probabilities = softmax(model->outputs(batch).rows);
    const std::span<const float> values = probabilities.value().data<float>();
    for (std::size_t t = 0; t < batch.trees.size(); ++t) {
      TreeAnswer& answer = answers[batch.examples[t]];
      for (std::size_t node = 0; node < batch.trees[t]->places.size(); ++node) {
        const auto own = values.subspan(static_cast<std::size_t>(batch.row(t, node)) * classes, classes);
        answer.labels.push_back(likeliest(own));
        answer.probabilities.insert(answer.probabilities.end(), own.begin(), own.end());
      }
    }
  }
  return answers;
}

}  // namespace rondo::trees

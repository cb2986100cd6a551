/// Live modules, as PyTorch users know them: plain structs of handles over parameters. Copies alias.
///
/// Parameters exist only under a Scope (parameters.h): a module's constructor takes a place in the parameter
/// tree (`in / "encoder"`) and asks it for what it needs. The same constructor serves a fresh model and one
/// from a file; there is no registration and no base class.
///
/// Weights are tied by place: two modules of one kind at one Scope share all of them, and modules of two
/// kinds the parameters that have the same name. So nn::Dense{in / "words", dim, {.units = vocab}} projects
/// with the table of nn::Embedding{in / "words", {.dim = dim, .vocab = vocab, .sparse = false}}.
///
/// Every description is checked: Error(option) names a field out of its bounds.
///
/// Generate and predict inside an InferenceMode (autograd.h): single steps, whose time is mostly packing
/// weights otherwise, become several times as fast.
#pragma once
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <rondo/autograd.h>
#include <rondo/crf.h>
#include <rondo/layers.h>
#include <rondo/ops.h>
#include <rondo/parameters.h>

namespace [[gnu::visibility("default")]] rondo {
namespace nn {

/// Ids to rows: [rows, dim (+ bigram_dim)]. Parameters `weight` [vocab, dim] and `bigram_weight`.
class Embedding {
 public:
  /// `options.vocab` must be set; `bigrams`: rows of the second table, 0 for none.
  Embedding(const Scope& in, layers::Embedding options, int bigrams = 0);
  Sequences operator()(const Ids& ids) const;
  int features() const noexcept;

 private:
  layers::Embedding options_;
  Var weight_, bigram_weight_;
  std::uint64_t key_;
};

/// y = f(x weightᵀ + bias). Parameters `weight` [units, input], `bias` [units].
class Dense {
 public:
  Dense(const Scope& in, int input, layers::Dense options);
  Var operator()(const Var& x) const;
  Sequences operator()(const Sequences& x) const;
  /// Before the activation: what losses take.
  Var logits(const Var& x) const;
  /// cross_entropy(logits(x), labels, options), faster and in less memory (see linear_cross_entropy).
  Var cross_entropy(const Var& x, const Tensor& labels, const CrossEntropyOptions& options = {}) const;

 private:
  layers::Dense options_;
  Var weight_, bias_;
};

/// What every recurrent layer gives back.
struct Recurrence {
  Sequences outputs;  ///< of the last layer, directions merged: [rows, features()]
  State state;        ///< final states: for each layer h, and for an LSTM c: [count, directions · units]
};

/// What a single step gives back.
struct Step {
  Var output;   ///< of the last layer: [rows, units]
  State state;  ///< as Recurrence::state, for the next step
};

/// What the layers and cells below are made of: weights, options, keys. Immutable, so copies share it.
class RecurrentStack;

/// Stacked, possibly bidirectional recurrent layers of one kind. Parameters are PyTorch's: `weight_ih_l0`,
/// `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, ..., `_reverse`.
class RecurrentLayers {
 public:
  RecurrentLayers(const Scope& in, int input, const layers::LSTM& options);
  RecurrentLayers(const Scope& in, int input, const layers::GRU& options);
  RecurrentLayers(const Scope& in, int input, const layers::SimpleRNN& options);

  /// Runs all layers. `initial` as `Recurrence::state`, or empty for zeros.
  Recurrence run(const Sequences& x, const State& initial = {}) const;
  /// The state before a first step: zeros, for each layer h, and for an LSTM c, [rows, units].
  State start(std::int64_t rows) const;
  /// One step of all layers, x [rows, input], with the weights of run() and its bits: a decoder trains by
  /// whole sequences and decodes step by step. Error(usage) for two directions, which need whole sequences.
  ///
  /// While recording, dropout acts as in run(): on h and U with one mask for all steps. That between layers
  /// is a function of `time`, too: hand in the step's number for a mask of its own at each step.
  Step step(const Var& x, const State& state, std::uint64_t time = 0) const;
  /// The outputs of every step.
  Sequences operator()(const Sequences& x) const;
  /// One row a sequence: the last layer's final h, directions merged (Keras' return_sequences=false).
  Var last(const Sequences& x) const;
  /// units, or 2 · units for two directions joined by concat.
  int features() const noexcept;

 private:
  std::shared_ptr<const RecurrentStack> stack_;
};

class LSTM : public RecurrentLayers {
 public:
  LSTM(const Scope& in, int input, const layers::LSTM& options) : RecurrentLayers(in, input, options) {}
};
class GRU : public RecurrentLayers {
 public:
  GRU(const Scope& in, int input, const layers::GRU& options) : RecurrentLayers(in, input, options) {}
};
class SimpleRNN : public RecurrentLayers {
 public:
  SimpleRNN(const Scope& in, int input, const layers::SimpleRNN& options)
      : RecurrentLayers(in, input, options) {}
};

/// A single LSTM or GRU step as a RecurrentCell, with parameters of its own, named `weight_ih`, `weight_hh`,
/// `bias_ih`, `bias_hh` as PyTorch's cells have them. Under the Scope of an nn::LSTM it has other weights
/// than that one: steps with the weights of a layer are its step(). Dropout acts as in step().
class LSTMCell {
 public:
  LSTMCell(const Scope& in, int input, const layers::LSTM& options);
  /// Zeros: {h, c} of [rows, units].
  State start(std::int64_t rows) const;
  State operator()(const Var& x, const State& state) const;

 private:
  std::shared_ptr<const RecurrentStack> stack_;
};
class GRUCell {
 public:
  GRUCell(const Scope& in, int input, const layers::GRU& options);
  State start(std::int64_t rows) const;
  State operator()(const Var& x, const State& state) const;

 private:
  std::shared_ptr<const RecurrentStack> stack_;
};

/// A cell of one's own: a start state for some rows, and a step. The state's first part is the output.
template <class C>
concept RecurrentCell = requires(const C& cell, std::int64_t rows, const Var& x, const State& state) {
  { cell.start(rows) } -> std::same_as<State>;
  { cell(x, state) } -> std::same_as<State>;
};

/// Drives a step function over packed sequences, one call a step on the rows alive.
Recurrence drive(const Sequences& x, State start, const std::function<State(const Var&, const State&)>& step);

/// Any RecurrentCell over packed sequences: slower than the fused layers, the same meaning.
template <RecurrentCell C>
class Recurrent {
 public:
  explicit Recurrent(C cell) : cell_(std::move(cell)) {}
  Recurrence operator()(const Sequences& x) const {
    return drive(x, cell_.start(x.count()),
                 [this](const Var& row, const State& state) { return cell_(row, state); });
  }

 private:
  C cell_;
};

/// A convolution over time. Parameters as torch.nn.Conv1d's: `weight` [filters, input, kernel_size], `bias`.
class Conv1D {
 public:
  Conv1D(const Scope& in, int input, layers::Conv1D options);
  /// Of another layout where windows are fewer than steps. Error(shape) for a sequence without any window.
  Sequences operator()(const Sequences& x) const;

 private:
  layers::Conv1D options_;
  Var weight_, bias_;
};

/// A conditional random field over the tags of whole sequences (crf.h). Parameters `weight` [units, input]
/// and `bias` [units] of the scores; of the chain, as in pytorch-crf, `transitions` [units, units],
/// `start_transitions` and `end_transitions` [units].
class CRF {
 public:
  /// `rules` stand in for options.scheme, which takes the names of the tags: tag_rules().
  CRF(const Scope& in, int input, layers::CRF options, TagRules rules = {});
  /// What all others take: [rows, units].
  Var scores(const Var& x) const;
  Sequences scores(const Sequences& x) const;
  /// As crf_loss.
  Var loss(const Sequences& scores, const Tensor& tags, const Tensor& weights = {}) const;
  /// As crf_tags, crf_marginals and crf_best.
  Tensor tags(const Sequences& scores) const;
  Tensor marginals(const Sequences& scores) const;
  std::vector<std::vector<TagPath>> best(const Sequences& scores, int count) const;
  const CRFWeights& chain() const noexcept { return chain_; }
  const TagRules& rules() const noexcept { return rules_; }

 private:
  Var weight_, bias_;
  CRFWeights chain_;
  TagRules rules_;
};

/// Parameters `weight` (gain) and `bias`, [features].
class LayerNorm {
 public:
  LayerNorm(const Scope& in, int features, layers::LayerNorm options = {});
  Var operator()(const Var& x) const;
  Sequences operator()(const Sequences& x) const;

 private:
  layers::LayerNorm options_;
  Var gain_, bias_;
};

class Dropout {
 public:
  Dropout(const Scope& in, layers::Dropout options);
  Var operator()(const Var& x) const;
  Sequences operator()(const Sequences& x) const;

 private:
  float rate_;
  std::uint64_t key_;
};

/// Sequences to one row each; several pools side by side.
class Pooling {
 public:
  explicit Pooling(layers::Pooling options = {});
  Var operator()(const Sequences& x) const;

 private:
  layers::Pooling options_;
};

}  // namespace nn
}  // namespace rondo

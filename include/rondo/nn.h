/// Live modules, as PyTorch users know them: plain structs with handles to parameters. Copies share them.
///
/// Parameters exist only under a Scope (parameters.h). A module's constructor takes a place in the parameter
/// tree (`in / "encoder"`) and asks it for the parameters. The same constructor makes a fresh module and
/// loads one from a file. There is no registration and no base class.
///
/// Weights are tied by place. Two modules of one kind at one Scope share all weights. Modules of different
/// kinds share the parameters that have the same name. For example, nn::Dense{in / "words", dim, {.units =
/// vocab}} projects with the table of nn::Embedding{in / "words", {.dim = dim, .vocab = vocab, .sparse =
/// false}}.
///
/// Every constructor checks its options: Error(option) names a field out of its bounds.
///
/// Generate and predict inside an InferenceMode (autograd.h). Otherwise single steps spend most of their time
/// packing weights; an InferenceMode makes them several times as fast.
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

/// Token numbers to rows: [rows, dim], or [rows, dim + bigram_dim]. Parameters: `weight` [vocab, dim] and
/// `bigram_weight` [bigrams, bigram_dim].
class Embedding {
 public:
  /// `options.vocab` must be set. `bigrams` is the number of rows of the second table; 0: no second table.
  Embedding(const Scope& in, layers::Embedding options, int bigrams = 0);
  Sequences operator()(const Ids& ids) const;
  int features() const noexcept;

 private:
  layers::Embedding options_;
  Var weight_, bigram_weight_;
  std::uint64_t key_;
};

/// y = f(x weightᵀ + bias). Parameters: `weight` [units, input] and `bias` [units].
class Dense {
 public:
  Dense(const Scope& in, int input, layers::Dense options);
  Var operator()(const Var& x) const;
  Sequences operator()(const Sequences& x) const;
  /// The outputs before the activation. Losses take these.
  Var logits(const Var& x) const;
  /// cross_entropy(logits(x), labels, options), faster and in less memory (see linear_cross_entropy).
  Var cross_entropy(const Var& x, const Tensor& labels, const CrossEntropyOptions& options = {},
                    std::vector<std::int32_t>* likeliest = nullptr) const;

 private:
  layers::Dense options_;
  Var weight_, bias_;
};

/// The result of running recurrent layers.
struct Recurrence {
  Sequences outputs;  ///< the last layer's, with merged directions: [rows, features()]
  /// The final states: for each layer h, and for an LSTM also c, each [count, directions · units].
  State state;
};

/// The result of a single step.
struct Step {
  Var output;   ///< the last layer's: [rows, units]
  State state;  ///< for the next step, in the form of Recurrence::state
};

/// The weights, options and keys of the layers and cells below. Immutable, so copies share it.
class RecurrentStack;

/// Stacked recurrent layers of one kind, optionally bidirectional. Parameters have PyTorch's names:
/// `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, ..., `_reverse`; of a projected LSTM also
/// `weight_hr_l0` [proj_size, units]. Peepholes: `weight_ci_l0`, `weight_cf_l0`, `weight_co_l0` [units].
/// Layer normalisation: the gains `norm_ih_l0`, `norm_hh_l0` [4 · units] and `norm_c_l0`, with
/// `norm_c_bias_l0` [units].
class RecurrentLayers {
 public:
  RecurrentLayers(const Scope& in, int input, const layers::LSTM& options);
  RecurrentLayers(const Scope& in, int input, const layers::GRU& options);
  RecurrentLayers(const Scope& in, int input, const layers::SimpleRNN& options);
  RecurrentLayers(const Scope& in, int input, const layers::ResidualRecurrence& options);
  RecurrentLayers(const Scope& in, int input, const layers::LinearRecurrence& options);

  /// Runs all layers. `initial` has the form of Recurrence::state; if it is empty, the states start at zero.
  Recurrence run(const Sequences& x, const State& initial = {}) const;
  /// The state before the first step. It holds zeros: for each layer h, and for an LSTM also c, [rows,
  /// units].
  State start(std::int64_t rows) const;
  /// One step of all layers on x [rows, input], with the weights and the bits of run(). A decoder can train
  /// on whole sequences and decode step by step. Error(usage) for two directions, which need whole sequences.
  ///
  /// While recording, dropout on h and U acts as in run(), with one mask for all steps. The mask between
  /// layers also depends on `time`: pass the step's number to get a different mask at each step.
  Step step(const Var& x, const State& state, std::uint64_t time = 0) const;
  /// The outputs of every step.
  Sequences operator()(const Sequences& x) const;
  /// One row per sequence: the last layer's final h, with merged directions (return_sequences=False in
  /// Keras).
  Var last(const Sequences& x) const;
  /// `units`, of a projected LSTM `proj_size`; twice that for two concatenated directions.
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
class ResidualRecurrence : public RecurrentLayers {
 public:
  ResidualRecurrence(const Scope& in, int input, const layers::ResidualRecurrence& options)
      : RecurrentLayers(in, input, options) {}
};
/// Without `weight_hh` and `bias_hh`.
class LinearRecurrence : public RecurrentLayers {
 public:
  LinearRecurrence(const Scope& in, int input, const layers::LinearRecurrence& options)
      : RecurrentLayers(in, input, options) {}
};

/// A single LSTM or GRU step as a RecurrentCell. Its parameters are named as in PyTorch's cells: `weight_ih`,
/// `weight_hh`, `bias_ih`, `bias_hh`. A cell at the Scope of an nn::LSTM therefore has weights of its own; to
/// step with a layer's weights, call the layer's step(). Dropout acts as in step().
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

/// A user-defined cell: start() gives the start state for some rows, and a call does one step. The first part
/// of the state is the output.
template <class C>
concept RecurrentCell = requires(const C& cell, std::int64_t rows, const Var& x, const State& state) {
  { cell.start(rows) } -> std::same_as<State>;
  { cell(x, state) } -> std::same_as<State>;
};

/// Drives a step function over packed sequences. Each step is one call on the active rows.
Recurrence drive(const Sequences& x, State start, const std::function<State(const Var&, const State&)>& step);

/// Runs any RecurrentCell over packed sequences. It means the same as the fused layers, and it is slower.
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

/// Highway connections. Parameters `weight` [features, features] and `bias` of what is done, `gate_weight`
/// and `gate_bias` of how much of it is taken.
class Highway {
 public:
  Highway(const Scope& in, int features, layers::Highway options = {});
  Var operator()(const Var& x) const;
  Sequences operator()(const Sequences& x) const;

 private:
  layers::Highway options_;
  Var weight_, bias_, gate_weight_, gate_bias_;
};

class Dropout {
 public:
  Dropout(const Scope& in, layers::Dropout options);
  Var operator()(const Var& x) const;
  Sequences operator()(const Sequences& x) const;

 private:
  layers::Dropout options_;
  std::uint64_t key_;
};

/// Reduces each sequence to one row. Several kinds of pooling are concatenated.
class Pooling {
 public:
  explicit Pooling(layers::Pooling options = {});
  Var operator()(const Sequences& x) const;

 private:
  layers::Pooling options_;
};

}  // namespace nn
}  // namespace rondo

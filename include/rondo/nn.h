/// Live modules, as PyTorch users know them: plain structs of handles over parameters. Copies alias.
///
/// Parameters exist only under a Scope: a module's constructor takes a place in the parameter tree
/// (`in / "encoder"`) and asks it for what it needs. The same constructor serves a fresh model and one from a
/// file; there is no registration and no base class.
#pragma once
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/autograd.h>
#include <rondo/layers.h>
#include <rondo/ops.h>

namespace [[gnu::visibility("default")]] rondo {

/// The first values of a weight matrix [rows, columns].
struct Initial {
  Initializer kind = Initializer::glorot_uniform;
  /// Of uniform: values lie in [-scale, scale]. Of the others: a factor.
  float scale = 1;
  /// The matrix is this many blocks of rows, each initialised by itself (gate by gate; fan-out is a block's).
  int blocks = 1;
  /// Only this block gets these values, the others zeros (a forget gate's bias); -1: all of them.
  int only_block = -1;
};

/// One parameter of a model.
struct Parameter {
  std::string name;  ///< full name, "encoder.weight_ih_l0"
  std::shared_ptr<Leaf> leaf;
};

/// Owns the values and gradients of all parameters of a model, in a few large blocks of memory.
class ParameterStore {
 public:
  /// Answers for a parameter's first value; used for loading. Throws Error(format) naming what is missing or
  /// misshapen.
  using Source = std::function<Tensor(const std::string& name, const Shape& shape)>;

  /// Fresh parameters: their values are functions of (seed, name), whatever the order of creation.
  explicit ParameterStore(std::uint64_t seed = 1, DType type = DType::f32);
  /// Parameters with the values that `source` gives.
  explicit ParameterStore(Source source, DType type = DType::f32);
  ~ParameterStore();
  ParameterStore(const ParameterStore&) = delete;
  ParameterStore& operator=(const ParameterStore&) = delete;

  DType dtype() const noexcept;
  /// In order of creation.
  std::span<const Parameter> parameters() const noexcept;
  /// Null when there is none of that name.
  const Parameter* find(std::string_view name) const noexcept;
  /// Numbers in all parameters.
  std::int64_t count() const noexcept;

  /// A copy of a parameter's value; Error(option) with the nearest name when there is none.
  Tensor get(std::string_view name) const;
  /// Error(shape) for another shape; converts f32 and f64.
  void set(std::string_view name, const Tensor& value);
  /// Frozen parameters keep their values and gather no gradient. Applies to a parameter of that name and all
  /// below it; Error(option) when there is none.
  void freeze(std::string_view name_or_prefix, bool frozen = true);
  void zero_gradients();

  /// A run of parameters that lie one after another in memory, for loops over all of them at once.
  struct Block {
    Tensor values, gradients;  ///< [size]
    std::vector<std::size_t> parameters;
    std::vector<std::int64_t> offsets;  ///< of each parameter in the block
  };
  std::span<const Block> blocks() const noexcept;

 private:
  friend class Scope;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A place in the parameter tree. `scope / "lstm"` names a child; there is no other way to a parameter.
class Scope {
 public:
  /// The root of a store, which must outlive every module made under it (modules share its memory).
  explicit Scope(std::shared_ptr<ParameterStore> store);
  Scope operator/(std::string_view child) const;
  /// The parameter `name` here. Asking twice gives the same one (shared weights); another shape then is a
  /// Bug. A sparse one gathers gradients row by row.
  Var parameter(std::string_view name, Shape shape, Initial initial = {}, bool sparse = false) const;
  /// "encoder.lstm"; empty at the root.
  const std::string& path() const noexcept { return path_; }
  /// What random operations of a module here are keyed by: a hash of the path and `name`.
  std::uint64_t key(std::string_view name) const noexcept;

 private:
  std::shared_ptr<ParameterStore> store_;
  std::string path_;
};

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

/// Stacked, possibly bidirectional recurrent layers of one kind. Parameters are PyTorch's: `weight_ih_l0`,
/// `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, ..., `_reverse`.
class RecurrentLayers {
 public:
  RecurrentLayers(const Scope& in, int input, const layers::LSTM& options);
  RecurrentLayers(const Scope& in, int input, const layers::GRU& options);
  RecurrentLayers(const Scope& in, int input, const layers::SimpleRNN& options);

  /// Runs all layers. `initial` as `Recurrence::state`, or empty for zeros.
  Recurrence run(const Sequences& x, const State& initial = {}) const;
  /// The outputs of every step.
  Sequences operator()(const Sequences& x) const;
  /// One row a sequence: the last layer's final h, directions merged (Keras' return_sequences=false).
  Var last(const Sequences& x) const;
  /// units, or 2 · units for two directions joined by concat.
  int features() const noexcept;

 private:
  struct Stack;
  std::shared_ptr<const Stack> stack_;
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

/// One step of an LSTM: for decoders and for loops of one's own. Parameters `weight_ih`, `weight_hh`, ...
class LSTMCell {
 public:
  LSTMCell(const Scope& in, int input, const layers::LSTM& options);
  /// Zeros: {h, c} of [rows, units].
  State start(std::int64_t rows) const;
  State operator()(const Var& x, const State& state) const;

 private:
  int units_;
  RecurrentWeights weights_;
};
class GRUCell {
 public:
  GRUCell(const Scope& in, int input, const layers::GRU& options);
  State start(std::int64_t rows) const;
  State operator()(const Var& x, const State& state) const;

 private:
  int units_;
  Cell kind_;
  RecurrentWeights weights_;
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

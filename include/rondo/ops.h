/// The operations. All are differentiable, work on f32 (fast) and f64 (the readable reference), and throw
/// Error(shape) naming the operation and the sizes. "Rows" are the first dimension, "columns" the rest.
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include <rondo/autograd.h>
#include <rondo/layers.h>
#include <rondo/tensor.h>

namespace [[gnu::visibility("default")]] rondo {

// -- Arithmetic. Shapes are equal, or one side is a single number, or one row [D] beside [N, D].
// ------------------
Var operator+(const Var& a, const Var& b);
Var operator-(const Var& a, const Var& b);
Var operator*(const Var& a, const Var& b);
Var operator/(const Var& a, const Var& b);
Var operator-(const Var& x);

/// [M, K] · [K, N] = [M, N]
Var matmul(const Var& a, const Var& b);
/// y = x · weightᵀ + bias: x [N, in], weight [out, in] (or of more dimensions, with `in` numbers a row),
/// bias [out] or undefined.
Var linear(const Var& x, const Var& weight, const Var& bias = {});

// -- Element by element
// ---------------------------------------------------------------------------------------------
Var tanh(const Var& x);
Var sigmoid(const Var& x);
Var relu(const Var& x);
Var exp(const Var& x);
/// Natural logarithm; Error is left to the loss: log of 0 is -inf.
Var log(const Var& x);
Var activate(const Var& x, Activation activation);

// -- Along each row
// -----------------------------------------------------------------------------------------------
Var softmax(const Var& x);
Var log_softmax(const Var& x);
/// gain · (x - mean) / sqrt(variance + epsilon) + bias; gain and bias [D].
Var layer_norm(const Var& x, const Var& gain, const Var& bias, float epsilon = 1e-5F);

// -- Shape and choice
// -----------------------------------------------------------------------------------------------
/// Side by side: [N, A], [N, B] -> [N, A + B].
Var concat(std::initializer_list<Var> parts);
Var concat(std::span<const Var> parts);
/// One below the other: [A, D], [B, D] -> [A + B, D].
Var stack(std::span<const Var> parts);
Var slice_columns(const Var& x, std::int64_t begin, std::int64_t end);
Var slice_rows(const Var& x, std::int64_t begin, std::int64_t end);
/// Row i of the result is row ids[i] of x; ids may repeat.
Var select_rows(const Var& x, std::span<const std::int32_t> ids);
Var reshape(const Var& x, Shape shape);
/// [M, N] -> [N, M]
Var transpose(const Var& x);

// -- Sums
// -----------------------------------------------------------------------------------------------------------
/// Over all elements, in blocks of 4 096 with partial sums in f64, combined in order.
Var sum(const Var& x);
Var mean(const Var& x);

// -- Dropout: inverted, only while recording. The mask is a function of (seed, step, key, element).
// -----------------
Var dropout(const Var& x, float rate, std::uint64_t key);
Sequences dropout(const Sequences& x, float rate, std::uint64_t key);
/// Drops whole rows.
Var dropout_rows(const Var& x, float rate, std::uint64_t key);
Sequences dropout_rows(const Sequences& x, float rate, std::uint64_t key);
/// Drops features of whole sequences: one mask a sequence, the same at all its steps (variational dropout;
/// Gal & Ghahramani 2016). The mask is that of `dropout` on [sequences, features].
Sequences dropout_sequences(const Sequences& x, float rate, std::uint64_t key);
/// Each of the numbers i32 [N] becomes 0, the unknown one, with the probability rates[number], from 0 to 1:
/// what a model has seen rarely it so learns to do without. Error(shape) for a number without a rate.
Tensor drop_ids(const Tensor& ids, std::span<const float> rates, std::uint64_t key);

// -- Sequences
// ------------------------------------------------------------------------------------------------------
/// Rows of table [V, D] for each id [N] (i32): [N, D]. An id outside the table is an Error(shape). The
/// gradient of a sparse parameter touches only the rows named.
Var embedding(const Var& table, const Tensor& ids);
/// The same of the tokens of a batch. Where many of them are equal, the result also says which
/// (Sequences::copies).
Sequences embedding(const Var& table, const Ids& ids);
/// One row a sequence, over its own steps: [count, features].
Var pool(const Sequences& x, Pool over_time);
/// Side by side, step by step.
Sequences concat(std::initializer_list<Sequences> parts);

/// Which steps a window takes: as layers::Conv1D says of its own.
struct WindowOptions {
  int size = 3;
  Padding padding = Padding::same;
  int stride = 1;
  int dilation = 1;
};
/// The steps of windows over each sequence, side by side: [rows, features · size], feature by feature, so
/// that linear() with the weights of a torch.nn.Conv1d as a matrix is that convolution. Steps outside of a
/// sequence are zeros. Windows that are fewer than the steps (`valid`, or a stride) make a layout of their
/// own, in the same order. Error(shape) for a sequence without any window.
Sequences windows(const Sequences& x, const WindowOptions& options);

// -- Losses: a single number, the weighted mean over rows: sum(weight · loss) / sum(weight).
// --------------------------
struct CrossEntropyOptions {
  float label_smoothing = 0;   ///< share of the target spread evenly over all classes
  Tensor class_weights = {};   ///< [classes], of the logits' type; empty: all 1
  Tensor sample_weights = {};  ///< [rows], of the logits' type; empty: all 1
};
/// Of softmax(logits [N, classes]) against labels [N] (i32). Smoothing and weights as in
/// torch.nn.CrossEntropyLoss. A label outside the classes is an Error(shape).
Var cross_entropy(const Var& logits, const Tensor& labels, const CrossEntropyOptions& options = {});
/// cross_entropy(linear(x, weight, bias), labels, options), for a large number of classes: logits exist for a
/// few rows at a time, and of their size only one matrix is kept for the gradient; without a gradient, none.
Var linear_cross_entropy(const Var& x, const Var& weight, const Var& bias, const Tensor& labels,
                         const CrossEntropyOptions& options = {});
/// Of sigmoid(logits [N] or [N, K]) against targets in [0, 1] of the same shape. class_weights: [2], of the
/// targets 0 and 1. Smoothing moves targets towards 1/2.
Var binary_cross_entropy(const Var& logits, const Tensor& targets, const CrossEntropyOptions& options = {});
/// Means over all elements; sample_weights [rows] or empty.
Var mse(const Var& x, const Tensor& targets, const Tensor& sample_weights = {});
Var mae(const Var& x, const Tensor& targets, const Tensor& sample_weights = {});
Var huber(const Var& x, const Tensor& targets, float delta = 1, const Tensor& sample_weights = {});

// -- Recurrence: one operation over a whole packed batch
// ----------------------------------------------------------
enum class Cell { rnn_tanh, rnn_relu, lstm, gru, gru_reset_before };
constexpr std::array<std::string_view, 5> names_of(Cell) {
  return {"rnn_tanh", "rnn_relu", "lstm", "gru", "gru_reset_before"};
}
/// 1, 4 (i f g o) or 3 (r z n).
int gates_of(Cell cell) noexcept;

/// The weights of one direction, named and laid out as in PyTorch. Biases may be undefined.
struct RecurrentWeights {
  Var weight_ih;  ///< W [gates · H, D]
  Var weight_hh;  ///< U [gates · H, H]
  Var bias_ih;    ///< [gates · H]
  Var bias_hh;    ///< [gates · H]
};

struct RecurrentOptions {
  float recurrent_dropout =
      0;  ///< on h before U: one mask a sequence, the same at every step (Gal & Ghahramani 2016)
  std::uint64_t dropout_key = 0;
  /// Run a single direction from each sequence's end to its start (results stay at their steps).
  bool reverse = false;
};

struct RecurrentResult {
  Sequences outputs;  ///< h at every step: [rows, directions · H], the forward direction's columns first
  Var h;  ///< final states [count, directions · H] in packed order: forward after the last step, reverse
          ///< after the first
  Var c;  ///< LSTM only
};

/// Runs a cell over sequences x [rows, D]. `directions` holds one or two sets of weights; with two, the
/// second runs from each sequence's end. Initial states [count, directions · H] may be undefined: zeros.
/// Gradients reach x, all weights and the initial states, from outputs and from final states.
///
/// Where x says of which rows its own are copies (equal tokens of a batch), and has 24 features or more, the
/// products of x with W, and both of its gradients, are made for the distinct rows only. Outputs are the same
/// bits either way; gradients are the same sums in another order.
RecurrentResult recurrent(Cell cell, const Sequences& x, std::span<const RecurrentWeights> directions,
                          const Var& h0 = {}, const Var& c0 = {}, const RecurrentOptions& options = {});

/// One step: x [N, D] with a state {h} or {h, c} of [N, H] gives the next state. Same bits as `recurrent`.
State recurrent_step(Cell cell, const Var& x, const RecurrentWeights& weights, const State& state);

}  // namespace rondo

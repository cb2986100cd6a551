/// The operations. All are differentiable. They work on f32 (fast) and f64 (the readable reference).
/// Error(shape) names the operation and the sizes. "Rows" are the first dimension, and "columns" are all
/// others together.
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

// -- Arithmetic. The shapes are equal, or one side is a single number, or one side is a row [D] and the other
// [N, D].
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
Var tanh(const Var& x);
Var sigmoid(const Var& x);
Var relu(const Var& x);
Var exp(const Var& x);
/// Natural logarithm. log(0) is -inf and not an error; training refuses a loss that is not finite.
Var log(const Var& x);
Var activate(const Var& x, Activation activation);

// -- Along each row
Var softmax(const Var& x);
Var log_softmax(const Var& x);
/// gain · (x - mean) / sqrt(variance + epsilon) + bias; gain and bias [D].
Var layer_norm(const Var& x, const Var& gain, const Var& bias, double epsilon = 1e-5);

// -- Reshaping and selecting
/// Concatenates columns: [N, A], [N, B] -> [N, A + B].
Var concat(std::initializer_list<Var> parts);
Var concat(std::span<const Var> parts);
/// Concatenates rows: [A, D], [B, D] -> [A + B, D].
Var stack(std::span<const Var> parts);
Var slice_columns(const Var& x, std::int64_t begin, std::int64_t end);
Var slice_rows(const Var& x, std::int64_t begin, std::int64_t end);
/// Row i of the result is row ids[i] of x; ids may repeat.
Var select_rows(const Var& x, std::span<const std::int32_t> ids);
Var reshape(const Var& x, Shape shape);
/// [M, N] -> [N, M]
Var transpose(const Var& x);

// -- Sums
/// Over all elements. Partial sums of blocks of 4 096 elements are f64 and combined in order.
Var sum(const Var& x);
Var mean(const Var& x);

// -- Inverted dropout, only while recording. The mask is a function of (seed, step, key, element).
Var dropout(const Var& x, float rate, std::uint64_t key);
Sequences dropout(const Sequences& x, float rate, std::uint64_t key);
/// Drops whole rows.
Var dropout_rows(const Var& x, float rate, std::uint64_t key);
Sequences dropout_rows(const Sequences& x, float rate, std::uint64_t key);
/// The same with one mask for all copies of a row, where x says which rows are equal (Sequences::copies):
/// every place of a word in the batch is dropped alike (Gal & Ghahramani 2016), and the result says which of
/// its rows are equal. The mask is that of the distinct rows. Elsewhere, as without `_copies`.
Sequences dropout_copies(const Sequences& x, float rate, std::uint64_t key);
Sequences dropout_rows_copies(const Sequences& x, float rate, std::uint64_t key);
/// Drops features of whole sequences: one mask a sequence, the same at all its steps (variational dropout;
/// Gal & Ghahramani 2016). The mask is that of `dropout` on [sequences, features].
Sequences dropout_sequences(const Sequences& x, float rate, std::uint64_t key);
/// Each of the numbers i32 [N] becomes 0, the unknown one, with the probability rates[number], from 0 to 1:
/// what a model has seen rarely it so learns to do without. Error(shape) for a number without a rate.
Tensor drop_ids(const Tensor& ids, std::span<const float> rates, std::uint64_t key);

/// Zoneout (Krueger et al. 2017): each element of `after` stays what it was `before` with the probability
/// `rate`, by a mask as that of dropout; without a training Recording, it becomes the expectation,
/// rate · before + (1 - rate) · after. Both have one shape and type.
Var zoneout(const Var& before, const Var& after, float rate, std::uint64_t key);

// -- Sequences
/// Looks up rows: table [V, D] and ids [N] (i32) give [N, D]. An id outside the table is an Error(shape). The
/// gradient of a sparse parameter touches only the rows that were looked up.
Var embedding(const Var& table, const Tensor& ids);
/// The same for the tokens of a batch. If many tokens are equal, the result also says which ones
/// (Sequences::copies).
Sequences embedding(const Var& table, const Ids& ids);
/// One row per sequence, over the sequence's own steps: [count, features].
Var pool(const Sequences& x, Pool over_time);
/// h_t = h_{t-1} + x_t over each sequence, element by element; `reverse`: from its end. h0 [count, features]
/// is what h begins with, undefined: zeros. Every h, [rows, features]; the last ones are Sequences::last(),
/// or of a reverse sum the first rows. Sums go over the steps in order.
Sequences running_sum(const Sequences& x, const Var& h0 = {}, bool reverse = false);
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
/// The largest, the mean or the last of the steps in each window, feature by feature: [rows, features].
/// Windows stand as for windows(); steps outside of a sequence do not count. Error(shape) for a sequence
/// without any window.
Sequences pool_windows(const Sequences& x, Pool over_window, const WindowOptions& options);

// -- Losses: a single number, the weighted mean over rows: sum(weight · loss) / sum(weight).
// --------------------------
struct CrossEntropyOptions {
  double label_smoothing = 0;  ///< share of the target spread evenly over all classes
  Tensor class_weights = {};   ///< [classes], of the logits' type; empty: all 1
  Tensor sample_weights = {};  ///< [rows], of the logits' type; empty: all 1
};
/// Cross entropy of softmax(logits [N, classes]) and labels [N] (i32). Smoothing and weights work as in
/// torch.nn.CrossEntropyLoss. A label outside the classes is an Error(shape).
Var cross_entropy(const Var& logits, const Tensor& labels, const CrossEntropyOptions& options = {});
/// cross_entropy(linear(x, weight, bias), labels, options), for a large number of classes: logits exist for a
/// few rows at a time, and of their size only one matrix is kept for the gradient; without a gradient, none.
/// `likeliest`, unless it is null, gets the class of each row that softmax gives most, of equal ones the
/// first.
Var linear_cross_entropy(const Var& x, const Var& weight, const Var& bias, const Tensor& labels,
                         const CrossEntropyOptions& options = {},
                         std::vector<std::int32_t>* likeliest = nullptr);
/// Of sigmoid(logits [N] or [N, K]) against targets in [0, 1] of the same shape. class_weights: [2], of the
/// targets 0 and 1. Smoothing moves targets towards 1/2.
Var binary_cross_entropy(const Var& logits, const Tensor& targets, const CrossEntropyOptions& options = {});
/// The weights of a focal loss: as those of the cross entropies.
struct FocalOptions {
  double gamma = 2;           ///< how much less an easy example counts, from 0 on; 0: cross entropy
  Tensor class_weights = {};  ///< [classes], of binary_focal [2]; empty: all 1
  Tensor sample_weights = {};
};
/// Focal loss (Lin et al. 2017) of softmax(logits [N, classes]) and labels [N] (i32): -(1 - p)^γ log p, where
/// p is the probability of the label. The class weights are the paper's α; as elsewhere the mean divides by
/// the sum of weights. Errors are those of cross_entropy; Error(option) for a γ below 0.
Var focal(const Var& logits, const Tensor& labels, const FocalOptions& options = {});
/// The same of sigmoid(logits [N] or [N, K]) against targets in [0, 1] of the same shape:
/// -t (1 - p)^γ log p - (1 - t) p^γ log(1 - p).
Var binary_focal(const Var& logits, const Tensor& targets, const FocalOptions& options = {});
/// Mean squared error, mean absolute error and Huber loss, as means over all elements. sample_weights are
/// [rows] or empty.
Var mse(const Var& x, const Tensor& targets, const Tensor& sample_weights = {});
Var mae(const Var& x, const Tensor& targets, const Tensor& sample_weights = {});
Var huber(const Var& x, const Tensor& targets, double delta = 1, const Tensor& sample_weights = {});

// -- Recurrence. Each call is one operation over a whole packed batch.
/// residual: h_t = h_{t-1} + tanh(W x_t + U h_{t-1} + b). linear: the same without U, all steps at once.
enum class Cell { rnn_tanh, rnn_relu, lstm, gru, gru_reset_before, residual, linear };
constexpr std::array<std::string_view, 7> names_of(Cell) {
  return {"rnn_tanh", "rnn_relu", "lstm", "gru", "gru_reset_before", "residual", "linear"};
}
/// Number of gates: 4 (LSTM: i f g o), 3 (GRU: r z n) or 1 (all others).
int gates_of(Cell cell) noexcept;

/// The weights of one direction, with PyTorch's names and layout. Biases may be undefined. Cell::linear has
/// neither weight_hh nor bias_hh.
struct RecurrentWeights {
  Var weight_ih;  ///< W [gates · H, D]
  Var weight_hh;  ///< U [gates · H, H]
  Var bias_ih;    ///< [gates · H]
  Var bias_hh;    ///< [gates · H]
};

struct RecurrentOptions {
  /// Dropout on h before U, with one mask per sequence, the same at every step (Gal & Ghahramani 2016).
  float recurrent_dropout = 0;
  std::uint64_t dropout_key = 0;
  /// Runs a single direction from each sequence's end to its start. Results stay at their steps.
  bool reverse = false;
  /// false: the final states are all that is asked for, and RecurrentResult::outputs stays empty. A Recording
  /// with `recompute` or `keep` then does not keep h of every step either.
  bool outputs = true;
};

struct RecurrentResult {
  /// h at every step, [rows, directions · H], with the forward direction's columns first.
  Sequences outputs;
  /// Final states, [count, directions · H], in packed order: the forward direction's state after the last
  /// step, and the reverse direction's after the first.
  Var h;
  Var c;  ///< the same for c; LSTM only
};

/// Runs a cell over sequences x [rows, D]. `directions` holds the weights of one or two directions; the
/// second runs from each sequence's end. Undefined initial states [count, directions · H] are zeros.
/// Gradients flow from outputs and final states to x, all weights and the initial states.
///
/// If x says which rows are equal (Sequences::copies) and has 24 features or more, the products of x with W
/// and both of their gradients are computed for the distinct rows only. Outputs have the same bits either
/// way. Gradients are the same sums in another order.
RecurrentResult recurrent(Cell cell, const Sequences& x, std::span<const RecurrentWeights> directions,
                          const Var& h0 = {}, const Var& c0 = {}, const RecurrentOptions& options = {});

/// One step: x [N, D] and a state {h} or {h, c} of [N, H] give the next state, with the bits of `recurrent`.
State recurrent_step(Cell cell, const Var& x, const RecurrentWeights& weights, const State& state);

}  // namespace rondo

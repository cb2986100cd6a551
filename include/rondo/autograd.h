/// Differentiation: eager operations recorded on a tape that lasts one step.
///
///     Recording step({.seed = 1, .step = 7});    // from here on operations are recorded
///     Var loss = mse(net(x), y);
///     loss.backward();                           // gradients now stand in the parameters
///
/// A Var of an ended Recording is a constant, so truncated back-propagation needs no `detach`. Without a
/// Recording nothing is recorded and dropout does nothing: that is inference.
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <rondo/tensor.h>

namespace [[gnu::visibility("default")]] rondo {

struct Leaf;
class Tape;

/// A tensor and, while it is being recorded, its place on the tape. A handle: copies alias the same value.
class Var {
 public:
  Var() = default;
  /// A constant of shape {}.
  Var(float constant);
  /// A constant.
  Var(Tensor value);

  bool defined() const noexcept { return !value_.empty(); }
  const Tensor& value() const noexcept { return value_; }
  const Shape& shape() const noexcept { return value_.shape(); }
  DType dtype() const noexcept { return value_.dtype(); }
  std::int64_t rows() const noexcept { return value_.rows(); }
  std::int64_t columns() const noexcept { return value_.columns(); }
  /// The only element, as a float; Error(shape) when there are more.
  float item() const;
  /// The elements of an f32 Var.
  std::span<const float> values() const { return value_.data<float>(); }
  /// One row, of shape [columns]; differentiable.
  Var operator[](std::int64_t row) const;

  /// Whether a gradient will reach it: it is recorded on the live tape, or a trainable parameter while
  /// recording.
  bool tracked() const noexcept;
  /// Adds d(this)/d(parameter) to the gradient of every parameter it was computed from. `this` is a single
  /// number of the live Recording, whose tape is used up by it: Error(usage) otherwise.
  void backward() const;

  /// A parameter: a value with a gradient that outlives the tape. Scope::parameter (nn.h) makes them.
  static Var parameter(std::shared_ptr<Leaf> leaf);
  const std::shared_ptr<Leaf>& leaf() const noexcept { return leaf_; }

 private:
  friend class Tape;
  Tensor value_;
  std::shared_ptr<Leaf> leaf_;
  std::uint64_t recording_ = 0;
  std::uint32_t place_ = 0;
};

/// What a parameter is to the tape: its value, its gradient, and which rows of it a sparse gradient touched.
struct Leaf {
  Tensor value;
  /// Same shape and type as value; zero where nothing arrived. Allocated by whoever makes the leaf.
  Tensor gradient;
  bool trainable = true;
  /// With `sparse`, only rows in `touched` (ascending, each once) may differ from zero in gradient.
  bool sparse = false;
  std::vector<std::int32_t> touched;
  /// A gradient has arrived since the last zeroing. While none has, `gradient` is zero, and backward may
  /// write over it unread.
  bool reached = false;
};

/// Sets the gradient to zero (only touched rows of a sparse one).
void zero_gradient(Leaf& leaf);

/// What random operations (dropout) of a Recording are keyed by.
struct RecordingOptions {
  std::uint64_t seed = 1;
  std::uint64_t step = 0;
  /// Without, they do nothing, as outside of a Recording: for gradients that are to be compared.
  bool dropout = true;
};

/// While it lives, operations of this thread are recorded. Recordings nest: the innermost records.
///
/// Until backward() it keeps what operations with few rows make of parameters, so that a loop of single steps
/// packs its weights once. Who changes parameters before that does it by a call of the library
/// (ParameterStore::set, an optimiser's step), which makes it forget; numbers written into a parameter's
/// tensor go unseen.
class Recording {
 public:
  explicit Recording(RecordingOptions options = {});
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

 private:
  std::unique_ptr<Tape> tape_;
};

/// Pauses recording on this thread: what is computed inside is constant, dropout does nothing.
class Paused {
 public:
  Paused();
  ~Paused();
  Paused(const Paused&) = delete;
  Paused& operator=(const Paused&) = delete;

 private:
  Tape* outer_;
};

class Forms;

/// Pauses recording, and keeps what operations make of parameters before they can use them (weights packed
/// for the kernels) from one operation to the next, for as long as the outermost InferenceMode of this thread
/// lives: about the memory of the weights once more, and the parameters themselves, even of models that are
/// gone.
///
/// They must not change meanwhile. What changes them on this thread (fit(), an optimiser's step,
/// ParameterStore::set, quantize(), init_from(), set_embeddings(), check_gradients()) throws Error(usage);
/// what another thread does, or who writes numbers into a parameter's tensor, goes unseen. It ends on the
/// thread on which it began.
///
/// predict() and evaluate() open their own; one around many calls spares each of them the packing, which
/// makes generating step by step several times as fast. What one thread has packed serves all others whose
/// InferenceMode meets with its own: a model on ten threads keeps its weights once more, not ten times.
class InferenceMode {
 public:
  InferenceMode();
  ~InferenceMode();
  InferenceMode(const InferenceMode&) = delete;
  InferenceMode& operator=(const InferenceMode&) = delete;

 private:
  Paused paused_;
  std::unique_ptr<Forms> forms_;  ///< of the outermost one
};

/// The gradients of an operation's inputs from that of its result.
using GradientFunction = std::function<std::vector<Tensor>(const Tensor& dy)>;

/// An operation of one's own, with its gradient (torch.autograd.Function, jax.custom_vjp): the result is
/// `value`, which the caller has computed from `inputs`. See examples/own_op.cpp.
///
/// `gradient` is called at most once, by backward() if a gradient arrives: dy has the shape and type of
/// `value`. It gives a tensor for each input, of its shape and type; an empty one counts as zero, those of
/// inputs that are not tracked are ignored. What it captures is freed after the call: keep little. What it
/// computes by operations is not recorded, so there are no second derivatives. Without a Recording, or with
/// no tracked input, it is dropped at once.
///
/// Error(shape) naming the operation: here when `value` is not f32 or f64, from backward() when what
/// `gradient` gives does not fit the inputs.
Var custom_op(std::string name, Tensor value, std::vector<Var> inputs, GradientFunction gradient);

/// Rows that repeat: row i is a copy of row of[i] of `distinct`. What uses them in place of the rows sends
/// its gradient to `distinct`, else to the rows: both must come from the same parameters.
struct Copies {
  Var distinct;  ///< [U, features]
  Tensor of;     ///< i32 [rows], each in [0, U)
};

/// Sequences of different lengths as packed rows [layout->rows(), features] plus the layout; no masks, no
/// padding.
class Sequences {
 public:
  Sequences() = default;
  /// Error(shape) when rows do not match the layout.
  Sequences(Var rows, std::shared_ptr<const Layout> layout);
  /// The same, telling of which rows they are copies, so that `recurrent` may multiply each of them with its
  /// weights once. Error(shape) when `copies` does not fit the rows; that the numbers are the same is the
  /// caller's word.
  Sequences(Var rows, std::shared_ptr<const Layout> layout, Copies copies);
  /// Packs tensors [T_i, features], f32 or f64, all of one width.
  static Sequences pack(std::span<const Tensor> features);

  const Var& rows() const noexcept { return rows_; }
  const std::shared_ptr<const Layout>& layout() const noexcept { return layout_; }
  /// Of which rows these are copies; null when they were not said to be.
  const std::shared_ptr<const Copies>& copies() const noexcept { return copies_; }
  std::int64_t count() const noexcept { return layout_ ? layout_->sequences() : 0; }
  std::int64_t features() const noexcept { return rows_.columns(); }
  /// Each sequence's last row: [count, features], in packed order.
  Var last() const;
  /// Copies of each sequence's rows [T_i, features], in the order in which they were given to `pack`.
  std::vector<Tensor> unpack() const;

 private:
  Var rows_;
  std::shared_ptr<const Layout> layout_;
  std::shared_ptr<const Copies> copies_;
};

/// What a recurrent computation carries from one step to the next: Vars whose rows are sequences or
/// hypotheses.
class State {
 public:
  State() = default;
  State(std::initializer_list<Var> parts) : parts_(parts) {}
  explicit State(std::vector<Var> parts) : parts_(std::move(parts)) {}
  std::size_t size() const noexcept { return parts_.size(); }
  const Var& operator[](std::size_t i) const { return parts_.at(i); }
  /// The same rows picked from every part (beam search; differentiable).
  State select(std::span<const std::int32_t> rows) const;

 private:
  std::vector<Var> parts_;
};

}  // namespace rondo

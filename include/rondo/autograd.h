/// Automatic differentiation: operations run at once and are recorded on a tape that lasts for one step.
///
///     Recording step({.seed = 1, .step = 7});    // from here on, operations are recorded
///     Var loss = mse(net(x), y);
///     loss.backward();                           // the parameters now hold their gradients
///
/// A Var of an ended Recording is a constant, so truncated back-propagation needs no `detach`. Without a
/// Recording, nothing is recorded and dropout does nothing: that is inference.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tensor.h>
#include <rondo/weight_type.h>

namespace [[gnu::visibility("default")]] rondo {

struct Leaf;
class Tape;

/// A tensor and, while it is recorded, its place on the tape. A Var is a handle: copies share the value.
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
  /// The only element, as a float. Error(shape) if there are more.
  float item() const;
  /// The elements of an f32 Var.
  std::span<const float> values() const { return value_.data<float>(); }
  /// One row, of shape [columns]. Differentiable.
  Var operator[](std::int64_t row) const;

  /// Whether a gradient will reach this Var: it is recorded on the live tape, or it is a trainable parameter
  /// while a Recording is alive.
  bool tracked() const noexcept;
  /// Adds d(this)/d(parameter) to the gradient of every parameter that this Var was computed from.
  /// Error(usage) unless this is a single number of the live Recording. The call uses up that Recording's
  /// tape.
  void backward() const;

  /// A parameter: a value with a gradient that outlives the tape. Scope::parameter (parameters.h) makes
  /// parameters.
  static Var parameter(std::shared_ptr<Leaf> leaf);
  const std::shared_ptr<Leaf>& leaf() const noexcept { return leaf_; }

 private:
  friend class Tape;
  Tensor value_;
  std::shared_ptr<Leaf> leaf_;
  std::uint64_t recording_ = 0;
  std::uint32_t place_ = 0;
};

/// A parameter as the tape sees it: its value, its gradient, and the rows that a sparse gradient touched.
struct Leaf {
  Tensor value;
  /// Same shape and type as `value`; zero where no gradient arrived. The maker of the leaf allocates it.
  Tensor gradient;
  bool trainable = true;
  /// If set, only the rows listed in `touched` (ascending, without repeats) of `gradient` may be nonzero.
  bool sparse = false;
  std::vector<std::int32_t> touched;
  /// Whether a gradient has arrived since the last zeroing. If not, `gradient` is zero, and backward may
  /// overwrite it without reading it.
  bool reached = false;
  /// What the numbers have been rounded to, and so in which arithmetic operations may use them. Whoever
  /// changes `value` sets it back to f32.
  WeightType weight_type = WeightType::f32;
};

/// Sets the gradient to zero (only the touched rows of a sparse one).
void zero_gradient(Leaf& leaf);

/// The type in which recurrences keep what their backward pass reads. bf16 is the upper half of an f32: half
/// the memory, and gradients that differ from those of f32 by about 0.4 % of each kept number.
enum class Keep { f32, bf16 };
constexpr std::array<std::string_view, 2> names_of(Keep) {
  return {"f32", "bf16"};
}

/// Keys for the random operations (dropout) of a Recording, and how much it keeps for backward.
struct RecordingOptions {
  std::uint64_t seed = 1;
  std::uint64_t step = 0;
  /// If false, dropout does nothing, as outside a Recording. Use this to compare gradients.
  bool dropout = true;
  /// Gradient checkpointing through time (Chen et al. 2016): a recurrence keeps its state every so many
  /// steps, rounded up to what its backward pass takes at a time (some hundred rows), and computes the steps
  /// between again in backward. The bits stay the same. 0: all is kept; -1: about the square root of the
  /// longest sequence's steps.
  int recompute = 0;
  /// What a recurrence keeps of steps that it does not compute again.
  Keep keep = Keep::f32;
};

/// While a Recording is alive, the operations of its thread are recorded. Recordings nest: the innermost one
/// records.
///
/// Until backward(), a Recording keeps the packed weights that operations with few rows make, so that a loop
/// of single steps packs its weights once. To change parameters before backward(), use a call of the library
/// (ParameterStore::set, an optimiser's step): it discards the packed weights. A Recording does not notice
/// numbers that are written directly into a parameter's tensor.
class Recording {
 public:
  explicit Recording(RecordingOptions options = {});
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

 private:
  std::unique_ptr<Tape> tape_;
};

/// Pauses recording on this thread. Results computed meanwhile are constants, and dropout does nothing.
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

/// Pauses recording and keeps packed weights from one operation to the next, until the outermost
/// InferenceMode of this thread ends. The packed weights take about the memory of the weights once more. The
/// InferenceMode also keeps the parameters themselves alive, even those of models that no longer exist.
///
/// Parameters must not change meanwhile. Calls that change them on this thread (fit(), an optimiser's step,
/// ParameterStore::set, quantize(), init_from(), set_embeddings(), check_gradients()) throw Error(usage). An
/// InferenceMode does not notice changes by another thread, nor numbers written directly into a parameter's
/// tensor. It must end on the thread on which it began.
///
/// predict() and evaluate() open their own. An InferenceMode around many calls saves each of them the packing
/// and makes step-by-step generation several times as fast. Threads whose InferenceModes overlap share the
/// packed weights: a model on ten threads keeps its weights once more, not ten times.
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

/// Computes the gradients of an operation's inputs from the gradient of its result.
using GradientFunction = std::function<std::vector<Tensor>(const Tensor& dy)>;

/// A user-defined operation with its gradient (like torch.autograd.Function and jax.custom_vjp). The result
/// is `value`, which the caller has computed from `inputs`. See examples/own_op.cpp.
///
/// backward() calls `gradient` at most once, if a gradient dy arrives; dy has the shape and type of `value`.
/// `gradient` returns one tensor per input, of that input's shape and type. An empty tensor counts as zero;
/// tensors for untracked inputs are ignored. What `gradient` captures stays in memory until the call, so
/// capture little. Operations inside it are not recorded, so there are no second derivatives. Without a
/// Recording, or if no input is tracked, `gradient` is dropped at once.
///
/// Error(shape), naming the operation: at once if `value` is not f32 or f64; from backward() if the tensors
/// from `gradient` do not fit the inputs.
Var custom_op(std::string name, Tensor value, std::vector<Var> inputs, GradientFunction gradient);

/// Describes repeated rows: row i is a copy of row of[i] of `distinct`. An operation that uses `distinct` in
/// place of the rows sends its gradient there; other operations send it to the rows. Both must therefore come
/// from the same parameters.
struct Copies {
  Var distinct;  ///< [U, features]
  Tensor of;     ///< i32 [rows], each in [0, U)
};

/// Sequences of different lengths: packed rows [layout->rows(), features] and their layout. No masks, no
/// padding.
class Sequences {
 public:
  Sequences() = default;
  /// Error(shape) if the rows do not match the layout.
  Sequences(Var rows, std::shared_ptr<const Layout> layout);
  /// The same, with `copies` that say which rows are equal, so that `recurrent` can multiply each distinct
  /// row with its weights once. Error(shape) if `copies` does not fit the rows. The caller guarantees that
  /// the numbers are equal; this is not checked.
  Sequences(Var rows, std::shared_ptr<const Layout> layout, Copies copies);
  /// Packs tensors [T_i, features] of one type (f32 or f64) and one width.
  static Sequences pack(std::span<const Tensor> features);

  const Var& rows() const noexcept { return rows_; }
  const std::shared_ptr<const Layout>& layout() const noexcept { return layout_; }
  /// Which rows are equal; null if that was not given.
  const std::shared_ptr<const Copies>& copies() const noexcept { return copies_; }
  std::int64_t count() const noexcept { return layout_ ? layout_->sequences() : 0; }
  std::int64_t features() const noexcept { return rows_.columns(); }
  /// The last row of each sequence, [count, features], in packed order.
  Var last() const;
  /// A copy of each sequence's rows [T_i, features], in the order given to `pack`.
  std::vector<Tensor> unpack() const;

 private:
  Var rows_;
  std::shared_ptr<const Layout> layout_;
  std::shared_ptr<const Copies> copies_;
};

/// What a recurrent computation carries from one step to the next. The rows of its Vars are sequences or
/// hypotheses.
class State {
 public:
  State() = default;
  State(std::initializer_list<Var> parts) : parts_(parts) {}
  explicit State(std::vector<Var> parts) : parts_(std::move(parts)) {}
  std::size_t size() const noexcept { return parts_.size(); }
  const Var& operator[](std::size_t i) const { return parts_.at(i); }
  /// Selects the same rows from every part, for example in beam search. Differentiable.
  State select(std::span<const std::int32_t> rows) const;

 private:
  std::vector<Var> parts_;
};

}  // namespace rondo

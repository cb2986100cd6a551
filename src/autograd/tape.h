/// The tape, for authors of operations. An operation computes its result and, if a gradient will be needed,
/// hands over a closure:
///
///     Var tanh(const Var& x) {
///       Tensor y = ...;
///       return record(y, {x}, [x, y](Gradients& g) { ... add dy * (1 - y²) to *g.into(x) ... });
///     }
#pragma once
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

#include <rondo/autograd.h>

#include "autograd/visit.h"

namespace rondo {

/// What a closure gets during backward.
class Gradients {
 public:
  /// The gradient of the operation's i-th result; empty if none arrived (it then counts as zero).
  const Tensor& of_result(std::size_t i = 0) const;
  /// Whether the gradient of an input is needed.
  bool wants(const Var& input) const;
  /// The sum of an input's gradients: it has the input's shape and is zero before the first addition. Null if
  /// it is not needed. Add to it; never overwrite it.
  Tensor* into(const Var& input);
  /// Adds a gradient that the closure has computed in its own tensor. The first one is kept as it is, so
  /// nothing else may use `gradient` afterwards.
  void give(const Var& input, Tensor gradient);
  /// The leaf of a sparse parameter: the closure adds rows to leaf->gradient and lists them by `touch`.
  static void touch(Leaf& leaf, std::span<const std::int32_t> ascending_rows);

 private:
  friend class Tape;
  Gradients(Tape& tape, std::uint32_t first_place, std::size_t results)
      : tape_(tape), first_place_(first_place), results_(results) {}
  Tape& tape_;
  std::uint32_t first_place_;
  std::size_t results_;
};

using Backward = std::function<void(Gradients&)>;

/// Whether any input is tracked. An operation that keeps extra memory for backward asks this first.
bool any_tracked(std::initializer_list<Var> inputs) noexcept;
bool any_tracked(std::span<const Var> inputs) noexcept;

/// The result of an operation: recorded with its closure if an input is tracked, else a constant. The closure
/// runs at most once, only if a gradient arrived, and its captures are freed right after.
Var record(Tensor value, std::initializer_list<Var> inputs, Backward backward);
Var record(Tensor value, std::span<const Var> inputs, Backward backward);
/// An operation with several results, one closure for all of them.
std::vector<Var> record(std::vector<Tensor> values, std::span<const Var> inputs, Backward backward);

/// x's place on the tape, its shape and its type, without its value. A closure that only adds to a gradient
/// captures this, so that the memory of the value can be used again before backward.
Var without_value(const Var& x);

/// Seed and step of the innermost live Recording. Nothing if there is none, or if it has no dropout.
std::optional<RecordingOptions> recording_options() noexcept;
/// The options of the innermost live Recording, with dropout or without; the usual ones if there is none.
RecordingOptions recording_memory() noexcept;

}  // namespace rondo

/// The tape, for those who write operations. An operation computes its result and, if a gradient will be
/// asked of it, hands over a closure:
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

/// What a closure sees while the tape is walked backwards.
class Gradients {
 public:
  /// What arrived for the operation's i-th result; empty when nothing did (then it counts as zero).
  const Tensor& of_result(std::size_t i = 0) const;
  /// Whether an input's gradient is asked for.
  bool wants(const Var& input) const;
  /// Where an input's gradient is summed: same shape as the input, zero before the first addition. Null when
  /// nobody wants it. Add to it; never overwrite.
  Tensor* into(const Var& input);
  /// The same for a closure that has computed the input's gradient in a tensor of its own: adds it, or keeps
  /// the very tensor when it is the first to arrive. Nobody else may go on using `gradient`.
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

/// Whether any of the inputs is tracked: an operation that keeps extra memory for backward asks first.
bool any_tracked(std::initializer_list<Var> inputs) noexcept;
bool any_tracked(std::span<const Var> inputs) noexcept;

/// The result of an operation: recorded with its closure if an input is tracked, else a constant. The closure
/// runs at most once, only if a gradient arrived, and its captures are freed right after.
Var record(Tensor value, std::initializer_list<Var> inputs, Backward backward);
Var record(Tensor value, std::span<const Var> inputs, Backward backward);
/// An operation with several results, one closure for all of them.
std::vector<Var> record(std::vector<Tensor> values, std::span<const Var> inputs, Backward backward);

/// Seed and step of the innermost live Recording; nothing while none records, or where it is without dropout.
std::optional<RecordingOptions> recording_options() noexcept;

}  // namespace rondo

/// Where rows of x repeat: gradients of pre-activations are summed over the copies of each distinct row first,
/// and these sums meet x and W once.
#pragma once
#include <vector>

#include "autograd/tape.h"
#include "ops/recurrent/call.h"
#include "ops/recurrent/chain_backward.h"

namespace rondo::recurrence {

template <class Cell, class T>
class DistinctGradients {
 public:
  DistinctGradients(const Call& call, const Chain<T>& chain)
      : chain_(chain),
        rows_(call.input().rows()),
        sums_(Tensor::zeros({rows_, scratch_stride(Cell::gates * chain.hidden)}, dtype_of<T>)) {}

  /// Columns of the sums may be worked on at the same time, in so many cuts.
  Index cuts() const noexcept { return (columns_ + width - 1) / width; }
  /// Of one cut in multiply-adds, of which a core does a dozen while it adds a number to another far away.
  Index work(Index rows) const noexcept {
    constexpr Index an_addition = 12;
    return rows * width * an_addition;
  }
  /// Adds packed rows [first, first + rows) to the sums, in order. gradients: of these rows, as Backward makes
  /// them.
  void add(Index cut, Index first, Index rows, const T* gradients) {
    const Index column = cut * width, count = std::min(width, columns_ - column);
    const std::int32_t* const copies = chain_.copies + first;
    T* const sums = from<T>(sums_, column);
    constexpr Index soon = 4;
    for (Index row = 0; row < rows; ++row) {
      if (row + soon < rows) expect(sums + copies[row + soon] * sums_.columns(), count);
      T* const sum = sums + copies[row] * sums_.columns();
      kernels<T>().add(count, sum, gradients + row * stride_ + column, sum);
    }
  }

  /// After all rows: on to the distinct rows of x and to W.
  void hand_out(const Call& call, const Var& weight_ih, Gradients& gradients) const {
    const Index input = chain_.input, stride = sums_.columns();
    const T* const sums = from<T>(sums_);
    const std::vector<Move> order = to_memory_order<Cell>(chain_.blocks());
    if (gradients.wants(call.input())) {
      Tensor dx = Tensor::uninitialised({rows_, input}, dtype_of<T>);
      const auto w = Packed<T>::with_steps(input, columns_, {from<T>(weight_ih.value()), 1, input}, order);
      matmul(rows_, {sums, stride, 1}, w, from<T>(dx), input);
      gradients.give(call.input(), std::move(dx));
    }
    if (Tensor* const into = gradients.into(weight_ih)) {
      const Packed<T> x(input, rows_, {chain_.x, 1, input});
      parallel_parts(static_cast<int>(order.size()), [&](int part) {
        const auto& [row, column, count] = order[static_cast<std::size_t>(part)];
        matmul_serial(count, {sums + column, 1, stride}, x, from<T>(*into, row * input), input, Start::result);
      });
    }
  }

 private:
  static constexpr Index width = 128;  ///< columns of a cut

  const Chain<T>& chain_;
  const Index rows_;
  const Index columns_ = Cell::gates * chain_.hidden;
  const Index stride_ = scratch_stride(gradient_columns<Cell>(chain_.hidden));  ///< of gradients
  Tensor sums_;  ///< [distinct rows, gates · H], in the order of gradients' columns
};

}  // namespace rondo::recurrence

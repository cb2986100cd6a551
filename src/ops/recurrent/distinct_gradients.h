/// For repeated rows of x: the gradients of pre-activations are first summed over the copies of each distinct
/// row, and these sums are multiplied with x and W once.
#pragma once
#include <algorithm>
#include <vector>

#include "ops/recurrent/input_gradients.h"
#include "runtime/parallel.h"

namespace rondo::recurrence {

template <class Cell, class T>
class DistinctInputGradients final : public InputGradients<T> {
 public:
  DistinctInputGradients(const Call& call, const Chain<T>& chain)
      : chain_(chain),
        distinct_(call.input().rows()),
        sums_(Tensor::zeros({distinct_, scratch_stride(Cell::gates * chain.hidden)}, dtype_of<T>)) {}

  /// Cut by columns: every sum is one chain over the rows in the order of these calls.
  Index open(Index first, Index rows) override {
    first_ = first;
    rows_ = rows;
    return (columns_ + width - 1) / width;
  }
  /// A core does a dozen multiply-adds while it adds a number to another far away.
  Index work() const override { return rows_ * width * 12; }
  void add(Index cut, const T* gradients) override {
    const Index column = cut * width, count = std::min(width, columns_ - column), stride = sums_.columns();
    const std::int32_t* const copies = chain_.copies + first_;
    T* const sums = from<T>(sums_, column);
    constexpr Index soon = 4;
    for (Index row = 0; row < rows_; ++row) {
      if (row + soon < rows_) expect(sums + copies[row + soon] * stride, count);
      T* const sum = sums + copies[row] * stride;
      kernels<T>().add(count, sum, gradients + row * stride_ + column, sum);
    }
  }
  void hand_out(const Call& call, const Var& weight_ih, Gradients& gradients) override {
    if (gradients.wants(call.input())) gradients.give(call.input(), times_weights(weight_ih));
    if (Tensor* const sums = gradients.into(weight_ih)) add_to_weights(*sums);
  }

 private:
  static constexpr Index width = 128;  ///< columns of a cut

  /// The gradient of the distinct rows.
  Tensor times_weights(const Var& weight_ih) const {
    const Index input = chain_.input;
    const auto w = prepare_w<Cell>(chain_, weight_ih, distinct_);
    Tensor dx = Tensor::uninitialised({distinct_, input}, dtype_of<T>);
    matmul(distinct_, {from<T>(sums_), sums_.columns(), 1}, *w, from<T>(dx), input);
    return dx;
  }
  void add_to_weights(Tensor& gradient) const {
    constexpr Index most_rows = 64, worth_a_thread = 64 * 1024;
    const Index input = chain_.input;
    std::vector<Move> parts;
    std::vector<Index> work;
    for (const Move& move : to_memory_order<Cell>(chain_.blocks()))
      for (Index at = 0; at < move.count; at += most_rows) {
        const Index count = std::min(most_rows, move.count - at);
        parts.push_back({move.from + at, move.to + at, count});
        work.push_back(count * input * distinct_);
      }
    const Packed<T> x(input, distinct_, {chain_.x, 1, input});
    parallel_balanced(work, worth_a_thread, [&](std::size_t part) {
      const auto& [row, column, count] = parts[part];
      matmul_serial(count, {from<T>(sums_, column), 1, sums_.columns()}, x, from<T>(gradient, row * input),
                    input, Start::result);
    });
  }

  const Chain<T>& chain_;
  const Index distinct_;  ///< rows
  const Index columns_ = Cell::gates * chain_.hidden;
  const Index stride_ = scratch_stride(gradient_columns<Cell>(chain_.hidden));  ///< of gradients
  Tensor sums_;  ///< [distinct rows, gates · H], in the order of gradients' columns
  Index first_ = 0, rows_ = 0;
};

}  // namespace rondo::recurrence

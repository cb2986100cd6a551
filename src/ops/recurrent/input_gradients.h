/// Computes the gradient of x from those of the pre-activations, some hundred rows at a time.
#pragma once
#include <algorithm>

#include "autograd/forms.h"
#include "autograd/tape.h"
#include "ops/recurrent/call.h"
#include "ops/recurrent/chain_backward.h"

namespace rondo::recurrence {

/// The input's gradient of one direction.
template <class T>
class InputGradients {
 public:
  InputGradients() = default;
  virtual ~InputGradients() = default;
  InputGradients(const InputGradients&) = delete;
  InputGradients& operator=(const InputGradients&) = delete;

  /// Continues with packed rows [first, first + rows). Returns the number of parts, which can run at the same
  /// time.
  virtual Index open(Index first, Index rows) = 0;
  /// Multiply-adds of a cut.
  virtual Index work() const = 0;
  /// gradients: of these rows, as Backward makes them.
  virtual void add(Index cut, const T* gradients) = 0;
  /// After all rows.
  virtual void hand_out(const Call& call, const Var& weight_ih, Gradients& gradients) = 0;
};

/// W as gradients of pre-activations meet it, for so many of their rows.
template <class Cell, class T>
std::shared_ptr<const Packed<T>> prepare_w(const Chain<T>& chain, const Var& weight_ih, Index rows) {
  struct OfCell : Packed<T> {};  // the order of the steps depends on the cell
  return form_of<OfCell>({&weight_ih, 1}, &kernels<T>(), rows, [&] {
    return OfCell{Packed<T>::with_steps(chain.input, Cell::gates * chain.hidden,
                                        {from<T>(weight_ih.value()), 1, chain.input},
                                        to_memory_order<Cell>(chain.blocks()))};
  });
}

/// Row by row: dx = gradients · W.
template <class Cell, class T>
class RowInputGradients final : public InputGradients<T> {
 public:
  RowInputGradients(const Call& call, const Chain<T>& chain, const Var& weight_ih)
      : chain_(chain),
        packed_(prepare_w<Cell>(chain, weight_ih, call.layout().rows())),
        dx_(Tensor::uninitialised(call.input().shape(), dtype_of<T>)) {}

  Index open(Index first, Index rows) override {
    constexpr Index rows_of_cut = 48;
    first_ = first;
    rows_ = rows;
    cuts_ = by_columns() ? std::min<Index>(panels(), parallelism()) : (rows + rows_of_cut - 1) / rows_of_cut;
    return cuts_;
  }
  Index work() const override { return rows_ * w_.n() * w_.k() / cuts_; }
  void add(Index cut, const T* gradients) override {
    const Index width = kernels<T>().panel_columns;
    if (by_columns())
      multiply(0, rows_, panels() * cut / cuts_ * width,
               std::min(w_.n(), panels() * (cut + 1) / cuts_ * width), gradients);
    else
      multiply(rows_ * cut / cuts_, rows_ * (cut + 1) / cuts_, 0, w_.n(), gradients);
  }
  void hand_out(const Call& call, const Var&, Gradients& gradients) override {
    gradients.give(call.input(), std::move(dx_));
  }

 private:
  /// Divided by rows, so that each row is laid out once. Divided by columns if W is so large that every
  /// thread should read only a share of it.
  bool by_columns() const { return w_.n() * w_.k() > 128 * 1024; }
  Index panels() const {
    const Index width = kernels<T>().panel_columns;
    return (w_.n() + width - 1) / width;
  }
  void multiply(Index row, Index row_end, Index column, Index column_end, const T* gradients) {
    kernels<T>().product(row_end - row, column_end - column, w_.k(), {gradients + row * stride_, stride_, 1},
                         w_.data() + column * w_.k(), {},
                         from<T>(dx_, (first_ + row) * chain_.input + column), chain_.input);
  }

  const Chain<T>& chain_;
  const std::shared_ptr<const Packed<T>> packed_;
  const Packed<T>& w_ = *packed_;
  Tensor dx_;
  const Index stride_ = scratch_stride(gradient_columns<Cell>(chain_.hidden));  ///< of gradients
  Index first_ = 0, rows_ = 0, cuts_ = 1;
};

}  // namespace rondo::recurrence

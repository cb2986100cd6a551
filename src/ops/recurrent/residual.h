/// Residual recurrence (docs/gates.md): h = h_before + g with g = tanh(W x + U h_before + b).
#pragma once
#include "ops/recurrent/cell.h"

namespace rondo::recurrence {

struct ResidualCell {
  static constexpr Index gates = 1;
  static constexpr Index kept = 1;  ///< g: h - h_before would have lost digits of it
  static constexpr bool memory = false;
  static constexpr bool direct = true;
  static constexpr Candidate candidate = Candidate::joint;

  template <class T>
  static void forward(const Kernels<T>& kernels, const CellRows<T>& of) {
    const Strided<T> g = of.kept.data == nullptr ? of.gates : of.kept;
    kernels.rnn_tanh_forward(of.rows, of.size, of.gates, g);
    for (Index row = 0; row < of.rows; ++row)
      kernels.add(of.size, of.h_before[row], g[row], of.h[row]);
  }
  /// dh stays as it is: the whole of it reaches h_before.
  template <class T>
  static void backward(const Kernels<T>& kernels, const CellGradients<T>& of) {
    kernels.rnn_tanh_backward(of.rows, of.size, of.kept, of.dh, of.dgates);
  }
};

}  // namespace rondo::recurrence

/// Simple (Elman) network: docs/gates.md, N1. h = f(W x + U h + b), f = tanh or relu.
#pragma once
#include <algorithm>

#include "ops/recurrent/cell.h"

namespace rondo::recurrence {

enum class Squash { tanh, relu };

template <Squash squash>
struct RnnCell {
  static constexpr Index gates = 1;
  static constexpr bool memory = false;
  static constexpr bool direct = false;
  static constexpr Candidate candidate = Candidate::joint;

  template <class T>
  static void forward(const Kernels<T>& kernels, const Row<T>& row) {
    (squash == Squash::tanh ? kernels.tanh : kernels.relu)(row.size, row.gates, row.h);
  }
  /// The activated gate is h itself, so the gate's memory serves only for its gradient.
  template <class T>
  static void backward(const Kernels<T>& kernels, const RowGradient<T>& row) {
    std::fill_n(row.gates, row.size, T(0));
    (squash == Squash::tanh ? kernels.tanh_backward : kernels.relu_backward)(row.size, row.h, row.dh,
                                                                             row.gates);
  }
};

}  // namespace rondo::recurrence

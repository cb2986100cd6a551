/// Simple (Elman) network: docs/gates.md, N1. h = f(W x + U h + b), f = tanh or relu.
#pragma once
#include <algorithm>

#include "ops/recurrent/cell.h"

namespace rondo::recurrence {

enum class Squash { tanh, relu };

template <Squash squash>
struct RnnCell {
  static constexpr Index gates = 1;
  static constexpr Index kept = 0;  ///< the activated gate is h itself
  static constexpr bool memory = false;
  static constexpr bool direct = false;
  static constexpr Candidate candidate = Candidate::joint;

  template <class T>
  static void forward(const Kernels<T>& kernels, const CellRows<T>& of) {
    const auto function = squash == Squash::tanh ? kernels.tanh : kernels.relu;
    for (Index row = 0; row < of.rows; ++row)
      function(of.size, of.gates[row], of.h[row]);
  }
  template <class T>
  static void backward(const Kernels<T>& kernels, const CellGradients<T>& of) {
    const auto function = squash == Squash::tanh ? kernels.tanh_backward : kernels.relu_backward;
    for (Index row = 0; row < of.rows; ++row) {
      std::fill_n(of.dgates[row], of.size, T(0));
      function(of.size, of.h[row], of.dh[row], of.dgates[row]);
    }
  }
};

}  // namespace rondo::recurrence

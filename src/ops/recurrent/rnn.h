/// Simple (Elman) network (docs/gates.md). h = f(W x + U h + b), where f is tanh or relu.
#pragma once
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
    const auto activate = squash == Squash::tanh ? kernels.rnn_tanh_forward : kernels.rnn_relu_forward;
    activate(of.rows, of.size, of.gates, of.h);
  }
  template <class T>
  static void backward(const Kernels<T>& kernels, const CellGradients<T>& of) {
    const auto through = squash == Squash::tanh ? kernels.rnn_tanh_backward : kernels.rnn_relu_backward;
    through(of.rows, of.size, of.h, of.dh, of.dgates);
  }
};

}  // namespace rondo::recurrence

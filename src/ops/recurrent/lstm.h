/// Long short-term memory (docs/gates.md). Gates i f g o.
#pragma once
#include "ops/recurrent/cell.h"

namespace rondo::recurrence {

struct LstmCell {
  static constexpr Index gates = 4;
  static constexpr Index kept = 5;  ///< activated i f g o, and c
  static constexpr bool memory = true;
  static constexpr bool direct = false;
  static constexpr Candidate candidate = Candidate::joint;

  template <class T>
  static void forward(const Kernels<T>& kernels, const CellRows<T>& of) {
    kernels.lstm_forward(of.rows, of.size, of.gates, of.c_before, of.kept, of.c, of.h);
  }
  template <class T>
  static void backward(const Kernels<T>& kernels, const CellGradients<T>& of) {
    kernels.lstm_backward(of.rows, of.size, of.kept, of.c_before, of.c, of.dh, of.dc, of.dgates);
  }
};

}  // namespace rondo::recurrence

/// Long short-term memory: docs/gates.md, N3. Gates i f g o.
#pragma once
#include "ops/recurrent/cell.h"

namespace rondo::recurrence {

struct LstmCell {
  static constexpr Index gates = 4;
  static constexpr bool memory = true;
  static constexpr bool direct = false;
  static constexpr Candidate candidate = Candidate::joint;

  template <class T>
  static void forward(const Kernels<T>& kernels, const Row<T>& row) {
    kernels.lstm_forward(row.size, row.gates, row.c_before, row.c, row.h);
  }
  template <class T>
  static void backward(const Kernels<T>& kernels, const RowGradient<T>& row) {
    kernels.lstm_backward(row.size, row.gates, row.c_before, row.c, row.dh, row.dc);
  }
};

}  // namespace rondo::recurrence

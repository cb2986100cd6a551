/// Gated recurrent unit: docs/gates.md, N4 and N5. Gates r z n; h = (1 - z) ⊙ n + z ⊙ h_before.
#pragma once
#include "ops/recurrent/cell.h"

namespace rondo::recurrence {

/// Reset after the product (N5): n = tanh(W_n x + b_wn + r ⊙ (U_n h + b_un)).
struct GruCell {
  static constexpr Index gates = 3;
  static constexpr bool memory = false;
  static constexpr bool direct = true;
  static constexpr Candidate candidate = Candidate::beside;

  template <class T>
  static void forward(const Kernels<T>& kernels, const Row<T>& row) {
    kernels.gru_forward(row.size, row.gates, row.extra, row.h_before, row.h);
  }
  template <class T>
  static void backward(const Kernels<T>& kernels, const RowGradient<T>& row) {
    kernels.gru_backward(row.size, row.gates, row.extra, row.h_before, row.dh, row.extra);
  }
};

/// Reset before the product (N4): n = tanh(W_n x + b_wn + U_n (r ⊙ h) + b_un).
struct GruResetBeforeCell {
  static constexpr Index gates = 3;
  static constexpr bool memory = false;
  static constexpr bool direct = true;
  static constexpr Candidate candidate = Candidate::gated;

  /// Activates r and makes r ⊙ fed, which the candidate's product needs.
  template <class T>
  static void gate(const Kernels<T>& kernels, const Row<T>& row) {
    kernels.sigmoid(row.size, row.gates, row.gates);
    kernels.multiply(row.size, row.gates, row.fed, row.extra);
  }
  template <class T>
  static void forward(const Kernels<T>& kernels, const Row<T>& row) {
    T* const z = row.gates + row.size;
    T* const n = z + row.size;
    kernels.sigmoid(row.size, z, z);
    kernels.tanh(row.size, n, n);
    for (Index u = 0; u < row.size; ++u)
      row.h[u] = (1 - z[u]) * n[u] + z[u] * row.h_before[u];
  }
  template <class T>
  static void backward(const Kernels<T>&, const RowGradient<T>& row) {
    T* const z = row.gates + row.size;
    T* const n = z + row.size;
    for (Index u = 0; u < row.size; ++u) {
      const T dn = row.dh[u] * (1 - z[u]) * (1 - n[u] * n[u]);
      const T dz = row.dh[u] * (row.h_before[u] - n[u]) * z[u] * (1 - z[u]);
      row.dh[u] *= z[u];
      z[u] = dz;
      n[u] = dn;
    }
  }
  template <class T>
  static void backward_gate(const Kernels<T>& kernels, const RowGradient<T>& row) {
    T* const r = row.gates;
    kernels.multiply_add(row.size, row.dextra, r, row.dfed);
    for (Index u = 0; u < row.size; ++u)
      r[u] = row.dextra[u] * row.fed[u] * r[u] * (1 - r[u]);
  }
};

}  // namespace rondo::recurrence

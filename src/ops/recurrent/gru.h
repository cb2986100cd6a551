/// Gated recurrent unit (docs/gates.md). Gates r z n; h = (1 - z) ⊙ n + z ⊙ h_before.
#pragma once
#include <algorithm>

#include "ops/recurrent/cell.h"

namespace rondo::recurrence {

/// Reset after the product: n = tanh(W_n x + b_wn + r ⊙ (U_n h + b_un)).
struct GruCell {
  static constexpr Index gates = 3;
  static constexpr Index kept = 4;  ///< activated r z n, and U_n h + b_un
  static constexpr bool memory = false;
  static constexpr bool direct = true;
  static constexpr Candidate candidate = Candidate::beside;

  template <class T>
  static void forward(const Kernels<T>& kernels, const CellRows<T>& of) {
    kernels.gru_forward(of.rows, of.size, of.gates, of.candidate, of.extra, of.h_before, of.kept, of.h);
  }
  template <class T>
  static void backward(const Kernels<T>& kernels, const CellGradients<T>& of) {
    kernels.gru_backward(of.rows, of.size, of.kept, of.h_before, of.dh, of.dgates, of.dcandidate, of.dextra);
  }
};

/// Reset before the product: n = tanh(W_n x + b_wn + U_n (r ⊙ h) + b_un).
struct GruResetBeforeCell {
  static constexpr Index gates = 3;
  static constexpr Index kept = 4;  ///< activated r z n, and r ⊙ fed
  static constexpr bool memory = false;
  static constexpr bool direct = true;
  static constexpr Candidate candidate = Candidate::gated;

  /// Activates r and makes r ⊙ fed, which the candidate's product needs.
  template <class T>
  static void gate(const Kernels<T>& kernels, const CellRows<T>& of) {
    for (Index row = 0; row < of.rows; ++row) {
      T* const r = of.gates[row];
      kernels.sigmoid(of.size, r, r);
      kernels.multiply(of.size, r, of.fed[row], of.extra[row]);
    }
  }
  template <class T>
  static void forward(const Kernels<T>& kernels, const CellRows<T>& of) {
    for (Index row = 0; row < of.rows; ++row) {
      T *const r = of.gates[row], *const z = r + of.size, *const n = of.candidate[row], *const h = of.h[row];
      const T* const before = of.h_before[row];
      kernels.sigmoid(of.size, z, z);
      kernels.tanh(of.size, n, n);
      for (Index u = 0; u < of.size; ++u)
        h[u] = (1 - z[u]) * n[u] + z[u] * before[u];
      if (of.kept.data == nullptr) continue;
      T* const kept_row = of.kept[row];
      std::copy_n(r, 2 * of.size, kept_row);
      std::copy_n(n, of.size, kept_row + 2 * of.size);
      std::copy_n(of.extra[row], of.size, kept_row + 3 * of.size);
    }
  }
  template <class T>
  static void backward(const Kernels<T>&, const CellGradients<T>& of) {
    for (Index row = 0; row < of.rows; ++row) {
      const T *const z = of.kept[row] + of.size, *const n = z + of.size, *const before = of.h_before[row];
      T *const dn = of.dcandidate[row], *const dz = of.dgates[row] + of.size, *const dh = of.dh[row];
      for (Index u = 0; u < of.size; ++u) {
        dn[u] = dh[u] * (1 - z[u]) * (1 - n[u] * n[u]);
        dz[u] = dh[u] * (before[u] - n[u]) * z[u] * (1 - z[u]);
        dh[u] *= z[u];
      }
    }
  }
  template <class T>
  static void backward_gate(const Kernels<T>& kernels, const CellGradients<T>& of) {
    for (Index row = 0; row < of.rows; ++row) {
      const T *const r = of.kept[row], *const fed = of.fed[row], *const dextra = of.dextra[row];
      T* const dr = of.dgates[row];
      kernels.multiply_add(of.size, dextra, r, of.dfed[row]);
      for (Index u = 0; u < of.size; ++u)
        dr[u] = dextra[u] * fed[u] * r[u] * (1 - r[u]);
    }
  }
};

}  // namespace rondo::recurrence

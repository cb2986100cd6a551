/// The readable reference of every kernel: plain loops, one template over f32 and f64, one file per
/// family.
///
/// f64 always runs on it, `RONDO_ISA=scalar` selects it, and the tests compare every other instruction set
/// with it.
#pragma once
#include <cmath>

#include "kernels/kernels.h"

namespace rondo::reference {

/// Elements of one partial sum; partial sums are added in order.
inline constexpr Index sum_block = 1024;
/// The same for sums in f64.
inline constexpr Index wide_sum_block = 4096;

template <class T>
T sigmoid(T x) {
  return T(1) / (T(1) + std::exp(-x));
}

// Each adds its family's functions to a table.
template <class T>
void enter_products(Kernels<T>& table);
template <class T>
void enter_small_products(Kernels<T>& table);
template <class T>
void enter_elementwise(Kernels<T>& table);
template <class T>
void enter_dropout(Kernels<T>& table);
template <class T>
void enter_reductions(Kernels<T>& table);
template <class T>
void enter_cells(Kernels<T>& table);
template <class T>
void enter_optimisers(Kernels<T>& table);

}  // namespace rondo::reference

#include <algorithm>

#include "kernels/reference.h"

namespace rondo::reference {
namespace {

constexpr Index panel_columns = 8;

template <class T>
void pack(Index n, Index k, Operand<T> b, T* packed) {
  for (Index first = 0; first < n; first += panel_columns) {
    for (Index p = 0; p < k; ++p) {
      for (Index column = first; column < first + panel_columns; ++column) {
        *packed++ = column < n ? b.data[column * b.stride + p * b.k_stride] : T(0);
      }
    }
  }
}

/// One row of c in one panel: `width` chains over ascending k.
template <class T>
void chains(Index width, Index k, const T* a, Index k_stride, const T* panel, const T* start, T* c) {
  T sum[panel_columns] = {};
  if (start != nullptr) std::copy_n(start, width, sum);
  for (Index p = 0; p < k; ++p) {
    const T value = a[p * k_stride];
    for (Index column = 0; column < panel_columns; ++column)
      sum[column] += value * *panel++;
  }
  std::copy_n(sum, width, c);
}

template <class T>
void product(Index m, Index n, Index k, Operand<T> a, const T* packed, const T* bias, T* c, Index c_stride,
             bool accumulate) {
  for (Index first = 0; first < n; first += panel_columns, packed += k * panel_columns) {
    for (Index row = 0; row < m; ++row) {
      T* out = c + row * c_stride + first;
      const T* start = accumulate ? out : bias != nullptr ? bias + first : nullptr;
      chains(std::min(panel_columns, n - first), k, a.data + row * a.stride, a.k_stride, packed, start, out);
    }
  }
}

}  // namespace

template <class T>
void enter_products(Kernels<T>& table) {
  table.panel_columns = panel_columns;
  table.tile_rows = 1;
  table.pack = pack<T>;
  table.product = product<T>;
}
template void enter_products(Kernels<float>&);
template void enter_products(Kernels<double>&);

}  // namespace rondo::reference

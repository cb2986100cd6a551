#include <algorithm>

#include "kernels/reference.h"

namespace rondo::reference {
namespace {

constexpr Index panel_columns = 8;

template <class T>
void pack(Index n, Index k, Operand<T> b, T* packed, Write) {
  for (Index first = 0; first < n; first += panel_columns) {
    for (Index p = 0; p < k; ++p) {
      for (Index column = first; column < first + panel_columns; ++column) {
        *packed++ = column < n ? b.data[column * b.stride + p * b.k_stride] : T(0);
      }
    }
  }
}

template <class T>
void pack_steps(Index n, Index k, Strided<const T> rows, T* packed, Index depth) {
  for (Index first = 0; first < n; first += panel_columns, packed += depth * panel_columns)
    pack<T>(std::min(panel_columns, n - first), k, {rows.data + first, 1, rows.stride}, packed, Write::near);
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
void product(Index m, Index n, Index k, Operand<T> a, const T* packed, ChainStart<T> start, T* c,
             Index c_stride) {
  for (Index first = 0; first < n; first += panel_columns, packed += k * panel_columns) {
    for (Index row = 0; row < m; ++row) {
      const T* from = start.data == nullptr ? nullptr : start.data + row * start.stride + first;
      chains(std::min(panel_columns, n - first), k, a.data + row * a.stride, a.k_stride, packed, from,
             c + row * c_stride + first);
    }
  }
}

template <class T>
Laid<T> lay(Index m, Index k, Operand<T> a, T* laid) {
  for (Index row = 0; row < m; ++row)
    for (Index p = 0; p < k; ++p)
      laid[row * k + p] = a.data[row * a.stride + p * a.k_stride];
  return {laid, false};
}

template <class T>
void product_laid(Index m, Index n, Index k, Laid<T> a, const T* packed, ChainStart<T> start, T* c,
                  Index c_stride, Ahead<T>) {
  product<T>(m, n, k, {a.data, k, 1}, packed, start, c, c_stride);
}

}  // namespace

template <class T>
void enter_products(Kernels<T>& table) {
  table.panel_columns = panel_columns;
  table.tile_rows = 1;
  table.pack = pack<T>;
  table.pack_steps = pack_steps<T>;
  table.product = product<T>;
  table.lay = lay<T>;
  table.product_laid = product_laid<T>;
}
template void enter_products(Kernels<float>&);
template void enter_products(Kernels<double>&);

}  // namespace rondo::reference

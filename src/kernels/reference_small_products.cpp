#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "kernels/reference.h"

namespace rondo::reference {
namespace {

// A packed matrix consists of its columns, one after another, each padded to an even length.

Index even(Index k) {
  return (k + 1) / 2 * 2;
}

Index small_size(Index n, Index k) {
  return n * even(k);
}

template <class Number>
void pack(Index n, Index k, const Number* columns, Number* packed) {
  for (Index column = 0; column < n; ++column, columns += k, packed += even(k)) {
    std::copy_n(columns, k, packed);
    std::fill(packed + k, packed + even(k), Number(0));
  }
}

/// The start value of an element's chain.
template <class T>
T start_of(Index column, const T* bias, const T* c, bool accumulate) {
  return accumulate ? c[column] : bias != nullptr ? bias[column] : T(0);
}

template <class T>
void product_bf16(Index m, Index n, Index k, const T* a, Index a_stride, const std::uint16_t* packed,
                  const T* bias, T* c, Index c_stride, bool accumulate) {
  for (Index row = 0; row < m; ++row, a += a_stride, c += c_stride) {
    for (Index column = 0; column < n; ++column) {
      T sum = start_of(column, bias, c, accumulate);
      const std::uint16_t* const weights = packed + column * even(k);
      for (Index p = 0; p < k; ++p)
        sum += a[p] * static_cast<T>(std::bit_cast<float>(std::uint32_t{weights[p]} << 16));
      c[column] = sum;
    }
  }
}

template <class T, int most>
T quantize(Index k, const T* a, std::int16_t* q) {
  std::fill_n(q, even(k), std::int16_t(0));
  T largest = 0, zero = 0;
  for (Index p = 0; p < k; ++p) {
    largest = std::max(largest, std::abs(a[p]));
    zero += a[p] * 0;
  }
  if (!(zero == 0)) return std::numeric_limits<T>::quiet_NaN();
  if (largest < T(least_quantized)) return 0;
  const T steps = T(most) / largest;
  for (Index p = 0; p < k; ++p)
    q[p] = static_cast<std::int16_t>(std::nearbyint(a[p] * steps));
  return largest / T(most);
}

template <class T>
void product_int8(Index m, Index n, Index k, const std::int16_t* q, Index q_stride, const T* a_scales,
                  const std::int8_t* packed, const float* scales, const T* bias, T* c, Index c_stride,
                  bool accumulate) {
  for (Index row = 0; row < m; ++row, q += q_stride, c += c_stride) {
    for (Index column = 0; column < n; ++column) {
      T sum = start_of(column, bias, c, accumulate);
      const std::int8_t* const weights = packed + column * even(k);
      const T scale = a_scales[row] * static_cast<T>(scales[column]);
      for (Index begin = 0; begin < k || begin == 0; begin += small_depth) {
        std::int32_t exact = 0;
        for (Index p = begin; p < std::min(k, begin + small_depth); ++p)
          exact += std::int32_t{q[p]} * std::int32_t{weights[p]};
        sum += scale * static_cast<T>(exact);
      }
      c[column] = sum;
    }
  }
}

}  // namespace

template <class T>
void enter_small_products(Kernels<T>& table) {
  table.bf16_size = small_size;
  table.int8_size = small_size;
  table.pack_bf16 = pack<std::uint16_t>;
  table.product_bf16 = product_bf16<T>;
  table.pack_int8 = pack<std::int8_t>;
  table.in_12_bits = {even, quantize<T, most_in_12_bits>, product_int8<T>};
  table.in_8_bits = {even, quantize<T, most_in_8_bits>, product_int8<T>};
}
template void enter_small_products(Kernels<float>&);
template void enter_small_products(Kernels<double>&);

}  // namespace rondo::reference

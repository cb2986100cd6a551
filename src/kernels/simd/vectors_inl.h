/// Processes rows of any length in whole vectors. The last, partial vector uses the same arithmetic, so that
/// an element's bits depend neither on its place in a row nor on the row's length.
// clang-format off
#if defined(RONDO_KERNELS_SIMD_VECTORS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RONDO_KERNELS_SIMD_VECTORS_INL_H
#undef RONDO_KERNELS_SIMD_VECTORS_INL_H
#else
#define RONDO_KERNELS_SIMD_VECTORS_INL_H
#endif

#include <cstddef>

#include "kernels/simd/targets.h"  // first: it tells Highway what to compile for

#include <hwy/highway.h>
// clang-format on

// Lambdas do not inherit the instruction set of the function around them.
#undef RONDO_INLINE
#define RONDO_INLINE HWY_ATTR __attribute__((always_inline))

HWY_BEFORE_NAMESPACE();
namespace rondo::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;
inline constexpr Floats floats{};
inline constexpr Index lanes = static_cast<Index>(hn::MaxLanes(floats));

HWY_INLINE Vector all(float value) {
  return hn::Set(floats, value);
}

/// A whole vector of a row.
struct Whole {
  HWY_INLINE Vector load(const float* from) const { return hn::LoadU(floats, from); }
  HWY_INLINE void store(Vector value, float* to) const { hn::StoreU(value, floats, to); }
  HWY_INLINE Vector only(Vector value) const { return value; }
};

/// The last `count` elements of a row, fewer than a vector has. No byte beyond them is touched.
struct First {
  std::size_t count;

  /// Zeros in the lanes beyond.
  HWY_INLINE Vector only(Vector value) const { return hn::IfThenElseZero(hn::FirstN(floats, count), value); }
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
  HWY_INLINE Vector load(const float* from) const {
    return hn::MaskedLoad(hn::FirstN(floats, count), floats, from);
  }
  HWY_INLINE void store(Vector value, float* to) const {
    hn::BlendedStore(value, hn::FirstN(floats, count), floats, to);
  }
#else
  HWY_INLINE Vector load(const float* from) const {
    HWY_ALIGN float padded[lanes] = {};
    __builtin_memcpy(padded, from, count * sizeof(float));
    return hn::Load(floats, padded);
  }
  HWY_INLINE void store(Vector value, float* to) const {
    HWY_ALIGN float padded[lanes];
    hn::Store(value, floats, padded);
    __builtin_memcpy(to, padded, count * sizeof(float));
  }
#endif
};

/// Calls body(part, i) for the vectors of [0, n). `part` loads and stores the elements that exist at i.
template <class Body>
HWY_INLINE void each_vector(Index n, const Body& body) {
  Index i = 0;
  for (; i + lanes <= n; i += lanes)
    body(Whole(), i);
  if (i < n) body(First{static_cast<std::size_t>(n - i)}, i);
}

/// y[i] = function(in[i]...).
template <class Function, class... In>
HWY_INLINE void map(Index n, float* y, const Function& function, const In*... in) {
  each_vector(n, [=](auto part, Index i) RONDO_INLINE { part.store(function(part.load(in + i)...), y + i); });
}

/// The same for some rows.
template <class Function, class... In>
HWY_INLINE void map_rows(Index rows, Index n, Strided<float> y, const Function& function, const In&... in) {
  for (Index row = 0; row < rows; ++row)
    map(n, y[row], function, in[row]...);
}

}  // namespace rondo::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard

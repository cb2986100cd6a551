/// exp, log and tanh of a vector within a few units in the last place, and sigmoid. NaN stays NaN. The
/// coefficients come from tools/fit_activations.py.
// clang-format off
#if defined(RONDO_KERNELS_SIMD_MATHS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RONDO_KERNELS_SIMD_MATHS_INL_H
#undef RONDO_KERNELS_SIMD_MATHS_INL_H
#else
#define RONDO_KERNELS_SIMD_MATHS_INL_H
#endif
// clang-format on

#include "kernels/simd/vectors_inl.h"

HWY_BEFORE_NAMESPACE();
namespace rondo::simd::HWY_NAMESPACE {

using Ints = hn::RebindToSigned<Floats>;
inline constexpr Ints ints{};
using IntVector = hn::Vec<Ints>;

/// coefficients: of the highest power first.
template <class... Rest>
HWY_INLINE Vector polynomial(Vector x, float highest, Rest... rest) {
  Vector value = all(highest);
  ((value = hn::MulAdd(value, x, all(rest))), ...);
  return value;
}

/// With this order of operands, x86 propagates an x that is NaN.
HWY_INLINE Vector at_most(float high, Vector x) {
  const Vector lower = hn::Min(all(high), x);
#if HWY_ARCH_X86
  return lower;
#else
  return hn::IfThenElse(hn::IsNaN(x), x, lower);
#endif
}
HWY_INLINE Vector clamp(Vector x, float low, float high) {
  const Vector clamped = hn::Max(all(low), hn::Min(all(high), x));
#if HWY_ARCH_X86
  return clamped;
#else
  return hn::IfThenElse(hn::IsNaN(x), x, clamped);
#endif
}

/// e^x = 2^n e^r with |r| <= ln(2) / 2: the polynomial for e^r, and n as a float and as an integer.
struct Exponential {
  Vector value;
  IntVector power;
};
HWY_INLINE Exponential reduced_exp(Vector x) {
  const Vector magic = all(12582912.0F);  // 1.5 * 2^23: adding it leaves the nearest integer in the low bits
  const Vector shifted = hn::MulAdd(x, all(1.44269504F), magic);
  const Vector n = hn::Sub(shifted, magic);
  const Vector r = hn::NegMulAdd(n, all(-2.12194440e-4F), hn::NegMulAdd(n, all(0.693359375F), x));
  const Vector tail =
      polynomial(r, 1.392617612e-3F, 8.363173075e-3F, 4.166655466e-2F, 1.666657703e-1F, 5.0e-1F);
  const Vector value = hn::Add(hn::MulAdd(hn::Mul(r, r), tail, r), all(1.0F));
  return {value, hn::Sub(hn::BitCast(ints, shifted), hn::BitCast(ints, magic))};
}

/// value * 2^power for results that are normal numbers: adds to the exponent's bits.
HWY_INLINE Vector scaled(Vector value, IntVector power) {
  return hn::BitCast(floats, hn::Add(hn::BitCast(ints, value), hn::ShiftLeft<23>(power)));
}

HWY_INLINE Vector exp(Vector x) {
  const Exponential e = reduced_exp(clamp(x, -105.0F, 89.0F));
  // In two steps, because 2^n alone is out of range at both ends.
  const IntVector half = hn::ShiftRight<1>(e.power);
  const auto power_of_two = [](IntVector n) RONDO_INLINE {
    return hn::BitCast(floats, hn::ShiftLeft<23>(hn::Add(n, hn::Set(ints, 127))));
  };
  const Vector halfway = hn::Mul(e.value, power_of_two(half));
  return hn::Mul(halfway, power_of_two(hn::Sub(e.power, half)));
}

/// 1 / (1 + 2^t) with t = -x log2(e), within 2e-7. Its relative error grows towards zero, to 5e-6 at -80: t
/// has one rounding, or two where there is no FMA.
HWY_INLINE Vector sigmoid(Vector x) {
  const Vector bounded = clamp(x, -87.0F, 87.0F);
  const Vector scale = all(-1.44269504F), magic = all(12582912.0F);
  const Vector shifted = hn::MulAdd(bounded, scale, magic);
  const Vector r = hn::MulSub(bounded, scale, hn::Sub(shifted, magic));
  const Vector power = polynomial(r, 1.338130254e-3F, 9.666368515e-3F, 5.550381014e-2F, 2.402234904e-1F,
                                  6.931471806e-1F, 1.0F);
  // Shifting into the exponent's place drops the bits of magic and leaves n.
  return hn::Div(all(1.0F), hn::Add(all(1.0F), scaled(power, hn::BitCast(ints, shifted))));
}

/// Never above 1, because gradients use 1 - tanh^2.
HWY_INLINE Vector tanh(Vector x) {
  const Vector bounded = at_most(9, hn::Abs(x));
  const Vector u = hn::Mul(bounded, bounded);
  const Vector above =
      polynomial(u, 1.335376858e-8F, 2.060838355e-5F, 3.495543488e-3F, 1.33809875e-1F, 9.999999796e-1F);
  const Vector below =
      polynomial(u, 7.776176622e-7F, 3.285563285e-4F, 2.587681048e-2F, 4.671430312e-1F, 1.0F);
  return hn::CopySign(at_most(1, hn::Div(hn::Mul(bounded, above), below)), x);
}

HWY_INLINE Vector log(Vector x) {
  // x = 2^n (1 + f) with 1 + f between sqrt(1/2) and sqrt(2).
  const IntVector bits = hn::BitCast(ints, x);
  const IntVector offset = hn::Set(ints, 0x3F3504F3);  // sqrt(1/2)
  const IntVector power = hn::ShiftRight<23>(hn::Sub(bits, offset));
  const Vector n = hn::ConvertTo(floats, power);
  const Vector f = hn::Sub(hn::BitCast(floats, hn::Sub(bits, hn::ShiftLeft<23>(power))), all(1.0F));
  const Vector tail =
      polynomial(f, 6.971611471e-2F, -1.147973385e-1F, 1.168541992e-1F, -1.242568733e-1F, 1.424905765e-1F,
                 -1.666780232e-1F, 2.000071575e-1F, -2.499999696e-1F, 3.333333118e-1F);
  const Vector square = hn::Mul(f, f);
  const Vector small = hn::MulAdd(n, all(-2.12194440e-4F), hn::Mul(hn::Mul(square, f), tail));
  const Vector rest = hn::Add(hn::NegMulAdd(all(0.5F), square, small), f);
  const Vector value = hn::MulAdd(n, all(0.693359375F), rest);
  // The ends of the range: log(0) and denormals, log(infinity), and arguments without a logarithm.
  const Vector infinity = hn::Inf(floats);
  const auto tiny = hn::Lt(x, all(1.17549435e-38F));
  const Vector at_zero = hn::IfThenElse(hn::Lt(x, hn::Zero(floats)), hn::NaN(floats), hn::Neg(infinity));
  const auto finite = hn::Lt(x, infinity);
  return hn::IfThenElse(tiny, at_zero, hn::IfThenElse(finite, value, x));
}

/// relu(x).
HWY_INLINE Vector positive(Vector x) {
  return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(floats)), x);
}
/// slope where relu, whose value is y, is active.
HWY_INLINE Vector through_relu(Vector slope, Vector y) {
  return hn::IfThenZeroElse(hn::Le(y, hn::Zero(floats)), slope);
}

}  // namespace rondo::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard

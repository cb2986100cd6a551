#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/reductions.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/reference.h"
#include "kernels/simd/maths_inl.h"

HWY_BEFORE_NAMESPACE();
namespace rondo::simd::HWY_NAMESPACE {
namespace {

/// Sum of term(part, i) over the vectors of [0, n). Within a block, four chains alternate; blocks are added
/// in order. `term` gives 0 in the missing lanes of a partial vector.
template <class Term>
HWY_INLINE float blocked_sum(Index n, const Term& term) {
  float total = 0;
  for (Index begin = 0; begin < n; begin += reference::sum_block) {
    const Index end = begin + reference::sum_block < n ? begin + reference::sum_block : n;
    Vector first = hn::Zero(floats), second = first, third = first, fourth = first;
    Index i = begin;
    for (; i + 4 * lanes <= end; i += 4 * lanes) {
      first = hn::Add(first, term(Whole(), i));
      second = hn::Add(second, term(Whole(), i + lanes));
      third = hn::Add(third, term(Whole(), i + 2 * lanes));
      fourth = hn::Add(fourth, term(Whole(), i + 3 * lanes));
    }
    for (; i + lanes <= end; i += lanes)
      first = hn::Add(first, term(Whole(), i));
    if (i < end) second = hn::Add(second, term(First{static_cast<std::size_t>(end - i)}, i));
    total += hn::GetLane(hn::SumOfLanes(floats, hn::Add(hn::Add(first, second), hn::Add(third, fourth))));
  }
  return total;
}

float sum(Index n, const float* x) {
  return blocked_sum(n, [=](auto part, Index i) RONDO_INLINE { return part.load(x + i); });
}
float dot(Index n, const float* a, const float* b) {
  return blocked_sum(
      n, [=](auto part, Index i) RONDO_INLINE { return hn::Mul(part.load(a + i), part.load(b + i)); });
}

/// The squares of one vector's elements, added to two chains of f64.
double sum_squares(Index n, const float* x) {
  const hn::ScalableTag<double> doubles;
  const hn::Rebind<float, decltype(doubles)> halves;
  double total = 0;
  for (Index begin = 0; begin < n; begin += reference::wide_sum_block) {
    const Index end = begin + reference::wide_sum_block < n ? begin + reference::wide_sum_block : n;
    auto lower = hn::Zero(doubles), upper = lower;
    const auto add_vector = [&](Vector values) RONDO_INLINE {
      const auto low = hn::PromoteTo(doubles, hn::LowerHalf(halves, values));
      const auto high = hn::PromoteTo(doubles, hn::UpperHalf(halves, values));
      lower = hn::MulAdd(low, low, lower);
      upper = hn::MulAdd(high, high, upper);
    };
    Index i = begin;
    for (; i + lanes <= end; i += lanes)
      add_vector(Whole().load(x + i));
    if (i < end) add_vector(First{static_cast<std::size_t>(end - i)}.load(x + i));
    total += hn::GetLane(hn::SumOfLanes(doubles, hn::Add(lower, upper)));
  }
  return total;
}

float max(Index n, const float* x) {
  const Vector least = hn::Neg(hn::Inf(floats));
  Vector largest = least;
  auto broken = hn::IsNaN(least);
  Index i = 0;
  for (; i + lanes <= n; i += lanes) {
    const Vector value = Whole().load(x + i);
    largest = hn::Max(largest, value);
    broken = hn::Or(broken, hn::IsNaN(value));
  }
  if (i < n) {
    const std::size_t count = static_cast<std::size_t>(n - i);
    const Vector value = hn::IfThenElse(hn::FirstN(floats, count), First{count}.load(x + i), least);
    largest = hn::Max(largest, value);
    broken = hn::Or(broken, hn::IsNaN(value));
  }
  if (!hn::AllFalse(floats, broken)) return hn::GetLane(hn::NaN(floats));
  return hn::GetLane(hn::MaxOfLanes(floats, largest));
}

/// log(sum(exp(x))) from the largest x and the sum of exp(x - largest).
HWY_INLINE float log_sum(float largest, float total) {
  return largest + hn::GetLane(log(all(total)));
}

float exp_sum(Index n, float largest, const float* x, float* y) {
  const Vector top = all(largest);
  const auto term = [=](auto part, Index i) RONDO_INLINE {
    const Vector value = exp(hn::Sub(part.load(x + i), top));
    if (y != nullptr) part.store(value, y + i);
    return part.only(value);
  };
  return blocked_sum(n, term);
}

float softmax(Index n, const float* x, float* y) {
  const float largest = max(n, x);
  const float total = exp_sum(n, largest, x, y);
  if (y != nullptr) {
    const Vector factor = all(1 / total);
    map(
        n, y, [=](Vector v) RONDO_INLINE { return hn::Mul(v, factor); }, y);
  }
  return log_sum(largest, total);
}

void softmax_backward(Index n, const float* y, const float* dy, float* dx) {
  const Vector shared = all(dot(n, y, dy));
  const auto step = [=](Vector value, Vector slope, Vector sum)
                        RONDO_INLINE { return hn::MulAdd(value, hn::Sub(slope, shared), sum); };
  map(n, dx, step, y, dy, dx);
}

float normalize(Index n, const float* x, float epsilon, float* xhat) {
  const float count = static_cast<float>(n);
  const Vector mean = all(sum(n, x) / count);
  const auto square = [=](auto part, Index i) RONDO_INLINE {
    const Vector difference = hn::Sub(part.load(x + i), mean);
    return part.only(hn::Mul(difference, difference));
  };
  const float variance = blocked_sum(n, square) / count;
  const Vector rstd = hn::Div(all(1.0F), hn::Sqrt(all(variance + epsilon)));
  map(
      n, xhat, [=](Vector v) RONDO_INLINE { return hn::Mul(hn::Sub(v, mean), rstd); }, x);
  return hn::GetLane(rstd);
}

void normalize_backward(Index n, const float* xhat, const float* dxhat, float rstd, float* dx) {
  const float count = static_cast<float>(n);
  const Vector mean = all(sum(n, dxhat) / count), slope = all(dot(n, dxhat, xhat) / count);
  const Vector factor = all(rstd);
  const auto step = [=](Vector value, Vector gradient, Vector sum) RONDO_INLINE {
    return hn::MulAdd(factor, hn::NegMulAdd(value, slope, hn::Sub(gradient, mean)), sum);
  };
  map(n, dx, step, xhat, dxhat, dx);
}

}  // namespace

void enter_reductions(Kernels<float>& table) {
  table.sum = sum;
  table.max = max;
  table.dot = dot;
  table.sum_squares = sum_squares;
  table.exp_sum = exp_sum;
  table.softmax = softmax;
  table.softmax_backward = softmax_backward;
  table.normalize = normalize;
  table.normalize_backward = normalize_backward;
}

}  // namespace rondo::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rondo::simd {
RONDO_CHOOSE_TARGET(enter_reductions)
}  // namespace rondo::simd
#endif

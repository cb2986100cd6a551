#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/elementwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd/maths_inl.h"

HWY_BEFORE_NAMESPACE();
namespace rondo::simd::HWY_NAMESPACE {
namespace {

void sigmoid_all(Index n, const float* x, float* y) {
  map(
      n, y, [](Vector v) RONDO_INLINE { return sigmoid(v); }, x);
}
void tanh_all(Index n, const float* x, float* y) {
  map(
      n, y, [](Vector v) RONDO_INLINE { return tanh(v); }, x);
}
void relu(Index n, const float* x, float* y) {
  map(
      n, y, [](Vector v) RONDO_INLINE { return positive(v); }, x);
}
void exp_all(Index n, const float* x, float* y) {
  map(
      n, y, [](Vector v) RONDO_INLINE { return exp(v); }, x);
}
void log_all(Index n, const float* x, float* y) {
  map(
      n, y, [](Vector v) RONDO_INLINE { return log(v); }, x);
}

void sigmoid_backward(Index n, const float* y, const float* dy, float* dx) {
  const auto step = [](Vector value, Vector slope, Vector sum) RONDO_INLINE {
    return hn::MulAdd(hn::Mul(slope, value), hn::Sub(all(1.0F), value), sum);
  };
  map(n, dx, step, y, dy, dx);
}
void tanh_backward(Index n, const float* y, const float* dy, float* dx) {
  const auto step = [](Vector value, Vector slope, Vector sum) RONDO_INLINE {
    return hn::MulAdd(slope, hn::NegMulAdd(value, value, all(1.0F)), sum);
  };
  map(n, dx, step, y, dy, dx);
}
void relu_backward(Index n, const float* y, const float* dy, float* dx) {
  const auto step = [](Vector value, Vector slope, Vector sum)
                        RONDO_INLINE { return hn::Add(sum, through_relu(slope, value)); };
  map(n, dx, step, y, dy, dx);
}

void add(Index n, const float* a, const float* b, float* y) {
  map(
      n, y, [](Vector u, Vector v) RONDO_INLINE { return hn::Add(u, v); }, a, b);
}
void subtract(Index n, const float* a, const float* b, float* y) {
  map(
      n, y, [](Vector u, Vector v) RONDO_INLINE { return hn::Sub(u, v); }, a, b);
}
void multiply(Index n, const float* a, const float* b, float* y) {
  map(
      n, y, [](Vector u, Vector v) RONDO_INLINE { return hn::Mul(u, v); }, a, b);
}
void multiply_add(Index n, const float* a, const float* b, float* y) {
  map(
      n, y, [](Vector u, Vector v, Vector sum) RONDO_INLINE { return hn::MulAdd(u, v, sum); }, a, b, y);
}
void add_to(Index rows, Index n, Strided<const float> x, Strided<float> y) {
  map_rows(
      rows, n, y, [](Vector v, Vector sum) RONDO_INLINE { return hn::Add(sum, v); }, x, y);
}
/// The sums of some columns stay in registers over all rows.
void add_rows(Index rows, Index n, Strided<const float> x, float* sums) {
  Index i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    Vector s0 = hn::LoadU(floats, sums + i), s1 = hn::LoadU(floats, sums + i + lanes);
    Vector s2 = hn::LoadU(floats, sums + i + 2 * lanes), s3 = hn::LoadU(floats, sums + i + 3 * lanes);
    for (Index row = 0; row < rows; ++row) {
      const float* const from = x[row] + i;
      s0 = hn::Add(s0, hn::LoadU(floats, from));
      s1 = hn::Add(s1, hn::LoadU(floats, from + lanes));
      s2 = hn::Add(s2, hn::LoadU(floats, from + 2 * lanes));
      s3 = hn::Add(s3, hn::LoadU(floats, from + 3 * lanes));
    }
    hn::StoreU(s0, floats, sums + i);
    hn::StoreU(s1, floats, sums + i + lanes);
    hn::StoreU(s2, floats, sums + i + 2 * lanes);
    hn::StoreU(s3, floats, sums + i + 3 * lanes);
  }
  each_vector(n - i, [=](auto part, Index at) RONDO_INLINE {
    Vector sum = part.load(sums + i + at);
    for (Index row = 0; row < rows; ++row)
      sum = hn::Add(sum, part.load(x[row] + i + at));
    part.store(sum, sums + i + at);
  });
}
void scale_add(Index n, float s, const float* x, float* y) {
  const Vector factor = all(s);
  map(
      n, y, [=](Vector v, Vector sum) RONDO_INLINE { return hn::MulAdd(factor, v, sum); }, x, y);
}
void scale(Index n, float s, const float* x, float* y) {
  const Vector factor = all(s);
  map(
      n, y, [=](Vector v) RONDO_INLINE { return hn::Mul(factor, v); }, x);
}

void max_with_index(Index n, const float* x, std::int32_t id, float* y, std::int32_t* winner) {
  const Vector mark = hn::BitCast(floats, hn::Set(ints, id));
  // Winners are only copied bit by bit, so they can pass through float vectors.
  auto* const marks = reinterpret_cast<float*>(winner);
  each_vector(n, [=](auto part, Index i) RONDO_INLINE {
    const Vector value = part.load(x + i), best = part.load(y + i);
    const auto wins = hn::Or(hn::Gt(value, best), hn::IsNaN(value));
    part.store(hn::IfThenElse(wins, value, best), y + i);
    part.store(hn::IfThenElse(wins, mark, part.load(marks + i)), marks + i);
  });
}

}  // namespace

void enter_elementwise(Kernels<float>& table) {
  table.sigmoid = sigmoid_all;
  table.tanh = tanh_all;
  table.relu = relu;
  table.exp = exp_all;
  table.log = log_all;
  table.sigmoid_backward = sigmoid_backward;
  table.tanh_backward = tanh_backward;
  table.relu_backward = relu_backward;
  table.add = add;
  table.subtract = subtract;
  table.multiply = multiply;
  table.multiply_add = multiply_add;
  table.add_to = add_to;
  table.add_rows = add_rows;
  table.scale_add = scale_add;
  table.scale = scale;
  table.max_with_index = max_with_index;
}

}  // namespace rondo::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rondo::simd {
RONDO_CHOOSE_TARGET(enter_elementwise)
}  // namespace rondo::simd
#endif

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/cells.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd/maths_inl.h"

HWY_BEFORE_NAMESPACE();
namespace rondo::simd::HWY_NAMESPACE {
namespace {

HWY_INLINE Vector one_minus(Vector x) {
  return hn::Sub(all(1.0F), x);
}
/// slope * y (1 - y), through a sigmoid whose value is y.
HWY_INLINE Vector through_sigmoid(Vector slope, Vector y) {
  return hn::Mul(slope, hn::Mul(y, one_minus(y)));
}
/// slope * (1 - y^2), through a tanh whose value is y.
HWY_INLINE Vector through_tanh(Vector slope, Vector y) {
  return hn::Mul(slope, hn::NegMulAdd(y, y, all(1.0F)));
}

void lstm_forward(Index h_size, float* gates, const float* c_before, float* c, float* h) {
  float* const i = gates;
  float* const f = i + h_size;
  float* const g = f + h_size;
  float* const o = g + h_size;
  each_vector(h_size, [=](auto part, Index u) RONDO_INLINE {
    const Vector in = sigmoid(part.load(i + u)), forget = sigmoid(part.load(f + u));
    const Vector candidate = tanh(part.load(g + u)), out = sigmoid(part.load(o + u));
    const Vector state = hn::MulAdd(forget, part.load(c_before + u), hn::Mul(in, candidate));
    part.store(in, i + u);
    part.store(forget, f + u);
    part.store(candidate, g + u);
    part.store(out, o + u);
    part.store(state, c + u);
    part.store(hn::Mul(out, tanh(state)), h + u);
  });
}

void lstm_backward(Index h_size, float* gates, const float* c_before, const float* c, const float* dh,
                   float* dc) {
  float* const i = gates;
  float* const f = i + h_size;
  float* const g = f + h_size;
  float* const o = g + h_size;
  each_vector(h_size, [=](auto part, Index u) RONDO_INLINE {
    const Vector in = part.load(i + u), forget = part.load(f + u);
    const Vector candidate = part.load(g + u), out = part.load(o + u);
    const Vector squashed = tanh(part.load(c + u)), slope = part.load(dh + u);
    const Vector total = hn::Add(part.load(dc + u), through_tanh(hn::Mul(slope, out), squashed));
    const Vector before = part.load(c_before + u);
    part.store(through_sigmoid(hn::Mul(total, candidate), in), i + u);
    part.store(through_sigmoid(hn::Mul(total, before), forget), f + u);
    part.store(through_tanh(hn::Mul(total, in), candidate), g + u);
    part.store(through_sigmoid(hn::Mul(slope, squashed), out), o + u);
    part.store(hn::Mul(total, forget), dc + u);
  });
}

void gru_forward(Index h_size, float* gates, const float* hn_part, const float* h_before, float* h) {
  float* const r = gates;
  float* const z = r + h_size;
  float* const n = z + h_size;
  each_vector(h_size, [=](auto part, Index u) RONDO_INLINE {
    const Vector reset = sigmoid(part.load(r + u)), update = sigmoid(part.load(z + u));
    const Vector candidate = tanh(hn::MulAdd(reset, part.load(hn_part + u), part.load(n + u)));
    const Vector kept = hn::Mul(update, part.load(h_before + u));
    part.store(reset, r + u);
    part.store(update, z + u);
    part.store(candidate, n + u);
    part.store(hn::MulAdd(one_minus(update), candidate, kept), h + u);
  });
}

void gru_backward(Index h_size, float* gates, const float* hn_part, const float* h_before, float* dh,
                  float* dhn) {
  float* const r = gates;
  float* const z = r + h_size;
  float* const n = z + h_size;
  each_vector(h_size, [=](auto part, Index u) RONDO_INLINE {
    const Vector reset = part.load(r + u), update = part.load(z + u), candidate = part.load(n + u);
    const Vector slope = part.load(dh + u);
    const Vector d_candidate = through_tanh(hn::Mul(slope, one_minus(update)), candidate);
    const Vector change = hn::Sub(part.load(h_before + u), candidate);
    part.store(through_sigmoid(hn::Mul(d_candidate, part.load(hn_part + u)), reset), r + u);
    part.store(through_sigmoid(hn::Mul(slope, change), update), z + u);
    part.store(d_candidate, n + u);
    part.store(hn::Mul(d_candidate, reset), dhn + u);
    part.store(hn::Mul(slope, update), dh + u);
  });
}

}  // namespace

void enter_cells(Kernels<float>& table) {
  table.lstm_forward = lstm_forward;
  table.lstm_backward = lstm_backward;
  table.gru_forward = gru_forward;
  table.gru_backward = gru_backward;
}

}  // namespace rondo::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rondo::simd {
RONDO_CHOOSE_TARGET(enter_cells)
}  // namespace rondo::simd
#endif

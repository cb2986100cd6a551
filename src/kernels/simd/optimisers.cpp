#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/optimisers.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd/vectors_inl.h"

HWY_BEFORE_NAMESPACE();
namespace rondo::simd::HWY_NAMESPACE {
namespace {

/// scale * g + l2 * w
HWY_INLINE Vector decayed(Vector g, Vector w, float scale, float l2) {
  return hn::MulAdd(all(l2), w, hn::Mul(all(scale), g));
}
/// keep * average + (1 - keep) * value
HWY_INLINE Vector blended(Vector average, Vector value, float keep) {
  return hn::MulAdd(all(keep), average, hn::Mul(all(1 - keep), value));
}

void sgd(Index n, float* w, const float* g, float* velocity, float lr, float momentum, bool nesterov,
         float l2, float scale) {
  each_vector(n, [=](auto part, Index i) RONDO_INLINE {
    const Vector weight = part.load(w + i);
    Vector slope = decayed(part.load(g + i), weight, scale, l2);
    if (velocity != nullptr) {
      const Vector speed = hn::MulAdd(all(momentum), part.load(velocity + i), slope);
      part.store(speed, velocity + i);
      slope = nesterov ? hn::MulAdd(all(momentum), speed, slope) : speed;
    }
    part.store(hn::NegMulAdd(all(lr), slope, weight), w + i);
  });
}

void adagrad(Index n, float* w, const float* g, float* sum, float lr, float epsilon, float l2, float scale) {
  each_vector(n, [=](auto part, Index i) RONDO_INLINE {
    const Vector weight = part.load(w + i), slope = decayed(part.load(g + i), weight, scale, l2);
    const Vector total = hn::MulAdd(slope, slope, part.load(sum + i));
    part.store(total, sum + i);
    const Vector step = hn::Div(slope, hn::Add(hn::Sqrt(total), all(epsilon)));
    part.store(hn::NegMulAdd(all(lr), step, weight), w + i);
  });
}

void rmsprop(Index n, float* w, const float* g, float* square, float* velocity, float lr, float alpha,
             float epsilon, float momentum, float l2, float scale) {
  each_vector(n, [=](auto part, Index i) RONDO_INLINE {
    const Vector weight = part.load(w + i), slope = decayed(part.load(g + i), weight, scale, l2);
    const Vector average = blended(part.load(square + i), hn::Mul(slope, slope), alpha);
    part.store(average, square + i);
    Vector step = hn::Div(slope, hn::Add(hn::Sqrt(average), all(epsilon)));
    if (velocity != nullptr) {
      step = hn::MulAdd(all(momentum), part.load(velocity + i), step);
      part.store(step, velocity + i);
    }
    part.store(hn::NegMulAdd(all(lr), step, weight), w + i);
  });
}

void adam(Index n, float* w, const float* g, float* m, float* v, const AdamStep& step, float scale) {
  const float rate = step.learning_rate / step.correction1;
  const float decay = 1 - step.learning_rate * step.decoupled_decay;
  each_vector(n, [=](auto part, Index i) RONDO_INLINE {
    const Vector weight = part.load(w + i), slope = decayed(part.load(g + i), weight, scale, step.l2);
    const Vector first = blended(part.load(m + i), slope, step.beta1);
    const Vector second = blended(part.load(v + i), hn::Mul(slope, slope), step.beta2);
    part.store(first, m + i);
    part.store(second, v + i);
    const Vector spread = hn::Add(hn::Sqrt(hn::Div(second, all(step.correction2))), all(step.epsilon));
    part.store(hn::NegMulAdd(all(rate), hn::Div(first, spread), hn::Mul(all(decay), weight)), w + i);
  });
}

}  // namespace

void enter_optimisers(Kernels<float>& table) {
  table.sgd = sgd;
  table.adagrad = adagrad;
  table.rmsprop = rmsprop;
  table.adam = adam;
}

}  // namespace rondo::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rondo::simd {
RONDO_CHOOSE_TARGET(enter_optimisers)
}  // namespace rondo::simd
#endif

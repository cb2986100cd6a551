#include <rondo/ops.h>

#include "ops/common.h"

namespace rondo {
namespace {

/// factor · (sum of all elements)
Var scaled_sum(std::string_view operation, const Var& x, double factor) {
  Tensor y = visit_float(x.dtype(), operation, [&]<class T>() {
    const T* from = elements<T>(x.value());
    return number(
        factor * blocked_sum(x.value().size(), [=](Index i) { return static_cast<double>(from[i]); }),
        x.dtype());
  });
  return record(std::move(y), {x}, [x = without_value(x), factor](Gradients& g) {
    visit_float(x.dtype(), "a gradient", [&]<class T>() {
      const T dy = static_cast<T>(factor) * arrived_number<T>(g);
      T* dx = elements<T>(*g.into(x));
      parallel_for(x.value().size(), cheap_grain, [=](Index begin, Index end) {
        for (Index i = begin; i < end; ++i)
          dx[i] += dy;
      });
    });
  });
}

}  // namespace

Var sum(const Var& x) {
  return scaled_sum("sum", x, 1);
}

Var mean(const Var& x) {
  if (x.value().size() == 0) refuse_shape("mean", "at least one element", describe(x));
  return scaled_sum("mean", x, 1 / static_cast<double>(x.value().size()));
}

}  // namespace rondo

// The example of docs/adding-an-op.md, word for word.
#include <cmath>

#include <gtest/gtest.h>

#include "ops/common.h"
#include "support/checks.h"

namespace rondo {
namespace {

Var softsign(const Var& x) {
  Tensor y = Tensor::uninitialised(x.shape(), x.dtype());
  visit_float(x.dtype(), "softsign", [&]<class T>() {
    const T* from = elements<T>(x.value());
    T* to = elements<T>(y);
    parallel_for(y.size(), cheap_grain, [=](Index begin, Index end) {
      for (Index i = begin; i < end; ++i)
        to[i] = from[i] / (1 + std::abs(from[i]));
    });
  });
  return record(std::move(y), {x}, [x](Gradients& g) {  // dx = dy / (1 + |x|)²
    visit_float(x.dtype(), "softsign", [&]<class T>() {
      const T *from = elements<T>(x.value()), *dy = elements<T>(g.of_result());
      T* dx = elements<T>(*g.into(x));
      parallel_for(x.value().size(), cheap_grain, [=](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) {
          const T bend = 1 + std::abs(from[i]);
          dx[i] += dy[i] / (bend * bend);
        }
      });
    });
  });
}

TEST(AddingAnOp, TheExampleIsRight) {
  const std::vector<Tensor> inputs = {testing_support::random_tensor({5, 7}, 1)};
  testing_support::gradient_check([](std::span<const Var> x) { return softsign(x[0]); }, inputs);
  EXPECT_DOUBLE_EQ(softsign(Var(Tensor::full({}, -3, DType::f64))).value().at(0), -0.75);
}

}  // namespace
}  // namespace rondo

#include <rondo/ops.h>

#include "ops/common.h"
#include "ops/hard_sigmoid.h"

namespace rondo {
namespace {

/// y = f(x) by the kernel that `pick` takes from the table.
template <class Pick>
Tensor map(std::string_view operation, const Var& x, const Pick& pick) {
  Tensor y = Tensor::uninitialised(x.shape(), x.dtype());
  visit_float(x.dtype(), operation, [&]<class T>() {
    const auto kernel = pick(kernels<T>());
    const T* from = elements<T>(x.value());
    T* to = elements<T>(y);
    parallel_for(y.size(), costly_grain,
                 [=](Index begin, Index end) { kernel(end - begin, from + begin, to + begin); });
  });
  return y;
}

/// dx += kernel(known, dy), where the derivative is computed from `known`.
template <class Pick>
void add_slope(Gradients& g, const Var& x, const Tensor& known, const Pick& pick) {
  visit_float(x.dtype(), "a gradient", [&]<class T>() {
    const auto kernel = pick(kernels<T>());
    const T* from = elements<T>(known);
    const T* dy = elements<T>(g.of_result());
    T* dx = elements<T>(*g.into(x));
    parallel_for(x.value().size(), cheap_grain,
                 [=](Index begin, Index end) { kernel(end - begin, from + begin, dy + begin, dx + begin); });
  });
}

Var hard_sigmoid(const Var& x) {
  Tensor y = map("hard_sigmoid", x, []<class T>(const Kernels<T>&) {
    return [](Index n, const T* from, T* to) {
      for (Index i = 0; i < n; ++i)
        to[i] = hard_sigmoid_of(from[i]);
    };
  });
  return record(y, {x}, [x = without_value(x), y](Gradients& g) {
    add_slope(g, x, y, []<class T>(const Kernels<T>&) {
      return [](Index n, const T* at, const T* dy, T* dx) {
        for (Index i = 0; i < n; ++i)
          if (at[i] > 0 && at[i] < 1) dx[i] += static_cast<T>(0.2) * dy[i];
      };
    });
  });
}

}  // namespace

Var tanh(const Var& x) {
  Tensor y = map("tanh", x, [](const auto& k) { return k.tanh; });
  return record(y, {x}, [x = without_value(x), y](Gradients& g) {
    add_slope(g, x, y, [](const auto& k) { return k.tanh_backward; });
  });
}

Var sigmoid(const Var& x) {
  Tensor y = map("sigmoid", x, [](const auto& k) { return k.sigmoid; });
  return record(y, {x}, [x = without_value(x), y](Gradients& g) {
    add_slope(g, x, y, [](const auto& k) { return k.sigmoid_backward; });
  });
}

Var relu(const Var& x) {
  Tensor y = map("relu", x, [](const auto& k) { return k.relu; });
  return record(y, {x}, [x = without_value(x), y](Gradients& g) {
    add_slope(g, x, y, [](const auto& k) { return k.relu_backward; });
  });
}

Var exp(const Var& x) {
  Tensor y = map("exp", x, [](const auto& k) { return k.exp; });
  return record(y, {x}, [x = without_value(x), y](Gradients& g) {
    add_slope(g, x, y, [](const auto& k) { return k.multiply_add; });
  });
}

Var log(const Var& x) {
  Tensor y = map("log", x, [](const auto& k) { return k.log; });
  return record(y, {x}, [x](Gradients& g) {
    add_slope(g, x, x.value(), []<class T>(const Kernels<T>&) {
      return [](Index n, const T* at, const T* dy, T* dx) {
        for (Index i = 0; i < n; ++i)
          dx[i] += dy[i] / at[i];
      };
    });
  });
}

Var activate(const Var& x, Activation activation) {
  switch (activation) {
    case Activation::linear:
      return x;
    case Activation::tanh:
      return tanh(x);
    case Activation::sigmoid:
      return sigmoid(x);
    case Activation::relu:
      return relu(x);
    case Activation::softmax:
      return softmax(x);
    case Activation::hard_sigmoid:
      return hard_sigmoid(x);
  }
  throw Bug("activate: unknown activation");
}

}  // namespace rondo

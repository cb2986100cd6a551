#include <rondo/ops.h>

#include "ops/common.h"

namespace rondo {
namespace {

/// The last dimension runs along a row. All others together count as rows.
struct Rows {
  Index count, columns;
};

Rows rows_of(std::string_view operation, const Var& x) {
  if (x.shape().empty() || x.shape().back() == 0)
    refuse_shape(operation, "rows of at least one element", describe(x));
  return {x.value().size() / x.shape().back(), x.shape().back()};
}

template <class F>
void for_each_row(const Rows& rows, const F& f) {
  parallel_for(rows.count, rows_grain(rows.columns, costly_grain), [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row)
      f(row * rows.columns);
  });
}

}  // namespace

Var softmax(const Var& x) {
  const Rows rows = rows_of("softmax", x);
  Tensor y = Tensor::uninitialised(x.shape(), x.dtype());
  visit_float(x.dtype(), "softmax", [&]<class T>() {
    const T* from = elements<T>(x.value());
    T* to = elements<T>(y);
    for_each_row(rows, [&](Index at) { kernels<T>().softmax(rows.columns, from + at, to + at); });
  });
  return record(y, {x}, [x = without_value(x), y, rows](Gradients& g) {
    visit_float(x.dtype(), "softmax", [&]<class T>() {
      const T *known = elements<T>(y), *dy = elements<T>(g.of_result());
      T* dx = elements<T>(*g.into(x));
      for_each_row(
          rows, [&](Index at) { kernels<T>().softmax_backward(rows.columns, known + at, dy + at, dx + at); });
    });
  });
}

Var log_softmax(const Var& x) {
  const Rows rows = rows_of("log_softmax", x);
  Tensor y = Tensor::uninitialised(x.shape(), x.dtype());
  visit_float(x.dtype(), "log_softmax", [&]<class T>() {
    const T* from = elements<T>(x.value());
    T* to = elements<T>(y);
    for_each_row(rows, [&](Index at) {
      // Shifts x first. The logarithm of the sum is then small, and subtracting it loses no digits.
      const T largest = kernels<T>().max(rows.columns, from + at);
      for (Index i = at; i < at + rows.columns; ++i)
        to[i] = from[i] - largest;
      const T log_sum = kernels<T>().softmax(rows.columns, to + at, nullptr);
      for (Index i = at; i < at + rows.columns; ++i)
        to[i] -= log_sum;
    });
  });
  return record(y, {x}, [x = without_value(x), y, rows](Gradients& g) {  // dx = dy - softmax(x) · sum(dy)
    Tensor dx = Tensor::uninitialised(x.shape(), x.dtype());
    visit_float(x.dtype(), "log_softmax", [&]<class T>() {
      const T *known = elements<T>(y), *dy = elements<T>(g.of_result());
      T* to = elements<T>(dx);
      for_each_row(rows, [&](Index at) {
        const T sum = kernels<T>().sum(rows.columns, dy + at);
        kernels<T>().exp(rows.columns, known + at, to + at);
        for (Index i = at; i < at + rows.columns; ++i)
          to[i] = dy[i] - sum * to[i];
      });
    });
    g.give(x, std::move(dx));
  });
}

namespace {

/// dx of layer_norm, from dxhat = dy · gain.
template <class T>
Tensor layer_norm_slope(const Rows& rows, const Tensor& xhat, const Tensor& rstd, const Tensor& gain,
                        const T* dy) {
  Tensor dx = Tensor::zeros(xhat.shape(), xhat.dtype());
  T* to = elements<T>(dx);
  parallel_for(rows.count, rows_grain(rows.columns, costly_grain), [&](Index begin, Index end) {
    Tensor dxhat = Tensor::uninitialised({rows.columns}, xhat.dtype());
    for (Index row = begin; row < end; ++row) {
      const Index at = row * rows.columns;
      kernels<T>().multiply(rows.columns, dy + at, elements<T>(gain), elements<T>(dxhat));
      kernels<T>().normalize_backward(rows.columns, elements<T>(xhat) + at, elements<T>(dxhat),
                                      elements<T>(rstd)[row], to + at);
    }
  });
  return dx;
}

/// dgain[j] += sum over rows of dy · xhat: one chain over the rows in order; threads split the columns.
template <class T>
void add_gain_slope(const Rows& rows, const T* xhat, const T* dy, T* dgain) {
  parallel_for(rows.columns, std::max<Index>(16, cheap_grain / rows.count), [&](Index begin, Index end) {
    for (Index row = 0; row < rows.count; ++row) {
      const Index at = row * rows.columns + begin;
      kernels<T>().multiply_add(end - begin, dy + at, xhat + at, dgain + begin);
    }
  });
}

}  // namespace

Var layer_norm(const Var& x, const Var& gain, const Var& bias, double epsilon) {
  const Rows rows = rows_of("layer_norm", x);
  checked("layer_norm", "gain", gain, {rows.columns}, x.dtype());
  checked("layer_norm", "bias", bias, {rows.columns}, x.dtype());
  Tensor y = Tensor::uninitialised(x.shape(), x.dtype());
  Tensor xhat = any_tracked({x, gain, bias}) ? Tensor::uninitialised(x.shape(), x.dtype()) : y;
  Tensor rstd = Tensor::uninitialised({rows.count}, x.dtype());
  visit_float(x.dtype(), "layer_norm", [&]<class T>() {
    const T *from = elements<T>(x.value()), *scale = elements<T>(gain.value()),
            *shift = elements<T>(bias.value());
    T *normal = elements<T>(xhat), *to = elements<T>(y), *inverse = elements<T>(rstd);
    for_each_row(rows, [&](Index at) {
      const auto& k = kernels<T>();
      inverse[at / rows.columns] = k.normalize(rows.columns, from + at, static_cast<T>(epsilon), normal + at);
      k.multiply(rows.columns, normal + at, scale, to + at);
      k.add(rows.columns, to + at, shift, to + at);
    });
  });
  return record(std::move(y), {x, gain, bias}, [x, gain, bias, rows, xhat, rstd](Gradients& g) {
    visit_float(x.dtype(), "layer_norm", [&]<class T>() {
      const T* dy = elements<T>(g.of_result());
      if (g.wants(x)) g.give(x, layer_norm_slope<T>(rows, xhat, rstd, gain.value(), dy));
      if (Tensor* dgain = g.into(gain)) add_gain_slope<T>(rows, elements<T>(xhat), dy, elements<T>(*dgain));
      if (Tensor* dbias = g.into(bias))
        add_rows<T>(rows.count, rows.columns, dy, rows.columns, elements<T>(*dbias));
    });
  });
}

}  // namespace rondo

#include "kernels/reference.h"

namespace rondo::reference {
namespace {

template <class T>
void sigmoid_all(Index n, const T* x, T* y) {
  for (Index i = 0; i < n; ++i)
    y[i] = sigmoid(x[i]);
}
template <class T>
void tanh_all(Index n, const T* x, T* y) {
  for (Index i = 0; i < n; ++i)
    y[i] = std::tanh(x[i]);
}
/// Written so that NaN stays NaN.
template <class T>
void relu(Index n, const T* x, T* y) {
  for (Index i = 0; i < n; ++i)
    y[i] = x[i] < 0 ? T(0) : x[i];
}
template <class T>
void exp_all(Index n, const T* x, T* y) {
  for (Index i = 0; i < n; ++i)
    y[i] = std::exp(x[i]);
}
template <class T>
void log_all(Index n, const T* x, T* y) {
  for (Index i = 0; i < n; ++i)
    y[i] = std::log(x[i]);
}

template <class T>
void sigmoid_backward(Index n, const T* y, const T* dy, T* dx) {
  for (Index i = 0; i < n; ++i)
    dx[i] += dy[i] * y[i] * (1 - y[i]);
}
template <class T>
void tanh_backward(Index n, const T* y, const T* dy, T* dx) {
  for (Index i = 0; i < n; ++i)
    dx[i] += dy[i] * (1 - y[i] * y[i]);
}
template <class T>
void relu_backward(Index n, const T* y, const T* dy, T* dx) {
  for (Index i = 0; i < n; ++i)
    dx[i] += y[i] <= 0 ? T(0) : dy[i];
}

template <class T>
void add(Index n, const T* a, const T* b, T* y) {
  for (Index i = 0; i < n; ++i)
    y[i] = a[i] + b[i];
}
template <class T>
void subtract(Index n, const T* a, const T* b, T* y) {
  for (Index i = 0; i < n; ++i)
    y[i] = a[i] - b[i];
}
template <class T>
void multiply(Index n, const T* a, const T* b, T* y) {
  for (Index i = 0; i < n; ++i)
    y[i] = a[i] * b[i];
}
template <class T>
void multiply_add(Index n, const T* a, const T* b, T* y) {
  for (Index i = 0; i < n; ++i)
    y[i] += a[i] * b[i];
}
template <class T>
void add_to(Index rows, Index n, Strided<const T> x, Strided<T> y) {
  for (Index row = 0; row < rows; ++row)
    add(n, y[row], x[row], y[row]);
}
template <class T>
void add_rows(Index rows, Index n, Strided<const T> x, T* sums) {
  for (Index row = 0; row < rows; ++row)
    for (Index i = 0; i < n; ++i)
      sums[i] += x[row][i];
}
template <class T>
void scale_add(Index n, T s, const T* x, T* y) {
  for (Index i = 0; i < n; ++i)
    y[i] += s * x[i];
}
template <class T>
void scale(Index n, T s, const T* x, T* y) {
  for (Index i = 0; i < n; ++i)
    y[i] = s * x[i];
}
template <class T>
void max_with_index(Index n, const T* x, std::int32_t id, T* y, std::int32_t* winner) {
  for (Index i = 0; i < n; ++i) {
    if (x[i] > y[i] || std::isnan(x[i])) {
      y[i] = x[i];
      winner[i] = id;
    }
  }
}

}  // namespace

template <class T>
void enter_elementwise(Kernels<T>& table) {
  table.sigmoid = sigmoid_all<T>;
  table.tanh = tanh_all<T>;
  table.relu = relu<T>;
  table.exp = exp_all<T>;
  table.log = log_all<T>;
  table.sigmoid_backward = sigmoid_backward<T>;
  table.tanh_backward = tanh_backward<T>;
  table.relu_backward = relu_backward<T>;
  table.add = add<T>;
  table.subtract = subtract<T>;
  table.multiply = multiply<T>;
  table.multiply_add = multiply_add<T>;
  table.add_to = add_to<T>;
  table.add_rows = add_rows<T>;
  table.scale_add = scale_add<T>;
  table.scale = scale<T>;
  table.max_with_index = max_with_index<T>;
}
template void enter_elementwise(Kernels<float>&);
template void enter_elementwise(Kernels<double>&);

}  // namespace rondo::reference

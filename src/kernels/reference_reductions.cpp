#include <algorithm>
#include <limits>

#include "kernels/reference.h"

namespace rondo::reference {
namespace {

/// Sum of term(i) over [0, n): blocks of a fixed size, added in order.
template <class Sum, class Term>
Sum blocked_sum(Index n, Index block, Term term) {
  Sum total = 0;
  for (Index begin = 0; begin < n; begin += block) {
    Sum part = 0;
    for (Index i = begin; i < std::min(n, begin + block); ++i)
      part += term(i);
    total += part;
  }
  return total;
}

template <class T>
T sum(Index n, const T* x) {
  return blocked_sum<T>(n, sum_block, [x](Index i) { return x[i]; });
}
template <class T>
T dot(Index n, const T* a, const T* b) {
  return blocked_sum<T>(n, sum_block, [a, b](Index i) { return a[i] * b[i]; });
}
template <class T>
double sum_squares(Index n, const T* x) {
  return blocked_sum<double>(n, wide_sum_block, [x](Index i) { return double(x[i]) * double(x[i]); });
}
/// Minus infinity for n = 0. NaN wins.
template <class T>
T max(Index n, const T* x) {
  T largest = -std::numeric_limits<T>::infinity();
  for (Index i = 0; i < n; ++i) {
    if (x[i] > largest || std::isnan(x[i])) largest = x[i];
  }
  return largest;
}

template <class T>
T exp_sum(Index n, T largest, const T* x, T* y) {
  return blocked_sum<T>(n, sum_block, [&](Index i) {
    const T part = std::exp(x[i] - largest);
    if (y != nullptr) y[i] = part;
    return part;
  });
}
template <class T>
T softmax(Index n, const T* x, T* y) {
  const T largest = max(n, x);
  const T total = exp_sum(n, largest, x, y);
  if (y != nullptr) {
    for (Index i = 0; i < n; ++i)
      y[i] *= 1 / total;
  }
  return largest + std::log(total);
}
template <class T>
void softmax_backward(Index n, const T* y, const T* dy, T* dx) {
  const T shared = dot(n, y, dy);
  for (Index i = 0; i < n; ++i)
    dx[i] += y[i] * (dy[i] - shared);
}

template <class T>
T normalize(Index n, const T* x, T epsilon, T* xhat) {
  const T mean = sum(n, x) / T(n);
  const auto square = [&](Index i) { return (x[i] - mean) * (x[i] - mean); };
  const T variance = blocked_sum<T>(n, sum_block, square) / T(n);
  const T rstd = 1 / std::sqrt(variance + epsilon);
  for (Index i = 0; i < n; ++i)
    xhat[i] = (x[i] - mean) * rstd;
  return rstd;
}
template <class T>
void normalize_backward(Index n, const T* xhat, const T* dxhat, T rstd, T* dx) {
  const T mean = sum(n, dxhat) / T(n);
  const T slope = dot(n, dxhat, xhat) / T(n);
  for (Index i = 0; i < n; ++i)
    dx[i] += rstd * (dxhat[i] - mean - xhat[i] * slope);
}

}  // namespace

template <class T>
void enter_reductions(Kernels<T>& table) {
  table.sum = sum<T>;
  table.max = max<T>;
  table.dot = dot<T>;
  table.sum_squares = sum_squares<T>;
  table.exp_sum = exp_sum<T>;
  table.softmax = softmax<T>;
  table.softmax_backward = softmax_backward<T>;
  table.normalize = normalize<T>;
  table.normalize_backward = normalize_backward<T>;
}
template void enter_reductions(Kernels<float>&);
template void enter_reductions(Kernels<double>&);

}  // namespace rondo::reference

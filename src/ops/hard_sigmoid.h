/// The hard sigmoid, for the operation and for streams: both have the same bits.
#pragma once
#include <algorithm>

namespace rondo {

/// 0.2 x + 0.5 between 0 and 1 (Keras 2). NaN stays NaN.
template <class T>
T hard_sigmoid_of(T x) {
  const T y = static_cast<T>(0.2) * x + static_cast<T>(0.5);
  return y < 0 ? T{0} : y > 1 ? T{1} : y;
}

}  // namespace rondo

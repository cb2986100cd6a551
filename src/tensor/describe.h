/// What a tensor is, for messages.
#pragma once
#include <string>

#include <rondo/tensor.h>

namespace rondo {

/// "f32 [3, 4]"
inline std::string describe(const Tensor& x) {
  return x.empty() ? "nothing" : std::string(name_of(x.dtype())) + " " + to_string(x.shape());
}

}  // namespace rondo

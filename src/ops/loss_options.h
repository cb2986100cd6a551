/// Checks of arguments that several losses share.
#pragma once
#include <string>
#include <string_view>

#include "base/shown.h"
#include "ops/common.h"

namespace rondo {

/// Weights given by the user: f32 or f64, converted; empty means all 1.
inline Tensor checked_weights(std::string_view operation, std::string_view name, const Tensor& weights,
                              Index count, DType type) {
  if (weights.empty()) return Tensor::full({count}, 1, type);
  if (weights.shape() != Shape{count} || weights.dtype() == DType::i32)
    refuse_shape(operation, "'" + std::string(name) + "' " + to_string(Shape{count}), describe(weights));
  return weights.to(type);
}

inline void check_smoothing(std::string_view operation, double smoothing) {
  if (!(smoothing >= 0 && smoothing <= 1))
    fail(ErrorKind::option,
         std::string(operation) + ": label_smoothing wanted from 0 to 1, got " + plain(smoothing));
}

}  // namespace rondo

/// x · weightᵀ + bias for some rows of a weight matrix, which are packed once: a projection on a part of a
/// vocabulary. For inference.
#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include <rondo/autograd.h>

namespace rondo {

class PackedLinear {
 public:
  /// `weight` [N, in] and `bias` [N] in f32, `rows` in [0, N). The arithmetic is that of linear(): each
  /// column has its bits.
  PackedLinear(const Var& weight, const Var& bias, std::span<const std::int32_t> rows);
  /// [rows of x, number of rows taken].
  Var operator()(const Var& x) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace rondo

/// Products of batches with a matrix of 8 bits, on all threads: the arithmetic of SmallMatrix, so that a row
/// has the bits of a stream, alone or among others.
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "tensor/small_weights.h"

namespace rondo {

/// Rounds some rows at a time, in memory of its own, and hands them on.
class Int8Rows {
 public:
  /// `type`: of 8 bits. `most`: rows at a time.
  Int8Rows(WeightType type, const Kernels<float>& kernels, Index most, Index k);
  /// They hold until the next call.
  FewRows round(Index count, const float* rows, Index stride);

 private:
  WeightType type_;
  const Kernels<float>* kernels_;
  Index k_;
  std::size_t size_;
  std::shared_ptr<void> memory_;
};

/// The rows of a batch that are rounded and multiplied together.
inline constexpr Index int8_rows = 96;

/// A matrix [n, k], packed once and immutable.
class Int8Packed {
 public:
  /// `type`: of 8 bits.
  Int8Packed(WeightType type, Index n, Index k, const float* matrix);

  /// c[m, n] = a · matrixᵀ + bias, on the current runtime's threads. `bias` may be null.
  void multiply(Index m, const float* a, const float* bias, float* c) const;
  /// The same, serial.
  void multiply_serial(Index m, const float* a, const float* bias, float* c) const;

 private:
  void multiply_part(std::size_t part, const FewRows& a, const float* bias, float* c) const;

  WeightType type_;
  const Kernels<float>* kernels_;
  Index n_, k_;
  std::vector<SmallMatrix> parts_;  ///< of neighbouring columns, for threads that divide them
};

}  // namespace rondo

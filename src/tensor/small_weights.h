/// Weight matrices in fewer bits, and products of them with a few rows: what a step of a stream does, where
/// reading the weights is most of the time.
///
/// f32 and bf16 give the bits of matmul() with the numbers that the matrix holds. int8 is an arithmetic of
/// its own: rows of the left operand are rounded to 12 bits, and sums are exact in 32.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <rondo/weight_type.h>

#include "tensor/matmul.h"

namespace rondo {

/// The upper half of a number, rounded to even.
std::uint16_t to_bf16(float number);
float from_bf16(std::uint16_t number);

/// Numbers in [-127, 127] and a scale for each row, of so few bits that number · scale is exact. What stands
/// for such a matrix is the same matrix again. A row with a number that is not finite is none at all.
struct Int8Matrix {
  std::vector<std::int8_t> numbers;
  std::vector<float> scales;
};
Int8Matrix to_int8(Index rows, Index columns, const float* matrix);

/// Rounds a matrix to numbers that the type can hold.
void round_to(WeightType type, Index rows, Index columns, float* matrix);

/// Memory for one step: handed out piece by piece, all at once free again with the next step.
class Arena {
 public:
  Arena() = default;
  Arena(std::byte* memory, std::size_t size) : next_(memory), left_(size) {}

  template <class T>
  static constexpr std::size_t size_of(Index count) {
    return (static_cast<std::size_t>(count) * sizeof(T) + 63) / 64 * 64;
  }
  /// Uninitialised, at a multiple of 64 bytes if the whole is.
  template <class T>
  T* take(Index count) {
    const std::size_t size = size_of<T>(count);
    if (size > left_) overdrawn();
    T* const taken = reinterpret_cast<T*>(next_);
    next_ += size;
    left_ -= size;
    return taken;
  }

 private:
  [[noreturn]] static void overdrawn();
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
};

/// Rows [count, k] that meet several matrices of one type, quantised where these have 8 bits.
class FewRows {
 public:
  FewRows(WeightType type, const Kernels<float>& kernels, Index count, Index k, const float* rows,
          Index stride, Arena& arena);
  /// What the constructor takes of the arena.
  static std::size_t memory(WeightType type, const Kernels<float>& kernels, Index count, Index k);

 private:
  friend class SmallMatrix;
  Index count_, stride_;
  const float* rows_;
  const std::int16_t* quantized_ = nullptr;
  Index quantized_stride_ = 0;
  const float* scales_ = nullptr;
};

/// A matrix [n, k], packed once and immutable.
class SmallMatrix {
 public:
  SmallMatrix() = default;
  SmallMatrix(WeightType type, const Kernels<float>& kernels, Index n, Index k, const float* matrix);

  /// c[count, n] = start + a · matrixᵀ, where the start is c itself, a bias [n], or zeros. Serial.
  void multiply(const FewRows& a, const float* bias, float* c, Index c_stride) const;
  void multiply_onto(const FewRows& a, float* c, Index c_stride) const;

 private:
  void run(const FewRows& a, const float* bias, float* c, Index c_stride, bool accumulate) const;

  WeightType type_ = WeightType::f32;
  const Kernels<float>* kernels_ = nullptr;
  Index n_ = 0, k_ = 0;
  std::shared_ptr<const void> packed_;
  std::vector<float> scales_;
};

}  // namespace rondo

/// Weight matrices in fewer bits, and their products with rows. A step of a stream consists of these, and
/// reading the weights takes most of its time. A batch uses those of 8 bits (int8_matmul.h).
///
/// f32 and bf16 give the bits of matmul() with the matrix's numbers. int8 and w8a8 have their own arithmetic:
/// rows of the left operand are rounded to 12 or 8 bits, and sums are exact in 32 bits.
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

/// Numbers in [-127, 127] and a scale for each row. A scale has so few bits that number · scale is exact.
/// Rounding such a matrix again gives the same matrix. If a row has a number that is not finite, the whole
/// row is NaN.
struct Int8Matrix {
  std::vector<std::int8_t> numbers;
  std::vector<float> scales;
};
Int8Matrix to_int8(Index rows, Index columns, const float* matrix);

/// Whether matrices of the type have 8 bits.
constexpr bool has_8_bits(WeightType type) {
  return type == WeightType::int8 || type == WeightType::w8a8;
}

/// Rounds a matrix to numbers that the type can hold.
void round_to(WeightType type, Index rows, Index columns, float* matrix);

/// Memory for one step of a stream. It is handed out piece by piece and is all free again at the next step.
class Arena {
 public:
  Arena() = default;
  Arena(std::byte* memory, std::size_t size) : next_(memory), left_(size) {}

  template <class T>
  static constexpr std::size_t size_of(Index count) {
    return (static_cast<std::size_t>(count) * sizeof(T) + 63) / 64 * 64;
  }
  /// Uninitialised memory, aligned to 64 bytes if the arena is.
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

/// Rows [count, k] for products with several matrices of one type. They are quantised if the matrices have 8
/// bits.
class FewRows {
 public:
  FewRows(WeightType type, const Kernels<float>& kernels, Index count, Index k, const float* rows,
          Index stride, Arena& arena);
  /// How much of the arena the constructor takes.
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

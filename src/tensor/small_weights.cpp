#include "tensor/small_weights.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <rondo/error.h>

#include "runtime/buffers.h"

namespace rondo {
namespace {

constexpr float most_int8 = 127;

/// How the other side of products with matrices of 8 bits is rounded.
const RoundedRows<float>& rounding_of(WeightType type, const Kernels<float>& kernels) {
  return type == WeightType::w8a8 ? kernels.in_8_bits : kernels.in_12_bits;
}

/// `largest` / 127, rounded up to 16 bits.
float scale_for(float largest) {
  constexpr std::uint32_t dropped = 0xFF;
  return std::bit_cast<float>((std::bit_cast<std::uint32_t>(largest / most_int8) + dropped) & ~dropped);
}

float to_int8_row(Index columns, const float* row, std::int8_t* numbers) {
  std::fill_n(numbers, columns, std::int8_t(0));
  float largest = 0;
  for (Index i = 0; i < columns; ++i) {
    if (!std::isfinite(row[i])) return std::numeric_limits<float>::quiet_NaN();
    largest = std::max(largest, std::abs(row[i]));
  }
  if (largest < least_quantized) return 0;
  const float scale = scale_for(largest);
  for (Index i = 0; i < columns; ++i)
    numbers[i] = static_cast<std::int8_t>(std::nearbyint(row[i] / scale));
  return scale;
}

template <class T>
T* allocate(std::shared_ptr<const void>& owner, Index count) {
  const std::shared_ptr<void> memory = acquire_buffer(static_cast<std::size_t>(count) * sizeof(T));
  owner = memory;
  return static_cast<T*>(memory.get());
}

}  // namespace

std::uint16_t to_bf16(float number) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(number);
  if (std::isnan(number)) return static_cast<std::uint16_t>(bits >> 16 | 0x40);
  return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

float from_bf16(std::uint16_t number) {
  return std::bit_cast<float>(std::uint32_t{number} << 16);
}

Int8Matrix to_int8(Index rows, Index columns, const float* matrix) {
  Int8Matrix result;
  result.numbers.resize(static_cast<std::size_t>(rows * columns));
  for (Index row = 0; row < rows; ++row)
    result.scales.push_back(
        to_int8_row(columns, matrix + row * columns, result.numbers.data() + row * columns));
  return result;
}

void round_to(WeightType type, Index rows, Index columns, float* matrix) {
  if (type == WeightType::bf16)
    std::transform(matrix, matrix + rows * columns, matrix, [](float x) { return from_bf16(to_bf16(x)); });
  if (!has_8_bits(type)) return;
  std::vector<std::int8_t> numbers(static_cast<std::size_t>(columns));
  for (Index row = 0; row < rows; ++row, matrix += columns) {
    const float scale = to_int8_row(columns, matrix, numbers.data());
    for (Index i = 0; i < columns; ++i)
      matrix[i] = scale * static_cast<float>(numbers[static_cast<std::size_t>(i)]);
  }
}

void Arena::overdrawn() {
  throw Bug("a step of a stream takes more memory than it asked for");
}

FewRows::FewRows(WeightType type, const Kernels<float>& kernels, Index count, Index k, const float* rows,
                 Index stride, Arena& arena)
    : count_(count), stride_(stride), rows_(rows) {
  if (!has_8_bits(type)) return;
  const RoundedRows<float>& rounding = rounding_of(type, kernels);
  quantized_stride_ = rounding.size(k);
  auto* const quantized = arena.take<std::int16_t>(count * quantized_stride_);
  auto* const scales = arena.take<float>(count);
  for (Index row = 0; row < count; ++row)
    scales[row] = rounding.round(k, rows + row * stride, quantized + row * quantized_stride_);
  quantized_ = quantized;
  scales_ = scales;
}

std::size_t FewRows::memory(WeightType type, const Kernels<float>& kernels, Index count, Index k) {
  if (!has_8_bits(type)) return 0;
  return Arena::size_of<std::int16_t>(count * rounding_of(type, kernels).size(k)) +
         Arena::size_of<float>(count);
}

SmallMatrix::SmallMatrix(WeightType type, const Kernels<float>& kernels, Index n, Index k,
                         const float* matrix)
    : type_(type), kernels_(&kernels), n_(n), k_(k) {
  if (type == WeightType::f32) {
    const Index width = kernels.panel_columns;
    kernels.pack(n, k, {matrix, k, 1}, allocate<float>(packed_, (n + width - 1) / width * width * k),
                 Write::near);
  } else if (type == WeightType::bf16) {
    std::vector<std::uint16_t> numbers(static_cast<std::size_t>(n * k));
    std::transform(matrix, matrix + n * k, numbers.begin(), to_bf16);
    kernels.pack_bf16(n, k, numbers.data(), allocate<std::uint16_t>(packed_, kernels.bf16_size(n, k)));
  } else {
    Int8Matrix rows = to_int8(n, k, matrix);
    kernels.pack_int8(n, k, rows.numbers.data(), allocate<std::int8_t>(packed_, kernels.int8_size(n, k)));
    scales_ = std::move(rows.scales);
  }
}

void SmallMatrix::multiply(const FewRows& a, const float* bias, float* c, Index c_stride) const {
  run(a, bias, c, c_stride, false);
}

void SmallMatrix::multiply_onto(const FewRows& a, float* c, Index c_stride) const {
  run(a, nullptr, c, c_stride, true);
}

void SmallMatrix::run(const FewRows& a, const float* bias, float* c, Index c_stride, bool accumulate) const {
  const void* const packed = packed_.get();
  switch (type_) {
    case WeightType::f32:
      return kernels_->product(a.count_, n_, k_, {a.rows_, a.stride_, 1}, static_cast<const float*>(packed),
                               accumulate ? ChainStart<float>{c, c_stride} : ChainStart<float>{bias}, c,
                               c_stride);
    case WeightType::bf16:
      return kernels_->product_bf16(a.count_, n_, k_, a.rows_, a.stride_,
                                    static_cast<const std::uint16_t*>(packed), bias, c, c_stride, accumulate);
    case WeightType::int8:
    case WeightType::w8a8:
      return rounding_of(type_, *kernels_)
          .product(a.count_, n_, k_, a.quantized_, a.quantized_stride_, a.scales_,
                   static_cast<const std::int8_t*>(packed), scales_.data(), bias, c, c_stride, accumulate);
  }
}

}  // namespace rondo

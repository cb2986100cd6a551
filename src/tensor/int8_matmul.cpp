#include "tensor/int8_matmul.h"

#include <algorithm>

#include "runtime/buffers.h"
#include "runtime/parallel.h"

namespace rondo {
namespace {

/// Whole groups of columns for every instruction set.
constexpr Index part_columns = 512;
/// Multiply-adds of 8 bits below which another thread costs more than it saves.
constexpr Index int8_piece_work = 128 * 1024;

}  // namespace

Int8Rows::Int8Rows(WeightType type, const Kernels<float>& kernels, Index most, Index k)
    : type_(type),
      kernels_(&kernels),
      k_(k),
      size_(FewRows::memory(type, kernels, most, k)),
      memory_(acquire_buffer(size_)) {}

FewRows Int8Rows::round(Index count, const float* rows, Index stride) {
  Arena arena(static_cast<std::byte*>(memory_.get()), size_);
  return {type_, *kernels_, count, k_, rows, stride, arena};
}

Int8Packed::Int8Packed(WeightType type, Index n, Index k, const float* matrix)
    : type_(type), kernels_(&kernels<float>()), n_(n), k_(k) {
  parts_.resize(static_cast<std::size_t>((n + part_columns - 1) / part_columns));
  parallel_for(static_cast<Index>(parts_.size()), 1, [&](Index begin, Index end) {
    for (Index part = begin; part < end; ++part) {
      const Index first = part * part_columns;
      parts_[static_cast<std::size_t>(part)] =
          SmallMatrix(type, *kernels_, std::min(part_columns, n - first), k, matrix + first * k);
    }
  });
}

void Int8Packed::multiply_part(std::size_t part, const FewRows& a, const float* bias, float* c) const {
  const Index first = static_cast<Index>(part) * part_columns;
  parts_[part].multiply(a, bias == nullptr ? nullptr : bias + first, c + first, n_);
}

void Int8Packed::multiply_serial(Index m, const float* a, const float* bias, float* c) const {
  Int8Rows rounding(type_, *kernels_, std::min(m, int8_rows), k_);
  for (Index row = 0; row < m; row += int8_rows) {
    const FewRows rows = rounding.round(std::min(int8_rows, m - row), a + row * k_, k_);
    for (std::size_t part = 0; part < parts_.size(); ++part)
      multiply_part(part, rows, bias, c + row * n_);
  }
}

void Int8Packed::multiply(Index m, const float* a, const float* bias, float* c) const {
  const Index row_work = std::max<Index>(1, n_ * k_);
  if (m > int8_rows || parts_.size() < 2) {
    parallel_for(m, (int8_piece_work + row_work - 1) / row_work, [&](Index begin, Index end) {
      multiply_serial(end - begin, a + begin * k_, bias, c + begin * n_);
    });
    return;
  }
  Int8Rows rounding(type_, *kernels_, m, k_);
  const FewRows rows = rounding.round(m, a, k_);
  const Index part_work = std::max<Index>(1, m * part_columns * k_);
  parallel_for(static_cast<Index>(parts_.size()), (int8_piece_work + part_work - 1) / part_work,
               [&](Index begin, Index end) {
                 for (Index part = begin; part < end; ++part)
                   multiply_part(static_cast<std::size_t>(part), rows, bias, c);
               });
}

}  // namespace rondo

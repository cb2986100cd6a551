/// A direction's weights in the form for forward, and the input's part of the gates where it is made for many
/// rows at once.
#pragma once
#include <algorithm>
#include <memory>
#include <type_traits>
#include <vector>

#include "ops/recurrent/blocks.h"
#include "ops/recurrent/cell.h"
#include "tensor/int8_matmul.h"
#include "tensor/matmul.h"

namespace rondo::recurrence {

/// Weights of 8 bits, in a matrix for each block of units. Each element is the chain of a stream's step.
struct Int8Weights {
  WeightType type;
  std::vector<SmallMatrix> w, w_extra, u, u_extra;
};

/// Weights in the form for forward.
template <class T>
struct ForwardWeights {
  Packed<T> w;                                   ///< of the gates that take h·Uᵀ directly
  Packed<T> w_extra;                             ///< of the candidate, unless joint
  Packed<T> u;                                   ///< of the gates that take h·Uᵀ directly
  Packed<T> u_extra;                             ///< of the candidate, unless joint
  const T* start;                                ///< [gates · H]: where the input's part begins; null: zeros
  const T* extra_start;                          ///< [H]: where Candidate::beside begins; null: zeros
  std::shared_ptr<const Int8Weights> int8 = {};  ///< in place of the four matrices, if there are some

  bool in_int8() const noexcept { return std::is_same_v<T, float> && int8 != nullptr; }
};

/// The input's part of some rows of x, the units of some blocks, in 8 bits.
template <class Cell>
void project_int8(const ForwardWeights<float>& weights, UnitBlocks blocks, BlockRange range, Index rows,
                  const float* x, Index input, Int8Rows& rounding, Strided<float> gates) {
  constexpr Index joint = joint_gates<Cell>;
  const auto start = [&](Index column) {
    return weights.start == nullptr ? nullptr : weights.start + column;
  };
  for (Index row = 0; row < rows; row += int8_rows) {
    const FewRows some = rounding.round(std::min(int8_rows, rows - row), x + row * input, input);
    for (Index block = range.first; block < range.last; ++block) {
      const auto at = static_cast<std::size_t>(block);
      const Index column = joint * blocks.begin(block), extra = joint * blocks.units + blocks.begin(block);
      weights.int8->w[at].multiply(some, start(column), gates[row] + column, gates.stride);
      if (has_extra<Cell>)
        weights.int8->w_extra[at].multiply(some, start(extra), gates[row] + extra, gates.stride);
    }
  }
}

/// The input's part of all distinct rows, where x repeats: rows of gates, `stride` apart. Null: not made.
template <class T>
struct Projected {
  const T* gates = nullptr;
  Index stride = 0;
};

}  // namespace rondo::recurrence

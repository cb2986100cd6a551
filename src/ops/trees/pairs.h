/// Children side by side, and back: what binary compositions share.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include <rondo/forest.h>

#include "ops/linear.h"

namespace rondo::trees {

/// Error(shape) for a forest with a node of more than two children.
inline void check_binary(std::string_view operation, const Forest& forest) {
  if (forest.most_children() > 2)
    refuse_shape(operation, "nodes of one or two children (binarised trees)",
                 "a node of " + std::to_string(forest.most_children()));
}

/// For rows rows[0], rows[1], ...: the states [size] of both children side by side; a missing one is zeros.
template <class T, class RowOf>
void gather_pairs(const Forest& forest, Index count, const RowOf& row_of, const T* states, Index size,
                  T* to) {
  parallel_for(count, rows_grain(2 * size), [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      T* const pair = to + i * 2 * size;
      const auto children = forest.children(row_of(i));
      for (std::size_t k = 0; k < 2; ++k) {
        T* const side = pair + static_cast<Index>(k) * size;
        if (k < children.size())
          std::copy_n(states + children[k] * size, size, side);
        else
          std::fill_n(side, size, T(0));
      }
    }
  });
}

/// Adds gradients of such pairs to the children's. A node has one parent, so that no two rows meet.
template <class T, class RowOf>
void scatter_pairs(const Forest& forest, Index count, const RowOf& row_of, const T* from, Index size,
                   T* states) {
  parallel_for(count, rows_grain(2 * size), [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      const auto children = forest.children(row_of(i));
      for (std::size_t k = 0; k < children.size(); ++k) {
        T* const to = states + children[k] * size;
        kernels<T>().add(size, to, from + i * 2 * size + static_cast<Index>(k) * size, to);
      }
    }
  });
}

/// The gradient that arrived for a result, as a tensor that may be written to.
template <class T>
Tensor writable(const Tensor& arrived, const Shape& shape, DType type) {
  return arrived.empty() ? Tensor::zeros(shape, type) : arrived.clone();
}

/// Memory of some elements, zero at first.
template <class T>
std::vector<T> numbers(Index count) {
  return std::vector<T>(static_cast<std::size_t>(count));
}

}  // namespace rondo::trees

/// What recurrent levels that are driven step by step do with one or two directions.
#pragma once
#include <cstdint>
#include <vector>

#include <rondo/ops.h>

namespace rondo::nn {

/// The columns of one direction of a state of all of them, [rows, directions · width].
inline Var part_of(const Var& state, std::size_t direction, std::size_t directions) {
  if (directions == 1) return state;
  const std::int64_t width = state.columns() / 2, begin = static_cast<std::int64_t>(direction) * width;
  return slice_columns(state, begin, begin + width);
}

/// The other way round.
inline Var side_by_side(const std::vector<Var>& parts) {
  return parts.size() == 1 ? parts.front() : concat(parts);
}

}  // namespace rondo::nn

/// Shared by all operations: access to a tensor's memory, grains for parallel_for, checks, and sums with a
/// fixed order (docs/design.md: the same bits on any number of threads).
#pragma once
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/autograd.h>

#include "autograd/tape.h"
#include "base/message.h"
#include "runtime/parallel.h"
#include "tensor/describe.h"

namespace rondo {

template <class T>
const T* elements(const Tensor& x) {
  return x.data<T>().data();
}
template <class T>
T* elements(Tensor& x) {
  return x.data<T>().data();
}

/// The least number of elements in a piece of work. Arithmetic runs at memory speed; exp and the like are
/// slower.
constexpr Index cheap_grain = 1 << 14;
constexpr Index costly_grain = 1 << 12;
/// The same for pieces of whole rows.
constexpr Index rows_grain(Index columns, Index grain = cheap_grain) {
  return std::max<Index>(1, grain / std::max<Index>(1, columns));
}

/// Error(shape): "shape: <operation> wanted <wanted>, got <got>".
[[noreturn]] inline void refuse_shape(std::string_view operation, const std::string& wanted,
                                      const std::string& got) {
  fail(ErrorKind::shape, std::string(operation) + " wanted " + wanted + ", got " + got);
}

inline std::string describe(const Var& x) {
  return describe(x.value());
}

/// x must be [rows, columns].
inline void check_matrix(std::string_view operation, const Var& x) {
  if (x.shape().size() != 2) refuse_shape(operation, "rows and columns", describe(x));
}

/// `x`, if it has that type and shape.
inline const Var& checked(std::string_view operation, std::string_view name, const Var& x, const Shape& shape,
                          DType type) {
  if (!x.defined() || x.shape() != shape || x.dtype() != type)
    refuse_shape(operation,
                 "'" + std::string(name) + "' " + std::string(name_of(type)) + " " + to_string(shape),
                 describe(x));
  return x;
}

/// The gradient of a result that is a single number, such as a loss or a sum.
template <class T>
T arrived_number(const Gradients& g) {
  return elements<T>(g.of_result())[0];
}

/// sums[j] += x[0][j] + x[1][j] + ..., rows `stride` apart: one chain over the rows in order; threads split
/// the columns.
template <class T>
void add_rows(Index rows, Index columns, const T* x, Index stride, T* sums) {
  parallel_for(columns, std::max<Index>(16, cheap_grain / std::max<Index>(1, rows)),
               [=](Index begin, Index end) {
                 kernels<T>().add_rows(rows, end - begin, {x + begin, stride}, sums + begin);
               });
}

/// value(begin) + ... + value(end - 1) in f64, in eight lanes.
template <class Value>
double lane_sum(Index begin, Index end, const Value& value) {
  std::array<double, 8> lanes = {};
  Index i = begin;
  for (; i + 8 <= end; i += 8)
    for (Index lane = 0; lane < 8; ++lane)
      lanes[static_cast<std::size_t>(lane)] += value(i + lane);
  for (std::size_t lane = 0; i < end; ++i, ++lane)
    lanes[lane] += value(i);
  return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

/// Joins the parts.
inline double in_order(const std::vector<double>& parts) {
  double total = 0;
  for (const double part : parts)
    total += part;
  return total;
}

/// value(0) + ... + value(count - 1) in f64: blocks of 4 096, added in order; threads split the blocks.
template <class Value>
double blocked_sum(Index count, const Value& value) {
  constexpr Index block_size = 4096;
  const Index blocks = (count + block_size - 1) / block_size;
  std::vector<double> sums(static_cast<std::size_t>(blocks));
  parallel_for(blocks, 4, [&](Index first, Index last) {
    for (Index block = first; block < last; ++block)
      sums[static_cast<std::size_t>(block)] =
          lane_sum(block * block_size, std::min(count, (block + 1) * block_size), value);
  });
  return in_order(sums);
}

/// A single number of the given type.
inline Tensor number(double value, DType type) {
  return Tensor::full({}, value, type);
}

}  // namespace rondo

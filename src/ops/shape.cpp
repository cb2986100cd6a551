#include <algorithm>

#include <rondo/ops.h>

#include "ops/common.h"

namespace rondo {
namespace {

/// Rows of one matrix moved to another: row i goes from column `from_begin` to column `to_begin`.
struct Move {
  Index rows, columns;
  Index from_stride, from_begin;
  Index to_stride, to_begin;
};

template <class T, class F>
void for_each_moved_row(const Move& move, const T* from, T* to, const F& f) {
  parallel_for(move.rows, rows_grain(move.columns), [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row)
      f(from + row * move.from_stride + move.from_begin, to + row * move.to_stride + move.to_begin);
  });
}

template <class T>
void copy(const Move& move, const T* from, T* to) {
  for_each_moved_row(move, from, to, [&](const T* x, T* y) { std::copy_n(x, move.columns, y); });
}

template <class T>
void add(const Move& move, const T* from, T* to) {
  for_each_moved_row(move, from, to, [&](const T* x, T* y) { kernels<T>().add(move.columns, y, x, y); });
}

/// Elements per row, even for a tensor without rows, where columns() is 0.
Index width_of(const Var& x) {
  Index width = 1;
  for (std::size_t i = 1; i < x.shape().size(); ++i)
    width *= x.shape()[i];
  return width;
}

std::string range(Index begin, Index end) {
  return "[" + std::to_string(begin) + ", " + std::to_string(end) + ")";
}

void check_range(std::string_view operation, std::string_view what, Index begin, Index end, Index size) {
  if (begin < 0 || begin > end || end > size)
    refuse_shape(operation, std::string(what) + " within " + range(0, size), range(begin, end));
}

std::vector<Var> places_of(std::span<const Var> parts) {
  std::vector<Var> places(parts.size());
  std::ranges::transform(parts, places.begin(), without_value);
  return places;
}

}  // namespace

Var concat(std::initializer_list<Var> parts) {
  return concat(std::span(parts.begin(), parts.size()));
}

Var concat(std::span<const Var> parts) {
  if (parts.empty()) refuse_shape("concat", "at least one part", "none");
  const Var& first = parts.front();
  Index columns = 0;
  for (const Var& part : parts) {
    check_matrix("concat", part);
    if (part.rows() != first.rows() || part.dtype() != first.dtype())
      refuse_shape("concat", "parts of equal rows and type", describe(part) + " beside " + describe(first));
    columns += width_of(part);
  }
  Tensor y = Tensor::uninitialised({first.rows(), columns}, first.dtype());
  const auto move_of = [columns](const Var& part, Index begin) {
    const Index width = width_of(part);
    return Move{part.rows(), width, width, 0, columns, begin};
  };
  visit_float(y.dtype(), "concat", [&]<class T>() {
    Index begin = 0;
    for (const Var& part : parts) {
      copy(move_of(part, begin), elements<T>(part.value()), elements<T>(y));
      begin += width_of(part);
    }
  });
  return record(std::move(y), parts, [columns, inputs = places_of(parts)](Gradients& g) {
    visit_float(inputs.front().dtype(), "concat", [&]<class T>() {
      Index begin = 0;
      for (const Var& part : inputs) {
        const Index width = width_of(part);
        if (Tensor* into = g.into(part))
          add(Move{part.rows(), width, columns, begin, width, 0}, elements<T>(g.of_result()),
              elements<T>(*into));
        begin += width;
      }
    });
  });
}

Var stack(std::span<const Var> parts) {
  if (parts.empty()) refuse_shape("stack", "at least one part", "none");
  const Var& first = parts.front();
  const Index width = width_of(first);
  Index rows = 0;
  for (const Var& part : parts) {
    check_matrix("stack", part);
    if (width_of(part) != width || part.dtype() != first.dtype())
      refuse_shape("stack", "parts of equal columns and type", describe(part) + " above " + describe(first));
    rows += part.rows();
  }
  Tensor y = Tensor::uninitialised({rows, width}, first.dtype());
  visit_float(y.dtype(), "stack", [&]<class T>() {
    T* to = elements<T>(y);
    for (const Var& part : parts) {
      copy(Move{part.rows(), width, width, 0, width, 0}, elements<T>(part.value()), to);
      to += part.value().size();
    }
  });
  return record(std::move(y), parts, [width, inputs = places_of(parts)](Gradients& g) {
    visit_float(inputs.front().dtype(), "stack", [&]<class T>() {
      const T* dy = elements<T>(g.of_result());
      for (const Var& part : inputs) {
        if (Tensor* into = g.into(part))
          add(Move{part.rows(), width, width, 0, width, 0}, dy, elements<T>(*into));
        dy += part.value().size();
      }
    });
  });
}

Var slice_columns(const Var& x, std::int64_t begin, std::int64_t end) {
  check_matrix("slice_columns", x);
  const Index whole = width_of(x), width = end - begin;
  check_range("slice_columns", "columns", begin, end, whole);
  Tensor y = Tensor::uninitialised({x.rows(), width}, x.dtype());
  visit_float(x.dtype(), "slice_columns", [&]<class T>() {
    copy(Move{x.rows(), width, whole, begin, width, 0}, elements<T>(x.value()), elements<T>(y));
  });
  return record(std::move(y), {x}, [x = without_value(x), begin, whole, width](Gradients& g) {
    visit_float(x.dtype(), "slice_columns", [&]<class T>() {
      add(Move{x.rows(), width, width, 0, whole, begin}, elements<T>(g.of_result()), elements<T>(*g.into(x)));
    });
  });
}

Var slice_rows(const Var& x, std::int64_t begin, std::int64_t end) {
  if (x.shape().empty()) refuse_shape("slice_rows", "rows", describe(x));
  check_range("slice_rows", "rows", begin, end, x.rows());
  return record(x.value().slice_rows(begin, end), {x}, [x = without_value(x), begin](Gradients& g) {
    visit_float(x.dtype(), "slice_rows", [&]<class T>() {
      const Tensor& dy = g.of_result();
      const Index width = width_of(x);
      add(Move{dy.rows(), width, width, 0, width, 0}, elements<T>(dy),
          elements<T>(*g.into(x)) + begin * width);
    });
  });
}

Var Var::operator[](std::int64_t row) const {
  const Var one = slice_rows(*this, row, row + 1);
  return reshape(one, Shape(shape().begin() + 1, shape().end()));
}

Var reshape(const Var& x, Shape shape) {
  return record(x.value().reshape(std::move(shape)), {x},
                [x = without_value(x)](Gradients& g) { g.give(x, g.of_result().reshape(x.shape())); });
}

namespace {

/// to[j][i] (+)= from[i][j], in squares that stay in the nearest cache; threads split the rows of `to`.
template <class T, bool accumulate>
void transpose_into(Index rows, Index columns, const T* from, T* to) {
  constexpr Index side = 32;
  parallel_for(columns, rows_grain(rows), [=](Index begin, Index end) {
    for (Index top = 0; top < rows; top += side)
      for (Index left = begin; left < end; left += side)
        for (Index j = left; j < std::min(end, left + side); ++j)
          for (Index i = top; i < std::min(rows, top + side); ++i)
            to[j * rows + i] = from[i * columns + j] + (accumulate ? to[j * rows + i] : T{0});
  });
}

}  // namespace

Var transpose(const Var& x) {
  check_matrix("transpose", x);
  const Index rows = x.rows(), columns = width_of(x);
  Tensor y = Tensor::uninitialised({columns, rows}, x.dtype());
  visit_float(x.dtype(), "transpose", [&]<class T>() {
    transpose_into<T, false>(rows, columns, elements<T>(x.value()), elements<T>(y));
  });
  return record(std::move(y), {x}, [x = without_value(x), rows, columns](Gradients& g) {
    visit_float(x.dtype(), "transpose", [&]<class T>() {
      transpose_into<T, true>(columns, rows, elements<T>(g.of_result()), elements<T>(*g.into(x)));
    });
  });
}

}  // namespace rondo

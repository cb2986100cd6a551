#include <rondo/ops.h>

#include "ops/common.h"

namespace rondo {
namespace {

// Each operation: its value, and its derivatives with respect to the left and the right side.

struct Add {
  static constexpr std::string_view name = "operator+";
  template <class T>
  static T value(T a, T b) {
    return a + b;
  }
  template <class T>
  static T left(T, T) {
    return 1;
  }
  template <class T>
  static T right(T, T) {
    return 1;
  }
};

struct Subtract {
  static constexpr std::string_view name = "operator-";
  template <class T>
  static T value(T a, T b) {
    return a - b;
  }
  template <class T>
  static T left(T, T) {
    return 1;
  }
  template <class T>
  static T right(T, T) {
    return -1;
  }
};

struct Multiply {
  static constexpr std::string_view name = "operator*";
  template <class T>
  static T value(T a, T b) {
    return a * b;
  }
  template <class T>
  static T left(T, T b) {
    return b;
  }
  template <class T>
  static T right(T a, T) {
    return a;
  }
};

struct Divide {
  static constexpr std::string_view name = "operator/";
  template <class T>
  static T value(T a, T b) {
    return a / b;
  }
  template <class T>
  static T left(T, T b) {
    return 1 / b;
  }
  template <class T>
  static T right(T a, T b) {
    return -a / (b * b);
  }
};

/// How an operand is broadcast: element by element, one row for all rows, or one number for all elements.
enum class Side { whole, row, number };

struct Sides {
  Side a, b;
  Shape shape;
};

Sides pair(std::string_view operation, const Var& a, const Var& b) {
  const auto is_row_of = [](const Shape& row, const Shape& matrix) {
    return matrix.size() == 2 && row.size() == 1 && row.front() == matrix.back();
  };
  if (a.shape() == b.shape()) return {Side::whole, Side::whole, a.shape()};
  if (b.value().size() == 1 && a.shape().size() >= b.shape().size())
    return {Side::whole, Side::number, a.shape()};
  if (a.value().size() == 1) return {Side::number, Side::whole, b.shape()};
  if (is_row_of(b.shape(), a.shape())) return {Side::whole, Side::row, a.shape()};
  if (is_row_of(a.shape(), b.shape())) return {Side::row, Side::whole, b.shape()};
  refuse_shape(operation, "equal shapes, a single number, or one row [D] beside [N, D]",
               describe(a) + " and " + describe(b));
}

/// Calls f(i, a's element, b's element) for elements [begin, end) of one row of the result.
template <class T, class F>
void for_each(Index begin, Index end, Side a_side, const T* a, Side b_side, const T* b, const F& f) {
  if (a_side == Side::number) {
    for (Index i = begin; i < end; ++i)
      f(i, *a, b[i]);
  } else if (b_side == Side::number) {
    for (Index i = begin; i < end; ++i)
      f(i, a[i], *b);
  } else {
    for (Index i = begin; i < end; ++i)
      f(i, a[i], b[i]);
  }
}

/// Two operands of a result seen as [rows, columns]. It is one long row unless an operand repeats row by row.
template <class T>
struct Operands {
  Side a_side, b_side;
  const T *a, *b;
  Index rows, columns;

  Operands(const Sides& sides, const Var& x, const Var& y)
      : a_side(sides.a), b_side(sides.b), a(elements<T>(x.value())), b(elements<T>(y.value())) {
    const bool by_row = a_side == Side::row || b_side == Side::row;
    const Var& whole = a_side == Side::whole ? x : y;
    rows = by_row ? whole.rows() : 1;
    columns = by_row ? whole.columns() : whole.value().size();
  }

  /// f(index, a, b) for columns [begin, end) of a row; index counts the result's elements.
  template <class F>
  void visit_row(Index row, Index begin, Index end, const F& f) const {
    const Index offset = row * columns;
    for_each(begin, end, a_side, a + (a_side == Side::whole ? offset : 0), b_side,
             b + (b_side == Side::whole ? offset : 0), [&](Index i, T x, T y) { f(offset + i, x, y); });
  }
  /// f(index, a, b) for all elements, on several threads.
  template <class F>
  void visit(const F& f) const {
    if (rows == 1) {
      parallel_for(columns, cheap_grain, [&](Index begin, Index end) { visit_row(0, begin, end, f); });
    } else {
      parallel_for(rows, rows_grain(columns), [&](Index begin, Index end) {
        for (Index row = begin; row < end; ++row)
          visit_row(row, 0, columns, f);
      });
    }
  }
};

/// Adds to the gradient of one operand: dy times the derivative, summed over all elements that used it.
template <class T, class Slope>
void add_slope(const Operands<T>& operands, Side side, const T* dy, T* gradient, const Slope& slope) {
  if (side == Side::whole) {
    operands.visit([&](Index i, T a, T b) { gradient[i] += dy[i] * slope(a, b); });
  } else if (side == Side::row) {
    parallel_for(operands.columns, std::max<Index>(16, cheap_grain / std::max<Index>(1, operands.rows)),
                 [&](Index begin, Index end) {
                   for (Index row = 0; row < operands.rows; ++row)
                     operands.visit_row(row, begin, end, [&](Index i, T a, T b) {
                       gradient[i - row * operands.columns] += dy[i] * slope(a, b);
                     });
                 });
  } else {
    gradient[0] += static_cast<T>(blocked_sum(operands.columns, [&](Index i) {
      const T a = operands.a_side == Side::number ? *operands.a : operands.a[i];
      const T b = operands.b_side == Side::number ? *operands.b : operands.b[i];
      return static_cast<double>(dy[i] * slope(a, b));
    }));
  }
}

/// A constant number takes the type of the other operand, so `x * 2.0F` works for f64, too.
Var matched(const Var& x, const Var& other) {
  return x.value().size() == 1 && x.dtype() != other.dtype() && !x.tracked()
             ? Var(x.value().to(other.dtype()))
             : x;
}

template <class Operation>
Var combine(const Var& left, const Var& right) {
  const Var a = matched(left, right), b = matched(right, a);
  if (!a.defined() || !b.defined() || a.dtype() != b.dtype())
    refuse_shape(Operation::name, "two operands of one type", describe(a) + " and " + describe(b));
  const Sides sides = pair(Operation::name, a, b);
  Tensor y = Tensor::uninitialised(sides.shape, a.dtype());
  visit_float(a.dtype(), Operation::name, [&]<class T>() {
    T* to = elements<T>(y);
    Operands<T>(sides, a, b).visit([to](Index i, T left_one, T right_one) {
      to[i] = Operation::value(left_one, right_one);
    });
  });
  return record(std::move(y), {a, b}, [a, b, sides](Gradients& g) {
    visit_float(a.dtype(), Operation::name, [&]<class T>() {
      const Operands<T> operands(sides, a, b);
      const T* dy = elements<T>(g.of_result());
      if (Tensor* da = g.into(a))
        add_slope(operands, sides.a, dy, elements<T>(*da),
                  [](T one, T other) { return Operation::left(one, other); });
      if (Tensor* db = g.into(b))
        add_slope(operands, sides.b, dy, elements<T>(*db),
                  [](T one, T other) { return Operation::right(one, other); });
    });
  });
}

}  // namespace

Var operator+(const Var& a, const Var& b) {
  return combine<Add>(a, b);
}
Var operator-(const Var& a, const Var& b) {
  return combine<Subtract>(a, b);
}
Var operator*(const Var& a, const Var& b) {
  return combine<Multiply>(a, b);
}
Var operator/(const Var& a, const Var& b) {
  return combine<Divide>(a, b);
}
Var operator-(const Var& x) {
  return x * -1.0F;
}

}  // namespace rondo

#include <rondo/ops.h>

#include "ops/linear.h"

namespace rondo {
namespace {

/// d(input) += a product, by multiply(to, start). The product goes into its own tensor, which avoids reading
/// zeros, unless the input is a parameter, whose gradient already exists.
template <class T, class Multiply>
void give_product(Gradients& g, const Var& input, const Multiply& multiply) {
  if (!g.wants(input)) return;
  if (input.leaf() != nullptr) return multiply(elements<T>(*g.into(input)), Start::result);
  Tensor product = Tensor::uninitialised(input.shape(), input.dtype());
  multiply(elements<T>(product), Start::zero);
  g.give(input, std::move(product));
}

/// The same of a · b, where the result is [rows, columns].
template <class T>
void give_product(Gradients& g, const Var& input, Index rows, Index columns, Index k, Operand<T> a,
                  Operand<T> b) {
  give_product<T>(g, input,
                  [&](T* to, Start start) { matmul<T>(rows, columns, k, a, b, to, columns, start); });
}

}  // namespace

Var matmul(const Var& a, const Var& b) {
  check_matrix("matmul", a);
  check_matrix("matmul", b);
  if (a.columns() != b.rows() || a.dtype() != b.dtype())
    refuse_shape("matmul", "[M, K] and [K, N] of one type", describe(a) + " and " + describe(b));
  const Index m = a.rows(), k = a.columns(), n = b.columns();
  Tensor y = Tensor::uninitialised({m, n}, a.dtype());
  visit_float(a.dtype(), "matmul", [&]<class T>() {
    matmul<T>(m, n, k, by_rows(elements<T>(a.value()), k), by_columns(elements<T>(b.value()), n),
              elements<T>(y), n);
  });
  return record(std::move(y), {a, b}, [a, b, m, k, n](Gradients& g) {
    visit_float(a.dtype(), "matmul", [&]<class T>() {
      const T* dy = elements<T>(g.of_result());
      give_product<T>(g, a, m, k, n, by_rows(dy, n), by_rows(elements<T>(b.value()), n));
      give_product<T>(g, b, k, n, m, by_columns(elements<T>(a.value()), k), by_columns(dy, n));
    });
  });
}

Var linear(const Var& x, const Var& weight, const Var& bias) {
  check_linear("linear", x, weight, bias);
  const Index rows = x.rows(), in = x.columns(), out = weight.rows();
  Tensor y = Tensor::uninitialised({rows, out}, x.dtype());
  if (is_int8(weight) && !any_tracked({x, weight, bias})) {
    int8_form(weight, rows)
        ->multiply(rows, elements<float>(x.value()), bias.defined() ? elements<float>(bias.value()) : nullptr,
                   elements<float>(y));
    return y;
  }
  visit_float(x.dtype(), "linear", [&]<class T>() {
    const auto packed = form_of<Packed<T>>({&weight, 1}, &kernels<T>(), rows, [&] {
      return Packed<T>(out, in, by_rows(elements<T>(weight.value()), in));
    });
    matmul<T>(rows, by_rows(elements<T>(x.value()), in), *packed, elements<T>(y), out,
              bias.defined() ? Start::bias : Start::zero,
              bias.defined() ? elements<T>(bias.value()) : nullptr);
  });
  return record(std::move(y), {x, weight, bias}, [x, weight, bias, rows, in, out](Gradients& g) {
    visit_float(x.dtype(), "linear", [&]<class T>() {
      const T* dy = elements<T>(g.of_result());
      give_product<T>(g, x, [&](T* to, Start start) {
        struct Transposed : Packed<T> {};
        const auto packed = form_of<Transposed>({&weight, 1}, &kernels<T>(), rows, [&] {
          return Transposed{Packed<T>(in, out, by_columns(elements<T>(weight.value()), in))};
        });
        matmul<T>(rows, by_rows(dy, out), *packed, to, in, start);
      });
      give_product<T>(g, weight, out, in, rows, by_columns(dy, out), by_columns(elements<T>(x.value()), in));
      if (Tensor* sums = g.into(bias); sums != nullptr) add_rows<T>(rows, out, dy, out, elements<T>(*sums));
    });
  });
}

}  // namespace rondo

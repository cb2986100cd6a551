/// Matrices as operands of products, and the checks of x · weightᵀ + bias.
#pragma once
#include "autograd/forms.h"
#include "ops/common.h"
#include "tensor/int8_matmul.h"
#include "tensor/matmul.h"

namespace rondo {

/// A matrix [rows, columns] as the operand whose products run along its rows, or along its columns.
template <class T>
Operand<T> by_rows(const T* matrix, Index columns) {
  return {matrix, columns, 1};
}
template <class T>
Operand<T> by_columns(const T* matrix, Index columns) {
  return {matrix, 1, columns};
}

/// Whether products with a matrix that nothing records are computed in 8 bits.
inline bool is_int8(const Var& weight) {
  return weight.leaf() != nullptr && has_8_bits(weight.leaf()->weight_type) && weight.shape().size() == 2 &&
         weight.dtype() == DType::f32;
}

/// The form of such a matrix.
inline std::shared_ptr<const Int8Packed> int8_form(const Var& weight, Index rows) {
  return form_of<Int8Packed>({&weight, 1}, &kernels<float>(), rows, [&] {
    return Int8Packed(weight.leaf()->weight_type, weight.rows(), weight.columns(),
                      elements<float>(weight.value()));
  });
}

/// Error(shape) unless x is [N, in], weight [out, in], or of more dimensions with as many numbers a row, and
/// bias [out] or undefined, all of one type.
inline void check_linear(std::string_view operation, const Var& x, const Var& weight, const Var& bias) {
  check_matrix(operation, x);
  if (weight.shape().size() < 2) check_matrix(operation, weight);
  if (weight.columns() != x.columns() || weight.dtype() != x.dtype())
    checked(operation, "weight", weight, {weight.rows(), x.columns()}, x.dtype());
  if (bias.defined()) checked(operation, "bias", bias, {weight.rows()}, x.dtype());
}

}  // namespace rondo

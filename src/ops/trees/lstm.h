/// What both kinds of Tree-LSTM share: inputs, gates and their slopes.
#pragma once
#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/ops.h>
#include <rondo/tree_ops.h>

#include "ops/trees/pairs.h"

namespace rondo::trees {

/// Inputs of the operation behind a Tree-LSTM. The products with x are a linear() of their own before it.
struct LstmInputs {
  Var from_x;  ///< x Wᵀ + b: [forest rows or leaves, gates · H]
  Var weight, bias;
  std::shared_ptr<const Forest> forest;
  Index gates, size;

  Index width() const { return gates * size; }
  /// Whether inner nodes have an input, too.
  bool everywhere() const { return from_x.rows() == forest->rows(); }
};

inline LstmInputs lstm_inputs(std::string_view operation, const Var& x,
                              const std::shared_ptr<const Forest>& forest, const TreeLstmWeights& weights,
                              Index gates, Index children) {
  check_matrix(operation, x);
  check_matrix(operation, weights.weight_h);
  const Index size = weights.weight_h.columns() / children;
  checked(operation, "weight_h", weights.weight_h, {gates * size, children * size}, x.dtype());
  checked(operation, "weight_x", weights.weight_x, {gates * size, x.columns()}, x.dtype());
  checked(operation, "bias", weights.bias, {gates * size}, x.dtype());
  if (x.rows() != forest->rows() && x.rows() != forest->leaves())
    refuse_shape(operation,
                 "x of all " + std::to_string(forest->rows()) + " nodes or of the " +
                     std::to_string(forest->leaves()) + " leaves",
                 describe(x));
  return {linear(x, weights.weight_x, weights.bias), weights.weight_h, weights.bias, forest, gates, size};
}

/// What the gates of some rows start from: the products with x, or the bias alone.
template <class T>
void start_gates(const LstmInputs& in, Index begin, Index end, T* gates) {
  const Index width = in.width();
  if (in.everywhere() || end <= in.forest->leaves()) {
    std::copy_n(elements<T>(in.from_x.value()) + begin * width, (end - begin) * width, gates + begin * width);
    return;
  }
  for (Index row = begin; row < end; ++row)
    std::copy_n(elements<T>(in.bias.value()), width, gates + row * width);
}

/// dc of a node from the gradients of its h and c, and the slopes of i, g and o. tanh_c: scratch of `size`.
template <class T>
void through_state(Index size, const T* in, const T* candidate, const T* out, const T* c, const T* dh, T* dc,
                   T* din, T* dcandidate, T* dout, T* tanh_c) {
  kernels<T>().tanh(size, c, tanh_c);
  for (Index u = 0; u < size; ++u) {
    const T squashed = tanh_c[u];
    dc[u] += dh[u] * out[u] * (1 - squashed * squashed);
    din[u] = dc[u] * candidate[u] * in[u] * (1 - in[u]);
    dcandidate[u] = dc[u] * in[u] * (1 - candidate[u] * candidate[u]);
    dout[u] = dh[u] * squashed * out[u] * (1 - out[u]);
  }
}

/// The slope of a forget gate of one child, and its share of the child's dc.
template <class T>
void through_forget(Index size, const T* forget, const T* child_c, const T* dc, T* dforget, T* child_dc) {
  for (Index u = 0; u < size; ++u) {
    dforget[u] = dc[u] * child_c[u] * forget[u] * (1 - forget[u]);
    child_dc[u] += dc[u] * forget[u];
  }
}

/// Hands over the gradients of the gates of all rows: to the products with x, and to the bias where a row has
/// none.
template <class T>
void give_gates(Gradients& g, const LstmInputs& in, const Tensor& dgates) {
  const Index width = in.width(), rows = in.forest->rows(), own = in.from_x.rows();
  if (Tensor* const dbias = g.into(in.bias); dbias != nullptr && own < rows)
    add_rows<T>(rows - own, width, elements<T>(dgates) + own * width, width, elements<T>(*dbias));
  if (g.wants(in.from_x)) g.give(in.from_x, dgates.slice_rows(0, own));
}

}  // namespace rondo::trees

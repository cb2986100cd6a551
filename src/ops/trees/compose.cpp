// RvNN, SU-RNN and RNTN: a node's vector from those of its two children.
#include <memory>
#include <utility>
#include <vector>

#include <rondo/tree_ops.h>

#include "ops/trees/grouping.h"
#include "ops/trees/pairs.h"

namespace rondo {
namespace {

using trees::Group;
using trees::Grouping;
using trees::numbers;

/// Rows for which the tensor's products exist at a time: they take 2d² numbers each.
constexpr Index tensor_rows = 64;

struct Inputs {
  Var leaves, weight, tensor, bias;  ///< tensor: undefined, or of one pair
  std::shared_ptr<const Forest> forest;
  std::shared_ptr<const Grouping> grouping;
  Index d, pairs;
};

/// What has the weights packed, and the scratch of a group.
template <class T>
class Composition {
 public:
  Composition(const Inputs& in, bool backward) : in_(in), d_(in.d) {
    const T* const weight = elements<T>(in.weight.value());
    for (Index pair = 0; pair < in.pairs; ++pair) {
      const T* const own = weight + pair * d_ * 2 * d_;
      weights_.push_back(backward ? Packed<T>(2 * d_, d_, by_columns(own, 2 * d_))
                                  : Packed<T>(d_, 2 * d_, by_rows(own, 2 * d_)));
    }
    if (!in.tensor.defined()) return;
    if (backward)
      symmetric(elements<T>(in.tensor.value()));
    else
      // Columns (k, j) of the product zᵀ V_k have V[k][.][j].
      tensor_ = transposed_tensor(elements<T>(in.tensor.value()));
  }

  /// states: rows of the forest, those of lower heights known.
  void forward(const Group& group, T* states) {
    const Index count = group.end - group.begin;
    z_.resize(static_cast<std::size_t>(count * 2 * d_));
    y_.resize(static_cast<std::size_t>(count * d_));
    const auto row_of = [&](Index i) { return in_.grouping->row(group.begin + i); };
    trees::gather_pairs<T>(*in_.forest, count, row_of, states, d_, z_.data());
    matmul<T>(count, by_rows<T>(z_.data(), 2 * d_), weights_[static_cast<std::size_t>(group.pair)], y_.data(),
              d_, Start::bias, elements<T>(in_.bias.value()) + group.pair * d_);
    if (in_.tensor.defined()) add_tensor(count);
    parallel_for(count, rows_grain(d_, costly_grain), [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i)
        kernels<T>().tanh(d_, y_.data() + i * d_, states + row_of(i) * d_);
    });
  }

  /// dpre: places of the order. dstates: of the forest's rows; those of this height are complete.
  void backward(const Group& group, const T* states, T* dstates, T* dpre) {
    const Index count = group.end - group.begin;
    const auto row_of = [&](Index i) { return in_.grouping->row(group.begin + i); };
    T* const slope = dpre + group.begin * d_;
    parallel_for(count, rows_grain(d_), [&](Index begin, Index end) {
      std::fill_n(slope + begin * d_, (end - begin) * d_, T(0));
      for (Index i = begin; i < end; ++i)
        kernels<T>().tanh_backward(d_, states + row_of(i) * d_, dstates + row_of(i) * d_, slope + i * d_);
    });
    dz_.resize(static_cast<std::size_t>(count * 2 * d_));
    matmul<T>(count, by_rows<T>(slope, d_), weights_[static_cast<std::size_t>(group.pair)], dz_.data(),
              2 * d_);
    if (in_.tensor.defined()) {
      z_.resize(static_cast<std::size_t>(count * 2 * d_));
      trees::gather_pairs<T>(*in_.forest, count, row_of, states, d_, z_.data());
      for (Index at = 0; at < count; at += tensor_rows) {
        const Index rows = std::min(tensor_rows, count - at);
        const T* const outer = outer_products(rows, slope + at * d_, z_.data() + at * 2 * d_);
        matmul<T>(rows, by_rows<T>(outer, 2 * d_ * d_), tensor_, dz_.data() + at * 2 * d_, 2 * d_,
                  Start::result);
      }
    }
    trees::scatter_pairs<T>(*in_.forest, count, row_of, dz_.data(), d_, dstates);
  }

  /// Gradients of the weights from dpre: for each pair one chain over its rows in order.
  void weights(const T* states, const T* dpre, T* dweight, T* dtensor, T* dbias) {
    for (Index pair = 0; pair < in_.pairs; ++pair) {
      const auto [first, last] = places_of(pair);
      if (first == last) continue;
      const Index count = last - first;
      const T* const slope = dpre + first * d_;
      z_.resize(static_cast<std::size_t>(count * 2 * d_));
      trees::gather_pairs<T>(
          *in_.forest, count, [&, first = first](Index i) { return in_.grouping->row(first + i); }, states,
          d_, z_.data());
      if (dweight != nullptr)
        matmul<T>(d_, 2 * d_, count, by_columns<T>(slope, d_), by_columns<T>(z_.data(), 2 * d_),
                  dweight + pair * d_ * 2 * d_, 2 * d_, Start::result);
      if (dbias != nullptr) add_rows<T>(count, d_, slope, d_, dbias + pair * d_);
      for (Index at = 0; dtensor != nullptr && at < count; at += tensor_rows) {
        const Index rows = std::min(tensor_rows, count - at);
        const T* const outer = outer_products(rows, slope + at * d_, z_.data() + at * 2 * d_);
        // V[k][j][i] gets dpre_k z_j z_i, which is the same for V[k][i][j].
        matmul<T>(2 * d_ * d_, 2 * d_, rows, by_columns<T>(outer, 2 * d_ * d_),
                  by_columns<T>(z_.data() + at * 2 * d_, 2 * d_), dtensor, 2 * d_, Start::result);
      }
    }
  }

 private:
  std::pair<Index, Index> places_of(Index pair) const {
    const std::vector<Index>& begins = in_.grouping->pair_begins;
    return {begins[static_cast<std::size_t>(pair)], begins[static_cast<std::size_t>(pair) + 1]};
  }

  /// Column (k, j), of length 2d, holds V[k][.][j]: each k is a matrix that is read by columns.
  Packed<T> transposed_tensor(const T* tensor) {
    const Index width = 2 * d_;
    turned_ = numbers<T>(d_ * width * width);
    for (Index k = 0; k < d_; ++k)
      for (Index i = 0; i < width; ++i)
        for (Index j = 0; j < width; ++j)
          turned_[static_cast<std::size_t>((k * width + j) * width + i)] =
              tensor[(k * width + i) * width + j];
    return Packed<T>(d_ * width, width, by_rows<T>(turned_.data(), width));
  }
  /// The operand of dz: element i, at (k, j), is V[k][i][j] + V[k][j][i].
  void symmetric(const T* tensor) {
    const Index width = 2 * d_;
    turned_ = numbers<T>(d_ * width * width);
    for (Index k = 0; k < d_; ++k)
      for (Index i = 0; i < width; ++i)
        for (Index j = 0; j < width; ++j)
          turned_[static_cast<std::size_t>(i * d_ * width + k * width + j)] =
              tensor[(k * width + i) * width + j] + tensor[(k * width + j) * width + i];
    tensor_ = Packed<T>(width, d_ * width, by_rows<T>(turned_.data(), d_ * width));
  }

  /// y_k += zᵀ V_k z.
  void add_tensor(Index count) {
    const Index width = 2 * d_, wide = d_ * width;
    wide_.resize(static_cast<std::size_t>(std::min(count, tensor_rows) * wide));
    for (Index at = 0; at < count; at += tensor_rows) {
      const Index rows = std::min(tensor_rows, count - at);
      const T* const z = z_.data() + at * width;
      matmul<T>(rows, by_rows<T>(z, width), tensor_, wide_.data(), wide);
      parallel_for(rows, rows_grain(wide), [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i)
          for (Index k = 0; k < d_; ++k)
            y_[static_cast<std::size_t>((at + i) * d_ + k)] +=
                kernels<T>().dot(width, wide_.data() + i * wide + k * width, z + i * width);
      });
    }
  }

  /// [rows, d · 2d]: dpre_k z_j.
  const T* outer_products(Index rows, const T* dpre, const T* z) {
    const Index width = 2 * d_, wide = d_ * width;
    wide_.resize(static_cast<std::size_t>(tensor_rows * wide));
    parallel_for(rows, rows_grain(wide), [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i)
        for (Index k = 0; k < d_; ++k)
          kernels<T>().scale(width, dpre[i * d_ + k], z + i * width, wide_.data() + i * wide + k * width);
    });
    return wide_.data();
  }

  const Inputs& in_;
  Index d_;
  std::vector<Packed<T>> weights_;
  Packed<T> tensor_;
  std::vector<T> turned_, z_, y_, dz_, wide_;
};

Var composed(std::string_view operation, Inputs in, std::span<const std::int32_t> pair_of_rows) {
  trees::check_binary(operation, *in.forest);
  if (!pair_of_rows.empty() && static_cast<Index>(pair_of_rows.size()) != in.forest->rows())
    refuse_shape(operation, "a pair for each of " + std::to_string(in.forest->rows()) + " rows",
                 std::to_string(pair_of_rows.size()));
  for (Index row = in.forest->leaves(); !pair_of_rows.empty() && row < in.forest->rows(); ++row)
    if (const std::int32_t pair = pair_of_rows[static_cast<std::size_t>(row)]; pair < 0 || pair >= in.pairs)
      refuse_shape(operation, "pairs below " + std::to_string(in.pairs), std::to_string(pair));
  in.grouping = std::make_shared<const Grouping>(trees::grouping_of(*in.forest, in.pairs, pair_of_rows));
  const DType type = in.leaves.dtype();
  Tensor states = Tensor::uninitialised({in.forest->rows(), in.d}, type);
  visit_float(type, operation, [&]<class T>() {
    std::copy_n(elements<T>(in.leaves.value()), in.leaves.value().size(), elements<T>(states));
    Composition<T> composition(in, false);
    for (const Group& group : in.grouping->groups)
      composition.forward(group, elements<T>(states));
  });
  return record(states, {in.leaves, in.weight, in.tensor, in.bias}, [in, states](Gradients& g) {
    visit_float(states.dtype(), "compose", [&]<class T>() {
      Tensor dstates = g.of_result().clone();
      const Index inner = in.forest->rows() - in.forest->leaves();
      std::vector<T> dpre = numbers<T>(inner * in.d);
      Composition<T> composition(in, true);
      for (auto group = in.grouping->groups.rbegin(); group != in.grouping->groups.rend(); ++group)
        composition.backward(*group, elements<T>(states), elements<T>(dstates), dpre.data());
      const auto into = [&](const Var& x) {
        Tensor* const sum = x.defined() ? g.into(x) : nullptr;
        return sum == nullptr ? nullptr : elements<T>(*sum);
      };
      composition.weights(elements<T>(states), dpre.data(), into(in.weight), into(in.tensor), into(in.bias));
      if (T* const dx = into(in.leaves))
        kernels<T>().add(in.leaves.value().size(), dx, elements<T>(dstates), dx);
    });
  });
}

}  // namespace

Var compose_pairs(const Var& leaves, const std::shared_ptr<const Forest>& forest, const Var& weight,
                  const Var& bias, std::span<const std::int32_t> pair_of_rows) {
  check_matrix("compose_pairs", leaves);
  const Index d = leaves.columns();
  const bool several = weight.defined() && weight.shape().size() == 3;
  const Index pairs = several ? weight.rows() : 1;
  checked("compose_pairs", "leaves", leaves, {forest->leaves(), d}, leaves.dtype());
  checked("compose_pairs", "weight", weight, several ? Shape{pairs, d, 2 * d} : Shape{d, 2 * d},
          leaves.dtype());
  checked("compose_pairs", "bias", bias, several ? Shape{pairs, d} : Shape{d}, leaves.dtype());
  return composed("compose_pairs", {leaves, weight, {}, bias, forest, nullptr, d, pairs}, pair_of_rows);
}

Var compose_tensor(const Var& leaves, const std::shared_ptr<const Forest>& forest, const Var& weight,
                   const Var& tensor, const Var& bias) {
  check_matrix("compose_tensor", leaves);
  const Index d = leaves.columns();
  checked("compose_tensor", "leaves", leaves, {forest->leaves(), d}, leaves.dtype());
  checked("compose_tensor", "weight", weight, {d, 2 * d}, leaves.dtype());
  checked("compose_tensor", "tensor", tensor, {d, 2 * d, 2 * d}, leaves.dtype());
  checked("compose_tensor", "bias", bias, {d}, leaves.dtype());
  return composed("compose_tensor", {leaves, weight, tensor, bias, forest, nullptr, d, 1}, {});
}

}  // namespace rondo

// MV-RNN: a node is a vector and a matrix. Matrices lie column by column, so that the product P = W_M [A; B]
// has the columns of all nodes as its rows.
#include <algorithm>
#include <memory>
#include <vector>

#include <rondo/tree_ops.h>

#include "ops/trees/pairs.h"

namespace rondo {
namespace {

struct Inputs {
  Var vectors, matrices, weight, bias, matrix_weight;
  std::shared_ptr<const Forest> forest;
  Index d;
};

/// Both children's columns side by side, [rows · d, 2d]; the identity for a missing right one.
template <class T>
void gather_columns(const Inputs& in, Index begin, Index end, const T* matrices, T* to) {
  const Index d = in.d;
  parallel_for(end - begin, rows_grain(2 * d * d), [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      const auto children = in.forest->children(begin + i);
      for (Index j = 0; j < d; ++j)
        for (std::size_t k = 0; k < 2; ++k) {
          T* const side = to + ((i * d + j) * 2 + static_cast<Index>(k)) * d;
          if (k < children.size()) {
            std::copy_n(matrices + (children[k] * d + j) * d, d, side);
          } else {
            std::fill_n(side, d, T(0));
            side[j] = 1;
          }
        }
    }
  });
}

/// to = matrix · x.
template <class T>
void multiply(Index d, const T* matrix, const T* x, T* to) {
  std::fill_n(to, d, T(0));
  for (Index k = 0; k < d; ++k)
    kernels<T>().scale_add(d, x[k], matrix + k * d, to);
}

/// [B a; A b] of some rows, [rows, 2d].
template <class T>
void gather_vectors(const Inputs& in, Index begin, Index end, const T* vectors, const T* matrices, T* to) {
  const Index d = in.d;
  parallel_for(end - begin, rows_grain(2 * d * d), [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      const auto children = in.forest->children(begin + i);
      T* const z = to + i * 2 * d;
      const T* const a = vectors + children[0] * d;
      if (children.size() == 1) {
        std::copy_n(a, d, z);
        std::fill_n(z + d, d, T(0));
        continue;
      }
      multiply(d, matrices + children[1] * d * d, a, z);
      multiply(d, matrices + children[0] * d * d, vectors + children[1] * d, z + d);
    }
  });
}

template <class T>
void forward(const Inputs& in, T* vectors, T* matrices) {
  const Index d = in.d;
  const Forest& forest = *in.forest;
  const Packed<T> weight(d, 2 * d, by_rows(elements<T>(in.weight.value()), 2 * d));
  const Packed<T> matrix_weight(d, 2 * d, by_rows(elements<T>(in.matrix_weight.value()), 2 * d));
  std::vector<T> z, columns;
  for (Index height = 1; height < forest.heights(); ++height) {
    const Index begin = forest.begin(height), end = forest.begin(height + 1), count = end - begin;
    z.resize(static_cast<std::size_t>(count * 2 * d));
    columns.resize(static_cast<std::size_t>(count * 2 * d * d));
    gather_vectors<T>(in, begin, end, vectors, matrices, z.data());
    matmul<T>(count, by_rows<T>(z.data(), 2 * d), weight, vectors + begin * d, d, Start::bias,
              elements<T>(in.bias.value()));
    parallel_for(count, rows_grain(d, costly_grain), [&](Index first, Index last) {
      T* const at = vectors + (begin + first) * d;
      kernels<T>().tanh((last - first) * d, at, at);
    });
    gather_columns<T>(in, begin, end, matrices, columns.data());
    matmul<T>(count * d, by_rows<T>(columns.data(), 2 * d), matrix_weight, matrices + begin * d * d, d);
  }
}

/// The gradients of all rows' vectors and matrices.
template <class T>
struct Slopes {
  T *vectors, *matrices;
};

/// From the gradient of M x: into that of M and of x.
template <class T>
void through_product(Index d, const T* matrix, const T* x, const T* slope, T* dmatrix, T* dx) {
  for (Index k = 0; k < d; ++k) {
    dx[k] += kernels<T>().dot(d, matrix + k * d, slope);
    kernels<T>().scale_add(d, x[k], slope, dmatrix + k * d);
  }
}

/// From the gradients dz [rows, 2d] and dcolumns [rows · d, 2d] to those of the children.
template <class T>
void to_children(const Inputs& in, Index begin, Index end, const T* vectors, const T* matrices, const T* dz,
                 const T* dcolumns, const Slopes<T>& s) {
  const Index d = in.d;
  parallel_for(end - begin, rows_grain(4 * d * d), [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      const auto children = in.forest->children(begin + i);
      const T* const slope = dz + i * 2 * d;
      for (Index j = 0; j < d; ++j)
        for (std::size_t k = 0; k < children.size(); ++k) {
          T* const to = s.matrices + (children[k] * d + j) * d;
          kernels<T>().add(d, to, dcolumns + ((i * d + j) * 2 + static_cast<Index>(k)) * d, to);
        }
      const Index l = children[0];
      if (children.size() == 1) {
        kernels<T>().add(d, s.vectors + l * d, slope, s.vectors + l * d);
        continue;
      }
      const Index r = children[1];
      through_product(d, matrices + r * d * d, vectors + l * d, slope, s.matrices + r * d * d,
                      s.vectors + l * d);
      through_product(d, matrices + l * d * d, vectors + r * d, slope + d, s.matrices + l * d * d,
                      s.vectors + r * d);
    }
  });
}

/// Adds what the rows say of a weight [d, 2d]: slopes [count, d], inputs [count, 2d].
template <class T>
void add_weight(Gradients& g, const Var& weight, Index d, Index count, const T* slopes, const T* inputs) {
  if (Tensor* const sum = g.into(weight))
    matmul<T>(d, 2 * d, count, by_columns<T>(slopes, d), by_columns<T>(inputs, 2 * d), elements<T>(*sum),
              2 * d, Start::result);
}

template <class T>
void backward(Gradients& g, const Inputs& in, const Tensor& vectors, const Tensor& matrices) {
  const Index d = in.d;
  const Forest& forest = *in.forest;
  const T *const v = elements<T>(vectors), *const m = elements<T>(matrices);
  Tensor dv = trees::writable<T>(g.of_result(0), vectors.shape(), vectors.dtype());
  Tensor dm = trees::writable<T>(g.of_result(1), matrices.shape(), matrices.dtype());
  const Slopes<T> s{elements<T>(dv), elements<T>(dm)};
  const Packed<T> weight(2 * d, d, by_columns(elements<T>(in.weight.value()), 2 * d));
  const Packed<T> matrix_weight(2 * d, d, by_columns(elements<T>(in.matrix_weight.value()), 2 * d));
  std::vector<T> dz, inputs, dcolumns;
  // A chain over the rows in falling order of height: fixed, and without all rows' columns in memory.
  for (Index height = forest.heights() - 1; height > 0; --height) {
    const Index begin = forest.begin(height), end = forest.begin(height + 1), count = end - begin;
    T* const slope = s.vectors + begin * d;
    std::vector<T> dpre(static_cast<std::size_t>(count * d));
    kernels<T>().tanh_backward(count * d, v + begin * d, slope, dpre.data());
    dz.resize(static_cast<std::size_t>(count * 2 * d));
    matmul<T>(count, by_rows<T>(dpre.data(), d), weight, dz.data(), 2 * d);
    inputs.resize(static_cast<std::size_t>(count * 2 * d * d));
    gather_vectors<T>(in, begin, end, v, m, inputs.data());
    add_weight<T>(g, in.weight, d, count, dpre.data(), inputs.data());
    if (Tensor* const dbias = g.into(in.bias)) add_rows<T>(count, d, dpre.data(), d, elements<T>(*dbias));
    const T* const dmatrix = s.matrices + begin * d * d;
    dcolumns.resize(static_cast<std::size_t>(count * 2 * d * d));
    matmul<T>(count * d, by_rows<T>(dmatrix, d), matrix_weight, dcolumns.data(), 2 * d);
    gather_columns<T>(in, begin, end, m, inputs.data());
    add_weight<T>(g, in.matrix_weight, d, count * d, dmatrix, inputs.data());
    to_children<T>(in, begin, end, v, m, dz.data(), dcolumns.data(), s);
  }
  if (g.wants(in.vectors)) g.give(in.vectors, dv.slice_rows(0, forest.leaves()));
  if (g.wants(in.matrices)) g.give(in.matrices, dm.slice_rows(0, forest.leaves()));
}

/// Adds one matrix of low_rank_matrices, column by column.
template <class T>
void low_rank_matrix(Index d, Index r, const T* u, const T* v, const T* diagonal, T* to) {
  for (Index j = 0; j < d; ++j)
    for (Index i = 0; i < d; ++i) {
      T sum = i == j ? diagonal[i] : T(0);
      for (Index k = 0; k < r; ++k)
        sum += u[i * r + k] * v[k * d + j];
      to[j * d + i] = sum;
    }
}

template <class T>
void low_rank_slopes(Index d, Index r, const T* u, const T* v, const T* dy, T* du, T* dv, T* ddiagonal) {
  for (Index j = 0; j < d; ++j) {
    if (ddiagonal != nullptr) ddiagonal[j] += dy[j * d + j];
    for (Index i = 0; i < d; ++i)
      for (Index k = 0; k < r; ++k) {
        if (du != nullptr) du[i * r + k] += dy[j * d + i] * v[k * d + j];
        if (dv != nullptr) dv[k * d + j] += dy[j * d + i] * u[i * r + k];
      }
  }
}

}  // namespace

MatrixVectors compose_matrices(const MatrixVectors& leaves, const std::shared_ptr<const Forest>& forest,
                               const Var& weight, const Var& bias, const Var& matrix_weight) {
  constexpr std::string_view name = "compose_matrices";
  trees::check_binary(name, *forest);
  check_matrix(name, leaves.vectors);
  const Index d = leaves.vectors.columns(), rows = forest->rows();
  const DType type = leaves.vectors.dtype();
  checked(name, "vectors", leaves.vectors, {forest->leaves(), d}, type);
  checked(name, "matrices", leaves.matrices, {forest->leaves(), d * d}, type);
  checked(name, "weight", weight, {d, 2 * d}, type);
  checked(name, "matrix_weight", matrix_weight, {d, 2 * d}, type);
  checked(name, "bias", bias, {d}, type);
  const Inputs in{leaves.vectors, leaves.matrices, weight, bias, matrix_weight, forest, d};
  Tensor vectors = Tensor::uninitialised({rows, d}, type);
  Tensor matrices = Tensor::uninitialised({rows, d * d}, type);
  visit_float(type, name, [&]<class T>() {
    std::copy_n(elements<T>(in.vectors.value()), in.vectors.value().size(), elements<T>(vectors));
    std::copy_n(elements<T>(in.matrices.value()), in.matrices.value().size(), elements<T>(matrices));
    forward<T>(in, elements<T>(vectors), elements<T>(matrices));
  });
  const std::vector<Var> inputs = {in.vectors, in.matrices, weight, bias, matrix_weight};
  const std::vector<Var> results = record({vectors, matrices}, inputs, [in, vectors, matrices](Gradients& g) {
    visit_float(vectors.dtype(), "compose_matrices",
                [&]<class T>() { backward<T>(g, in, vectors, matrices); });
  });
  return {results[0], results[1]};
}

Var low_rank_matrices(const Var& u, const Var& v, const Var& diagonal) {
  constexpr std::string_view name = "low_rank_matrices";
  check_matrix(name, diagonal);
  const Index rows = diagonal.rows(), d = diagonal.columns();
  check_matrix(name, u);
  const Index r = u.columns() / d;
  checked(name, "u", u, {rows, d * r}, diagonal.dtype());
  checked(name, "v", v, {rows, d * r}, diagonal.dtype());
  Tensor y = Tensor::uninitialised({rows, d * d}, diagonal.dtype());
  visit_float(y.dtype(), name, [&]<class T>() {
    const T *const left = elements<T>(u.value()), *const right = elements<T>(v.value());
    const T* const middle = elements<T>(diagonal.value());
    T* const to = elements<T>(y);
    parallel_for(rows, rows_grain(d * d * r), [=](Index begin, Index end) {
      for (Index i = begin; i < end; ++i)
        low_rank_matrix(d, r, left + i * d * r, right + i * d * r, middle + i * d, to + i * d * d);
    });
  });
  return record(std::move(y), {u, v, diagonal}, [u, v, diagonal, rows, d, r](Gradients& g) {
    visit_float(u.dtype(), "low_rank_matrices", [&]<class T>() {
      const auto into = [&](const Var& x) {
        Tensor* const sum = g.into(x);
        return sum == nullptr ? nullptr : elements<T>(*sum);
      };
      T *const du = into(u), *const dv = into(v), *const ddiagonal = into(diagonal);
      const T *const left = elements<T>(u.value()), *const right = elements<T>(v.value());
      const T* const dy = elements<T>(g.of_result());
      const auto at = [](T* sum, Index offset) { return sum == nullptr ? nullptr : sum + offset; };
      parallel_for(rows, rows_grain(d * d * r), [=](Index begin, Index end) {
        for (Index i = begin; i < end; ++i)
          low_rank_slopes(d, r, left + i * d * r, right + i * d * r, dy + i * d * d, at(du, i * d * r),
                          at(dv, i * d * r), at(ddiagonal, i * d));
      });
    });
  });
}

}  // namespace rondo

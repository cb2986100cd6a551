// The binary Tree-LSTM. Gates of a row: i, f of the left child, f of the right child, g, o.
#include "ops/trees/lstm.h"

namespace rondo {
namespace {

using trees::LstmInputs;
constexpr Index gate_count = 5;

template <class T>
struct Memory {
  T *gates, *h, *c;
};

template <class T>
void cell(const LstmInputs& in, Index begin, Index end, const Memory<T>& m) {
  const Index size = in.size;
  parallel_for(end - begin, rows_grain(in.width(), costly_grain), [&](Index first, Index last) {
    const Kernels<T>& k = kernels<T>();
    for (Index row = begin + first; row < begin + last; ++row) {
      T* const gates = m.gates + row * in.width();
      T *const c = m.c + row * size, *const h = m.h + row * size;
      k.sigmoid(3 * size, gates, gates);
      k.tanh(size, gates + 3 * size, gates + 3 * size);
      k.sigmoid(size, gates + 4 * size, gates + 4 * size);
      k.multiply(size, gates, gates + 3 * size, c);
      const auto children = in.forest->children(row);
      for (std::size_t child = 0; child < children.size(); ++child)
        k.multiply_add(size, gates + (1 + static_cast<Index>(child)) * size, m.c + children[child] * size, c);
      k.tanh(size, c, h);
      k.multiply(size, gates + 4 * size, h, h);
    }
  });
}

template <class T>
void forward(const LstmInputs& in, const Memory<T>& m) {
  const Index size = in.size, width = in.width();
  const Packed<T> weight(width, 2 * size, by_rows(elements<T>(in.weight.value()), 2 * size));
  std::vector<T> z;
  for (Index height = 0; height < in.forest->heights(); ++height) {
    const Index begin = in.forest->begin(height), end = in.forest->begin(height + 1);
    trees::start_gates(in, begin, end, m.gates);
    if (height > 0) {
      z.resize(static_cast<std::size_t>((end - begin) * 2 * size));
      trees::gather_pairs<T>(
          *in.forest, end - begin, [&](Index i) { return begin + i; }, m.h, size, z.data());
      matmul<T>(end - begin, by_rows<T>(z.data(), 2 * size), weight, m.gates + begin * width, width,
                Start::result);
    }
    cell(in, begin, end, m);
  }
}

/// Slopes of the gates of some rows; dc of the children.
template <class T>
void cell_backward(const LstmInputs& in, Index begin, Index end, const Memory<const T>& m, const T* dh, T* dc,
                   T* dgates) {
  const Index size = in.size;
  parallel_for(end - begin, rows_grain(in.width(), costly_grain), [&](Index first, Index last) {
    std::vector<T> tanh_c(static_cast<std::size_t>(size));
    for (Index row = begin + first; row < begin + last; ++row) {
      const T* const gates = m.gates + row * in.width();
      T* const to = dgates + row * in.width();
      trees::through_state(size, gates, gates + 3 * size, gates + 4 * size, m.c + row * size, dh + row * size,
                           dc + row * size, to, to + 3 * size, to + 4 * size, tanh_c.data());
      const auto children = in.forest->children(row);
      std::fill_n(to + size, 2 * size, T(0));
      for (std::size_t k = 0; k < children.size(); ++k) {
        const Index gate = (1 + static_cast<Index>(k)) * size;
        trees::through_forget(size, gates + gate, m.c + children[k] * size, dc + row * size, to + gate,
                              dc + children[k] * size);
      }
    }
  });
}

template <class T>
void backward(Gradients& g, const LstmInputs& in, const Memory<const T>& m) {
  const Index size = in.size, width = in.width(), rows = in.forest->rows(), leaves = in.forest->leaves();
  const Shape shape = {rows, size};
  const DType type = in.weight.dtype();
  Tensor dh = trees::writable<T>(g.of_result(0), shape, type);
  Tensor dc = trees::writable<T>(g.of_result(1), shape, type);
  Tensor dgates = Tensor::uninitialised({rows, width}, type);
  const Packed<T> weight(2 * size, width, by_columns(elements<T>(in.weight.value()), 2 * size));
  std::vector<T> z;
  for (Index height = in.forest->heights() - 1; height >= 0; --height) {
    const Index begin = in.forest->begin(height), end = in.forest->begin(height + 1);
    cell_backward<T>(in, begin, end, m, elements<T>(dh), elements<T>(dc), elements<T>(dgates));
    if (height == 0) break;
    z.resize(static_cast<std::size_t>((end - begin) * 2 * size));
    matmul<T>(end - begin, by_rows<T>(elements<T>(dgates) + begin * width, width), weight, z.data(),
              2 * size);
    trees::scatter_pairs<T>(
        *in.forest, end - begin, [&](Index i) { return begin + i; }, z.data(), size, elements<T>(dh));
  }
  if (Tensor* const dweight = g.into(in.weight); dweight != nullptr && rows > leaves) {
    z.resize(static_cast<std::size_t>((rows - leaves) * 2 * size));
    trees::gather_pairs<T>(
        *in.forest, rows - leaves, [&](Index i) { return leaves + i; }, m.h, size, z.data());
    matmul<T>(width, 2 * size, rows - leaves, by_columns<T>(elements<T>(dgates) + leaves * width, width),
              by_columns<T>(z.data(), 2 * size), elements<T>(*dweight), 2 * size, Start::result);
  }
  trees::give_gates<T>(g, in, dgates);
}

}  // namespace

TreeStates tree_lstm_binary(const Var& x, const std::shared_ptr<const Forest>& forest,
                            const TreeLstmWeights& weights) {
  trees::check_binary("tree_lstm_binary", *forest);
  const LstmInputs in = trees::lstm_inputs("tree_lstm_binary", x, forest, weights, gate_count, 2);
  const Shape shape = {forest->rows(), in.size};
  Tensor h = Tensor::uninitialised(shape, x.dtype()), c = Tensor::uninitialised(shape, x.dtype());
  Tensor gates = Tensor::uninitialised({forest->rows(), in.width()}, x.dtype());
  visit_float(x.dtype(), "tree_lstm_binary", [&]<class T>() {
    forward<T>(in, {elements<T>(gates), elements<T>(h), elements<T>(c)});
  });
  const std::vector<Var> inputs = {in.from_x, in.weight, in.bias};
  const std::vector<Var> results = record({h, c}, inputs, [in, gates, h, c](Gradients& g) {
    visit_float(h.dtype(), "tree_lstm_binary", [&]<class T>() {
      backward<T>(g, in, {elements<T>(gates), elements<T>(h), elements<T>(c)});
    });
  });
  return {results[0], results[1]};
}

}  // namespace rondo

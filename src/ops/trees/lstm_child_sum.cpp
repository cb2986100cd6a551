// The child-sum Tree-LSTM. Gates of a row: i, f, g, o; each child has a forget gate of its own, an edge's.
#include "ops/trees/lstm.h"

namespace rondo {
namespace {

using trees::LstmInputs;
constexpr Index gate_count = 4;

template <class T>
struct Memory {
  T *gates, *forget, *h, *c;  ///< forget: [edges, H], in the order of Forest::all_children
};

/// The sums of the children's h, for some rows: in the order of the children.
template <class T>
void sum_children(const Forest& forest, Index begin, Index end, const T* h, Index size, T* sums) {
  parallel_for(end - begin, rows_grain(2 * size), [&](Index first, Index last) {
    std::fill_n(sums + first * size, (last - first) * size, T(0));
    for (Index row = first; row < last; ++row)
      for (const std::int32_t child : forest.children(begin + row))
        kernels<T>().add(size, sums + row * size, h + child * size, sums + row * size);
  });
}

/// Rows of the states that are named, one after the other.
template <class T>
void gather(std::span<const std::int32_t> rows, const T* states, Index size, T* to) {
  parallel_for(static_cast<Index>(rows.size()), rows_grain(size), [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i)
      std::copy_n(states + rows[static_cast<std::size_t>(i)] * size, size, to + i * size);
  });
}

/// The children of rows [begin, end): their places among all children.
std::span<const std::int32_t> children_of(const Forest& forest, Index begin, Index end) {
  const Index first = forest.first_child(begin);
  return forest.all_children().subspan(static_cast<std::size_t>(first),
                                       static_cast<std::size_t>(forest.first_child(end) - first));
}

template <class T>
void cell(const LstmInputs& in, Index begin, Index end, const Memory<T>& m) {
  const Index size = in.size;
  parallel_for(end - begin, rows_grain(in.width(), costly_grain), [&](Index first, Index last) {
    const Kernels<T>& k = kernels<T>();
    for (Index row = begin + first; row < begin + last; ++row) {
      T* const gates = m.gates + row * in.width();
      T *const c = m.c + row * size, *const h = m.h + row * size;
      k.sigmoid(size, gates, gates);
      k.tanh(size, gates + 2 * size, gates + 2 * size);
      k.sigmoid(size, gates + 3 * size, gates + 3 * size);
      k.multiply(size, gates, gates + 2 * size, c);
      T* forget = m.forget + in.forest->first_child(row) * size;
      for (const std::int32_t child : in.forest->children(row)) {
        k.sigmoid(size, forget, forget);
        k.multiply_add(size, forget, m.c + child * size, c);
        forget += size;
      }
      k.tanh(size, c, h);
      k.multiply(size, gates + 3 * size, h, h);
    }
  });
}

/// U of i, of f, and of g and o, packed.
template <class T>
struct Weights {
  Packed<T> in, forget, others;

  Weights(const LstmInputs& of, bool backward) {
    const Index size = of.size;
    const T* const u = elements<T>(of.weight.value());
    const auto packed = [&](Index gate, Index count) {
      const T* const own = u + gate * size * size;
      return backward ? Packed<T>(size, count * size, by_columns(own, size))
                      : Packed<T>(count * size, size, by_rows(own, size));
    };
    in = packed(0, 1);
    forget = packed(1, 1);
    others = packed(2, 2);
  }
};

template <class T>
void forward(const LstmInputs& in, const Memory<T>& m) {
  const Index size = in.size, width = in.width();
  const Forest& forest = *in.forest;
  const Weights<T> weights(in, false);
  std::vector<T> sums, states;
  for (Index height = 0; height < forest.heights(); ++height) {
    const Index begin = forest.begin(height), end = forest.begin(height + 1), count = end - begin;
    trees::start_gates(in, begin, end, m.gates);
    if (height > 0) {
      T *const gates = m.gates + begin * width, *const forget = m.forget + forest.first_child(begin) * size;
      sums.resize(static_cast<std::size_t>(count * size));
      sum_children(forest, begin, end, m.h, size, sums.data());
      matmul<T>(count, by_rows<T>(sums.data(), size), weights.in, gates, width, Start::result);
      matmul<T>(count, by_rows<T>(sums.data(), size), weights.others, gates + 2 * size, width, Start::result);
      for (Index row = begin; row < end; ++row)
        for (Index edge = forest.first_child(row); edge < forest.first_child(row + 1); ++edge)
          std::copy_n(m.gates + row * width + size, size, m.forget + edge * size);
      const auto children = children_of(forest, begin, end);
      states.resize(children.size() * static_cast<std::size_t>(size));
      gather(children, m.h, size, states.data());
      matmul<T>(std::ssize(children), by_rows<T>(states.data(), size), weights.forget, forget, size,
                Start::result);
    }
    cell(in, begin, end, m);
  }
}

/// What the way back writes.
template <class T>
struct Slopes {
  T *dh, *dc, *dgates, *dforget;
};

template <class T>
void cell_backward(const LstmInputs& in, Index begin, Index end, const Memory<const T>& m,
                   const Slopes<T>& s) {
  const Index size = in.size;
  parallel_for(end - begin, rows_grain(in.width(), costly_grain), [&](Index first, Index last) {
    std::vector<T> tanh_c(static_cast<std::size_t>(size));
    for (Index row = begin + first; row < begin + last; ++row) {
      const T* const gates = m.gates + row * in.width();
      T *const to = s.dgates + row * in.width(), *const dc = s.dc + row * size;
      trees::through_state(size, gates, gates + 2 * size, gates + 3 * size, m.c + row * size,
                           s.dh + row * size, dc, to, to + 2 * size, to + 3 * size, tanh_c.data());
      std::fill_n(to + size, size, T(0));
      Index edge = in.forest->first_child(row);
      for (const std::int32_t child : in.forest->children(row)) {
        T* const slope = s.dforget + edge * size;
        trees::through_forget(size, m.forget + edge * size, m.c + child * size, dc, slope,
                              s.dc + child * size);
        kernels<T>().add(size, to + size, slope, to + size);
        ++edge;
      }
    }
  });
}

/// dh of the children of some rows: through the sum, and through their own forget gates.
template <class T>
void to_children(const LstmInputs& in, Index begin, Index end, const Weights<T>& weights, const Slopes<T>& s,
                 std::vector<T>& sums, std::vector<T>& own) {
  const Index size = in.size, width = in.width(), count = end - begin;
  const Index first = in.forest->first_child(begin), edges = in.forest->first_child(end) - first;
  const T* const dgates = s.dgates + begin * width;
  sums.resize(static_cast<std::size_t>(count * size));
  own.resize(static_cast<std::size_t>(edges * size));
  matmul<T>(count, by_rows<T>(dgates, width), weights.in, sums.data(), size);
  matmul<T>(count, by_rows<T>(dgates + 2 * size, width), weights.others, sums.data(), size, Start::result);
  matmul<T>(edges, by_rows<T>(s.dforget + first * size, size), weights.forget, own.data(), size);
  parallel_for(count, rows_grain(4 * size), [&](Index from, Index to) {
    for (Index i = from; i < to; ++i) {
      Index edge = in.forest->first_child(begin + i) - first;
      for (const std::int32_t child : in.forest->children(begin + i)) {
        T* const dh = s.dh + child * size;
        kernels<T>().add(size, dh, sums.data() + i * size, dh);
        kernels<T>().add(size, dh, own.data() + edge++ * size, dh);
      }
    }
  });
}

template <class T>
void add_weights(const LstmInputs& in, const Memory<const T>& m, const Slopes<T>& s, T* du) {
  const Index size = in.size, width = in.width(), leaves = in.forest->leaves();
  const Index inner = in.forest->rows() - leaves;
  const auto children = in.forest->all_children();
  std::vector<T> states(static_cast<std::size_t>(inner * size));
  sum_children(*in.forest, leaves, leaves + inner, m.h, size, states.data());
  const auto add = [&](Index gate, Index gates) {
    matmul<T>(gates * size, size, inner, {s.dgates + leaves * width + gate * size, 1, width},
              by_columns<T>(states.data(), size), du + gate * size * size, size, Start::result);
  };
  add(0, 1);
  add(2, 2);
  states.resize(children.size() * static_cast<std::size_t>(size));
  gather(children, m.h, size, states.data());
  matmul<T>(size, size, std::ssize(children), by_columns<T>(s.dforget, size),
            by_columns<T>(states.data(), size), du + size * size, size, Start::result);
}

template <class T>
void backward(Gradients& g, const LstmInputs& in, const Memory<const T>& m) {
  const Forest& forest = *in.forest;
  const Shape shape = {forest.rows(), in.size};
  const DType type = in.weight.dtype();
  Tensor dh = trees::writable<T>(g.of_result(0), shape, type);
  Tensor dc = trees::writable<T>(g.of_result(1), shape, type);
  Tensor dgates = Tensor::uninitialised({forest.rows(), in.width()}, type);
  std::vector<T> dforget(forest.all_children().size() * static_cast<std::size_t>(in.size)), sums, own;
  const Slopes<T> slopes{elements<T>(dh), elements<T>(dc), elements<T>(dgates), dforget.data()};
  const Weights<T> weights(in, true);
  for (Index height = forest.heights() - 1; height >= 0; --height) {
    const Index begin = forest.begin(height), end = forest.begin(height + 1);
    cell_backward<T>(in, begin, end, m, slopes);
    if (height > 0) to_children<T>(in, begin, end, weights, slopes, sums, own);
  }
  if (Tensor* const du = g.into(in.weight); du != nullptr && forest.heights() > 1)
    add_weights<T>(in, m, slopes, elements<T>(*du));
  trees::give_gates<T>(g, in, dgates);
}

}  // namespace

TreeStates tree_lstm_child_sum(const Var& x, const std::shared_ptr<const Forest>& forest,
                               const TreeLstmWeights& weights) {
  const LstmInputs in = trees::lstm_inputs("tree_lstm_child_sum", x, forest, weights, gate_count, 1);
  const Shape shape = {forest->rows(), in.size};
  Tensor h = Tensor::uninitialised(shape, x.dtype()), c = Tensor::uninitialised(shape, x.dtype());
  Tensor gates = Tensor::uninitialised({forest->rows(), in.width()}, x.dtype());
  Tensor forget = Tensor::uninitialised({forest->rows() - forest->trees(), in.size}, x.dtype());
  visit_float(x.dtype(), "tree_lstm_child_sum", [&]<class T>() {
    forward<T>(in, {elements<T>(gates), elements<T>(forget), elements<T>(h), elements<T>(c)});
  });
  const std::vector<Var> inputs = {in.from_x, in.weight, in.bias};
  const std::vector<Var> results = record({h, c}, inputs, [in, gates, forget, h, c](Gradients& g) {
    visit_float(h.dtype(), "tree_lstm_child_sum", [&]<class T>() {
      backward<T>(g, in, {elements<T>(gates), elements<T>(forget), elements<T>(h), elements<T>(c)});
    });
  });
  return {results[0], results[1]};
}

}  // namespace rondo

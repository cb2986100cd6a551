#include <numeric>

#include <rondo/attention.h>

#include "ops/common.h"

namespace rondo {
namespace {

/// What forward and backward go through.
struct Pairing {
  std::shared_ptr<const Layout> layout;
  std::vector<std::int32_t> sequence_of;  ///< of each query
  std::vector<std::int64_t> begins;       ///< of each query's weights
  std::vector<std::int32_t> queries;      ///< by sequence, in order
  std::vector<std::int64_t> first;        ///< place in `queries` of each sequence's first one

  Index steps(Index query) const {
    return layout->length(Index{sequence_of[static_cast<std::size_t>(query)]});
  }
  Index begin(Index query) const { return begins[static_cast<std::size_t>(query)]; }
};

Pairing pairing_of(const std::shared_ptr<const Layout>& layout, std::span<const std::int32_t> sequence_of) {
  const auto sequences = static_cast<std::size_t>(layout->sequences());
  Pairing p{layout, {sequence_of.begin(), sequence_of.end()}, {0}, {}, {}};
  p.first.assign(sequences + 1, 0);
  for (const std::int32_t s : sequence_of) {
    if (s < 0 || static_cast<std::size_t>(s) >= sequences)
      refuse_shape("attend", "sequences 0 to " + std::to_string(sequences - 1), std::to_string(s));
    p.begins.push_back(p.begins.back() + layout->length(s));
    ++p.first[static_cast<std::size_t>(s) + 1];
  }
  std::partial_sum(p.first.begin(), p.first.end(), p.first.begin());
  std::vector<std::int64_t> next(p.first.begin(), p.first.end() - 1);
  p.queries.resize(sequence_of.size());
  for (std::size_t i = 0; i < sequence_of.size(); ++i)
    p.queries[static_cast<std::size_t>(next[static_cast<std::size_t>(sequence_of[i])]++)] =
        static_cast<std::int32_t>(i);
  return p;
}

/// The numbers of one call.
template <class T>
struct Operands {
  Index size, columns;  ///< of a key, of a value
  const T *query, *keys, *values, *direction;
  T scale;

  Operands(const Var& q, const Var& k, const Var& v, const Var& d, double s)
      : size(q.columns()),
        columns(v.columns()),
        query(elements<T>(q.value())),
        keys(elements<T>(k.value())),
        values(elements<T>(v.value())),
        direction(d.defined() ? elements<T>(d.value()) : nullptr),
        scale(static_cast<T>(s)) {}

  /// tanh(query + key) of one pair.
  void bent(Index i, Index row, T* to) const {
    kernels<T>().add(size, query + i * size, keys + row * size, to);
    kernels<T>().tanh(size, to, to);
  }
  T score(Index i, Index row, T* room) const {
    if (direction == nullptr) return scale * kernels<T>().dot(size, query + i * size, keys + row * size);
    bent(i, row, room);
    return kernels<T>().dot(size, direction, room);
  }
};

Index grain_for(const Pairing& p, Index columns) {
  const auto queries = static_cast<Index>(std::max<std::size_t>(p.sequence_of.size(), 1));
  return rows_grain(columns * std::max<Index>(1, p.begins.back() / queries));
}

template <class T>
void forward(const Pairing& p, const Operands<T>& x, T* weights, T* context) {
  const auto count = static_cast<Index>(p.sequence_of.size());
  parallel_for(count, grain_for(p, x.size + x.columns), [&](Index first, Index last) {
    std::vector<T> room(static_cast<std::size_t>(x.size));
    for (Index i = first; i < last; ++i) {
      const Index sequence = p.sequence_of[static_cast<std::size_t>(i)], steps = p.steps(i);
      T* const w = weights + p.begin(i);
      for (Index t = 0; t < steps; ++t)
        w[t] = x.score(i, p.layout->row(sequence, t), room.data());
      kernels<T>().softmax(steps, w, w);
      T* const to = context + i * x.columns;
      std::fill_n(to, x.columns, T{0});
      for (Index t = 0; t < steps; ++t)
        kernels<T>().scale_add(x.columns, w[t], x.values + p.layout->row(sequence, t) * x.columns, to);
    }
  });
}

/// d(score) of every pair, from d(context).
template <class T>
Tensor score_gradients(const Pairing& p, const Operands<T>& x, const Tensor& weights, const T* dcontext) {
  Tensor all = Tensor::zeros(weights.shape(), weights.dtype());
  T* const to = elements<T>(all);
  const T* const w = elements<T>(weights);
  parallel_for(
      static_cast<Index>(p.sequence_of.size()), grain_for(p, x.columns), [&](Index first, Index last) {
        std::vector<T> dw;
        for (Index i = first; i < last; ++i) {
          const Index sequence = p.sequence_of[static_cast<std::size_t>(i)], steps = p.steps(i);
          dw.resize(static_cast<std::size_t>(steps));
          for (Index t = 0; t < steps; ++t)
            dw[static_cast<std::size_t>(t)] = kernels<T>().dot(
                x.columns, dcontext + i * x.columns, x.values + p.layout->row(sequence, t) * x.columns);
          kernels<T>().softmax_backward(steps, w + p.begin(i), dw.data(), to + p.begin(i));
        }
      });
  return all;
}

/// Calls f(query, step, row of the memory) for all pairs of some sequences, each sequence's queries in order.
template <class F>
void each_pair(const Pairing& p, Index first, Index last, const F& f) {
  for (Index s = first; s < last; ++s)
    for (std::int64_t at = p.first[static_cast<std::size_t>(s)];
         at < p.first[static_cast<std::size_t>(s) + 1]; ++at)
      for (Index t = 0; t < p.layout->length(s); ++t)
        f(Index{p.queries[static_cast<std::size_t>(at)]}, t, p.layout->row(s, t));
}

/// A place for a gradient that is computed whole.
template <class T>
T* zeros_for(Gradients& g, const Var& x, Tensor& to) {
  if (!g.wants(x)) return nullptr;
  to = Tensor::zeros(x.shape(), x.dtype());
  return elements<T>(to);
}

/// Gradients of query, keys and values: a sequence's queries and rows are those of no other sequence.
template <class T>
void give_gradients(Gradients& g, const Pairing& p, const Operands<T>& x, const Tensor& weights,
                    const Tensor& dscores, const std::array<const Var*, 3>& inputs) {
  Tensor kept[3];
  T* const dq = zeros_for<T>(g, *inputs[0], kept[0]);
  T* const dk = zeros_for<T>(g, *inputs[1], kept[1]);
  T* const dv = zeros_for<T>(g, *inputs[2], kept[2]);
  const T *w = elements<T>(weights), *ds = elements<T>(dscores), *dc = elements<T>(g.of_result());
  const Kernels<T>& k = kernels<T>();
  parallel_for(p.layout->sequences(), 1, [&](Index first, Index last) {
    std::vector<T> room(static_cast<std::size_t>(x.size)), slope(room.size());
    each_pair(p, first, last, [&](Index i, Index t, Index row) {
      const Index pair = p.begin(i) + t;
      if (dv != nullptr) k.scale_add(x.columns, w[pair], dc + i * x.columns, dv + row * x.columns);
      if (x.direction == nullptr) {
        if (dq != nullptr) k.scale_add(x.size, x.scale * ds[pair], x.keys + row * x.size, dq + i * x.size);
        if (dk != nullptr) k.scale_add(x.size, x.scale * ds[pair], x.query + i * x.size, dk + row * x.size);
        return;
      }
      x.bent(i, row, room.data());
      k.scale(x.size, ds[pair], x.direction, slope.data());
      if (dq != nullptr) k.tanh_backward(x.size, room.data(), slope.data(), dq + i * x.size);
      if (dk != nullptr) k.tanh_backward(x.size, room.data(), slope.data(), dk + row * x.size);
    });
  });
  for (std::size_t i = 0; i < 3; ++i)
    if (!kept[i].empty()) g.give(*inputs[i], std::move(kept[i]));
}

/// d(direction): over the queries in order. Threads split the queries, whose parts are added in order.
template <class T>
void give_direction(Gradients& g, const Var& direction, const Pairing& p, const Operands<T>& x,
                    const Tensor& dscores) {
  Tensor* const into = g.into(direction);
  if (into == nullptr) return;
  const T* const ds = elements<T>(dscores);
  const auto count = static_cast<Index>(p.sequence_of.size());
  Tensor parts = Tensor::zeros({count, x.size}, direction.dtype());
  T* const part = elements<T>(parts);
  parallel_for(count, grain_for(p, 8 * x.size), [&](Index first, Index last) {
    std::vector<T> room(static_cast<std::size_t>(x.size));
    for (Index i = first; i < last; ++i)
      for (Index t = 0; t < p.steps(i); ++t) {
        x.bent(i, p.layout->row(Index{p.sequence_of[static_cast<std::size_t>(i)]}, t), room.data());
        kernels<T>().scale_add(x.size, ds[p.begin(i) + t], room.data(), part + i * x.size);
      }
  });
  add_rows<T>(count, x.size, part, x.size, elements<T>(*into));
}

void check(const Var& query, const Var& keys, const Sequences& values,
           std::span<const std::int32_t> sequence_of, const Var& direction) {
  check_matrix("attend", query);
  if (!values.layout()) refuse_shape("attend", "sequences as memory", "none");
  checked("attend", "keys", keys, {values.layout()->rows(), query.columns()}, query.dtype());
  checked("attend", "values", values.rows(), {values.layout()->rows(), values.features()}, query.dtype());
  if (direction.defined()) checked("attend", "direction", direction, {query.columns()}, query.dtype());
  if (static_cast<Index>(sequence_of.size()) != query.rows())
    refuse_shape("attend", "a sequence for each of " + std::to_string(query.rows()) + " queries",
                 std::to_string(sequence_of.size()));
}

}  // namespace

std::vector<double> Attended::of(std::int64_t query) const {
  std::vector<double> own;
  for (std::int64_t i = begins.at(static_cast<std::size_t>(query));
       i < begins.at(static_cast<std::size_t>(query) + 1); ++i)
    own.push_back(weights.at(i));
  return own;
}

Attended attend(const Var& query, const Var& keys, const Sequences& values,
                std::span<const std::int32_t> sequence_of, double scale, const Var& direction) {
  check(query, keys, values, sequence_of, direction);
  const auto pairs = std::make_shared<const Pairing>(pairing_of(values.layout(), sequence_of));
  const Var& rows = values.rows();
  Tensor weights = Tensor::uninitialised({pairs->begins.back()}, query.dtype());
  Tensor context = Tensor::uninitialised({query.rows(), rows.columns()}, query.dtype());
  visit_float(query.dtype(), "attend", [&]<class T>() {
    forward<T>(*pairs, Operands<T>(query, keys, rows, direction, scale), elements<T>(weights),
               elements<T>(context));
  });
  std::vector<Var> inputs = {query, keys, rows};
  if (direction.defined()) inputs.push_back(direction);
  Var result = record(std::move(context), inputs, [=](Gradients& g) {
    visit_float(query.dtype(), "attend", [&]<class T>() {
      const Operands<T> x(query, keys, rows, direction, scale);
      const Tensor dscores = score_gradients<T>(*pairs, x, weights, elements<T>(g.of_result()));
      give_gradients<T>(g, *pairs, x, weights, dscores, {&query, &keys, &rows});
      if (direction.defined()) give_direction<T>(g, direction, *pairs, x, dscores);
    });
  });
  return {std::move(result), weights, pairs->begins};
}

}  // namespace rondo

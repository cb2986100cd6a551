#include <rondo/ops.h>

#include "ops/common.h"

namespace rondo {
namespace {

/// The rows of packed sequences in the order in which one direction reads them.
struct Reading {
  const Layout& layout;
  Index columns;
  bool reverse;

  /// Calls f(row, the row read before it or -1, sequence) for each row, later ones after those before them.
  template <class F>
  void forward(const F& f) const {
    for (Index i = 0; i < layout.steps(); ++i) {
      const Index t = reverse ? layout.steps() - 1 - i : i;
      for (Index k = 0; k < layout.rows_at(t); ++k)
        f(layout.row(k, t), before(k, t), k);
    }
  }
  /// The same from the last row on.
  template <class F>
  void backward(const F& f) const {
    for (Index i = 0; i < layout.steps(); ++i) {
      const Index t = reverse ? i : layout.steps() - 1 - i;
      for (Index k = 0; k < layout.rows_at(t); ++k)
        f(layout.row(k, t), before(k, t), k);
    }
  }

 private:
  Index before(Index k, Index t) const {
    const bool first = reverse ? t + 1 == layout.length(k) : t == 0;
    return first ? -1 : layout.row(k, reverse ? t + 1 : t - 1);
  }
};

template <class T>
void sum_up(const Reading& reading, Index begin, Index end, const T* x, const T* h0, T* h) {
  const Index columns = reading.columns;
  reading.forward([=](Index row, Index before, Index sequence) {
    const T* const old = before >= 0     ? h + before * columns
                         : h0 == nullptr ? nullptr
                                         : h0 + sequence * columns;
    for (Index c = begin; c < end; ++c)
      h[row * columns + c] = (old == nullptr ? T{0} : old[c]) + x[row * columns + c];
  });
}

/// slopes: in: of h; out: of x. Each step's change reaches all later ones.
template <class T>
void sum_slopes(const Reading& reading, Index begin, Index end, T* slopes, T* dh0) {
  const Index columns = reading.columns;
  reading.backward([=](Index row, Index before, Index sequence) {
    T* const to = before >= 0      ? slopes + before * columns
                  : dh0 == nullptr ? nullptr
                                   : dh0 + sequence * columns;
    for (Index c = begin; to != nullptr && c < end; ++c)
      to[c] += slopes[row * columns + c];
  });
}

}  // namespace

Sequences running_sum(const Sequences& x, const Var& h0, bool reverse) {
  constexpr std::string_view name = "running_sum";
  if (x.layout() == nullptr) refuse_shape(name, "sequences", "none");
  const DType type = x.rows().dtype();
  const Index columns = x.features();
  if (h0.defined()) checked(name, "h0", h0, {x.count(), columns}, type);
  const Index grain = std::max<Index>(16, cheap_grain / std::max<Index>(1, x.rows().rows()));
  Tensor h = Tensor::uninitialised(x.rows().shape(), type);
  visit_float(type, name, [&]<class T>() {
    const Reading reading{*x.layout(), columns, reverse};
    const T *const from = elements<T>(x.rows().value()), *const first =
                                                             h0.defined() ? elements<T>(h0.value()) : nullptr;
    T* const to = elements<T>(h);
    parallel_for(columns, grain,
                 [&](Index begin, Index end) { sum_up(reading, begin, end, from, first, to); });
  });
  const auto back = [x = Sequences(without_value(x.rows()), x.layout()), given = h0.defined(),
                     h0 = h0.defined() ? without_value(h0) : Var(), columns, reverse, grain,
                     type](Gradients& g) {
    Tensor slopes = g.of_result().clone();
    const bool wanted = given && g.wants(h0);
    Tensor dh0 = wanted ? Tensor::zeros({x.count(), columns}, type) : Tensor();
    visit_float(type, "running_sum", [&]<class T>() {
      const Reading reading{*x.layout(), columns, reverse};
      T *const to = elements<T>(slopes), *const first = wanted ? elements<T>(dh0) : nullptr;
      parallel_for(columns, grain,
                   [&](Index begin, Index end) { sum_slopes(reading, begin, end, to, first); });
    });
    if (g.wants(x.rows())) g.give(x.rows(), std::move(slopes));
    if (wanted) g.give(h0, std::move(dh0));
  };
  return {record(std::move(h), {x.rows(), h0}, back), x.layout()};
}

}  // namespace rondo

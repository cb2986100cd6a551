// h_t = (1 - z_t) h_{t-1} + z_t candidate_t: each element is a chain of its own, so threads divide the
// columns.
#include <utility>

#include <rondo/blend_steps.h>

#include "ops/common.h"

namespace rondo {
namespace {

constexpr std::string_view operation = "blend_steps";

/// Matrices of `columns` numbers a row: packed rows of steps, and a row for each sequence.
template <class T>
struct Steps {
  const Layout& layout;
  Index columns;
  const T* z;
  const T* candidates;
  const T* h0;  ///< none: zeros

  /// h before step t of sequence k.
  const T* before(const T* h, Index k, Index t) const {
    if (t > 0) return h + layout.row(k, t - 1) * columns;
    return h0 == nullptr ? nullptr : h0 + k * columns;
  }
};

template <class T>
void forward(const Steps<T>& s, Index begin, Index end, T* h, T* last) {
  for (Index t = 0; t < s.layout.steps(); ++t) {
    for (Index k = 0; k < s.layout.rows_at(t); ++k) {
      const Index at = s.layout.row(k, t) * s.columns;
      const T *z = s.z + at, *candidate = s.candidates + at, *before = s.before(h, k, t);
      for (Index i = begin; i < end; ++i) {
        const T old = before == nullptr ? T{0} : before[i];
        h[at + i] = (1 - z[i]) * old + z[i] * candidate[i];
      }
    }
  }
  for (Index k = 0; k < s.layout.sequences(); ++k) {
    const T* const from = s.before(h, k, s.layout.lengths()[static_cast<std::size_t>(k)]);
    for (Index i = begin; i < end; ++i)
      last[k * s.columns + i] = from == nullptr ? T{0} : from[i];
  }
}

/// Where gradients go to; null where nobody needs them.
template <class T>
struct Slopes {
  const T* dh;  ///< of the outputs; none: zeros
  T* carried;   ///< in: of the final states; out: of the first ones
  T* dz;
  T* dcandidates;
};

template <class T>
void backward(const Steps<T>& s, Index begin, Index end, const T* h, const Slopes<T>& to) {
  for (Index t = s.layout.steps() - 1; t >= 0; --t) {
    for (Index k = 0; k < s.layout.rows_at(t); ++k) {
      const Index at = s.layout.row(k, t) * s.columns;
      const T *z = s.z + at, *candidate = s.candidates + at, *before = s.before(h, k, t);
      T* const carried = to.carried + k * s.columns;
      for (Index i = begin; i < end; ++i) {
        const T slope = carried[i] + (to.dh == nullptr ? T{0} : to.dh[at + i]);
        const T old = before == nullptr ? T{0} : before[i];
        if (to.dz != nullptr) to.dz[at + i] += slope * (candidate[i] - old);
        if (to.dcandidates != nullptr) to.dcandidates[at + i] += slope * z[i];
        carried[i] = slope * (1 - z[i]);
      }
    }
  }
}

template <class T>
const T* elements_or_none(const Tensor& x) {
  return x.size() == 0 ? nullptr : elements<T>(x);
}

Tensor carried_from(const Tensor& arrived, const Shape& shape, DType type) {
  return arrived.size() == 0 ? Tensor::zeros(shape, type) : arrived.clone();
}

void check(const Sequences& z, const Var& candidates, const Var& h0) {
  const DType type = z.rows().dtype();
  checked(operation, "candidates", candidates, z.rows().shape(), type);
  if (h0.defined()) checked(operation, "h0", h0, {z.count(), z.features()}, type);
}

}  // namespace

BlendedSteps blend_steps(const Sequences& z, const Var& candidates, const Var& h0) {
  check(z, candidates, h0);
  const DType type = z.rows().dtype();
  const Index columns = z.features();
  const Shape states{z.count(), columns};
  const Index grain = std::max<Index>(16, cheap_grain / std::max<Index>(1, z.rows().rows()));
  const auto steps_of = [z, candidates, h0, columns]<class T>(T) {
    return Steps<T>{*z.layout(), columns, elements<T>(z.rows().value()), elements<T>(candidates.value()),
                    h0.defined() ? elements<T>(h0.value()) : nullptr};
  };
  Tensor h = Tensor::uninitialised(z.rows().shape(), type), last = Tensor::uninitialised(states, type);
  visit_float(type, operation, [&]<class T>() {
    const Steps<T> steps = steps_of(T{});
    T *const to = elements<T>(h), *const end_states = elements<T>(last);
    parallel_for(columns, grain, [&](Index begin, Index end) { forward(steps, begin, end, to, end_states); });
  });
  const auto back = [=](Gradients& g) {
    Tensor carried = carried_from(g.of_result(1), states, type);
    visit_float(type, operation, [&]<class T>() {
      const Steps<T> steps = steps_of(T{});
      const auto into = [&g](const Var& x) { return g.wants(x) ? elements<T>(*g.into(x)) : nullptr; };
      const Slopes<T> slopes{elements_or_none<T>(g.of_result(0)), elements<T>(carried), into(z.rows()),
                             into(candidates)};
      parallel_for(columns, grain,
                   [&](Index begin, Index end) { backward(steps, begin, end, elements<T>(h), slopes); });
    });
    if (h0.defined() && g.wants(h0)) g.give(h0, std::move(carried));
  };
  const std::vector<Var> results =
      record(std::vector<Tensor>{h, last}, std::vector<Var>{z.rows(), candidates, h0}, back);
  return {Sequences(results[0], z.layout()), results[1]};
}

}  // namespace rondo

#include <rondo/ops.h>

#include "ops/common.h"

namespace rondo {
namespace {

/// Calls f(step, first row, sequence, count) for each step of the sequences [begin, end): `count` of them,
/// from `sequence` on, are alive, and their rows lie side by side.
template <class F>
void for_each_step(const Layout& layout, Index begin, Index end, const F& f) {
  for (Index step = 0; step < layout.steps() && begin < layout.rows_at(step); ++step)
    f(layout.row(begin, step), std::min(end, layout.rows_at(step)) - begin);
}

/// Splits the sequences over threads, by the rows they have.
template <class F>
void for_each_slice(const Sequences& x, const F& f) {
  const Index rows_each = x.layout()->rows() / x.count();
  parallel_for(x.count(), rows_grain(x.features() * rows_each), f);
}

Tensor result_of(const Sequences& x) {
  return Tensor::uninitialised({x.count(), x.features()}, x.rows().dtype());
}

/// x for a closure that needs no values.
Sequences places_of(const Sequences& x) {
  return {without_value(x.rows()), x.layout()};
}

Var pool_mean(const Sequences& x) {
  Tensor y = result_of(x);
  const Index columns = x.features();
  visit_float(y.dtype(), "pool", [&]<class T>() {
    const T* from = elements<T>(x.rows().value());
    T* to = elements<T>(y);
    for_each_slice(x, [&, columns](Index begin, Index end) {
      T* sums = to + begin * columns;
      std::fill_n(sums, (end - begin) * columns, T{0});
      for_each_step(*x.layout(), begin, end, [&](Index row, Index count) {
        kernels<T>().add(count * columns, sums, from + row * columns, sums);
      });
      for (Index i = begin; i < end; ++i)
        kernels<T>().scale(columns, 1 / static_cast<T>(x.layout()->length(i)), to + i * columns,
                           to + i * columns);
    });
  });
  return record(std::move(y), {x.rows()}, [x = places_of(x), columns](Gradients& g) {
    Tensor dx = Tensor::uninitialised(x.rows().shape(), x.rows().dtype());
    visit_float(dx.dtype(), "pool", [&]<class T>() {
      const T* dy = elements<T>(g.of_result());
      T* to = elements<T>(dx);
      for_each_slice(x, [&, columns](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) {
          const T share = 1 / static_cast<T>(x.layout()->length(i));
          for (Index step = 0; step < x.layout()->length(i); ++step)
            kernels<T>().scale(columns, share, dy + i * columns, to + x.layout()->row(i, step) * columns);
        }
      });
    });
    g.give(x.rows(), std::move(dx));
  });
}

Var pool_max(const Sequences& x) {
  Tensor y = result_of(x);
  Tensor winners = Tensor::uninitialised(y.shape(), DType::i32);
  const Index columns = x.features();
  visit_float(y.dtype(), "pool", [&]<class T>() {
    const T* from = elements<T>(x.rows().value());
    T* to = elements<T>(y);
    std::int32_t* winner = elements<std::int32_t>(winners);
    for_each_slice(x, [&, columns](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) {
        const Index at = i * columns;
        std::copy_n(from + at, columns, to + at);  // the first step's rows are the first rows
        std::fill_n(winner + at, columns, static_cast<std::int32_t>(i));
        for (Index step = 1; step < x.layout()->length(i); ++step) {
          const Index row = x.layout()->row(i, step);
          kernels<T>().max_with_index(columns, from + row * columns, static_cast<std::int32_t>(row), to + at,
                                      winner + at);
        }
      }
    });
  });
  return record(std::move(y), {x.rows()}, [x = places_of(x), winners, columns](Gradients& g) {
    visit_float(x.rows().dtype(), "pool", [&]<class T>() {
      const T* dy = elements<T>(g.of_result());
      const std::int32_t* winner = elements<std::int32_t>(winners);
      T* dx = elements<T>(*g.into(x.rows()));
      parallel_for(x.count(), rows_grain(columns), [=](Index begin, Index end) {
        for (Index i = begin * columns; i < end * columns; ++i)
          dx[Index{winner[i]} * columns + i % columns] += dy[i];
      });
    });
  });
}

}  // namespace

Var Sequences::last() const {
  std::vector<std::int32_t> rows;
  rows.reserve(static_cast<std::size_t>(count()));
  for (Index i = 0; i < count(); ++i)
    rows.push_back(static_cast<std::int32_t>(layout_->row(i, layout_->length(i) - 1)));
  return select_rows(rows_, rows);
}

Var pool(const Sequences& x, Pool over_time) {
  if (x.count() == 0) refuse_shape("pool", "sequences", "none");
  switch (over_time) {
    case Pool::last:
      return x.last();
    case Pool::mean:
      return pool_mean(x);
    case Pool::max:
      return pool_max(x);
  }
  throw Bug("pool: unknown pooling");
}

Sequences concat(std::initializer_list<Sequences> parts) {
  if (parts.size() == 0) refuse_shape("concat", "at least one part", "none");
  std::vector<Var> rows;
  for (const Sequences& part : parts) {
    if (part.layout() != parts.begin()->layout() && !(*part.layout() == *parts.begin()->layout()))
      refuse_shape("concat", "sequences of one layout", "different lengths or order");
    rows.push_back(part.rows());
  }
  return Sequences(concat(rows), parts.begin()->layout());
}

}  // namespace rondo

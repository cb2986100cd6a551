#include <utility>

#include <rondo/ops.h>

#include "ops/common.h"

namespace rondo {
namespace {

constexpr std::string_view operation = "windows";

/// Windows over the steps of one sequence.
struct Windows {
  Index size, stride, dilation;
  Index length, count;  ///< of the sequence, and how many windows
  Index first;          ///< the step at which the first window begins, perhaps before the sequence

  Index step(Index window, Index tap) const { return first + window * stride + tap * dilation; }
  bool within(Index step) const { return step >= 0 && step < length; }
};

Windows windows_of(const WindowOptions& o, Index length) {
  Windows w{o.size, o.stride, o.dilation, length, (length - 1) / o.stride + 1, 0};
  const Index span = w.dilation * (w.size - 1) + 1;
  switch (o.padding) {
    case Padding::valid:
      if (span > length)
        fail(ErrorKind::shape, "windows: a sequence of " + std::to_string(length) +
                                   " steps is shorter than a window over " + std::to_string(span) +
                                   "; padding 'same' or 'causal' takes it");
      w.count = (length - span) / w.stride + 1;
      break;
    case Padding::same:  // as Keras: what is missing lies on both sides, the odd step at the end
      w.first = -std::max<Index>(0, (w.count - 1) * w.stride + span - length) / 2;
      break;
    case Padding::causal:
      w.first = 1 - span;
      break;
  }
  return w;
}

void check_options(const WindowOptions& o) {
  for (const auto& [name, value] :
       {std::pair{"size", o.size}, {"stride", o.stride}, {"dilation", o.dilation}})
    if (value < 1)
      fail(ErrorKind::option,
           "windows: " + std::string(name) + " must be at least 1, got " + std::to_string(value));
}

std::vector<Windows> all_windows(const Layout& layout, const WindowOptions& options) {
  std::vector<Windows> all;
  for (const std::int32_t length : layout.lengths())
    all.push_back(windows_of(options, length));
  return all;
}

std::shared_ptr<const Layout> layout_of(const std::shared_ptr<const Layout>& layout,
                                        const std::vector<Windows>& all) {
  std::vector<std::int32_t> lengths;
  for (const Windows& windows : all)
    lengths.push_back(static_cast<std::int32_t>(windows.count));
  return std::ranges::equal(lengths, layout->lengths()) ? layout : layout->resized(std::move(lengths));
}

/// Calls f(row of x or -1, row of the result, tap) for each step of each window of some sequences, tap after
/// tap.
template <class F>
void for_each_tap(const Layout& from, const Layout& to, const std::vector<Windows>& all, Index begin,
                  Index end, const F& f) {
  for (Index sequence = begin; sequence < end; ++sequence) {
    const Windows& windows = all[static_cast<std::size_t>(sequence)];
    for (Index window = 0; window < windows.count; ++window)
      for (Index tap = 0; tap < windows.size; ++tap) {
        const Index step = windows.step(window, tap);
        f(windows.within(step) ? from.row(sequence, step) : -1, to.row(sequence, window), tap);
      }
  }
}

}  // namespace

Sequences windows(const Sequences& x, const WindowOptions& options) {
  check_options(options);
  if (x.count() == 0) refuse_shape(operation, "sequences", "none");
  const std::shared_ptr<const Layout> from = x.layout();
  const std::vector<Windows> all = all_windows(*from, options);
  const std::shared_ptr<const Layout> to = layout_of(from, all);
  const Index columns = x.features(), size = options.size;
  const Index rows_each = std::max<Index>(1, to->rows() / to->sequences());
  const Index grain = rows_grain(columns * size * rows_each);

  Tensor y = Tensor::uninitialised({to->rows(), columns * size}, x.rows().dtype());
  visit_float(y.dtype(), operation, [&]<class T>() {
    const T* const in = elements<T>(x.rows().value());
    T* const out = elements<T>(y);
    parallel_for(to->sequences(), grain, [&](Index begin, Index end) {
      for_each_tap(*from, *to, all, begin, end, [=](Index source, Index row, Index tap) {
        T* const place = out + row * columns * size + tap;
        for (Index c = 0; c < columns; ++c)
          place[c * size] = source < 0 ? T{0} : in[source * columns + c];
      });
    });
  });
  Var rows = record(std::move(y), {x.rows()}, [x, from, to, all, columns, size, grain](Gradients& g) {
    visit_float(x.rows().dtype(), operation, [&]<class T>() {
      const T* const dy = elements<T>(g.of_result());
      T* const dx = elements<T>(*g.into(x.rows()));
      parallel_for(to->sequences(), grain, [&](Index begin, Index end) {
        for_each_tap(*from, *to, all, begin, end, [=](Index source, Index row, Index tap) {
          const T* const place = dy + row * columns * size + tap;
          for (Index c = 0; source >= 0 && c < columns; ++c)
            dx[source * columns + c] += place[c * size];
        });
      });
    });
  });
  return {std::move(rows), to};
}

namespace {

/// The steps of one window that are within its sequence: rows of x, in order.
template <class F>
void for_each_within(const Windows& windows, const Layout& from, Index sequence, Index window, const F& f) {
  for (Index tap = 0; tap < windows.size; ++tap)
    if (const Index step = windows.step(window, tap); windows.within(step)) f(from.row(sequence, step));
}

/// Which windows are pooled, and how.
struct PooledWindows {
  std::shared_ptr<const Layout> from, to;
  std::vector<Windows> all;
  Index columns;
  Pool pool;

  /// Calls f(sequence, window, row of the result) for each window of some sequences.
  template <class F>
  void each(Index begin, Index end, const F& f) const {
    for (Index sequence = begin; sequence < end; ++sequence)
      for (Index window = 0; window < all[static_cast<std::size_t>(sequence)].count; ++window)
        f(sequence, window, to->row(sequence, window));
  }
  template <class F>
  void within(Index sequence, Index window, const F& f) const {
    for_each_within(all[static_cast<std::size_t>(sequence)], *from, sequence, window, f);
  }
  Index steps(Index sequence, Index window) const {
    Index count = 0;
    within(sequence, window, [&count](Index) { ++count; });
    return count;
  }
};

template <class T>
void mean_of_windows(const PooledWindows& p, Index begin, Index end, const T* x, T* y) {
  p.each(begin, end, [&](Index sequence, Index window, Index row) {
    T* const to = y + row * p.columns;
    std::fill_n(to, p.columns, T{0});
    p.within(sequence, window,
             [&](Index source) { kernels<T>().add(p.columns, to, x + source * p.columns, to); });
    kernels<T>().scale(p.columns, 1 / static_cast<T>(p.steps(sequence, window)), to, to);
  });
}

template <class T>
void spread_over_windows(const PooledWindows& p, Index begin, Index end, const T* dy, T* dx) {
  p.each(begin, end, [&](Index sequence, Index window, Index row) {
    const T share = 1 / static_cast<T>(p.steps(sequence, window));
    p.within(sequence, window, [&](Index source) {
      kernels<T>().scale_add(p.columns, share, dy + row * p.columns, dx + source * p.columns);
    });
  });
}

/// The largest or the last of each window.
template <class T>
void winners_of_windows(const PooledWindows& p, Index begin, Index end, const T* x, T* y,
                        std::int32_t* winners) {
  p.each(begin, end, [&](Index sequence, Index window, Index row) {
    T* const to = y + row * p.columns;
    std::int32_t* const winner = winners + row * p.columns;
    bool first = true;
    p.within(sequence, window, [&](Index source) {
      const auto id = static_cast<std::int32_t>(source);
      if (first || p.pool == Pool::last) {
        std::copy_n(x + source * p.columns, p.columns, to);
        std::fill_n(winner, p.columns, id);
      } else {
        kernels<T>().max_with_index(p.columns, x + source * p.columns, id, to, winner);
      }
      first = false;
    });
  });
}

template <class T>
void pay_winners(const PooledWindows& p, Index begin, Index end, const std::int32_t* winners, const T* dy,
                 T* dx) {
  p.each(begin, end, [&](Index, Index, Index row) {
    for (Index c = 0; c < p.columns; ++c)
      dx[Index{winners[row * p.columns + c]} * p.columns + c] += dy[row * p.columns + c];
  });
}

}  // namespace

Sequences pool_windows(const Sequences& x, Pool over_window, const WindowOptions& options) {
  check_options(options);
  if (options.dilation != 1)
    fail(ErrorKind::option, "pool_windows: dilation must be 1, got " + std::to_string(options.dilation));
  if (x.count() == 0) refuse_shape("pool_windows", "sequences", "none");
  std::vector<Windows> all = all_windows(*x.layout(), options);
  const std::shared_ptr<const Layout> to = layout_of(x.layout(), all);
  const PooledWindows p{x.layout(), to, std::move(all), x.features(), over_window};
  const bool mean = over_window == Pool::mean;
  const Index rows_each = std::max<Index>(1, to->rows() / to->sequences());
  const Index grain = rows_grain(p.columns * options.size * rows_each);
  Tensor y = Tensor::uninitialised({to->rows(), p.columns}, x.rows().dtype());
  Tensor winners = mean ? Tensor() : Tensor::uninitialised(y.shape(), DType::i32);
  visit_float(y.dtype(), operation, [&]<class T>() {
    const T* const in = elements<T>(x.rows().value());
    T* const out = elements<T>(y);
    std::int32_t* const winner = mean ? nullptr : elements<std::int32_t>(winners);
    parallel_for(to->sequences(), grain, [&](Index begin, Index end) {
      if (mean) return mean_of_windows(p, begin, end, in, out);
      winners_of_windows(p, begin, end, in, out, winner);
    });
  });
  Var rows = record(std::move(y), {x.rows()},
                    [rows = without_value(x.rows()), p, winners, mean, grain](Gradients& g) {
                      visit_float(rows.dtype(), operation, [&]<class T>() {
                        const T* const dy = elements<T>(g.of_result());
                        T* const dx = elements<T>(*g.into(rows));
                        parallel_for(p.to->sequences(), grain, [&](Index begin, Index end) {
                          if (mean) return spread_over_windows(p, begin, end, dy, dx);
                          pay_winners(p, begin, end, elements<std::int32_t>(winners), dy, dx);
                        });
                      });
                    });
  return {std::move(rows), to};
}

}  // namespace rondo

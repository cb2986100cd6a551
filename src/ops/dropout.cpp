#include <rondo/ops.h>

#include "base/random.h"
#include "base/shown.h"
#include "ops/common.h"

namespace rondo {
namespace {

/// y = x where the mask keeps, scaled; else 0. Threads take whole chunks.
template <class T>
void apply(const DropoutMask& mask, Index count, const T* x, T* y) {
  const Index chunks = (count + dropout_chunk - 1) / dropout_chunk;
  parallel_for(chunks, costly_grain / dropout_chunk, [&](Index first, Index last) {
    const Index begin = first * dropout_chunk, end = std::min(count, last * dropout_chunk);
    kernels<T>().dropout(end - begin, begin, mask, x + begin, y + begin);
  });
}

template <class T>
void apply_to_rows(const DropoutMask& mask, const Tensor& x, Tensor& y) {
  std::vector<T> factors(static_cast<std::size_t>(x.rows()), 1);
  apply<T>(mask, x.rows(), factors.data(), factors.data());
  const T* from = elements<T>(x);
  T* to = elements<T>(y);
  parallel_for(x.rows(), rows_grain(x.columns()), [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      const T factor = factors[static_cast<std::size_t>(row)];
      const Index at = row * x.columns();
      if (factor == 0)
        std::fill_n(to + at, x.columns(), T{0});
      else
        kernels<T>().scale(x.columns(), factor, from + at, to + at);
    }
  });
}

enum class Unit { element, row };

Tensor masked(std::string_view operation, const DropoutMask& mask, Unit unit, const Tensor& x) {
  Tensor y = Tensor::uninitialised(x.shape(), x.dtype());
  visit_float(x.dtype(), operation, [&]<class T>() {
    if (unit == Unit::row)
      apply_to_rows<T>(mask, x, y);
    else
      apply(mask, x.size(), elements<T>(x), elements<T>(y));
  });
  return y;
}

void check_rate(std::string_view operation, float rate) {
  if (!(rate >= 0 && rate <= 1))
    fail(ErrorKind::option, std::string(operation) + ": rate wanted from 0 to 1, got " + plain(rate));
}

DropoutMask mask_of(float rate, std::uint64_t key, double scale) {
  const auto options = recording_options();
  return {options->seed, mix(key, options->step),
          static_cast<std::uint32_t>(std::min(static_cast<double>(rate) * 0x1p31, 0x1p31 - 1)), scale};
}

bool drops(float rate) {
  return rate != 0 && recording_options().has_value();
}

/// The gradient passes where the value did: the same mask, drawn again.
Var drop(std::string_view operation, const Var& x, float rate, std::uint64_t key, Unit unit) {
  check_rate(operation, rate);
  if (!drops(rate)) return x;
  const DropoutMask mask = mask_of(rate, key, rate == 1 ? 0 : 1 / (1 - static_cast<double>(rate)));
  return record(masked(operation, mask, unit, x.value()), {x},
                [operation, mask, unit, x = without_value(x)](Gradients& g) {
                  g.give(x, masked(operation, mask, unit, g.of_result()));
                });
}

/// How much of `after` an element takes: 1 or 0, or everywhere 1 - rate.
Tensor shares_of_after(const Var& after, float rate, std::uint64_t key) {
  const DType type = after.dtype();
  if (!drops(rate)) return Tensor::full(after.shape(), 1 - static_cast<double>(rate), type);
  return masked("zoneout", mask_of(rate, key, rate == 1 ? 0 : 1), Unit::element,
                Tensor::full(after.shape(), 1, type));
}

/// to += share · y, or (1 - share) · y.
template <class T>
void add_share(const Tensor& shares, bool rest, const Tensor& y, Tensor& to) {
  const T *share = elements<T>(shares), *from = elements<T>(y);
  T* const sum = elements<T>(to);
  parallel_for(y.size(), cheap_grain, [=](Index begin, Index end) {
    for (Index i = begin; i < end; ++i)
      sum[i] += (rest ? 1 - share[i] : share[i]) * from[i];
  });
}

/// Without dropout, returns x unchanged, including its copies.
Sequences drop(std::string_view operation, const Sequences& x, float rate, std::uint64_t key, Unit unit) {
  Var rows = drop(operation, x.rows(), rate, key, unit);
  if (!drops(rate)) return x;
  return {std::move(rows), x.layout()};
}

/// One mask for all copies of a row, where x says which rows are equal.
Sequences drop_copies(std::string_view operation, const Sequences& x, float rate, std::uint64_t key,
                      Unit unit) {
  if (x.copies() == nullptr || !drops(rate)) return drop(operation, x, rate, key, unit);
  Var distinct = drop(operation, x.copies()->distinct, rate, key, unit);
  Var rows = select_rows(distinct, x.copies()->of.data<std::int32_t>());
  return {std::move(rows), x.layout(), {std::move(distinct), x.copies()->of}};
}

}  // namespace

Var dropout(const Var& x, float rate, std::uint64_t key) {
  return drop("dropout", x, rate, key, Unit::element);
}
Sequences dropout(const Sequences& x, float rate, std::uint64_t key) {
  return drop("dropout", x, rate, key, Unit::element);
}

Sequences dropout_copies(const Sequences& x, float rate, std::uint64_t key) {
  return drop_copies("dropout_copies", x, rate, key, Unit::element);
}
Sequences dropout_rows_copies(const Sequences& x, float rate, std::uint64_t key) {
  return drop_copies("dropout_rows_copies", x, rate, key, Unit::row);
}

Var zoneout(const Var& before, const Var& after, float rate, std::uint64_t key) {
  static constexpr std::string_view operation = "zoneout";
  check_rate(operation, rate);
  checked(operation, "before", before, after.shape(), after.dtype());
  if (rate == 0) return after;
  const Tensor shares = shares_of_after(after, rate, key);
  Tensor y = Tensor::zeros(after.shape(), after.dtype());
  visit_float(after.dtype(), operation, [&]<class T>() {
    add_share<T>(shares, true, before.value(), y);
    add_share<T>(shares, false, after.value(), y);
  });
  return record(std::move(y), {before, after},
                [before = without_value(before), after = without_value(after), shares](Gradients& g) {
                  visit_float(shares.dtype(), operation, [&]<class T>() {
                    if (Tensor* const to = g.into(before)) add_share<T>(shares, true, g.of_result(), *to);
                    if (Tensor* const to = g.into(after)) add_share<T>(shares, false, g.of_result(), *to);
                  });
                });
}

Var dropout_rows(const Var& x, float rate, std::uint64_t key) {
  return drop("dropout_rows", x, rate, key, Unit::row);
}
Sequences dropout_rows(const Sequences& x, float rate, std::uint64_t key) {
  return drop("dropout_rows", x, rate, key, Unit::row);
}

}  // namespace rondo

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

bool drops(float rate) {
  return rate != 0 && recording_options().has_value();
}

/// The gradient passes where the value did: the same mask, drawn again.
Var drop(std::string_view operation, const Var& x, float rate, std::uint64_t key, Unit unit) {
  if (!(rate >= 0 && rate <= 1))
    fail(ErrorKind::option, std::string(operation) + ": rate wanted from 0 to 1, got " + plain(rate));
  const auto options = recording_options();
  if (!drops(rate)) return x;
  const double share = static_cast<double>(rate);
  const DropoutMask mask{options->seed, mix(key, options->step),
                         static_cast<std::uint32_t>(std::min(share * 0x1p31, 0x1p31 - 1)),
                         rate == 1 ? 0 : 1 / (1 - share)};
  return record(masked(operation, mask, unit, x.value()), {x},
                [operation, mask, unit, x = without_value(x)](Gradients& g) {
                  g.give(x, masked(operation, mask, unit, g.of_result()));
                });
}

/// Without dropout, returns x unchanged, including its copies.
Sequences drop(std::string_view operation, const Sequences& x, float rate, std::uint64_t key, Unit unit) {
  Var rows = drop(operation, x.rows(), rate, key, unit);
  if (!drops(rate)) return x;
  return {std::move(rows), x.layout()};
}

}  // namespace

Var dropout(const Var& x, float rate, std::uint64_t key) {
  return drop("dropout", x, rate, key, Unit::element);
}
Sequences dropout(const Sequences& x, float rate, std::uint64_t key) {
  return drop("dropout", x, rate, key, Unit::element);
}

Var dropout_rows(const Var& x, float rate, std::uint64_t key) {
  return drop("dropout_rows", x, rate, key, Unit::row);
}
Sequences dropout_rows(const Sequences& x, float rate, std::uint64_t key) {
  return drop("dropout_rows", x, rate, key, Unit::row);
}

}  // namespace rondo

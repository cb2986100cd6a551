#include <rondo/ops.h>

#include "base/random.h"
#include "ops/common.h"

namespace rondo {
namespace {

/// Random words for a run of elements. A chunk of 256 elements takes the four words of 64 Philox blocks,
/// plane by plane, so that everything here is one loop over lanes that a compiler turns into vectors.
constexpr Index lanes = 64;
constexpr Index chunk = 4 * lanes;
using Words = std::array<std::uint32_t, chunk>;

/// What a mask is a function of; the place of an element is the only other argument.
struct Mask {
  std::uint64_t seed = 0, stream = 0;
  std::uint32_t threshold = 0;  ///< an element is kept when its word is at least this
  double scale = 1;             ///< of what is kept: 1 / (1 - rate)
};

/// Ten rounds of Philox4x32 on 64 counters at once: the same words as random_block() (base/random.h).
void draw(const Mask& mask, std::uint64_t first_block, Words& words) {
  std::uint32_t *a = words.data(), *b = a + lanes, *c = b + lanes, *d = c + lanes;
  for (Index i = 0; i < lanes; ++i) {
    const std::uint64_t block = first_block + static_cast<std::uint64_t>(i);
    a[i] = static_cast<std::uint32_t>(block);
    b[i] = static_cast<std::uint32_t>(block >> 32);
    c[i] = static_cast<std::uint32_t>(mask.stream);
    d[i] = static_cast<std::uint32_t>(mask.stream >> 32);
  }
  auto key0 = static_cast<std::uint32_t>(mask.seed), key1 = static_cast<std::uint32_t>(mask.seed >> 32);
  for (int round = 0; round < 10; ++round, key0 += 0x9E3779B9u, key1 += 0xBB67AE85u) {
    for (Index i = 0; i < lanes; ++i) {
      const std::uint64_t x = std::uint64_t{0xD2511F53u} * a[i], y = std::uint64_t{0xCD9E8D57u} * c[i];
      a[i] = static_cast<std::uint32_t>(y >> 32) ^ b[i] ^ key0;
      b[i] = static_cast<std::uint32_t>(y);
      c[i] = static_cast<std::uint32_t>(x >> 32) ^ d[i] ^ key1;
      d[i] = static_cast<std::uint32_t>(x);
    }
  }
}

/// Calls f(begin, count, words) over chunks of [0, count), on several threads.
template <class F>
void for_each_chunk(const Mask& mask, Index count, const F& f) {
  parallel_for((count + chunk - 1) / chunk, costly_grain / chunk, [&](Index first, Index last) {
    Words words;
    for (Index at = first; at < last; ++at) {
      draw(mask, static_cast<std::uint64_t>(at * lanes), words);
      f(at * chunk, std::min(chunk, count - at * chunk), words);
    }
  });
}

/// y = x where the mask keeps, scaled; else 0.
template <class T>
void apply(const Mask& mask, Index count, const T* x, T* y) {
  const T scale = static_cast<T>(mask.scale);
  for_each_chunk(mask, count, [&](Index begin, Index size, const Words& words) {
    for (Index i = 0; i < size; ++i)
      y[begin + i] = words[static_cast<std::size_t>(i)] >= mask.threshold ? scale * x[begin + i] : T{0};
  });
}

/// For each of `rows`: the scale, or 0 where the row is dropped.
template <class T>
std::vector<T> row_factors(const Mask& mask, Index rows) {
  std::vector<T> factors(static_cast<std::size_t>(rows), 1);
  apply<T>(mask, rows, factors.data(), factors.data());
  return factors;
}

template <class T>
void apply_to_rows(const Mask& mask, const Tensor& x, Tensor& y) {
  const auto factors = row_factors<T>(mask, x.rows());
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

Tensor masked(std::string_view operation, const Mask& mask, bool whole_rows, const Tensor& x) {
  Tensor y = Tensor::uninitialised(x.shape(), x.dtype());
  visit_float(x.dtype(), operation, [&]<class T>() {
    if (whole_rows)
      apply_to_rows<T>(mask, x, y);
    else
      apply(mask, x.size(), elements<T>(x), elements<T>(y));
  });
  return y;
}

/// The gradient passes where the value did: the same mask, drawn again.
Var drop(std::string_view operation, const Var& x, float rate, std::uint64_t key, bool whole_rows) {
  if (!(rate >= 0 && rate <= 1))
    fail(ErrorKind::option,
         std::string(operation) + ": rate wanted from 0 to 1, got " + std::to_string(rate));
  const auto options = recording_options();
  if (!options || rate == 0) return x;
  if (rate == 1) return x * 0.0F;
  const Mask mask{options->seed, mix(key, options->step),
                  static_cast<std::uint32_t>(static_cast<double>(rate) * 0x1p32),
                  1 / (1 - static_cast<double>(rate))};
  return record(masked(operation, mask, whole_rows, x.value()), {x},
                [operation, mask, whole_rows, x](Gradients& g) {
                  g.give(x, masked(operation, mask, whole_rows, g.of_result()));
                });
}

}  // namespace

Var dropout(const Var& x, float rate, std::uint64_t key) {
  return drop("dropout", x, rate, key, false);
}

Var dropout_rows(const Var& x, float rate, std::uint64_t key) {
  return drop("dropout_rows", x, rate, key, true);
}

}  // namespace rondo

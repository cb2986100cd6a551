#include <rondo/ops.h>

#include "base/random.h"
#include "ops/common.h"

namespace rondo {
namespace {

constexpr std::string_view operation = "drop_ids";

void check(const Tensor& ids, std::span<const float> rates) {
  if (ids.dtype() != DType::i32 || ids.shape().size() != 1)
    refuse_shape(operation, "numbers i32 [N]", describe(ids));
  for (const float rate : rates)
    if (!(rate >= 0 && rate <= 1))
      fail(ErrorKind::option, "drop_ids: rates wanted from 0 to 1, got " + std::to_string(rate));
  for (const std::int32_t id : ids.data<std::int32_t>())
    if (id < 0 || static_cast<std::size_t>(id) >= rates.size())
      refuse_shape(operation, "numbers within [0, " + std::to_string(rates.size()) + ")", std::to_string(id));
}

}  // namespace

Tensor drop_ids(const Tensor& ids, std::span<const float> rates, std::uint64_t key) {
  check(ids, rates);
  const auto options = recording_options();
  if (!options) return ids;
  Tensor kept = Tensor::uninitialised(ids.shape(), DType::i32);
  const auto* const from = elements<std::int32_t>(ids);
  auto* const to = elements<std::int32_t>(kept);
  const std::uint64_t seed = options->seed, stream = mix(key, options->step);
  constexpr Index in_block = 4;
  parallel_for((ids.size() + in_block - 1) / in_block, costly_grain / in_block, [=](Index first, Index last) {
    for (Index block = first; block < last; ++block) {
      const RandomBlock numbers = random_block(seed, stream, static_cast<std::uint64_t>(block));
      for (Index i = block * in_block; i < std::min(ids.size(), (block + 1) * in_block); ++i) {
        const float drawn = to_uniform(numbers[static_cast<std::size_t>(i - block * in_block)]);
        to[i] = drawn < rates[static_cast<std::size_t>(from[i])] ? 0 : from[i];
      }
    }
  });
  return kept;
}

Sequences dropout_sequences(const Sequences& x, float rate, std::uint64_t key) {
  if (rate == 0 || !recording_options() || x.count() == 0) return x;
  const Var ones(Tensor::full({x.count(), x.features()}, 1, x.rows().dtype()));
  std::vector<std::int32_t> sequences;
  for (Index step = 0; step < x.layout()->steps(); ++step)
    for (Index i = 0; i < x.layout()->rows_at(step); ++i)
      sequences.push_back(static_cast<std::int32_t>(i));
  return {x.rows() * select_rows(dropout(ones, rate, key), sequences), x.layout()};
}

}  // namespace rondo

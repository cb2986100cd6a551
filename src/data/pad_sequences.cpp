#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <rondo/data/pad_sequences.h>
#include <rondo/error.h>

#include "base/message.h"
#include "base/shown.h"

namespace rondo::data {
namespace {

template <class T>
Tensor padded(std::span<const std::vector<T>> sequences, const PadOptions& options, DType type) {
  if (options.maxlen < 0)
    fail(ErrorKind::option, "pad_sequences: maxlen must be 0 or more, got " + std::to_string(options.maxlen));
  auto length = static_cast<std::size_t>(options.maxlen);
  for (std::size_t i = 0; i < sequences.size() && options.maxlen == 0; ++i)
    length = std::max(length, sequences[i].size());
  Tensor result = Tensor::full(
      {static_cast<std::int64_t>(sequences.size()), static_cast<std::int64_t>(length)}, options.value, type);
  const std::span<T> numbers = result.data<T>();
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    std::span<const T> from = sequences[i];
    const std::span<T> row = numbers.subspan(i * length, length);
    if (from.size() > length) from = options.truncating == Side::pre ? from.last(length) : from.first(length);
    std::copy(from.begin(), from.end(),
              (options.padding == Side::pre ? row.last(from.size()) : row.first(from.size())).begin());
  }
  return result;
}

}  // namespace

Tensor pad_sequences(std::span<const std::vector<std::int32_t>> sequences, const PadOptions& options) {
  using Limits = std::numeric_limits<std::int32_t>;
  if (!(options.value >= Limits::min() && options.value <= Limits::max()) ||
      std::trunc(options.value) != options.value)
    fail(ErrorKind::option,
         "pad_sequences: the value among whole numbers must be one of 32 bits, got " + plain(options.value));
  return padded(sequences, options, DType::i32);
}

Tensor pad_sequences(std::span<const std::vector<float>> sequences, const PadOptions& options) {
  return padded(sequences, options, DType::f32);
}

}  // namespace rondo::data

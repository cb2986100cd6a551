/// Sequences of one length, for those who want them: rondo's own layers take each sequence as long as it is.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <rondo/tensor.h>

namespace [[gnu::visibility("default")]] rondo {
namespace data {

/// The end at which something is added or cut off.
enum class Side { pre, post };
constexpr std::array<std::string_view, 2> names_of(Side) {
  return {"pre", "post"};
}

/// Names and defaults of Keras' pad_sequences.
struct PadOptions {
  int maxlen = 0;  ///< steps of the result; 0: as many as the longest sequence has
  Side padding = Side::pre;
  Side truncating = Side::pre;
  double value = 0;  ///< what is added
};

/// i32 [count, maxlen]. A shorter sequence gets `value` at the side `padding`, a longer one loses what is too
/// much at the side `truncating`. Error(option) for a negative maxlen, or a value that is no whole number of
/// 32 bits.
Tensor pad_sequences(std::span<const std::vector<std::int32_t>> sequences, const PadOptions& options = {});
/// The same of numbers: f32.
Tensor pad_sequences(std::span<const std::vector<float>> sequences, const PadOptions& options = {});

}  // namespace data
}  // namespace rondo

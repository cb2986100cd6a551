/// Pooling over windows of a sequence, which stays a sequence: MaxPooling1D, AveragePooling1D.
#pragma once
#include <string_view>
#include <tuple>

#include <rondo/description.h>
#include <rondo/layers/choices.h>

namespace [[gnu::visibility("default")]] rondo {

namespace detail {
template <class L>
constexpr auto window_pooling_fields() {
  return std::tuple{
      field("pool_size", &L::pool_size, "steps in a window", 1, 1 << 12),
      field("strides", &L::strides, "steps from one window to the next; 0: as pool_size", 0, 1 << 20),
      field("padding", &L::padding, "where windows stand: valid, same or causal")};
}
}  // namespace detail

namespace layers {

/// The largest of each feature within windows of `pool_size` steps, `strides` apart: [T, D] to
/// [ceil(T / strides), D]. Names as in Keras. Its default padding is `valid`, which refuses a sequence
/// shorter than a window; here it is `same`: the last window of a sequence may be shorter, and what lies
/// outside of a sequence does not count.
struct MaxPooling1D {
  int pool_size = 2;
  int strides = 0;
  Padding padding = Padding::same;

  static constexpr std::string_view type = "max_pooling1d";
  static constexpr auto fields() { return detail::window_pooling_fields<MaxPooling1D>(); }
};

/// The mean of each feature within windows, as MaxPooling1D.
struct AveragePooling1D {
  int pool_size = 2;
  int strides = 0;
  Padding padding = Padding::same;

  static constexpr std::string_view type = "average_pooling1d";
  static constexpr auto fields() { return detail::window_pooling_fields<AveragePooling1D>(); }
};

static_assert(all_fields_listed<MaxPooling1D>);
static_assert(all_fields_listed<AveragePooling1D>);

}  // namespace layers
}  // namespace rondo

/// Dropout as a layer of its own.
#pragma once
#include <string_view>
#include <tuple>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {
namespace layers {

/// Inverted dropout (Srivastava et al. 2014): kept numbers are divided by 1 - rate. Does nothing outside
/// training.
struct Dropout {
  Required<float> rate;

  static constexpr std::string_view type = "dropout";
  static constexpr auto fields() {
    return std::tuple{field("rate", &Dropout::rate, "share of the numbers that is dropped", 0, 1)};
  }
};

static_assert(all_fields_listed<Dropout>);

}  // namespace layers
}  // namespace rondo

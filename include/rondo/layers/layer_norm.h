/// Layer normalisation.
#pragma once
#include <string_view>
#include <tuple>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {
namespace layers {

/// Normalises each row (Ba, Kiros & Hinton 2016), with a learned gain and bias.
struct LayerNorm {
  double epsilon = 1e-5;

  static constexpr std::string_view type = "layer_norm";
  static constexpr auto fields() {
    return std::tuple{field("epsilon", &LayerNorm::epsilon, "added to the variance", 1e-12, 1)};
  }
};

static_assert(all_fields_listed<LayerNorm>);

}  // namespace layers
}  // namespace rondo

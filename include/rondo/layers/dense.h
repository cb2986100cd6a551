/// A fully connected layer.
#pragma once
#include <string_view>
#include <tuple>

#include <rondo/description.h>
#include <rondo/layers/choices.h>

namespace [[gnu::visibility("default")]] rondo {
namespace layers {

/// y = f(x Wᵀ + b) for every row: [N, input] to [N, units].
struct Dense {
  Required<int> units;
  Activation activation = Activation::linear;
  bool bias = true;
  Initializer kernel_init = Initializer::glorot_uniform;

  static constexpr std::string_view type = "dense";
  static constexpr auto fields() {
    return std::tuple{field("units", &Dense::units, "number of outputs", 1, 1 << 24),
                      field("activation", &Dense::activation, "function applied to the outputs"),
                      field("bias", &Dense::bias, "add a bias to each output"),
                      field("kernel_init", &Dense::kernel_init, "initial values of the weights")};
  }
};

static_assert(all_fields_listed<Dense>);

}  // namespace layers
}  // namespace rondo

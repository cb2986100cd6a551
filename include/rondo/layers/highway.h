/// Highway connections between layers.
#pragma once
#include <string_view>
#include <tuple>

#include <rondo/description.h>
#include <rondo/layers/choices.h>

namespace [[gnu::visibility("default")]] rondo {
namespace layers {

/// y = t f(W x + b) + (1 - t) x with t = sigmoid(W_t x + b_t), element by element (Srivastava et al. 2015). A
/// negative `gate_bias`, the first value of b_t, hands most of x on at first, so that many of these layers
/// learn. Outputs are as wide as inputs.
struct Highway {
  Activation activation = Activation::relu;
  float gate_bias = -1;
  Initializer kernel_init = Initializer::glorot_uniform;

  static constexpr std::string_view type = "highway";
  static constexpr auto fields() {
    return std::tuple{field("activation", &Highway::activation, "function f"),
                      field("gate_bias", &Highway::gate_bias, "initial value of the gate's bias", -100, 100),
                      field("kernel_init", &Highway::kernel_init, "initial values of W and W_t")};
  }
};

static_assert(all_fields_listed<Highway>);

}  // namespace layers
}  // namespace rondo

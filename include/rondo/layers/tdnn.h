/// A layer of a time-delay network.
#pragma once
#include <string_view>
#include <tuple>

#include <rondo/description.h>
#include <rondo/layers/choices.h>

namespace [[gnu::visibility("default")]] rondo {
namespace layers {

/// Each output is f(W · [x_t, x_(t-d), ..., x_(t-K·d)] + b) of one sequence, K the context and d the dilation
/// (Waibel et al. 1989; with dilation Peddinti et al. 2015). What lies before a sequence counts as zeros, so
/// that there are as many outputs as steps; with a stride s they are those of steps 0, s, 2·s, ...
struct TDNN {
  Required<int> units;
  int context = 2;
  int stride = 1;
  int dilation = 1;
  Activation activation = Activation::relu;
  bool bias = true;
  Initializer kernel_init = Initializer::glorot_uniform;

  static constexpr std::string_view type = "tdnn";
  static constexpr auto fields() {
    return std::tuple{field("units", &TDNN::units, "outputs", 1, 1 << 20),
                      field("context", &TDNN::context, "earlier steps that an output sees", 0, (1 << 12) - 1),
                      field("stride", &TDNN::stride, "steps from one output to the next", 1, 1 << 20),
                      field("dilation", &TDNN::dilation, "steps between two that an output sees", 1, 1 << 20),
                      field("activation", &TDNN::activation, "applied to the outputs"),
                      field("bias", &TDNN::bias, "add one number per output"),
                      field("kernel_init", &TDNN::kernel_init, "first values of the weights")};
  }
};
static_assert(all_fields_listed<TDNN>);

}  // namespace layers
}  // namespace rondo

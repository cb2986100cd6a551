/// A convolution over time.
#pragma once
#include <string_view>
#include <tuple>

#include <rondo/description.h>
#include <rondo/layers/choices.h>

namespace [[gnu::visibility("default")]] rondo {

namespace layers {

/// Each output is f(W · window + b) over `kernel_size` steps, `dilation` apart, of one sequence; a batch's
/// sequences never meet. `stride`: steps between two windows. Names as in Keras and PyTorch.
struct Conv1D {
  Required<int> filters;
  int kernel_size = 3;
  Padding padding = Padding::same;
  int stride = 1;
  int dilation = 1;
  Activation activation = Activation::linear;
  bool bias = true;
  Initializer kernel_init = Initializer::glorot_uniform;

  static constexpr std::string_view type = "conv1d";
  static constexpr auto fields() {
    return std::tuple{
        field("filters", &Conv1D::filters, "outputs", 1, 1 << 20),
        field("kernel_size", &Conv1D::kernel_size, "steps in a window", 1, 1 << 12),
        field("padding", &Conv1D::padding, "where windows stand: valid, same or causal"),
        field("stride", &Conv1D::stride, "steps from one window to the next", 1, 1 << 20),
        field("dilation", &Conv1D::dilation, "steps between the neighbours in a window", 1, 1 << 20),
        field("activation", &Conv1D::activation, "applied to the outputs"),
        field("bias", &Conv1D::bias, "add one number per output"),
        field("kernel_init", &Conv1D::kernel_init, "first values of the weights")};
  }
};

static_assert(all_fields_listed<Conv1D>);

}  // namespace layers
}  // namespace rondo

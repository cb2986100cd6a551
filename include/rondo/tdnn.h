/// Time-delay networks: layers that see the last steps of the layer below.
///
///     const nn::TDNN near(in / "near", 40, {.units = 64}), far(in / "far", 64, {.units = 64, .dilation =
///     3}); const Sequences y = far(near(x));    // each output depends on nine steps
#pragma once
#include <cstdint>
#include <vector>

#include <rondo/layers/tdnn.h>
#include <rondo/nn.h>

namespace [[gnu::visibility("default")]] rondo {
namespace nn {

/// Equal to a causal Conv1D of context + 1 steps, bit for bit. Parameters `weight` [units, input, context +
/// 1], the newest step last, and `bias` [units].
class TDNN {
 public:
  TDNN(const Scope& in, int input, const layers::TDNN& options);
  /// Of another layout where the stride is above 1: (length - 1) / stride + 1 steps a sequence.
  Sequences operator()(const Sequences& x) const { return windows_(x); }
  int features() const noexcept { return units_; }

 private:
  int units_;
  Conv1D windows_;
};

/// Layers of `units` one upon the other, each dilated by context + 1 times as much as the one below, as many
/// as are needed for the last output to see `steps` steps; with context 0 one.
std::vector<layers::TDNN> tdnn_layers(int units, int context, std::int64_t steps);

}  // namespace nn
}  // namespace rondo

/// The weights of one direction of a recurrent layer, asked of a Scope under PyTorch's names.
#pragma once
#include <string>

#include <rondo/nn.h>

namespace rondo::nn {

/// weight_ih [gates · units, input], weight_hh [gates · units, units], bias_ih, bias_hh [gates · units], each
/// name followed by `suffix` ("_l0_reverse"; a cell's have none). W and U are initialised gate by gate. The
/// forget gate's first bias stands in bias_ih: the two biases are added, so one of them is enough.
template <class Options>
RecurrentWeights recurrent_weights(const Scope& in, int input, Cell kind, const Options& options,
                                   const std::string& suffix = "") {
  const int gates = gates_of(kind), units = options.units;
  const std::int64_t rows = std::int64_t{gates} * units;
  RecurrentWeights weights;
  weights.weight_ih =
      in.parameter("weight_ih" + suffix, {rows, input}, {.kind = options.kernel_init, .blocks = gates});
  weights.weight_hh =
      in.parameter("weight_hh" + suffix, {rows, units}, {.kind = options.recurrent_init, .blocks = gates});
  if (!options.bias) return weights;
  Initial bias{.kind = Initializer::zeros};
  if constexpr (requires { options.forget_bias; })
    bias = {.kind = Initializer::ones, .scale = options.forget_bias, .blocks = gates, .only_block = 1};
  weights.bias_ih = in.parameter("bias_ih" + suffix, {rows}, bias);
  weights.bias_hh = in.parameter("bias_hh" + suffix, {rows}, {.kind = Initializer::zeros});
  return weights;
}

}  // namespace rondo::nn

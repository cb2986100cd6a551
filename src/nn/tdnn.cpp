#include <rondo/tdnn.h>

#include "nn/checked.h"

namespace rondo::nn {

TDNN::TDNN(const Scope& in, int input, const layers::TDNN& options)
    : units_(checked(in.path(), options).units),
      windows_(in, input,
               {.filters = options.units,
                .kernel_size = options.context + 1,
                .padding = Padding::causal,
                .stride = options.stride,
                .dilation = options.dilation,
                .activation = options.activation,
                .bias = options.bias,
                .kernel_init = options.kernel_init}) {}

std::vector<layers::TDNN> tdnn_layers(int units, int context, std::int64_t steps) {
  std::vector<layers::TDNN> all;
  std::int64_t seen = 1, dilation = 1;
  do {
    all.push_back({.units = units, .context = context, .dilation = static_cast<int>(dilation)});
    seen += context * dilation;
    dilation *= context + 1;
  } while (context > 0 && seen < steps);
  return all;
}

}  // namespace rondo::nn

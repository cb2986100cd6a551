#include <rondo/autograd.h>

#include "autograd/tape.h"
#include "base/message.h"
#include "tensor/describe.h"

namespace rondo {
namespace {

/// Each gradient where it belongs, copied: whose memory it is, only the caller's function knows.
void hand_out(const std::string& name, std::span<const Var> inputs, std::span<const Tensor> gradients,
              Gradients& to) {
  if (gradients.size() != inputs.size())
    fail(ErrorKind::shape, name + ": its gradient wanted a tensor for each of " +
                               std::to_string(inputs.size()) + " inputs, got " +
                               std::to_string(gradients.size()));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Tensor& gradient = gradients[i];
    if (gradient.empty() || !to.wants(inputs[i])) continue;
    if (gradient.shape() != inputs[i].shape() || gradient.dtype() != inputs[i].dtype())
      fail(ErrorKind::shape, name + ": the gradient of input " + std::to_string(i) + " wanted " +
                                 describe(inputs[i].value()) + ", got " + describe(gradient));
    to.give(inputs[i], gradient.clone());
  }
}

}  // namespace

Var custom_op(std::string name, Tensor value, std::vector<Var> inputs, GradientFunction gradient) {
  if (value.empty() || value.dtype() == DType::i32)
    fail(ErrorKind::shape, name + " wanted a value of f32 or f64, got " + describe(value));
  const std::vector<Var> tracked = inputs;
  return record(
      std::move(value), tracked,
      [name = std::move(name), inputs = std::move(inputs), gradient = std::move(gradient)](
          Gradients& gradients) { hand_out(name, inputs, gradient(gradients.of_result()), gradients); });
}

}  // namespace rondo

/// For those who look at a computation and leave its parameters as they are.
#pragma once
#include <functional>

#include <rondo/autograd.h>

namespace rondo {

/// While it is alive, parameters are constants on this thread: no gradient reaches one. What others use at
/// the same time stays as it is, and backward() computes the gradients of activations only.
class ConstantParameters {
 public:
  ConstantParameters();
  ~ConstantParameters();
  ConstantParameters(const ConstantParameters&) = delete;
  ConstantParameters& operator=(const ConstantParameters&) = delete;

 private:
  bool outer_;
};

/// The same numbers as a new place on the live tape, whether or not `x` is tracked. `seen` gets the gradient
/// that arrives there, before it goes on to `x`. Without a Recording: `x`.
Var watched(const Var& x, std::function<void(const Tensor& gradient)> seen);

}  // namespace rondo

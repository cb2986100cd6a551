// A user-defined operation with its gradient: a step function with a straight-through estimator (Bengio et
// al. 2013). Forward rounds to -1 or 1. Backward passes the gradient on where |x| <= 1.
//
// Prints: 4 of 4 signs learned
#include <cmath>
#include <iostream>

#include <rondo/rondo.h>

using namespace rondo;

Var binary(const Var& x) {
  Tensor y = x.value().clone();
  for (float& number : y.data<float>())
    number = number < 0 ? -1.F : 1.F;
  return custom_op("binary", y, {x}, [x](const Tensor& dy) {
    Tensor dx = dy.clone();
    for (std::size_t i = 0; i < dx.data<float>().size(); ++i)
      if (std::abs(x.values()[i]) > 1) dx.data<float>()[i] = 0;
    return std::vector<Tensor>{dx};
  });
}

int main() {
  const auto store = std::make_shared<ParameterStore>(1);
  const Var weight = Scope(store).parameter("weight", {1, 4}, {.kind = Initializer::uniform, .scale = 0.1F});
  const Tensor wanted = Tensor::of<float>({1, 4}, {1, -1, -1, 1});
  for (std::uint64_t step = 0; step < 50; ++step) {
    {
      const Recording recording({.seed = 1, .step = step});
      mse(binary(weight), wanted).backward();
    }
    Tensor moved = store->get("weight");
    const Tensor& gradient = weight.leaf()->gradient;
    for (std::int64_t i = 0; i < 4; ++i)
      moved.data<float>()[static_cast<std::size_t>(i)] -= 0.05F * static_cast<float>(gradient.at(i));
    store->set("weight", moved);
    store->zero_gradients();
  }
  int right = 0;
  for (std::size_t i = 0; i < 4; ++i)
    right += binary(weight).values()[i] == wanted.data<float>()[i] ? 1 : 0;
  std::cout << right << " of 4 signs learned\n";
}

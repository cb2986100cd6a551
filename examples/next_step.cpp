// Regression with one output per step: predicts the next value of a wave at every step.
// Prints: error below 0.05: yes
// Prints: 12 steps, 1 number each
#include <cmath>
#include <iostream>
#include <random>

#include <rondo/rondo.h>

using namespace rondo;
using namespace rondo::layers;

Dataset waves(int count, unsigned seed) {
  std::minstd_rand random(seed);
  Examples examples;
  for (int i = 0; i < count; ++i) {
    const std::int64_t steps = 12 + i % 7;
    const float frequency = 0.3F + 0.001F * static_cast<float>(random() % 700);
    std::vector<float> now, next;
    for (std::int64_t t = 0; t < steps; ++t) {
      now.push_back(std::sin(frequency * static_cast<float>(t)));
      next.push_back(std::sin(frequency * static_cast<float>(t + 1)));
    }
    examples.features.push_back(Tensor::of({steps, 1}, now));
    examples.step_values.push_back(Tensor::of({steps, 1}, next));
  }
  return Dataset(std::move(examples));
}

int main() {
  const Dataset test = waves(60, 2);
  Sequential model{Input{.features = 1}, LSTM{.units = 24, .return_sequences = true}, Dense{.units = 1}};
  model.compile(
      {.optimizer = optim::Adam{.learning_rate = 0.02F}, .loss = Loss::mse, .metrics = {Metric::mae}});
  model.fit(waves(300, 1), {.epochs = 20, .batch_size = 16});

  std::cout << "error below 0.05: " << (model.evaluate(test).at("mae") < 0.05F ? "yes" : "no") << '\n';
  const Tensor forecast = model.outputs(test.take(1)).at(0);
  std::cout << forecast.shape()[0] << " steps, " << forecast.shape()[1] << " number each\n";
}

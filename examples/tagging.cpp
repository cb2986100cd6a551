// One class per step: for each reading, whether an alarm is on. It turns on above 0.8 and off below 0.2.
// Prints: steps right: 1
// Prints: off on on off
#include <iostream>
#include <random>

#include <rondo/rondo.h>

using namespace rondo;
using namespace rondo::layers;

Dataset alarms(int count, unsigned seed) {
  std::minstd_rand random(seed);
  Examples examples;
  examples.class_names = {"off", "on"};
  for (int i = 0; i < count; ++i) {
    const std::int64_t steps = 4 + i % 9;
    std::vector<float> readings;
    std::vector<std::int32_t> states;
    std::int32_t on = 0;
    for (std::int64_t t = 0; t < steps; ++t) {
      readings.push_back(static_cast<float>(random() % 3) / 2);  // 0, 0.5 or 1
      if (readings.back() > 0.8F) on = 1;
      if (readings.back() < 0.2F) on = 0;
      states.push_back(on);
    }
    examples.features.push_back(Tensor::of({steps, 1}, readings));
    examples.step_labels.push_back(Tensor::of({steps}, states));
  }
  return Dataset(std::move(examples));
}

int main() {
  Sequential model{Input{.features = 1}, LSTM{.units = 16, .return_sequences = true},
                   Dense{.units = 2, .activation = Activation::softmax}};
  model.compile({.optimizer = optim::Adam{.learning_rate = 0.02F},
                 .loss = Loss::categorical_cross_entropy,
                 .metrics = {Metric::accuracy}});
  model.fit(alarms(300, 1), {.epochs = 20, .batch_size = 16});

  std::cout << "steps right: " << model.evaluate(alarms(100, 2)).at("accuracy") << '\n';
  for (const Prediction& step : model.predict_steps(Tensor::of<float>({4, 1}, {0.5F, 1, 0.5F, 0})))
    std::cout << step.label << ' ';
  std::cout << '\n';
}

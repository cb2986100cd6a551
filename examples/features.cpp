// Features instead of text: classifies noisy waves by their frequency.
// Prints: accuracy 1
// Prints: fast
#include <cmath>
#include <iostream>
#include <random>

#include <rondo/rondo.h>

using namespace rondo;
using namespace rondo::layers;

/// A noisy sine and its square, [steps, 2].
Tensor wave(float frequency, std::int64_t steps, std::minstd_rand& random) {
  std::vector<float> values;
  for (std::int64_t t = 0; t < steps; ++t) {
    const float x = std::sin(frequency * static_cast<float>(t)) + 0.1F * static_cast<float>(random() % 3);
    values.insert(values.end(), {x, x * x});
  }
  return Tensor::of({steps, 2}, values);
}

int main() {
  std::minstd_rand random(1);
  std::vector<Tensor> waves;
  std::vector<std::string> labels;
  for (int i = 0; i < 200; ++i) {
    const bool fast = i % 2 == 1;
    waves.push_back(wave(fast ? 1.5F : 0.5F, 8 + i % 9, random));  // sequences of any length
    labels.emplace_back(fast ? "fast" : "slow");
  }
  const auto [train, valid, test] = data::labelled_features(waves, labels).split(0.7, 0.15, 0.15);

  Sequential model{Input{.features = 2}, GRU{.units = 16, .return_sequences = true},
                   Pooling{.over_time = {Pool::mean, Pool::max}},
                   Dense{.units = 2, .activation = Activation::softmax}};
  model.compile({.optimizer = optim::Adam{.learning_rate = 0.02F},
                 .loss = Loss::categorical_cross_entropy,
                 .metrics = {Metric::accuracy}});
  model.fit(train, {.epochs = 15, .batch_size = 16, .validation = valid});

  std::cout << model.evaluate(test) << '\n' << model.predict(wave(1.5F, 12, random)) << '\n';
}

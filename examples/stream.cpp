// One step at a time: after each reading, the model says whether a machine runs smoothly.
// Prints: rough from step 4
// Prints: in 8 bits: rough from step 4
#include <cmath>
#include <iostream>
#include <random>

#include <rondo/rondo.h>

using namespace rondo;
using namespace rondo::layers;

/// The reading at a given time: a slow wave, plus a fast one once the machine runs roughly.
float reading(int time, bool rough) {
  const auto t = static_cast<float>(time);
  return std::sin(0.2F * t) + (rough ? std::sin(2.5F * t) : 0);
}

int main() {
  std::minstd_rand random(1);
  Examples examples;
  examples.class_names = {"smooth", "rough"};
  for (int i = 0; i < 100; ++i) {
    const int first = static_cast<int>(random() % 30), turn = static_cast<int>(random() % 60);
    Tensor readings = Tensor::zeros({60, 1}), states = Tensor::zeros({60}, DType::i32);
    for (int t = 0; t < 60; ++t) {
      readings.data<float>()[static_cast<std::size_t>(t)] = reading(first + t, t >= turn);
      states.data<std::int32_t>()[static_cast<std::size_t>(t)] = t >= turn ? 1 : 0;
    }
    examples.features.push_back(readings);
    examples.step_labels.push_back(states);
  }
  Sequential model{Input{.features = 1}, LSTM{.units = 16, .return_sequences = true},
                   Dense{.units = 2, .activation = Activation::softmax}};
  model.compile({.optimizer = optim::Adam{.learning_rate = 0.02F}, .loss = Loss::categorical_cross_entropy});
  model.fit(Dataset(examples), {.epochs = 15, .batch_size = 10});

  const auto rough_from = [&](Stream stream) {
    int step = 0;
    while (step < 60 && stream.push({reading(step, step >= 40)})[1] < 0.5F)
      ++step;
    return step;
  };
  std::cout << "rough from step " << rough_from(model.stream()) << '\n';
  model.quantize(WeightType::int8);
  std::cout << "in 8 bits: rough from step " << rough_from(model.stream()) << '\n';
}

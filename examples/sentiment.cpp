// From a file of labelled sentences to a trained, tested and saved sentiment model.
// Prints: lstm       lstm       [128]
// Prints: accuracy 0.98
// Prints: positive
#include <iostream>

#include <rondo/rondo.h>

using namespace rondo;
using namespace rondo::layers;

int main() {
  const auto [train, valid, test] = data::read_labelled_text("reviews.tsv").split(0.8, 0.1, 0.1);

  Sequential model{
      Tokens{.max_size = 20'000},
      Embedding{.dim = 128},
      LSTM{.units = 64, .bidirectional = true},
      Dropout{.rate = 0.5},
      Dense{.units = 1, .activation = Activation::sigmoid},
  };
  model.compile({
      .optimizer = optim::Adam{.learning_rate = 1e-3},
      .loss = Loss::binary_cross_entropy,
      .metrics = {Metric::accuracy, Metric::f1},
  });
  // clang-format off
  model.fit(train, {
      .epochs = 20,
      .batch_size = 64,
      .validation = valid,
      .callbacks = {callbacks::ProgressBar{}, callbacks::EarlyStopping{.patience = 2}},
  });
  // clang-format on

  std::cout << model.summary() << model.evaluate(test) << '\n'
            << model.predict("what a lovely film") << '\n';  // positive 0.98
  model.save("sentiment.rondo");
}

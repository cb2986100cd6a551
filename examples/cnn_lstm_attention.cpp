// A convolution, a bidirectional LSTM and pooling by attention: a text classifier that says where it looked.
// Prints: conv1d
// Prints: attention_pooling
// Prints: accuracy above 0.9: yes
// Prints: weights of 7 tokens, sum 1
#include <cmath>
#include <iomanip>
#include <iostream>
#include <numeric>

#include <rondo/rondo.h>

using namespace rondo;
using namespace rondo::layers;

int main() {
  const auto [train, valid, test] = data::read_labelled_text("reviews.tsv").split(0.8, 0.1, 0.1);

  Sequential model{
      Tokens{.max_size = 20'000},
      Embedding{.dim = 64},
      Conv1D{.filters = 64, .kernel_size = 3, .activation = Activation::relu},
      Bidirectional{LSTM{.units = 32, .return_sequences = true}},
      AttentionPooling{},
      Dropout{.rate = 0.5},
      Dense{.units = 2, .activation = Activation::softmax},
  };
  model.compile({
      .optimizer = optim::Adam{.learning_rate = 2e-3},
      .loss = Loss::categorical_cross_entropy,
      .metrics = {Metric::accuracy},
  });
  model.fit(train, {.epochs = 8, .batch_size = 32, .validation = valid});
  std::cout << model.summary()
            << "accuracy above 0.9: " << (model.evaluate(test).at("accuracy") > 0.9F ? "yes" : "no") << '\n';

  const std::string text = "the first half was slow but wonderful";
  const inspect::Watch watch;
  std::cout << model.predict(text) << '\n';
  const std::vector<double> weights = watch.looks().front().found.of(0);
  const std::vector<std::string> tokens = tokenize(text, model.encoder().options());
  for (std::size_t i = 0; i < weights.size(); ++i)
    std::cout << std::setw(10) << tokens[i] << "  "
              << std::string(static_cast<std::size_t>(40 * weights[i]), '#') << '\n';
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::cout << "weights of " << weights.size() << " tokens, sum " << std::round(1e5 * sum) / 1e5 << '\n';
}

#include "support/models.h"

#include <array>

#include "base/random.h"

namespace rondo::testing_support {
namespace {

Tensor signal(Random& random, int width) {
  const auto steps = static_cast<std::int64_t>(1 + random.below(6));
  Tensor t = Tensor::zeros({steps, width});
  for (float& x : t.data<float>())
    x = random.uniform(-1, 1);
  return t;
}

double sum_until(const Tensor& t, std::int64_t steps) {
  double sum = 0;
  for (std::int64_t i = 0; i < steps * t.columns(); ++i)
    sum += t.at(i);
  return sum;
}

}  // namespace

Dataset small_reviews(std::size_t count, std::uint64_t seed) {
  constexpr std::array good = {"lovely", "superb", "charming"}, bad = {"awful", "dull", "dreadful"};
  constexpr std::array words = {"the", "film", "was", "a", "very", "plot", "and", "its", "music"};
  Random random(seed);
  std::vector<std::string> texts, labels;
  for (std::size_t i = 0; i < count; ++i) {
    const bool positive = random.below(2) == 1;
    const std::size_t length = 1 + random.below(7), place = random.below(length);
    std::string text;
    for (std::size_t w = 0; w < length; ++w) {
      if (w > 0) text += ' ';
      text += w == place ? (positive ? good : bad)[random.below(3)] : words[random.below(words.size())];
    }
    texts.push_back(text);
    labels.emplace_back(positive ? "good" : "bad");
  }
  return data::labelled_text(texts, labels);
}

Dataset small_signals(std::size_t count, int width, std::uint64_t seed) {
  Random random(seed);
  std::vector<Tensor> features;
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < count; ++i) {
    features.push_back(signal(random, width));
    labels.emplace_back(sum_until(features.back(), features.back().rows()) > 0 ? "up" : "down");
  }
  return data::labelled_features(std::move(features), labels);
}

Dataset small_step_signals(std::size_t count, int width, std::uint64_t seed) {
  Random random(seed);
  Examples examples;
  examples.class_names = {"down", "up"};
  for (std::size_t i = 0; i < count; ++i) {
    const Tensor x = signal(random, width);
    Tensor y = Tensor::zeros({x.rows()}, DType::i32);
    for (std::int64_t t = 0; t < x.rows(); ++t)
      y.data<std::int32_t>()[static_cast<std::size_t>(t)] = sum_until(x, t + 1) > 0 ? 1 : 0;
    examples.features.push_back(x);
    examples.step_labels.push_back(y);
  }
  return Dataset(std::move(examples));
}

Dataset small_regression(std::size_t count, int width, std::uint64_t seed) {
  Random random(seed);
  Examples examples;
  for (std::size_t i = 0; i < count; ++i) {
    const Tensor x = signal(random, width);
    examples.features.push_back(x);
    examples.values.push_back(Tensor::full({1}, sum_until(x, x.rows()) / static_cast<double>(x.size())));
  }
  return Dataset(std::move(examples));
}

Sequential small_classifier(std::uint64_t seed) {
  Sequential model{
      layers::Tokens{.max_size = 100},
      layers::Embedding{.dim = 6},
      layers::LSTM{.units = 5, .bidirectional = true},
      layers::Dropout{.rate = 0.2},
      layers::Dense{.units = 1, .activation = Activation::sigmoid},
  };
  model.compile({.optimizer = optim::Adam{.learning_rate = 0.03F},
                 .loss = Loss::binary_cross_entropy,
                 .metrics = {Metric::accuracy}});
  model.prepare(small_reviews(), seed);
  return model;
}

std::vector<float> weights_of(const Sequential& model) {
  std::vector<float> all;
  for (const Parameter& p : model.weights().parameters()) {
    const std::span<const float> values = std::as_const(p.leaf->value).data<float>();
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

}  // namespace rondo::testing_support

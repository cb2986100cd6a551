// The tasks, and a network that learns one of them.
#include <algorithm>
#include <cmath>

#include <rondo/callbacks.h>
#include <rondo/error.h>
#include <rondo/model.h>

#include "base/message.h"
#include "base/random.h"
#include "tasks/lab/lab.h"

namespace rondo::lab {
namespace {

constexpr int symbols = 8;
/// Of what passes between symbol and question. Across a quiet gap a state that saturates carries a symbol
/// without any memory for it.
constexpr double noise = 0.1;
/// Steps of training between two looks at the score.
constexpr int chunk = 50;

Tensor copy_features(Random& random, int length, std::int32_t& label) {
  Tensor features = Tensor::zeros({length, symbols + 1});
  const std::span<float> numbers = features.data<float>();
  label = static_cast<std::int32_t>(random.below(symbols));
  numbers[static_cast<std::size_t>(label)] = 1;
  numbers.back() = 1;  // asks
  constexpr std::size_t width = symbols + 1;
  for (std::size_t t = 1; t + 1 < static_cast<std::size_t>(length); ++t)
    for (std::size_t s = 0; s < symbols; ++s)
      numbers[t * width + s] = static_cast<float>(noise * (2 * random.uniform_double() - 1));
  return features;
}

Tensor adding_features(Random& random, int length, float& sum) {
  Tensor features = Tensor::zeros({length, 2});
  const std::span<float> numbers = features.data<float>();
  for (std::size_t t = 0; t < static_cast<std::size_t>(length); ++t)
    numbers[2 * t] = static_cast<float>(random.uniform_double());
  const auto half = static_cast<std::uint64_t>(length / 2);
  const std::uint64_t first = random.below(half),
                      second = half + random.below(static_cast<std::uint64_t>(length) - half);
  sum = 0;
  for (const std::uint64_t t : {first, second}) {
    numbers[2 * t + 1] = 1;
    sum += numbers[2 * t];
  }
  return features;
}

Tensor parity_features(Random& random, int length, std::int32_t& label) {
  Tensor features = Tensor::zeros({length, 1});
  label = 0;
  for (float& bit : features.data<float>()) {
    const bool one = random.below(2) == 1;
    bit = one ? 1.0F : -1.0F;
    label ^= one ? 1 : 0;
  }
  return features;
}

AnyLayer recurrent_layer(const LabOptions& o, Network network) {
  switch (network) {
    case Network::lstm:
      return layers::LSTM{.units = o.units};
    case Network::gru:
      return layers::GRU{.units = o.units};
    case Network::tanh:
      return layers::SimpleRNN{.units = o.units, .recurrent_init = Initializer::glorot_uniform};
    case Network::relu:
      return layers::SimpleRNN{.units = o.units, .activation = Activation::relu};
    case Network::linear:
      return layers::LinearRecurrence{.units = o.units};
    case Network::residual:
      return layers::ResidualRecurrence{.units = o.units, .recurrent_init = Initializer::glorot_uniform};
    case Network::all:
      break;
  }
  throw Bug("lab: all networks are not one");
}

/// Small numbers as PyTorch draws them, within ±1/√units: as they come, nothing helps this U to keep
/// anything.
void make_small(ParameterStore& weights, const std::string& u) {
  Tensor drawn = weights.find(u)->leaf->value.clone();  // Glorot's, within ±√(3/units)
  for (float& number : drawn.data<float>())
    number /= std::sqrt(3.0F);
  weights.set(u, drawn);
}

void make_identity(ParameterStore& weights, const std::string& u, int units) {
  Tensor identity = Tensor::zeros({units, units});
  for (int i = 0; i < units; ++i)
    identity.data<float>()[static_cast<std::size_t>(i) * static_cast<std::size_t>(units + 1)] = 1;
  weights.set(u, identity);
}

/// Biases of the gate that keeps the state, ln of evenly drawn times between 1 and the sequence's length, so
/// that units remember for as many steps; of an LSTM's input gate the opposites (Tallec & Ollivier 2018).
void open_gates(const LabOptions& o, Network network, ParameterStore& weights, const std::string& layer) {
  const bool lstm = network == Network::lstm;
  const auto units = static_cast<std::size_t>(o.units);
  Tensor ih = Tensor::zeros({(lstm ? 4 : 3) * o.units});
  Random random(o.seed);
  for (std::size_t i = 0; i < units; ++i) {
    const auto bias = static_cast<float>(std::log(1 + (std::max(o.length, 3) - 2) * random.uniform_double()));
    ih.data<float>()[units + i] = bias;  // the second of i f g o, and of r z n
    if (lstm) ih.data<float>()[i] = -bias;
  }
  weights.set(layer + ".bias_hh_l0", Tensor::zeros(ih.shape()));
  weights.set(layer + ".bias_ih_l0", ih);
}

void first_values(const LabOptions& o, Network network, const std::string& layer, ParameterStore& weights) {
  if (network == Network::tanh) make_small(weights, layer + ".weight_hh_l0");
  if (network == Network::relu) make_identity(weights, layer + ".weight_hh_l0", o.units);
  if (has_gates(network) && o.open_gates) open_gates(o, network, weights, layer);
}

Sequential model_of(const LabOptions& o, Network network) {
  const bool adding = o.task == MemoryTask::adding;
  const int width = o.task == MemoryTask::copy ? symbols + 1 : adding ? 2 : 1;
  const int classes = o.task == MemoryTask::copy ? symbols : 2;
  Sequential model({layers::Input{.features = width}, recurrent_layer(o, network),
                    layers::Dense{.units = adding ? 1 : classes,
                                  .activation = adding ? Activation::linear : Activation::softmax}});
  model.compile({.optimizer = optim::Adam{.learning_rate = o.learning_rate},
                 .loss = adding ? Loss::mse : Loss::categorical_cross_entropy,
                 .metrics = adding ? std::vector<AnyMetric>{} : std::vector<AnyMetric>{Metric::accuracy}});
  model.prepare(sequences_of(o.task, o.length, 2, o.seed), o.seed);
  first_values(o, network, model.layer_names()[1], model.weights());
  return model;
}

/// Notes the longest gradient.
struct Longest {
  double* norm;

  struct Noting final : Callback {
    explicit Noting(double* to) : norm(to) {}
    void on_step(const StepReport& step) override {
      *norm = std::max(*norm, static_cast<double>(step.gradient_norm));
    }
    double* norm;
  };
  std::unique_ptr<Callback> start() const { return std::make_unique<Noting>(norm); }
};

double score_of(const LabOptions& o, const Sequential& model, const Dataset& test) {
  const Scores scores = model.evaluate(test);
  return static_cast<double>(scores.at(o.task == MemoryTask::adding ? "loss" : "accuracy"));
}

void learn(const LabOptions& o, Sequential& model, Trial& trial, const std::function<bool()>& stop) {
  const Dataset test = sequences_of(o.task, o.length, 400, o.seed + 1'000'000);
  trial.score = score_of(o, model, test);
  while (trial.steps < o.steps && !trial.solved && !(stop && stop())) {
    const int steps = std::min<int>(chunk, o.steps - static_cast<int>(trial.steps));
    const Dataset train = sequences_of(o.task, o.length, steps * o.batch_size,
                                       o.seed + 17 + static_cast<std::uint64_t>(trial.steps));
    try {
      model.fit(train, {.batch_size = o.batch_size,
                        .clip_norm = o.clip_norm,
                        .seed = o.seed,
                        .callbacks = {Longest{&trial.largest_norm}}});
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::numeric) throw;
      trial.broken = true;
      return;
    }
    trial.steps += steps;
    trial.score = score_of(o, model, test);
    trial.solved = o.task == MemoryTask::adding ? trial.score <= 0.01 : trial.score >= 0.99;
  }
}

}  // namespace

Dataset sequences_of(MemoryTask task, int length, int count, std::uint64_t seed) {
  Random random(seed);
  Examples examples;
  for (int i = 0; i < count; ++i) {
    std::int32_t label = 0;
    float sum = 0;
    switch (task) {
      case MemoryTask::copy:
        examples.features.push_back(copy_features(random, length, label));
        break;
      case MemoryTask::adding:
        examples.features.push_back(adding_features(random, length, sum));
        break;
      case MemoryTask::parity:
        examples.features.push_back(parity_features(random, length, label));
        break;
    }
    if (task == MemoryTask::adding)
      examples.values.push_back(Tensor::full({1}, static_cast<double>(sum)));
    else
      examples.labels.push_back(label);
  }
  if (task == MemoryTask::copy)
    for (int s = 0; s < symbols; ++s)
      examples.class_names.push_back(std::string(1, static_cast<char>('A' + s)));
  if (task == MemoryTask::parity) examples.class_names = {"even", "odd"};
  return Dataset(std::move(examples));
}

bool has_gates(Network network) {
  return network == Network::gru || network == Network::lstm;
}

std::vector<Network> networks_of(const LabOptions& options) {
  if (options.network != Network::all) return {options.network};
  return {Network::tanh, Network::relu, Network::linear, Network::residual, Network::gru, Network::lstm};
}

Trial trial_of(const LabOptions& options, Network network, const std::function<bool()>& stop) {
  Sequential model = model_of(options, network);
  const Tensor shown = sequences_of(options.task, options.length, 1, options.seed + 2'000'000).features(0);
  Trial trial{.network = network};
  trial.before = inspect::flow(inspect::runs(model, shown).front());
  learn(options, model, trial, stop);
  if (trial.broken) return trial;
  trial.run = inspect::runs(model, shown).front();
  trial.after = inspect::flow(trial.run);
  return trial;
}

}  // namespace rondo::lab

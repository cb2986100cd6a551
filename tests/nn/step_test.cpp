// Single steps of whole layers: the numbers of run(), with its weights.
#include <gtest/gtest.h>

#include <rondo/nn.h>

#include "support/checks.h"
#include "support/expect_error.h"

namespace rondo::testing_support {
namespace {

using nn::Recurrence;
using nn::RecurrentLayers;

constexpr std::int64_t input = 3, rows = 4, steps = 6;

struct Drops {
  float between = 0, recurrent = 0, weights = 0;
};

template <class Options>
Options two_layers(Options options, const Drops& drops) {
  options.layers = 2;
  options.dropout = drops.between;
  options.recurrent_dropout = drops.recurrent;
  options.weight_dropout = drops.weights;
  return options;
}

/// One layer of each kind under a scope of its own.
struct Kinds {
  std::shared_ptr<ParameterStore> store;
  std::vector<std::pair<std::string, RecurrentLayers>> all;

  explicit Kinds(DType type, const Drops& drops = {}) : store(std::make_shared<ParameterStore>(3, type)) {
    const Scope in(store);
    add("lstm", nn::LSTM(in / "lstm", input, two_layers(layers::LSTM{.units = 5}, drops)));
    add("gru", nn::GRU(in / "gru", input, two_layers(layers::GRU{.units = 5}, drops)));
    layers::GRU before{.units = 5};
    before.reset_after = false;
    add("gru, reset before", nn::GRU(in / "before", input, two_layers(before, drops)));
    add("simple_rnn", nn::SimpleRNN(in / "rnn", input, two_layers(layers::SimpleRNN{.units = 5}, drops)));
  }
  void add(std::string name, RecurrentLayers layer) { all.emplace_back(std::move(name), std::move(layer)); }
};

Sequences equal_lengths(DType type) {
  return {Var(random_tensor({rows * steps, input}, 5, type)), Layout::uniform(rows, steps)};
}

/// x step by step; `count_time` hands in the step's number.
Recurrence by_steps(const RecurrentLayers& layer, const Sequences& x, bool count_time = false) {
  State state = layer.start(rows);
  std::vector<Var> outputs;
  for (std::int64_t t = 0; t < steps; ++t) {
    const Var row = slice_rows(x.rows(), t * rows, (t + 1) * rows);
    nn::Step step = layer.step(row, state, count_time ? static_cast<std::uint64_t>(t) : 0);
    outputs.push_back(step.output);
    state = std::move(step.state);
  }
  return {Sequences(stack(outputs), x.layout()), state};
}

void expect_equal(const Recurrence& got, const Recurrence& wanted, const std::string& name) {
  expect_same_bits(got.outputs.rows().value(), wanted.outputs.rows().value(), name + ", outputs");
  ASSERT_EQ(got.state.size(), wanted.state.size()) << name;
  for (std::size_t i = 0; i < got.state.size(); ++i)
    expect_same_bits(got.state[i].value(), wanted.state[i].value(), name + ", state " + std::to_string(i));
}

TEST(Step, StepByStepHasTheBitsOfRun) {
  for (const DType type : {DType::f32, DType::f64}) {
    const Kinds kinds(type);
    const Sequences x = equal_lengths(type);
    for (const auto& [name, layer] : kinds.all) {
      const Recurrence wanted = layer.run(x, layer.start(rows));
      expect_equal(by_steps(layer, x), wanted, name);
      const InferenceMode inference;
      expect_equal(by_steps(layer, x), wanted, name + " in an InferenceMode");
    }
  }
}

TEST(Step, GradientsAreThoseOfRun) {
  const Kinds kinds(DType::f64);
  const Sequences x = equal_lengths(DType::f64);
  for (const auto& [name, layer] : kinds.all) {
    std::vector<std::vector<Tensor>> gradients;
    for (const bool whole : {true, false}) {
      kinds.store->zero_gradients();
      const Recording recording;
      const Recurrence r = whole ? layer.run(x) : by_steps(layer, x);
      (sum(r.outputs.rows() * r.outputs.rows()) + sum(r.state[0] * r.state[1])).backward();
      gradients.emplace_back();
      for (const Parameter& p : kinds.store->parameters())
        gradients.back().push_back(p.leaf->gradient.clone());
    }
    for (std::size_t i = 0; i < gradients[0].size(); ++i)
      expect_close(gradients[1][i], gradients[0][i], 1e-12, name + ", " + kinds.store->parameters()[i].name);
  }
}

TEST(Step, RecurrentAndWeightDropoutAreThoseOfRun) {
  const Kinds kinds(DType::f64, {.recurrent = 0.4F, .weights = 0.3F});
  const Sequences x = equal_lengths(DType::f64);
  for (const auto& [name, layer] : kinds.all) {
    const Recording recording;
    expect_equal(by_steps(layer, x), layer.run(x, layer.start(rows)), name);
  }
}

TEST(Step, DropoutBetweenLayersDependsOnTheTime) {
  const Kinds kinds(DType::f64, {.between = 0.5F});
  const RecurrentLayers& layer = kinds.all.front().second;
  const Var x(random_tensor({rows, input}, 7));
  const auto output = [&](std::uint64_t time) {
    return layer.step(x, layer.start(rows), time).output.value();
  };
  const Tensor plain = output(0);
  expect_same_bits(output(1), plain, "without a Recording");
  const Recording recording;
  const Tensor first = output(0);
  expect_same_bits(first, layer.run({x, Layout::uniform(rows, 1)}, layer.start(rows)).outputs.rows().value(),
                   "the first step");
  expect_same_bits(output(0), first, "the same time");
  const Tensor second = output(1);
  double apart = 0;
  for (std::int64_t i = 0; i < first.size(); ++i)
    apart = std::max(apart, std::abs(first.at(i) - second.at(i)));
  EXPECT_GT(apart, 1e-3) << "another time";
}

TEST(Step, ReorderedStatesGoOnAsTheirRows) {
  const Kinds kinds(DType::f32);
  const Var x(random_tensor({rows, input}, 9, DType::f32));
  const std::vector<std::int32_t> chosen = {2, 2, 0, 3};
  for (const auto& [name, layer] : kinds.all) {
    const State state = layer.step(x, layer.start(rows)).state;
    const nn::Step together = layer.step(x, state);
    const nn::Step selected = layer.step(select_rows(x, chosen), state.select(chosen));
    expect_same_bits(selected.output.value(), select_rows(together.output, chosen).value(), name);
  }
}

TEST(Step, RefusesWhatItCannotDo) {
  const auto store = std::make_shared<ParameterStore>();
  const nn::GRU both(Scope(store) / "both", input, {.units = 2, .bidirectional = true});
  const Var x(Tensor::zeros({rows, input}));
  EXPECT_EQ(both.start(rows)[0].shape(), (Shape{rows, 4}));
  test::expect_error(
      ErrorKind::usage, [&] { both.step(x, both.start(rows)); }, "bidirectional", "run()");
  const nn::LSTM lstm(Scope(store) / "lstm", input, {.units = 2});
  test::expect_error(
      ErrorKind::shape, [&] { lstm.step(x, {}); }, "takes 2 states, got 0");
  test::expect_error(
      ErrorKind::shape, [&] { lstm.step(x, lstm.start(rows + 1)); }, "h0");
}

TEST(Step, CellsDropAsTheirOptionsSay) {
  const auto store = std::make_shared<ParameterStore>();
  const nn::LSTMCell cell(Scope(store) / "cell", input, {.units = 5, .recurrent_dropout = 0.5F});
  const Var x(random_tensor({rows, input}, 9, DType::f32));
  const State state = cell(x, cell.start(rows));
  const Tensor plain = cell(x, state)[0].value();
  const Recording recording;
  double apart = 0;
  const Tensor dropped = cell(x, state)[0].value();
  for (std::int64_t i = 0; i < plain.size(); ++i)
    apart = std::max(apart, std::abs(plain.at(i) - dropped.at(i)));
  EXPECT_GT(apart, 1e-4);
}

}  // namespace
}  // namespace rondo::testing_support

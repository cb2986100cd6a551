// Variants of LSTM and GRU, and the recurrences that add to their state: PyTorch's numbers
// (tests/golden/make_recurrent_variants.py), gradients, steps, directions, equal bits.
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/nn.h>

#include "support/checks.h"
#include "support/expect_error.h"
#include "support/golden.h"

namespace rondo::testing_support {
namespace {

using test::expect_error;

std::shared_ptr<const Layout> packed(std::vector<std::int32_t> lengths = {6, 4, 4, 1}) {
  return Layout::of(lengths);
}

template <class Options>
void expect_golden(const std::string& kind, const Options& options, DType type, double tolerance) {
  static const Golden golden = read_golden("recurrent_variants.safetensors");
  SCOPED_TRACE(kind + " in " + std::string(name_of(type)));
  const auto read = [&](const std::string& what) { return golden.at(kind + "/" + what).to(type); };
  const auto store = std::make_shared<ParameterStore>(1, type);
  const nn::RecurrentLayers layer(Scope(store), 3, options);
  std::set<std::string> names;
  for (const Parameter& p : store->parameters()) {
    names.insert(p.name);
    store->set(p.name, read(p.name));
  }
  for (const auto& [name, value] : golden) {
    const bool weight = name.starts_with(kind + "/") && name.find("_l0") != std::string::npos;
    if (!weight || name.starts_with(kind + "/d.")) continue;
    EXPECT_TRUE(names.contains(name.substr(kind.size() + 1))) << name << " is no parameter";
  }
  const bool memory = golden.contains(kind + "/c0");
  const Var x = parameter(read("x")), h0 = parameter(read("h0"));
  const Var c0 = memory ? parameter(read("c0")) : Var();
  const Recording recording;
  const nn::Recurrence run = layer.run({x, packed()}, memory ? State{h0, c0} : State{h0});
  expect_close(run.outputs.rows().value(), read("outputs"), tolerance, "outputs");
  Var loss = sum(run.outputs.rows() * Var(read("loss"))) + sum(run.state[0] * Var(read("loss_h")));
  expect_close(run.state[0].value(), read("h"), tolerance, "h");
  if (memory) {
    expect_close(run.state[1].value(), read("c"), tolerance, "c");
    loss = loss + sum(run.state[1] * Var(read("loss_c")));
    EXPECT_EQ(layer.start(4)[1].shape(), c0.shape());
  }
  EXPECT_EQ(layer.start(4)[0].shape(), h0.shape());
  EXPECT_EQ(layer.features(), run.outputs.features());
  loss.backward();
  expect_close(x.leaf()->gradient, read("d.x"), 10 * tolerance, "d.x");
  expect_close(h0.leaf()->gradient, read("d.h0"), 10 * tolerance, "d.h0");
  if (memory) expect_close(c0.leaf()->gradient, read("d.c0"), 10 * tolerance, "d.c0");
  for (const std::string& name : names)
    expect_close(store->find(name)->leaf->gradient, read("d." + name), 10 * tolerance, name);
}

template <class Options>
void expect_golden(const std::string& kind, const Options& options) {
  expect_golden(kind, options, DType::f64, 1e-12);
  for_each_isa([&] { expect_golden(kind, options, DType::f32, 2e-5); });
}

constexpr Activation relu_of = Activation::relu, hard = Activation::hard_sigmoid;

TEST(RecurrentVariants, AProjectedLstmIsPyTorchs) {
  expect_golden("lstm_proj", layers::LSTM{.units = 4, .bidirectional = true, .proj_size = 2});
}
TEST(RecurrentVariants, PeepholesAreTheirFormulas) {
  expect_golden("lstm_peepholes", layers::LSTM{.units = 4, .peepholes = true});
}
TEST(RecurrentVariants, LayerNormIsItsFormulas) {
  expect_golden("lstm_layer_norm", layers::LSTM{.units = 4, .layer_norm = true});
}
TEST(RecurrentVariants, FunctionsOfAnLstmAreTheirFormulas) {
  expect_golden("lstm_functions",
                layers::LSTM{.units = 4, .activation = relu_of, .recurrent_activation = hard});
}
TEST(RecurrentVariants, AllOfAnLstmGoTogether) {
  expect_golden("lstm_all", layers::LSTM{.units = 4,
                                         .activation = Activation::linear,
                                         .proj_size = 2,
                                         .peepholes = true,
                                         .layer_norm = true});
}
TEST(RecurrentVariants, FunctionsOfAGruAreTheirFormulas) {
  expect_golden("gru_after",
                layers::GRU{.units = 4, .activation = Activation::sigmoid, .recurrent_activation = hard});
  expect_golden("gru_before", layers::GRU{.units = 4, .reset_after = false, .activation = relu_of});
}
TEST(RecurrentVariants, AResidualRecurrenceIsItsFormula) {
  expect_golden("residual", layers::ResidualRecurrence{.units = 4});
}
TEST(RecurrentVariants, ALinearRecurrenceIsItsFormula) {
  expect_golden("linear", layers::LinearRecurrence{.units = 4});
}

// -- Against the fused cells: what says the default functions in another way is the same.

template <class Options>
nn::Recurrence run_of(const Options& options, const Tensor& x, const std::shared_ptr<const Layout>& layout) {
  const auto store = std::make_shared<ParameterStore>(5, x.dtype());
  const nn::RecurrentLayers layer(Scope(store), static_cast<int>(x.columns()), options);
  for (const Parameter& p : store->parameters())
    if (p.name.find("bias") != std::string::npos)
      store->set(p.name, random_tensor(p.leaf->value.shape(), 9, x.dtype(), -0.5, 0.5));
  return layer.run({Var(x), layout});
}

TEST(RecurrentVariants, WithoutEffectTheyAreTheFusedCell) {
  // Peepholes begin at zero.
  const Tensor x = random_tensor({15, 3}, 1);
  layers::LSTM options{.units = 5, .layers = 2, .bidirectional = true};
  const nn::Recurrence plain = run_of(options, x, packed());
  options.peepholes = true;
  const nn::Recurrence peeped = run_of(options, x, packed());
  expect_close(peeped.outputs.rows().value(), plain.outputs.rows().value(), 1e-12, "outputs");
  for (std::size_t i = 0; i < plain.state.size(); ++i)
    expect_close(peeped.state[i].value(), plain.state[i].value(), 1e-12, "state " + std::to_string(i));
}

TEST(RecurrentVariants, DropoutActsAsInTheFusedCell) {
  const Tensor x = random_tensor({15, 3}, 1);
  layers::LSTM options{.units = 5, .bidirectional = true, .recurrent_dropout = 0.4F, .weight_dropout = 0.3F};
  const Recording recording({.seed = 3});
  const nn::Recurrence plain = run_of(options, x, packed());
  options.peepholes = true;
  expect_close(run_of(options, x, packed()).outputs.rows().value(), plain.outputs.rows().value(), 1e-12,
               "outputs");
}

// -- Directions.

template <class Options>
void expect_backwards(Options options) {
  SCOPED_TRACE(std::string(Options::type));
  const Tensor x = random_tensor({15, 3}, 1);
  options.go_backwards = true;
  const nn::Recurrence back = run_of(options, x, packed());
  // Each sequence turned round by hand.
  const auto layout = packed();
  std::vector<std::int32_t> turn(15);
  for (std::int64_t k = 0; k < 4; ++k)
    for (std::int64_t t = 0; t < layout->length(k); ++t)
      turn[static_cast<std::size_t>(layout->row(k, t))] =
          static_cast<std::int32_t>(layout->row(k, layout->length(k) - 1 - t));
  options.go_backwards = false;
  const nn::Recurrence forth = run_of(options, select_rows(Var(x), turn).value(), layout);
  expect_close(back.outputs.rows().value(), select_rows(forth.outputs.rows(), turn).value(), 1e-12,
               "outputs");
  expect_close(back.state[0].value(), forth.state[0].value(), 1e-12, "final h");
}

TEST(RecurrentVariants, GoBackwardsReadsFromTheEndAndKeepsSteps) {
  expect_backwards(layers::LSTM{.units = 4});
  expect_backwards(layers::LSTM{.units = 4, .peepholes = true});
  expect_backwards(layers::GRU{.units = 4, .layers = 2});
  expect_backwards(layers::SimpleRNN{.units = 4});
  expect_backwards(layers::ResidualRecurrence{.units = 4});
  expect_backwards(layers::LinearRecurrence{.units = 4});
}

TEST(RecurrentVariants, BidirectionalIsWrittenAsKerasWritesIt) {
  const layers::LSTM plain = layers::Bidirectional{layers::LSTM{.units = 4, .return_sequences = true}};
  EXPECT_TRUE(plain.bidirectional && plain.return_sequences);
  EXPECT_EQ(plain.merge, Merge::concat);
  const layers::GRU summed = layers::Bidirectional{layers::GRU{.units = 4}, Merge::sum};
  EXPECT_EQ(summed.merge, Merge::sum);
}

// -- Steps, gradients, bits.

template <class Options>
void expect_steps_like_runs(const Options& options) {
  SCOPED_TRACE(std::string(Options::type));
  const nn::RecurrentLayers layer(Scope(std::make_shared<ParameterStore>(3)), 3, options);
  const Tensor x = random_tensor({5 * 2, 3}, 4, DType::f32);
  const nn::Recurrence whole = layer.run({Var(x), Layout::uniform(2, 5)});
  State state = layer.start(2);
  std::vector<Var> outputs;
  for (std::int64_t t = 0; t < 5; ++t) {
    const nn::Step step = layer.step(slice_rows(Var(x), 2 * t, 2 * t + 2), state);
    outputs.push_back(step.output);
    state = step.state;
  }
  expect_same_bits(stack(outputs).value(), whole.outputs.rows().value(), "outputs");
  for (std::size_t i = 0; i < state.size(); ++i)
    expect_same_bits(state[i].value(), whole.state[i].value(), "state " + std::to_string(i));
}

TEST(RecurrentVariants, StepWithTheBitsOfARun) {
  expect_steps_like_runs(layers::ResidualRecurrence{.units = 6, .layers = 2});
  expect_steps_like_runs(layers::LinearRecurrence{.units = 6, .layers = 2});
  expect_steps_like_runs(
      layers::LSTM{.units = 6, .layers = 2, .proj_size = 3, .peepholes = true, .layer_norm = true});
  expect_steps_like_runs(layers::GRU{.units = 6, .recurrent_activation = hard});
}

template <class Options>
void expect_gradients(const Options& options) {
  SCOPED_TRACE(std::string(Options::type));
  const auto store = std::make_shared<ParameterStore>(1, DType::f64);
  const nn::RecurrentLayers layer(Scope(store), 3, options);
  const auto layout = packed({4, 3, 1});
  gradient_check(
      [&](std::span<const Var> x) {
        const nn::Recurrence run = layer.run({x[0], layout});
        return joined({run.outputs.rows(), run.state[0]});
      },
      std::vector<Tensor>{random_tensor({8, 3}, 1)});
}

TEST(RecurrentVariants, HaveTheGradientsOfTheirValues) {
  expect_gradients(layers::ResidualRecurrence{.units = 4, .layers = 2, .bidirectional = true});
  expect_gradients(layers::LinearRecurrence{.units = 4, .layers = 2, .bidirectional = true});
  expect_gradients(layers::LinearRecurrence{.units = 4, .go_backwards = true});
  expect_gradients(
      layers::LSTM{.units = 4, .bidirectional = true, .proj_size = 2, .peepholes = true, .layer_norm = true});
  expect_gradients(layers::GRU{.units = 4, .reset_after = false, .activation = Activation::sigmoid});
}

/// A linear recurrence forgets nothing: d h_T / d h_0 is the identity.
TEST(RecurrentVariants, ALinearRecurrenceKeepsEveryGradient) {
  const nn::RecurrentLayers layer(Scope(std::make_shared<ParameterStore>(1, DType::f64)), 3,
                                  layers::LinearRecurrence{.units = 4});
  const Var h0 = parameter(random_tensor({1, 4}, 2));
  const Tensor weights = random_tensor({1, 4}, 3);
  const Recording recording;
  sum(layer.run({Var(random_tensor({200, 3}, 1)), Layout::uniform(1, 200)}, {h0}).state[0] * Var(weights))
      .backward();
  expect_same_bits(h0.leaf()->gradient, weights, "gradient of the first state");
}

template <class Options>
void expect_same_bits_on_threads(const Options& options) {
  SCOPED_TRACE(std::string(Options::type));
  const Tensor x = random_tensor({40 * 20, 33}, 1, DType::f32);
  std::vector<Tensor> first;
  for_each_thread_count([&] {
    const auto store = std::make_shared<ParameterStore>(1);
    const nn::RecurrentLayers layer(Scope(store), 33, options);
    const Var input = parameter(x);
    const Recording recording;
    const nn::Recurrence run = layer.run({input, Layout::uniform(40, 20)});
    sum(run.outputs.rows() * run.outputs.rows()).backward();
    std::vector<Tensor> all = {run.outputs.rows().value(), input.leaf()->gradient};
    for (const Parameter& p : store->parameters())
      all.push_back(p.leaf->gradient);
    if (first.empty()) first = all;
    for (std::size_t i = 0; i < all.size(); ++i)
      expect_same_bits(all[i], first[i], "result " + std::to_string(i));
  });
}

TEST(RecurrentVariants, HaveTheSameBitsOnAnyNumberOfThreads) {
  expect_same_bits_on_threads(layers::ResidualRecurrence{.units = 37, .bidirectional = true});
  expect_same_bits_on_threads(layers::LinearRecurrence{.units = 37, .bidirectional = true});
  expect_same_bits_on_threads(layers::LSTM{.units = 37, .proj_size = 17, .layer_norm = true});
}

TEST(RecurrentVariants, SayWhatTheyDoNotTake) {
  const auto make = [](const auto& options) {
    nn::RecurrentLayers(Scope(std::make_shared<ParameterStore>()) / "net", 3, options);
  };
  expect_error(
      ErrorKind::option, [&] { make(layers::LSTM{.units = 4, .recurrent_activation = Activation::softmax}); },
      "net.recurrent_activation", "softmax");
  expect_error(
      ErrorKind::option, [&] { make(layers::GRU{.units = 4, .activation = Activation::softmax}); },
      "net.activation", "softmax");
  expect_error(
      ErrorKind::option, [&] { make(layers::GRU{.units = 4, .bidirectional = true, .go_backwards = true}); },
      "net", "go_backwards");
  expect_error(
      ErrorKind::option, [&] { make(layers::LSTM{.units = 4, .proj_size = -1}); }, "net.proj_size", "-1");
  const nn::LSTM back(Scope(std::make_shared<ParameterStore>()), 3, {.units = 4, .go_backwards = true});
  expect_error(
      ErrorKind::usage,
      [&] {
        back.step(Var(Tensor::zeros({1, 3})), back.start(1));
      },
      "step()", "go_backwards");
  const RecurrentWeights with_u{Var(Tensor::zeros({4, 3})), Var(Tensor::zeros({4, 4})), {}, {}};
  expect_error(
      ErrorKind::usage,
      [&] {
        recurrent(Cell::linear, {Var(Tensor::zeros({2, 3})), Layout::uniform(1, 2)}, {&with_u, 1});
      },
      "linear", "weight_hh");
}

}  // namespace
}  // namespace rondo::testing_support

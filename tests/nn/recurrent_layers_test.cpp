#include <cmath>

#include <gtest/gtest.h>

#include <rondo/nn.h>

#include "base/random.h"
#include "support/expect_error.h"

namespace rondo {
namespace {

using nn::Recurrence;

Tensor numbers(Shape shape, std::uint64_t seed, DType type = DType::f64) {
  Tensor t = Tensor::zeros(std::move(shape), DType::f64);
  Random random(seed);
  for (double& v : t.data<double>())
    v = random.normal();
  return t.to(type);
}

Sequences sequences(std::initializer_list<std::int32_t> lengths, std::int64_t features,
                    DType type = DType::f64) {
  const std::vector<std::int32_t> all(lengths);
  const auto layout = Layout::of(all);
  return {Var(numbers({layout->rows(), features}, 5, type)), layout};
}

double difference(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) return INFINITY;
  double worst = 0;
  for (std::int64_t i = 0; i < a.size(); ++i)
    worst = std::max(worst, std::abs(a.at(i) - b.at(i)));
  return worst;
}

std::shared_ptr<ParameterStore> store_of(DType type = DType::f64) {
  return std::make_shared<ParameterStore>(3, type);
}

/// An LSTM written out of single operations, reading the weights of a fused one.
struct ComposedLSTM {
  Var w, u, bw, bu;
  int units;
  ComposedLSTM(const Scope& in, int input, int a_units)
      : w(in.parameter("weight_ih_l0", {4 * a_units, input})),
        u(in.parameter("weight_hh_l0", {4 * a_units, a_units})),
        bw(in.parameter("bias_ih_l0", {4 * a_units})),
        bu(in.parameter("bias_hh_l0", {4 * a_units})),
        units(a_units) {}
  State start(std::int64_t rows) const {
    return {Var(Tensor::zeros({rows, units}, w.dtype())), Var(Tensor::zeros({rows, units}, w.dtype()))};
  }
  State operator()(const Var& x, const State& s) const {
    const Var z = linear(x, w, bw) + linear(s[0], u, bu);
    const auto gate = [&](int g) { return slice_columns(z, g * units, (g + 1) * units); };
    const Var c = sigmoid(gate(1)) * s[1] + sigmoid(gate(0)) * tanh(gate(2));
    return {sigmoid(gate(3)) * tanh(c), c};
  }
};

TEST(RecurrentLayers, ComposedEqualsFused) {
  const auto store = store_of();
  const Scope in = Scope(store) / "lstm";
  const nn::LSTM fused(in, 3, {.units = 4});
  const nn::Recurrent composed(ComposedLSTM(in, 3, 4));
  const Sequences x = sequences({2, 5, 1, 5}, 3);
  std::vector<std::vector<Tensor>> gradients;
  std::vector<Recurrence> results;
  for (const bool use_fused : {true, false}) {
    store->zero_gradients();
    Recording step;
    results.push_back(use_fused ? fused.run(x) : composed(x));
    const Recurrence& r = results.back();
    (sum(r.outputs.rows() * r.outputs.rows()) + sum(r.state[0] * r.state[1])).backward();
    gradients.emplace_back();
    for (const Parameter& p : store->parameters())
      gradients.back().push_back(p.leaf->gradient.clone());
  }
  EXPECT_LT(difference(results[0].outputs.rows().value(), results[1].outputs.rows().value()), 1e-12);
  EXPECT_LT(difference(results[0].state[0].value(), results[1].state[0].value()), 1e-12);
  EXPECT_LT(difference(results[0].state[1].value(), results[1].state[1].value()), 1e-12);
  for (std::size_t i = 0; i < gradients[0].size(); ++i) {
    EXPECT_GT(difference(gradients[0][i], Tensor::zeros(gradients[0][i].shape(), DType::f64)), 1e-3);
    EXPECT_LT(difference(gradients[0][i], gradients[1][i]), 1e-11) << store->parameters()[i].name;
  }
}

TEST(RecurrentLayers, SingleStepsEqualTheWholeSequence) {
  const auto store = store_of(DType::f32);
  const nn::LSTM lstm(Scope(store) / "lstm", 3, {.units = 4});
  const nn::LSTMCell lstm_cell(Scope(store) / "lstm_cell", 3, {.units = 4});
  const nn::GRU gru(Scope(store) / "gru", 3, {.units = 4});
  const nn::GRUCell gru_cell(Scope(store) / "gru_cell", 3, {.units = 4});
  for (const std::string kind : {"lstm", "gru"})
    for (const std::string name : {"weight_ih", "weight_hh", "bias_ih", "bias_hh"})
      store->set(kind + "_cell." + name, store->get(kind + "." + name + "_l0"));
  const Sequences x = sequences({3, 6, 3}, 3, DType::f32);
  const Recurrence a = lstm.run(x), b = nn::Recurrent(lstm_cell)(x);
  EXPECT_EQ(difference(a.outputs.rows().value(), b.outputs.rows().value()), 0);
  EXPECT_EQ(difference(a.state[1].value(), b.state[1].value()), 0);
  const Recurrence c = gru.run(x), d = nn::Recurrent(gru_cell)(x);
  EXPECT_EQ(difference(c.outputs.rows().value(), d.outputs.rows().value()), 0);
  EXPECT_EQ(difference(c.state[0].value(), d.state[0].value()), 0);
}

TEST(RecurrentLayers, StackedIsOneAfterTheOther) {
  const auto store = store_of();
  const Scope root(store);
  const nn::GRU stacked(root / "s", 3, {.units = 4, .layers = 2});
  const nn::GRU lower(root / "a", 3, {.units = 4}), upper(root / "b", 4, {.units = 4});
  for (const std::string name : {"weight_ih", "weight_hh", "bias_ih", "bias_hh"}) {
    store->set("a." + name + "_l0", store->get("s." + name + "_l0"));
    store->set("b." + name + "_l0", store->get("s." + name + "_l1"));
  }
  const Sequences x = sequences({4, 2}, 3);
  const Recurrence r = stacked.run(x);
  EXPECT_EQ(difference(r.outputs.rows().value(), upper(lower(x)).rows().value()), 0);
  ASSERT_EQ(r.state.size(), 2u);
  EXPECT_EQ(difference(r.state[0].value(), lower.last(x).value()), 0);
  EXPECT_EQ(difference(stacked.last(x).value(), upper.last(lower(x)).value()), 0);
}

TEST(RecurrentLayers, MergesJoinTwoDirections) {
  const Sequences x = sequences({4, 2, 3}, 3);
  std::vector<Tensor> merged, last;
  for (const Merge merge : {Merge::concat, Merge::sum, Merge::average, Merge::product}) {
    const nn::SimpleRNN rnn(Scope(store_of()) / "r", 3, {.units = 2, .bidirectional = true, .merge = merge});
    EXPECT_EQ(rnn.features(), merge == Merge::concat ? 4 : 2);
    merged.push_back(rnn(x).rows().value());
    last.push_back(rnn.last(x).value());
  }
  for (const std::vector<Tensor>& four : {merged, last})
    for (std::int64_t r = 0; r < four[0].rows(); ++r)
      for (std::int64_t k = 0; k < 2; ++k) {
        const double f = four[0].at(4 * r + k), b = four[0].at(4 * r + 2 + k);
        EXPECT_DOUBLE_EQ(four[1].at(2 * r + k), f + b);
        EXPECT_DOUBLE_EQ(four[2].at(2 * r + k), (f + b) / 2);
        EXPECT_DOUBLE_EQ(four[3].at(2 * r + k), f * b);
      }
}

TEST(RecurrentLayers, AMergedLayerFeedsTheNextOne) {
  const auto store = store_of();
  const nn::LSTM lstm(Scope(store) / "l", 3,
                      {.units = 2, .layers = 2, .bidirectional = true, .merge = Merge::sum});
  EXPECT_EQ(store->get("l.weight_ih_l1").shape(), (Shape{8, 2}));
  EXPECT_EQ(lstm(sequences({3, 1}, 3)).features(), 2);
}

TEST(RecurrentLayers, StatesGoInAndComeOut) {
  const auto store = store_of();
  const nn::LSTM lstm(Scope(store) / "l", 3, {.units = 2, .layers = 2});
  const Sequences whole = sequences({4, 4}, 3);
  const auto half = Layout::uniform(2, 2);
  const Sequences first{slice_rows(whole.rows(), 0, 4), half}, second{slice_rows(whole.rows(), 4, 8), half};
  const Recurrence a = lstm.run(whole), b = lstm.run(second, lstm.run(first).state);
  ASSERT_EQ(a.state.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_LT(difference(a.state[i].value(), b.state[i].value()), 1e-15);
  test::expect_error(
      ErrorKind::shape, [&] { lstm.run(whole, {Var(0.F)}); }, "takes 4 states, got 1");
}

TEST(RecurrentLayers, DropoutActsOnlyWhileRecording) {
  const auto store = store_of();
  const Sequences x = sequences({4, 2}, 3);
  const nn::LSTM between(Scope(store) / "a", 3, {.units = 8, .layers = 2, .dropout = 0.5F});
  const nn::LSTM recurrent(Scope(store) / "b", 3, {.units = 8, .recurrent_dropout = 0.5F});
  const nn::LSTM weights(Scope(store) / "c", 3, {.units = 8, .weight_dropout = 0.5F});
  for (const nn::LSTM* lstm : {&between, &recurrent, &weights}) {
    const auto run = [&](std::uint64_t step) {
      Recording recording({.seed = 1, .step = step});
      return (*lstm)(x).rows().value();
    };
    const Tensor plain = (*lstm)(x).rows().value();
    EXPECT_EQ(difference(plain, (*lstm)(x).rows().value()), 0);
    EXPECT_GT(difference(plain, run(0)), 1e-3);
    EXPECT_EQ(difference(run(0), run(0)), 0) << "the mask is a function of seed and step";
    EXPECT_GT(difference(run(0), run(1)), 1e-3);
  }
}

TEST(RecurrentLayers, RefusesWhatItCannotBe) {
  const Scope in = Scope(store_of()) / "x";
  test::expect_error(
      ErrorKind::option, [&] { nn::SimpleRNN(in, 3, {.units = 2, .activation = Activation::softmax}); },
      "tanh or relu", "softmax");
  test::expect_error(
      ErrorKind::option, [&] { nn::LSTMCell(in / "cell", 3, {.units = 2, .layers = 2}); }, "one layer");
}

TEST(Modules, PoolingStandsSideBySide) {
  const Sequences x = sequences({3, 2}, 2);
  const Var both = nn::Pooling({.over_time = {Pool::mean, Pool::last}})(x);
  EXPECT_EQ(both.shape(), (Shape{2, 4}));
  EXPECT_EQ(both.value().at(2), x.last().value().at(0));
  test::expect_error(
      ErrorKind::option, [] { nn::Pooling({.over_time = {}}); }, "at least one");
}

TEST(Modules, EmbeddingJoinsTokensAndBigrams) {
  const auto store = store_of();
  const nn::Embedding embedding(Scope(store) / "e", {.dim = 2, .vocab = 5, .bigram_dim = 3}, 4);
  const std::vector<std::vector<std::int32_t>> tokens{{1, 2, 4}, {3}}, bigrams{{0, 1, 3}, {2}};
  const Sequences rows = embedding(Ids::pack(tokens, bigrams));
  EXPECT_EQ(rows.features(), 5);
  EXPECT_EQ(rows.rows().value().at(0), store->get("e.weight").at(2));
  EXPECT_EQ(rows.rows().value().at(2), store->get("e.bigram_weight").at(0));
  test::expect_error(
      ErrorKind::shape, [&] { embedding(Ids::pack(tokens)); }, "bigram");
  test::expect_error(
      ErrorKind::option, [&] { nn::Embedding(Scope(store) / "f", {.dim = 2}); }, "vocab");
}

TEST(Modules, DenseGivesLogitsAndActivation) {
  const auto store = store_of();
  const nn::Dense dense(Scope(store) / "d", 2, {.units = 3, .activation = Activation::sigmoid});
  const Var x(numbers({4, 2}, 1));
  const Var y = dense(x), z = dense.logits(x);
  for (std::int64_t i = 0; i < 12; ++i)
    EXPECT_NEAR(y.value().at(i), 1 / (1 + std::exp(-z.value().at(i))), 1e-15);
}

TEST(Modules, AreTiedByPlace) {
  const auto store = store_of();
  const Scope in = Scope(store) / "words";
  const nn::Embedding table(in, {.dim = 3, .vocab = 5, .sparse = false});
  const nn::Dense project(in, 3, {.units = 5});
  EXPECT_EQ(store->parameters().size(), 2u) << "weight and bias";
  const std::vector<std::vector<std::int32_t>> tokens{{1, 4}};
  const auto gradient = [&](bool of_the_table_too) {
    store->zero_gradients();
    Recording step;
    const Var rows = table(Ids::pack(tokens)).rows();
    const Var logits = project.logits(of_the_table_too ? rows : Var(rows.value()));
    sum(logits * logits).backward();
    return store->find("words.weight")->leaf->gradient.clone();
  };
  const Tensor projection = gradient(false), both = gradient(true);
  EXPECT_EQ(both.at(0), projection.at(0)) << "of a token that was not there";
  EXPECT_GT(std::abs(both.at(3) - projection.at(3)), 1e-4) << "of one that was";
}

TEST(Modules, LayerNormAndDropoutKeepTheLayout) {
  const auto store = store_of();
  const Sequences x = sequences({3, 1}, 4);
  EXPECT_EQ(nn::LayerNorm(Scope(store) / "n", 4)(x).layout(), x.layout());
  const nn::Dropout dropout(Scope(store) / "d", {.rate = 0.5F});
  EXPECT_EQ(difference(dropout(x).rows().value(), x.rows().value()), 0);
  Recording step;
  EXPECT_GT(difference(dropout(x).rows().value(), x.rows().value()), 0.1);
}

}  // namespace
}  // namespace rondo

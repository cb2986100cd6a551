/// Every kind of layer as part of a whole model, by one call each.
#include <array>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/fields.h"
#include "model/layers/kind.h"
#include "support/checks.h"
#include "support/expect_error.h"
#include "support/models.h"
#include "support/temporary_folder.h"

namespace rondo {
namespace {

using namespace layers;
namespace support = testing_support;

/// A layer between an input of 3 numbers a step and a softmax over 2 classes: its output's shape, its JSON,
/// its gradients in f64, a step of training that reaches all its weights, and its file.
void run_layer_test(const AnyLayer& layer, std::vector<AnyLayer> before, std::vector<AnyLayer> after,
                    const Shape& wanted, const Dataset& data) {
  SCOPED_TRACE(to_json(layer));
  EXPECT_EQ(to_json(layer_from_json(to_json(layer))), to_json(layer));

  std::vector<AnyLayer> probe = before;
  probe.push_back(layer);
  Sequential alone(probe);
  alone.prepare(data);
  EXPECT_EQ(alone.outputs(data.take(1)).at(0).shape(), wanted);

  std::vector<AnyLayer> all = probe;
  all.insert(all.end(), after.begin(), after.end());
  all.emplace_back(Dense{.units = 2, .activation = Activation::softmax});
  Sequential model(all);
  model.compile({.optimizer = optim::SGD{.learning_rate = 0.1F}, .loss = Loss::categorical_cross_entropy});
  model.prepare(data);
  for (const GradientCheck& check : model.check_gradients(data, {.elements = 12})) {
    EXPECT_LT(check.largest_error, 1e-5) << check.parameter;
    EXPECT_GT(check.elements, 0) << check.parameter;
    EXPECT_TRUE(check.good()) << check.parameter;
  }

  const Sequential untrained = model.clone();
  model.fit(data, {.epochs = 1});
  for (const Parameter& p : model.weights().parameters()) {
    if (!p.leaf->trainable) continue;
    const Tensor old = untrained.weights().get(p.name);
    double change = 0;
    for (std::int64_t i = 0; i < old.size(); ++i)
      change += std::abs(p.leaf->value.at(i) - old.at(i));
    EXPECT_GT(change, 0) << p.name;
  }

  const test::TemporaryFolder folder;
  model.save(folder / "m.rondo");
  EXPECT_EQ(support::weights_of(load(folder / "m.rondo")), support::weights_of(model));
  EXPECT_EQ(to_json(load(folder / "m.rondo").layers()[before.size()]), to_json(layer));
}

const std::vector<AnyLayer> features = {Input{.features = 3}};

TEST(Layers, Recurrent) {
  const Dataset data = support::small_signals(12);
  const std::int64_t steps = data.features(0).rows();
  run_layer_test(LSTM{.units = 4}, features, {}, {4}, data);
  run_layer_test(LSTM{.units = 4, .layers = 2, .bidirectional = true, .dropout = 0.2F}, features, {}, {8},
                 data);
  run_layer_test(LSTM{.units = 3, .return_sequences = true, .recurrent_dropout = 0.2F}, features, {Pooling{}},
                 {steps, 3}, data);
  run_layer_test(LSTM{.units = 3, .weight_dropout = 0.2F, .bias = false}, features, {}, {3}, data);
  run_layer_test(GRU{.units = 4}, features, {}, {4}, data);
  run_layer_test(GRU{.units = 4, .reset_after = false}, features, {}, {4}, data);
  run_layer_test(GRU{.units = 4, .bidirectional = true, .merge = Merge::average}, features, {}, {4}, data);
  run_layer_test(GRU{.units = 4, .bidirectional = true, .merge = Merge::product}, features, {}, {4}, data);
  run_layer_test(SimpleRNN{.units = 4}, features, {}, {4}, data);
  run_layer_test(SimpleRNN{.units = 4, .bidirectional = true, .merge = Merge::sum}, features, {}, {4}, data);
  run_layer_test(ResidualRecurrence{.units = 4, .layers = 2}, features, {}, {4}, data);
  run_layer_test(LinearRecurrence{.units = 4, .bidirectional = true}, features, {}, {8}, data);
}

TEST(Layers, VariantsOfRecurrentOnes) {
  const Dataset data = support::small_signals(12);
  const std::int64_t steps = data.features(0).rows();
  run_layer_test(LSTM{.units = 4, .bidirectional = true, .proj_size = 3}, features, {}, {6}, data);
  run_layer_test(LSTM{.units = 4, .return_sequences = true, .peepholes = true, .layer_norm = true}, features,
                 {Pooling{}}, {steps, 4}, data);
  run_layer_test(LSTM{.units = 4, .go_backwards = true, .activation = Activation::sigmoid}, features, {}, {4},
                 data);
  run_layer_test(GRU{.units = 4, .recurrent_activation = Activation::hard_sigmoid}, features, {}, {4}, data);
  run_layer_test(Bidirectional{GRU{.units = 4}}, features, {}, {8}, data);
}

TEST(Layers, OfWindows) {
  const Dataset data = support::small_signals(12);
  const std::int64_t steps = data.features(0).rows();
  run_layer_test(Conv1D{.filters = 4}, features, {Pooling{}}, {steps, 4}, data);
  run_layer_test(Conv1D{.filters = 4, .padding = Padding::causal, .dilation = 2}, features, {GRU{.units = 3}},
                 {steps, 4}, data);
  run_layer_test(Highway{.activation = Activation::tanh}, features, {Pooling{.over_time = {Pool::mean}}},
                 {steps, 3}, data);
  for (const AttentionScore score :
       {AttentionScore::dot, AttentionScore::scaled_dot, AttentionScore::bilinear, AttentionScore::additive})
    run_layer_test(AttentionPooling{.score = score}, features, {}, {3}, data);
}

/// Between a layer that thins the steps out and the model's end, something must make one row of them.
TEST(Layers, ThatGiveFewerStepsNeedOneRowInTheEnd) {
  const Dataset data = support::small_signals(12);
  const std::int64_t steps = data.features(0).rows();
  for (const AnyLayer& layer :
       std::vector<AnyLayer>{MaxPooling1D{}, AveragePooling1D{.pool_size = 3, .strides = 2},
                             Conv1D{.filters = 3, .stride = 2}}) {
    SCOPED_TRACE(to_json(layer));
    EXPECT_EQ(to_json(layer_from_json(to_json(layer))), to_json(layer));
    Sequential model{Input{.features = 3}, layer, LSTM{.units = 4},
                     Dense{.units = 2, .activation = Activation::softmax}};
    model.compile({.loss = Loss::categorical_cross_entropy});
    model.prepare(data);
    for (const GradientCheck& check : model.check_gradients(data, {.elements = 12}))
      EXPECT_TRUE(check.good()) << check.parameter;
    model.fit(data, {.epochs = 1});
    EXPECT_EQ(model.outputs(data.take(1)).at(0).shape(), (Shape{2}));
    test::expect_error(
        ErrorKind::shape,
        [&] {
          Sequential(
              {Input{.features = 3}, layer, LSTM{.units = 4, .return_sequences = true}, Dense{.units = 2}});
        },
        "one row per sequence", std::string(type_of(layer)));
  }
  EXPECT_GT(steps, 1);
}

TEST(Layers, OfRows) {
  const Dataset data = support::small_signals(12);
  const std::int64_t steps = data.features(0).rows();
  run_layer_test(Dense{.units = 5, .activation = Activation::tanh}, features, {Pooling{}}, {steps, 5}, data);
  run_layer_test(Dense{.units = 5, .bias = false}, features, {Pooling{}}, {steps, 5}, data);
  run_layer_test(LayerNorm{}, features, {GRU{.units = 3}}, {steps, 3}, data);
  run_layer_test(Dropout{.rate = 0.5F}, features, {GRU{.units = 3}}, {steps, 3}, data);
  run_layer_test(Activate{.activation = Activation::tanh}, features, {GRU{.units = 3}}, {steps, 3}, data);
  run_layer_test(Pooling{.over_time = {Pool::last, Pool::mean, Pool::max}}, features, {}, {9}, data);
}

TEST(Layers, OfText) {
  const Dataset data = support::small_reviews(12);
  const std::vector<AnyLayer> tokens = {Tokens{}}, pairs = {Tokens{.bigrams = 20}};
  const auto steps =
      static_cast<std::int64_t>(TextEncoder::learn(data.texts()).encode(data.text(0)).tokens.size());
  run_layer_test(Embedding{.dim = 4}, tokens, {Pooling{.over_time = {Pool::mean}}}, {steps, 4}, data);
  run_layer_test(Embedding{.dim = 4, .bigram_dim = 2, .dropout = 0.1F, .sparse = false}, pairs,
                 {Pooling{.over_time = {Pool::mean}}}, {steps, 6}, data);
  run_layer_test(Embedding{.dim = 4, .vocab = 500, .trainable = false}, tokens, {GRU{.units = 3}}, {steps, 4},
                 data);
}

TEST(Layers, GradientCheckSeesAWrongGradient) {
  const Dataset data = support::small_regression(8);
  Sequential model{Input{.features = 3}, GRU{.units = 3}, Dense{.units = 1}};
  // A part of the loss that is cut off from the tape, so that its gradient is missing.
  model.compile({.loss = AnyLoss([](const Var& y, const data::Batch& b) {
                   return mse(y, b.values) + mean(Var(y.value()));
                 })});
  model.prepare(data);
  double worst = 0;
  std::int64_t wrong = 0;
  for (const GradientCheck& check : model.check_gradients(data)) {
    worst = std::max(worst, check.largest_error);
    wrong += check.wrong;
  }
  EXPECT_GT(worst, 0.1);
  EXPECT_GT(wrong, 10);
}

GradientCheck sum_of_checks(const std::vector<GradientCheck>& checks) {
  GradientCheck sum;
  for (const GradientCheck& check : checks) {
    sum.elements += check.elements;
    sum.wrong += check.wrong;
    sum.kinks += check.kinks;
  }
  return sum;
}

/// A dense layer with relu, whose two biases and inputs decide where its kinks are, and a loss of its own.
GradientCheck check_relu(std::array<float, 2> biases, AnyLoss loss) {
  const Dataset data(Examples{.features = {Tensor::zeros({1, 3})}, .values = {Tensor::full({1}, 2)}});
  Sequential model{Input{.features = 3}, Pooling{.over_time = {Pool::last}},
                   Dense{.units = 2, .activation = Activation::relu}, Dense{.units = 1}};
  model.compile({.loss = std::move(loss)});
  model.prepare(data);
  model.weights().set("dense.bias", Tensor::of<float>({2}, std::vector<float>{biases[0], biases[1]}));
  return sum_of_checks(model.check_gradients(data, {.elements = 0}));
}

TEST(Layers, GradientCheckTellsKinksFromWrongGradients) {
  const auto right = [](const Var& y, const data::Batch& b) { return mse(y, b.values); };
  const auto doubled = [](const Var& y, const data::Batch& b) {  // value mse, gradient twice that
    const Var loss = mse(y, b.values);
    return loss + loss - Var(loss.value());
  };
  struct Case {
    std::array<float, 2> biases;
    bool kink;
  };
  for (const Case& c :
       {Case{{1, -1}, false}, Case{{0, -1}, true}, Case{{4e-6F, -1}, true}, Case{{-4e-6F, 1}, true}}) {
    SCOPED_TRACE(c.biases[0]);
    const GradientCheck good = check_relu(c.biases, right);
    EXPECT_EQ(good.wrong, 0);
    EXPECT_EQ(good.kinks > 0, c.kink);
    EXPECT_LE(good.kinks, 3) << "nothing else is one";
    EXPECT_GT(check_relu(c.biases, doubled).wrong, 0);
  }
}

TEST(Layers, GradientCheckReportsProgress) {
  const Dataset data = support::small_regression(8);
  Sequential model{Input{.features = 3}, GRU{.units = 3}, Dense{.units = 1}};
  model.compile({.loss = Loss::mse});
  model.prepare(data);
  std::vector<std::int64_t> done;
  std::int64_t all = 0;
  const GradientCheck sum = sum_of_checks(
      model.check_gradients(data, {.elements = 2, .progress = [&](std::int64_t now, std::int64_t of) {
                                     done.push_back(now);
                                     all = of;
                                   }}));
  EXPECT_EQ(all, sum.elements);
  EXPECT_EQ(done.size(), static_cast<std::size_t>(all));
  EXPECT_EQ(done.back(), all);
}

TEST(Layers, JsonFaultsNameTheOption) {
  using test::expect_error;
  expect_error(
      ErrorKind::format, [] { layer_from_json(R"({"type":"lstn","units":3})"); }, "lstn");
  expect_error(
      ErrorKind::format, [] { layer_from_json(R"({"type":"lstm"})"); }, "units");
  expect_error(
      ErrorKind::format, [] { layer_from_json(R"({"type":"lstm","units":0})"); }, "units");
  expect_error(
      ErrorKind::format, [] { layer_from_json("[]"); }, "layer");
}

template <class L>
concept Known = requires(const L& layer) {
  kind_of(layer);
};
struct Unknown {};
static_assert(Known<LayerNorm> && !Known<Unknown> && std::is_abstract_v<LayerKind<Unknown>>,
              "nothing answers for a layer that does not answer for itself");

TEST(Layers, WhatALossDoesWithoutIsAHeads) {
  const auto expect = [](const AnyLayer& layer, Activation final) {
    SCOPED_TRACE(to_json(layer));
    EXPECT_EQ(final_activation(layer), final);
    const auto store = std::make_shared<ParameterStore>(1);
    const Place place{"last", {Signature::Kind::rows, 3, false, "'x'"}};
    const std::unique_ptr<const Head> head = head_of(layer, place, Scope(store) / "last");
    ASSERT_EQ(head == nullptr, final == Activation::linear);
    if (head == nullptr) return;
    const Var scores = head->scores(Var(Tensor::full({2, 3}, 0.5)));
    EXPECT_EQ(scores.columns(), 3);
    const Var said = head->outputs(scores, *Layout::uniform(2, 1));
    for (std::int64_t i = 0; i < 6; ++i)
      EXPECT_EQ(said.value().at(i), activate(scores, final).value().at(i));
  };
  for (const Activation last : {Activation::softmax, Activation::sigmoid}) {
    expect(Dense{.units = 3, .activation = last, .bias = false}, last);
    expect(Activate{.activation = last}, last);
  }
  for (const Activation within : {Activation::linear, Activation::tanh, Activation::relu}) {
    expect(Dense{.units = 3, .activation = within}, Activation::linear);
    expect(Activate{.activation = within}, Activation::linear);
  }
  expect(LayerNorm{}, Activation::linear);
}

/// So that predictions of a model with dropout above its embedding multiply equal words once.
TEST(Layers, ADropoutHandsOnCopiesOutsideOfTraining) {
  const Place place{.name = "dropout", .in = {.kind = Signature::Kind::steps, .width = 3}};
  const Transform dropout =
      transform_of(Dropout{.rate = 0.5F}, place, Scope(std::make_shared<ParameterStore>()));
  const std::vector<std::vector<std::int32_t>> text = {{1, 0, 1, 1}};
  const Sequences x = embedding(Tensor::zeros({2, 3}), Ids::pack(text));
  ASSERT_NE(x.copies(), nullptr);
  EXPECT_EQ(std::get<Sequences>(dropout(x)).copies(), x.copies());
  const Recording recording;
  EXPECT_EQ(std::get<Sequences>(dropout(x)).copies(), nullptr);
}

}  // namespace
}  // namespace rondo

#include <cmath>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "support/checks.h"
#include "support/expect_error.h"
#include "support/models.h"
#include "support/temporary_folder.h"

namespace rondo {
namespace {

using namespace layers;
using test::expect_error;
using testing::ElementsAre;
using testing::HasSubstr;
namespace support = testing_support;

static_assert(!std::is_constructible_v<AnyLayer, optim::Adam> && std::is_constructible_v<AnyLayer, Dense>);
static_assert(!std::is_copy_constructible_v<Sequential> && std::is_nothrow_move_constructible_v<Sequential>);

TEST(Sequential, LearnsFromTextToClass) {
  const Dataset train = support::small_reviews(), test = support::small_reviews(30, 2);
  Sequential model = support::small_classifier();
  const History history = model.fit(train, {.epochs = 12, .batch_size = 8, .validation = test});
  EXPECT_EQ(history.epochs(), 12);
  EXPECT_LT(history["loss"].back(), 0.3F * history["loss"].front());
  EXPECT_GT(history["val_accuracy"].back(), 0.9F);
  const Scores scores = model.evaluate(test);
  EXPECT_FLOAT_EQ(scores.at("loss"), history["val_loss"].back());
  EXPECT_FLOAT_EQ(scores.at("accuracy"), history["val_accuracy"].back());

  const Prediction good = model.predict("a lovely film"), bad = model.predict("a dreadful plot");
  EXPECT_EQ(good.label, "good");
  EXPECT_EQ(bad.label, "bad");
  ASSERT_EQ(bad.probabilities.size(), 2u);
  EXPECT_FLOAT_EQ(bad.probability, bad.probabilities[0]);
  EXPECT_FLOAT_EQ(bad.probabilities[0] + bad.probabilities[1], 1);
  std::ostringstream out;
  out << Prediction{"good", 0.984F, {}};
  EXPECT_EQ(out.str(), "good 0.98");
}

TEST(Sequential, ASecondFitGoesOn) {
  const Dataset train = support::small_reviews();
  Sequential twice = support::small_classifier(), once = support::small_classifier();
  twice.fit(train, {.epochs = 2});
  twice.fit(train, {.epochs = 1});
  once.fit(train, {.epochs = 3});
  EXPECT_EQ(support::weights_of(twice), support::weights_of(once));
  EXPECT_EQ(twice.record().epochs, 3);
  EXPECT_EQ(twice.record().data, once.record().data);
  EXPECT_EQ(twice.record().scores.count("loss"), 1u);
}

TEST(Sequential, PredictionsAreTheSameBitsAloneInABatchAndOnAnyThreads) {
  Sequential model = support::small_classifier();
  model.fit(support::small_reviews(), {.epochs = 1});
  const Dataset many = support::small_reviews(300, 3);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < many.size(); ++i)
    texts.push_back(many.text(i));
  std::vector<std::vector<float>> alone;
  for (const std::string& text : texts)
    alone.push_back(model.predict(text).probabilities);
  support::for_each_thread_count([&] {
    const std::vector<Prediction> together = model.predict(texts);
    ASSERT_EQ(together.size(), texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i)
      ASSERT_EQ(together[i].probabilities, alone[i]) << texts[i];
  });
  EXPECT_TRUE(model.predict(std::vector<std::string>{}).empty());
}

TEST(Sequential, InferenceModeChangesNoBit) {
  Sequential model = support::small_classifier();
  const Dataset data = support::small_reviews();
  model.fit(data, {.epochs = 1});
  const std::vector<std::string> texts = {"a good day", "bad", "the good and the bad"};
  const auto probabilities = [&] {
    std::vector<std::vector<float>> all;
    for (const Prediction& prediction : model.predict(texts))
      all.push_back(prediction.probabilities);
    return all;
  };
  const auto wanted = probabilities();
  const Scores scores = model.evaluate(data);
  for (const int threads : {1, 3}) {
    Runtime runtime({.threads = threads, .isa = {}});
    const Runtime::Use use(runtime);
    const InferenceMode inference;
    for (int round = 0; round < 2; ++round) {
      EXPECT_EQ(probabilities(), wanted);
      EXPECT_EQ(model.evaluate(data), scores);
    }
  }
}

TEST(SequentialErrors, WhatChangesWeightsIsRefusedInInferenceMode) {
  const test::TemporaryFolder folder;
  Sequential model = support::small_classifier();
  const Dataset data = support::small_reviews();
  model.fit(data, {.epochs = 1});
  model.save(folder / "m.rondo");
  const std::vector<float> before = support::weights_of(model);
  const InferenceMode inference;
  const auto refused = [](const auto& call, const char* what) {
    expect_error(ErrorKind::usage, call, what, "InferenceMode");
  };
  refused([&] { model.fit(data, {.epochs = 1}); }, "fit()");
  refused([&] { model.quantize(WeightType::int8); }, "quantize()");
  refused([&] { model.init_from(folder / "m.rondo"); }, "init_from()");
  refused([&] { model.set_embeddings({}); }, "set_embeddings()");
  refused([&] { model.check_gradients(data); }, "check_gradients()");
  EXPECT_EQ(support::weights_of(model), before);
}

TEST(Sequential, TrainingIsTheSameBitsOnAnyThreads) {
  std::vector<std::vector<float>> results;
  support::for_each_thread_count([&] {
    Sequential model = support::small_classifier();
    model.fit(support::small_reviews(), {.epochs = 2});
    results.push_back(support::weights_of(model));
  });
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST(SequentialThreads, ManyPredictOnOneConstModel) {
  Sequential trained = support::small_classifier();
  trained.fit(support::small_reviews(), {.epochs = 1});
  const Sequential& model = trained;
  const std::vector<float> wanted = model.predict("a lovely film").probabilities;
  std::vector<std::thread> threads;
  std::array<bool, 4> same = {};
  for (std::size_t t = 0; t < same.size(); ++t)
    threads.emplace_back([&, t] {
      same[t] = true;
      for (int i = 0; i < 20; ++i)
        same[t] = same[t] && model.predict("a lovely film").probabilities == wanted;
    });
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_THAT(same, testing::Each(true));
}

TEST(Sequential, MetricsChangeNothingButTheReport) {
  // Without them logits are never whole.
  for (const bool steps : {true, false}) {
    const auto trained = [&](std::vector<AnyMetric> metrics) {
      Sequential model{Input{.features = 3}, LSTM{.units = 5, .return_sequences = steps},
                       Dense{.units = 2, .activation = Activation::softmax}};
      model.compile(
          {.loss = Loss::categorical_cross_entropy, .metrics = std::move(metrics), .label_smoothing = 0.1F});
      const History history = model.fit(steps ? support::small_step_signals() : support::small_signals(),
                                        {.epochs = 2, .batch_size = 7, .balance_classes = true});
      EXPECT_EQ(history["loss"].size(), 2u);
      std::vector<float> numbers = support::weights_of(model);
      numbers.push_back(history["loss"].back());
      return numbers;
    };
    EXPECT_EQ(trained({}), trained({Metric::accuracy}));
  }
}

/// The same features without targets.
Dataset without_targets(const Dataset& data) {
  Examples examples;
  for (std::size_t i = 0; i < data.size(); ++i)
    examples.features.push_back(data.features(i));
  return Dataset(std::move(examples));
}

Sequential one_number() {
  return Sequential{Input{.features = 3}, GRU{.units = 4},
                    Dense{.units = 1, .activation = Activation::sigmoid}};
}

TEST(Sequential, SaysWhatItWasLastFittedWith) {
  const test::TemporaryFolder folder;
  const Dataset labels = support::small_signals(), values = support::small_regression();
  const auto says_classes = [&](const Sequential& model) {
    EXPECT_EQ(model.target(), Target::labels);
    EXPECT_THAT(model.class_names(), ElementsAre("down", "up"));
    EXPECT_EQ(model.predict(labels.features(0)).probabilities.size(), 2u);
    model.save(folder / "m.rondo");
    EXPECT_EQ(load(folder / "m.rondo").predict(labels.features(0)).label,
              model.predict(labels.features(0)).label);
  };
  const auto says_numbers = [&](const Sequential& model) {
    EXPECT_EQ(model.target(), Target::values);
    EXPECT_TRUE(model.class_names().empty());
    model.save(folder / "m.rondo");
    EXPECT_EQ(load(folder / "m.rondo").outputs(values).size(), values.size());
  };
  const CompileOptions of_classes{.loss = Loss::binary_cross_entropy, .metrics = {Metric::accuracy}};

  Sequential imported = one_number();
  imported.prepare(without_targets(labels));
  imported.compile(of_classes);
  expect_error(
      ErrorKind::usage, [&] { imported.predict(labels.features(0)); }, "gives numbers, not classes");
  imported.fit(labels, {.epochs = 1});
  says_classes(imported);
  EXPECT_EQ(imported.evaluate(labels).count("accuracy"), 1u);

  Sequential of_numbers = one_number();
  of_numbers.prepare(values);
  of_numbers.compile(of_classes);
  of_numbers.fit(labels, {.epochs = 1});
  says_classes(of_numbers);
  of_numbers.compile({.loss = Loss::mse});
  of_numbers.fit(values, {.epochs = 1});
  says_numbers(of_numbers);

  Sequential without = one_number();
  without.prepare(without_targets(labels));
  without.compile({.loss = Loss::mse});
  without.fit(values, {.epochs = 1});
  says_numbers(without);
}

TEST(Sequential, AnEvaluationChangesNothingThatItSays) {
  Sequential model = one_number();
  model.compile({.loss = Loss::binary_cross_entropy, .metrics = {Metric::accuracy}});
  model.prepare(without_targets(support::small_signals()));
  model.evaluate(support::small_signals());
  EXPECT_EQ(model.target(), Target::none);
}

TEST(Sequential, FeaturesToClassesBySoftmax) {
  Sequential model{Input{.features = 3}, GRU{.units = 8},
                   Dense{.units = 2, .activation = Activation::softmax}};
  model.compile({.optimizer = optim::Adam{.learning_rate = 0.03F},
                 .loss = Loss::categorical_cross_entropy,
                 .metrics = {Metric::accuracy}});
  const Dataset train = support::small_signals();
  model.fit(train, {.epochs = 30, .batch_size = 16});
  EXPECT_GT(model.evaluate(train).at("accuracy"), 0.9F);
  const Prediction p = model.predict(Tensor::full({4, 3}, 0.9));
  EXPECT_EQ(p.label, "up");
  EXPECT_THAT(p.ranking(), ElementsAre(1, 0));
  EXPECT_THAT(p.ranking(1), ElementsAre(1));
  expect_error(
      ErrorKind::shape,
      [&] {
        model.predict(Tensor::zeros({4, 2}));
      },
      "[steps, 3], got [4, 2]");
  expect_error(
      ErrorKind::usage, [&] { model.predict("text"); }, "takes features, got texts");
}

TEST(Sequential, OneOutputAStep) {
  Sequential model{Input{.features = 3}, LSTM{.units = 8, .return_sequences = true},
                   Dense{.units = 2, .activation = Activation::softmax}};
  model.compile({.optimizer = optim::Adam{.learning_rate = 0.05F},
                 .loss = Loss::categorical_cross_entropy,
                 .metrics = {Metric::accuracy}});
  const Dataset train = support::small_step_signals();
  model.fit(train, {.epochs = 30, .batch_size = 8});
  EXPECT_GT(model.evaluate(train).at("accuracy"), 0.9F);
  const std::vector<Prediction> steps = model.predict_steps(Tensor::full({5, 3}, 0.9));
  ASSERT_EQ(steps.size(), 5u);
  EXPECT_EQ(steps.back().label, "up");
  expect_error(
      ErrorKind::usage,
      [&] {
        model.predict(Tensor::zeros({4, 3}));
      },
      "call predict_steps()");
  EXPECT_EQ(model.outputs(train).at(0).shape(), (Shape{train.features(0).rows(), 2}));
}

TEST(Sequential, NumbersAsTargets) {
  const Dataset train = support::small_regression();
  for (const Loss loss : {Loss::mse, Loss::mae, Loss::huber}) {
    Sequential model{Input{.features = 3}, SimpleRNN{.units = 8, .return_sequences = true},
                     Pooling{.over_time = {Pool::mean, Pool::max}}, Dense{.units = 1}};
    model.compile({.optimizer = optim::Adam{.learning_rate = 0.02F}, .loss = loss, .metrics = {Metric::mae}});
    const History history = model.fit(train, {.epochs = 20, .batch_size = 8});
    EXPECT_LT(history["mae"].back(), 0.5F * history["mae"].front()) << name_of(loss);
    EXPECT_NEAR(model.outputs(train).at(3).at(0), train.values(3).at(0), 0.3);
    expect_error(
        ErrorKind::usage, [&] { model.predict(train.features(0)); }, "outputs()");
  }
}

TEST(Sequential, ALossOfOnesOwn) {
  const Dataset train = support::small_regression();
  Sequential model{Input{.features = 3}, GRU{.units = 4}, Dense{.units = 1}};
  model.compile(
      {.loss = AnyLoss([](const Var& y, const data::Batch& b) { return mse(y, b.values); }, "squares"),
       .metrics = {AnyMetric("worst", [](const Tensor& y, const data::Batch&) { return y.at(0); })}});
  Sequential known{Input{.features = 3}, GRU{.units = 4}, Dense{.units = 1}};
  known.compile({.loss = Loss::mse});
  model.fit(train, {.epochs = 2});
  known.fit(train, {.epochs = 2});
  EXPECT_EQ(support::weights_of(model), support::weights_of(known));
  EXPECT_EQ(model.evaluate(train).count("worst"), 1u);
}

TEST(Sequential, ThresholdMovesTheDecision) {
  Sequential model = support::small_classifier();
  const float p = model.predict("a film").probabilities[1];
  model.set_threshold(p);
  EXPECT_EQ(model.predict("a film").label, "good");
  model.set_threshold(std::nextafter(p, 1.F));
  EXPECT_EQ(model.predict("a film").label, "bad");
  expect_error(
      ErrorKind::option, [&] { model.set_threshold(1.5F); }, "between 0 and 1");
}

TEST(Sequential, EvaluateDecidesByTheModelsThreshold) {
  const Dataset data = support::small_reviews();
  Sequential model = support::small_classifier();
  model.prepare(data);
  const std::vector<std::int64_t> counts = data.class_counts();
  const auto share = [&](std::size_t i) {
    return static_cast<float>(counts[i]) / static_cast<float>(data.size());
  };
  model.set_threshold(0);
  EXPECT_FLOAT_EQ(model.evaluate(data).at("accuracy"), share(1)) << "everything is of the second class";
  model.set_threshold(1);
  EXPECT_FLOAT_EQ(model.evaluate(data).at("accuracy"), share(0));
}

TEST(Sequential, RecordHasTheScoresOfTheKeptEpoch) {
  const Dataset data = support::small_reviews();
  Sequential model = support::small_classifier();
  // Validation that says the opposite: the better the training goes, the worse its loss.
  std::vector<std::string> texts, labels;
  for (std::size_t k = 0; k < data.size(); ++k) {
    texts.push_back(data.text(k));
    labels.push_back(data.class_names()[data.label(k) == 0 ? 1 : 0]);
  }
  const Dataset opposite = data::labelled_text(texts, labels);
  const History history =
      model.fit(data, {.epochs = 8,
                       .validation = opposite,
                       .callbacks = {callbacks::EarlyStopping{.monitor = "val_loss", .patience = 2}}});
  ASSERT_LT(history.kept_epoch(), history.epochs()) << "the test needs an epoch that was not kept";
  const TrainingRecord& record = model.record();
  EXPECT_EQ(record.epochs, history.epochs());
  EXPECT_EQ(record.kept_epoch, history.kept_epoch());
  EXPECT_EQ(record.scores.at("val_loss"), history.best("val_loss"));
  EXPECT_FLOAT_EQ(record.scores.at("val_loss"), model.evaluate(opposite).at("loss"));
}

TEST(Sequential, ClassWeightsChangeTheLoss) {
  const Dataset train = support::small_reviews();
  Sequential plain = support::small_classifier(), same = support::small_classifier(),
             weighted = support::small_classifier();
  plain.fit(train, {.epochs = 1});
  same.fit(train, {.epochs = 1, .class_weights = {{"good", 1.F}}});
  weighted.fit(train, {.epochs = 1, .class_weights = {{"good", 5.F}}});
  EXPECT_EQ(support::weights_of(plain), support::weights_of(same));
  EXPECT_NE(support::weights_of(plain), support::weights_of(weighted));
  expect_error(
      ErrorKind::option,
      [&] {
        plain.fit(train, {.class_weights = {{"godo", 1.F}}});
      },
      "did you mean 'good'?");
}

TEST(Sequential, FreezeKeepsWeights) {
  Sequential model = support::small_classifier();
  const Tensor before = model.weights().get("lstm.weight_hh_l0");
  const Tensor table = model.weights().get("embedding.weight");
  model.weights().freeze("lstm");
  model.fit(support::small_reviews(), {.epochs = 1});
  support::expect_same_bits(model.weights().get("lstm.weight_hh_l0"), before, "frozen");
  EXPECT_NE(model.weights().get("embedding.weight").at(20), table.at(20));
}

TEST(Sequential, CloneIsApart) {
  Sequential model = support::small_classifier();
  model.weights().freeze("lstm");
  Sequential twin = model.clone();
  EXPECT_EQ(support::weights_of(twin), support::weights_of(model));
  EXPECT_FALSE(twin.weights().find("lstm.bias_ih_l0")->leaf->trainable);
  twin.fit(support::small_reviews(), {.epochs = 1});
  EXPECT_NE(support::weights_of(twin), support::weights_of(model));
  EXPECT_EQ(model.record().epochs, 0);
}

TEST(Sequential, SummaryShowsShapesAndParameters) {
  Sequential model{Tokens{}, Embedding{.dim = 6}, LSTM{.units = 5, .bidirectional = true},
                   Dense{.units = 1, .activation = Activation::sigmoid}};
  EXPECT_THAT(model.summary(), HasSubstr("[T, 6]"));
  EXPECT_THAT(model.summary(), HasSubstr("?"));
  model.prepare(support::small_reviews());
  const std::string text = model.summary();
  EXPECT_THAT(text, HasSubstr("lstm       lstm       [10]"));
  const std::int64_t lstm = 2 * (4 * 5 * 6 + 4 * 5 * 5 + 2 * 4 * 5);
  EXPECT_THAT(text, HasSubstr(std::to_string(lstm)));
  EXPECT_THAT(text, HasSubstr("classes: 2"));
}

TEST(Sequential, LayersOfOneKindAreNumbered) {
  const Sequential model{Input{.features = 2}, GRU{.units = 2, .return_sequences = true}, GRU{.units = 2},
                         Dense{.units = 1}};
  EXPECT_THAT(std::vector<std::string>(model.layer_names().begin(), model.layer_names().end()),
              ElementsAre("input", "gru", "gru_2", "dense"));
}

TEST(SequentialErrors, LayersThatDoNotFit) {
  const auto build = [](std::vector<AnyLayer> layers) { return [layers] { Sequential{layers}; }; };
  expect_error(ErrorKind::shape, build({Input{.features = 2}, LSTM{.units = 4}, GRU{.units = 2}}),
               "'gru' (gru) takes a sequence of rows, got one row of 4 per sequence from 'lstm' (lstm)",
               "return_sequences = true");
  expect_error(ErrorKind::shape, build({Tokens{}, LSTM{.units = 4}}), "put an Embedding between them");
  expect_error(ErrorKind::shape, build({Input{.features = 2}, Embedding{.dim = 2}}), "takes token numbers");
  expect_error(ErrorKind::shape, build({LSTM{.units = 4}}), "it is the first layer");
  expect_error(ErrorKind::shape, build({Input{.features = 2}, Tokens{}}), "move it to the front");
  expect_error(ErrorKind::shape, build({Tokens{}}), "a model ends in rows");
  expect_error(ErrorKind::usage, build({}), "at least one layer");
  expect_error(ErrorKind::option, build({Input{.features = 2}, Dense{.units = 0}}), "dense.units");
  expect_error(ErrorKind::option, build({Input{.features = 2}, Dropout{.rate = 1.5}}), "dropout.rate");
  expect_error(ErrorKind::option,
               build({Input{.features = 2}, SimpleRNN{.units = 2, .activation = Activation::sigmoid}}),
               "tanh or relu");
}

TEST(SequentialErrors, LossesThatDoNotFit) {
  Sequential soft{Input{.features = 3}, GRU{.units = 2},
                  Dense{.units = 3, .activation = Activation::softmax}};
  expect_error(
      ErrorKind::option, [&] { soft.compile({.loss = Loss::binary_cross_entropy}); },
      "activation sigmoid, got softmax");
  Sequential plain{Input{.features = 3}, GRU{.units = 2}, Dense{.units = 2, .activation = Activation::tanh}};
  expect_error(
      ErrorKind::option, [&] { plain.compile({.loss = Loss::categorical_cross_entropy}); }, "softmax");
  soft.compile({.loss = Loss::categorical_cross_entropy});
  expect_error(
      ErrorKind::shape, [&] { soft.fit(support::small_signals()); }, "gives 3 outputs",
      "2 classes; set units = 2");
  expect_error(
      ErrorKind::data, [&] { soft.fit(support::small_regression()); }, "takes classes");
  expect_error(
      ErrorKind::data, [&] { soft.fit(support::small_step_signals()); }, "one output per example");
  expect_error(
      ErrorKind::data, [&] { soft.fit(support::small_reviews()); }, "takes features, got data of texts");
  expect_error(
      ErrorKind::shape, [&] { soft.fit(support::small_signals(10, 2)); }, "3 numbers per step");
}

TEST(SequentialErrors, CallsTooEarly) {
  Sequential model{Tokens{}, Embedding{.dim = 2}, GRU{.units = 2},
                   Dense{.units = 1, .activation = Activation::sigmoid}};
  expect_error(
      ErrorKind::usage, [&] { model.fit(support::small_reviews()); }, "call compile first");
  expect_error(
      ErrorKind::usage, [&] { model.predict("x"); }, "call fit or prepare first");
  expect_error(
      ErrorKind::usage, [&] { model.save("x"); }, "call fit or prepare first");
  expect_error(
      ErrorKind::usage, [&] { model.encoder(); }, "prepare");
  model.prepare(support::small_reviews());
  expect_error(
      ErrorKind::usage, [&] { model.evaluate(support::small_reviews()); }, "call compile first");
}

TEST(SequentialErrors, UnknownClassesInLaterData) {
  Sequential model = support::small_classifier();
  const std::vector<std::string> texts = {"a", "b"}, labels = {"good", "ugly"};
  expect_error(
      ErrorKind::data, [&] { model.evaluate(data::labelled_text(texts, labels)); },
      "1 of 2 examples have a class that the model does not know; it knows bad and good");
}

}  // namespace
}  // namespace rondo

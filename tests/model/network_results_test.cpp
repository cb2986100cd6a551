/// What a network of one's own says of data: losses that weigh steps, outputs, answers, metrics.
#include <cmath>
#include <limits>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/files.h"
#include "model/network_fit.h"
#include "support/checks.h"
#include "support/expect_error.h"
#include "support/models.h"
#include "support/networks.h"
#include "support/temporary_folder.h"

namespace rondo {
namespace {

namespace support = testing_support;
using support::Tagger;
using test::expect_error;

const Model<Tagger>::Metric accuracy{.name = "accuracy", .sums = Tagger::right};

Model<Tagger> tagger_for(const Dataset& train, const Tagger::Options& options = {}) {
  return Model<Tagger>(data::Features::learn(train), options);
}

Model<Tagger> trained_tagger(const Dataset& train) {
  Model<Tagger> model = tagger_for(train);
  model.compile({.optimizer = optim::Adam{.learning_rate = 0.02F}, .metrics = {accuracy}});
  model.fit(train, {.epochs = 4, .batch_size = 8});
  return model;
}

/// The same with a loss that does not say what its mean divides by.
struct Unweighted : Tagger {
  using Tagger::Tagger;
  Var loss(const data::Batch& batch) const { return Tagger::loss(batch).loss; }
};

TEST(NetworkLoss, DoesNotDependOnWhatSharesABatch) {
  const Dataset data = support::small_step_signals();
  const Model<Tagger> model = tagger_for(data);
  const float whole = model.evaluate(data, {.batch_size = 1000}).at("loss");
  EXPECT_NEAR(model.evaluate(data, {.batch_size = 3}).at("loss"), whole, 1e-6);
  const Model<Unweighted> other(data::Features::learn(data));
  EXPECT_GT(std::abs(other.evaluate(data, {.batch_size = 3}).at("loss") - whole), 1e-4F)
      << "lengths differ, so a mean over sequences is another number";
}

TEST(NetworkLoss, ValidationIsThatOfOneBigBatch) {
  const Dataset data = support::small_step_signals();
  Model<Tagger> model = tagger_for(data);
  const History history = model.fit(data, {.epochs = 1, .batch_size = 7, .validation = data});
  EXPECT_NEAR(history["val_loss"].back(), model.evaluate(data, {.batch_size = 1000}).at("loss"), 1e-6);
}

TEST(NetworkLoss, GatheredGradientsAreThoseOfOneBigBatch) {
  const Dataset data = support::small_step_signals(16);
  const auto bias_after = [&](int batch_size, int accumulate) {
    Model<Tagger> model = tagger_for(data);
    model.compile(optim::SGD{.learning_rate = 1});
    model.fit(data, {.batch_size = batch_size, .accumulate = accumulate});
    return model.weights().get("label.bias");
  };
  support::expect_close(bias_after(4, 4), bias_after(16, 1), 1e-5, "the bias after a step");
}

TEST(NetworkOutputs, AreInTheCallersOrderAndTheSameAlone) {
  const Dataset data = support::small_step_signals();
  const Model<Tagger> model = trained_tagger(data);
  const std::vector<Tensor> outputs = model.outputs(data);
  ASSERT_EQ(outputs.size(), data.size());
  for (std::size_t i = 0; i < data.size(); ++i) {
    EXPECT_EQ(outputs[i].shape(), (Shape{data.features(i).rows(), 2}));
    support::expect_same_bits(model.outputs(data.subset(i, i + 1)).at(0), outputs[i], std::to_string(i));
  }
  EXPECT_TRUE(model.outputs(data.take(0)).empty());
}

TEST(NetworkOutputs, AnswersAreInTheCallersOrder) {
  const Dataset data = support::small_step_signals();
  const Model<Tagger> model = trained_tagger(data);
  const std::vector<std::vector<std::string>> answers = model.predict(data, {.batch_size = 7});
  ASSERT_EQ(answers.size(), data.size());
  double right = 0, all = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    EXPECT_EQ(answers[i], model.predict(data.subset(i, i + 1)).at(0));
    for (std::size_t t = 0; t < answers[i].size(); ++t, ++all)
      if (answers[i][t] ==
          data.class_names()[static_cast<std::size_t>(data.step_labels(i).at(static_cast<std::int64_t>(t)))])
        ++right;
  }
  EXPECT_FLOAT_EQ(model.evaluate(data).at("accuracy"), static_cast<float>(right / all));
}

/// One row an example, text, and targets not needed for answers.
struct Judge {
  using Input = data::Texts;
  struct Options {
    int dim = 4;
    static constexpr auto fields() { return std::tuple{field("dim", &Options::dim, "of tokens", 1, 64)}; }
  };
  nn::Embedding embed;
  nn::Dense label;
  std::vector<std::string> classes;
  Judge(const Scope& in, const Input& input, const Options& o)
      : embed(in / "embed", {.dim = o.dim, .vocab = input.encoder.vocab().size()}),
        label(in / "label", o.dim, {.units = static_cast<int>(input.classes.size())}),
        classes(input.classes) {}
  Var outputs(const data::Batch& batch) const { return label(pool(embed(batch.ids), Pool::mean)); }
  Var loss(const data::Batch& batch) const { return cross_entropy(outputs(batch), batch.labels); }
  std::vector<std::string> predict(const data::Batch& batch) const {
    const Var scores = outputs(batch);
    std::vector<std::string> answers;
    for (std::int64_t i = 0; i < scores.rows(); ++i)
      answers.push_back(classes[Tagger::best(scores, i)]);
    return answers;
  }
};

TEST(NetworkOutputs, TakeTextsWithoutTargets) {
  const Dataset train = support::small_reviews();
  Model<Judge> model(data::Texts::learn(train));
  model.compile(optim::Adam{.learning_rate = 0.1F});
  model.fit(train, {.epochs = 8, .batch_size = 8});
  const Dataset texts(Examples{.texts = {"the film was awful", "superb", "the plot was dull and its music"}});
  EXPECT_THAT(model.predict(texts), testing::ElementsAre("bad", "good", "bad"));
  const std::vector<Tensor> outputs = model.outputs(texts);
  ASSERT_EQ(outputs.size(), 3U);
  EXPECT_EQ(outputs[1].shape(), Shape{2});
  EXPECT_GT(outputs[1].at(1), outputs[1].at(0));
}

/// Rows of another number than examples.
struct Muddled : Judge {
  using Judge::Judge;
  Var outputs(const data::Batch& batch) const { return label(embed(batch.ids).rows()); }
  std::vector<int> predict(const data::Batch&) const { return {1}; }
};

TEST(NetworkOutputs, RefuseAnotherNumberOfRowsThanExamples) {
  const Dataset data = support::small_reviews();
  const Model<Muddled> model(data::Texts::learn(data));
  expect_error(
      ErrorKind::shape, [&] { static_cast<void>(model.outputs(data)); }, "outputs()", "Sequences");
  expect_error(
      ErrorKind::usage, [&] { static_cast<void>(model.predict(data)); }, "32 answers", "got 1");
}

TEST(NetworkOutputs, OfABatchOfOnesOwnComeBatchAfterBatch) {
  const Dataset text = support::small_text();
  const Model<support::Letters> model(support::RunningText::learn(text));
  const std::vector<Sequences> outputs = model.outputs(text, {.batch_size = 2});
  ASSERT_GT(outputs.size(), 10U);
  EXPECT_EQ(outputs[0].count(), 2);
  // The state was carried on: the second chunk is not what it would be at the start.
  const auto second = model.input().batches(text, {.batch_size = 2}, 1).in_order().batch(1);
  State empty;
  EXPECT_NE(model->outputs(second, empty).rows().value().at(0), outputs[1].rows().value().at(0));
}

/// A loss that a test chooses.
struct Odd : Judge {
  using Judge::Judge;
  static inline BatchLoss given;
  BatchLoss loss(const data::Batch&) const { return given; }
};

TEST(NetworkLoss, RefusesWhatIsNoLoss) {
  const Dataset data = support::small_reviews();
  const Model<Odd> model(data::Texts::learn(data));
  Odd::given = {.loss = Var(Tensor::zeros({3}))};
  expect_error(
      ErrorKind::shape, [&] { model.evaluate(data); }, "single number", "[3]");
  Odd::given = {};
  expect_error(ErrorKind::shape, [&] { model.evaluate(data); });
  Odd::given = {.loss = Var(std::numeric_limits<float>::quiet_NaN()), .weight = 0};
  EXPECT_EQ(model.evaluate(data).at("loss"), 0) << "nothing counted";
  Odd::given = {.loss = Var(1.F), .weight = -1};
  expect_error(
      ErrorKind::numeric, [&] { model.evaluate(data); }, "weight");
}

// -- Metrics

TEST(NetworkMetrics, AreReportedOfValidationAndEvaluation) {
  const Dataset data = support::small_step_signals();
  Model<Tagger> model = tagger_for(data);
  model.compile({.optimizer = optim::Adam{.learning_rate = 0.02F},
                 .metrics = {accuracy,
                             {.name = "perplexity",
                              .sums =
                                  [](const BatchView<Tagger>& seen) {
                                    return std::vector<double>{seen.loss() * seen.weight(), seen.weight()};
                                  },
                              .better = Better::lower,
                              .score = [](std::span<const double> s) { return std::exp(s[0] / s[1]); }}}});
  const History history = model.fit(data, {.epochs = 5, .batch_size = 8, .validation = data});
  EXPECT_GT(history["val_accuracy"].back(), history["val_accuracy"].front());
  EXPECT_THAT(history.names(), testing::Not(testing::Contains("accuracy")));
  const Scores scores = model.evaluate(data, {.batch_size = 5});
  EXPECT_FLOAT_EQ(scores.at("accuracy"), history["val_accuracy"].back());
  EXPECT_NEAR(scores.at("perplexity"), std::exp(scores.at("loss")), 1e-5);
  EXPECT_EQ(model.record().scores.at("val_accuracy"), history["val_accuracy"].back());
}

TEST(NetworkMetrics, SayTheirDirection) {
  const Dataset data = support::small_step_signals();
  const Model<Tagger> model = tagger_for(data);
  const std::vector<Model<Tagger>::Metric> metrics;
  const MetricRules rules = {{.name = "wrong", .better = Better::lower, .score = {}},
                             {.name = "right", .score = {}}};
  check(rules);
  ParameterStore store;
  const NetworkFit fit(store, rules,
                       std::make_unique<detail::NetworkPass<Tagger>>(*model, model.input(), metrics, data,
                                                                     data::BatchOptions{}, 1),
                       nullptr, "");
  EXPECT_EQ(fit.better("wrong"), Better::lower);
  EXPECT_EQ(fit.better("right"), Better::higher);
  EXPECT_EQ(fit.better("loss"), Better::lower);
}

TEST(NetworkMetrics, OfTrainingSurviveAResume) {
  const Dataset data = support::small_step_signals();
  const auto compiled = [&] {
    Model<Tagger> model = tagger_for(data, {.dropout = 0.2F});
    Model<Tagger>::Metric counted = accuracy;
    counted.in_training = true;
    model.compile({.metrics = {counted}});
    return model;
  };
  const test::TemporaryFolder folder;
  FitOptions options{.epochs = 2, .batch_size = 4};
  Model<Tagger> whole = compiled();
  const History wanted = whole.fit(data, options);
  EXPECT_EQ(wanted["accuracy"].size(), 2U);

  options.callbacks = {callbacks::Checkpoint{.folder = folder / "c", .every_epochs = 0}};
  int steps = 0;
  options.stop = [&] { return ++steps == 13; };
  Model<Tagger> first = compiled();
  EXPECT_TRUE(first.fit(data, options).interrupted());
  options.stop = {};
  options.resume = folder / "c";
  Model<Tagger> second = compiled();
  const History history = second.fit(data, options);
  EXPECT_EQ(history["accuracy"][1], wanted["accuracy"][1]);
  whole.save(folder / "whole.rondo");
  second.save(folder / "second.rondo");
  EXPECT_TRUE(read_file(folder / "whole.rondo") == read_file(folder / "second.rondo"));
}

TEST(NetworkMetrics, AreRefusedWhereTheyMakeNoSense) {
  const Dataset data = support::small_step_signals();
  Model<Tagger> model = tagger_for(data);
  expect_error(
      ErrorKind::option,
      [&] {
        model.compile({.metrics = {accuracy, accuracy}});
      },
      "'accuracy'");
  expect_error(ErrorKind::option,
               [&] { model.compile({.metrics = {{.name = "loss", .sums = Tagger::right}}}); });
  expect_error(ErrorKind::option, [&] { model.compile({.metrics = {{.name = "", .sums = Tagger::right}}}); });
  const auto three = [](const BatchView<Tagger>&) { return std::vector<double>{1, 2, 3}; };
  model.compile({.metrics = {{.name = "triple", .sums = three}}});
  expect_error(
      ErrorKind::usage, [&] { model.evaluate(data); }, "'triple'", "3 sums");
  int call = 0;
  const auto changing = [&](const BatchView<Tagger>&) {
    return std::vector<double>(static_cast<std::size_t>(++call));
  };
  model.compile({.metrics = {{.name = "changing", .sums = changing, .score = [](auto) { return 1.0; }}}});
  expect_error(
      ErrorKind::usage, [&] { model.evaluate(data); }, "'changing'", "as before");
}

TEST(NetworkMetrics, EarlyStoppingKnowsTheirNamesAndDirections) {
  const Dataset data = support::small_step_signals();
  Model<Tagger> model = tagger_for(data);
  double errors = 0;  // more with each validation, which an unknown name alone would take for better
  const auto growing = [&](const BatchView<Tagger>&) { return std::vector<double>{++errors, 1}; };
  model.compile({.metrics = {{.name = "wrong", .sums = growing, .better = Better::lower}}});
  FitOptions options{.epochs = 5, .validation = data};
  options.callbacks = {callbacks::EarlyStopping{.monitor = "val_wrong", .patience = 2}};
  const History history = model.fit(data, options);
  EXPECT_EQ(history.epochs(), 3);
  EXPECT_EQ(history.kept_epoch(), 1);
  options.callbacks = {callbacks::EarlyStopping{.monitor = "val_wrnog"}};
  expect_error(
      ErrorKind::option, [&] { model.fit(data, options); }, "val_wrong");
}

TEST(NetworkMetrics, EarlyStoppingWatchesThem) {
  const Dataset data = support::small_step_signals();
  Model<Tagger> model = tagger_for(data);
  const auto constant = [](const BatchView<Tagger>&) { return std::vector<double>{1, 1}; };
  model.compile({.metrics = {{.name = "constant", .sums = constant}}});
  const History history = model.fit(
      data,
      {.epochs = 9,
       .validation = data,
       .callbacks = {callbacks::EarlyStopping{.monitor = "val_constant", .patience = 2, .min_delta = 1}}});
  EXPECT_LT(history.epochs(), 9);
}

// -- One live model

TEST(NetworkThreads, ShareOneLiveModel) {
  const Dataset data = support::small_step_signals();
  const Model<Tagger> model = trained_tagger(data);
  const std::vector<Tensor> outputs = model.outputs(data);
  const auto answers = model.predict(data);
  const Scores scores = model.evaluate(data);
  std::vector<char> same(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < same.size(); ++t)
    threads.emplace_back([&, t] {
      bool all = true;
      for (int again = 0; again < 3; ++again) {
        const std::vector<Tensor> mine = model.outputs(data, {.batch_size = static_cast<int>(5 + t)});
        for (std::size_t i = 0; i < mine.size(); ++i)
          for (std::int64_t j = 0; j < mine[i].size(); ++j)
            all = all && mine[i].at(j) == outputs[i].at(j);
        all = all && model.predict(data) == answers && model.evaluate(data) == scores;
      }
      same[t] = all ? 1 : 0;
    });
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_THAT(same, testing::Each(1));
}

}  // namespace
}  // namespace rondo

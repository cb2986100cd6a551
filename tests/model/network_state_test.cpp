/// States of networks of one's own: carried from batch to batch, and kept from step to step.
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
using support::Letters;
using support::Tagger;
using test::expect_error;

const MetricRules no_metrics;
const std::vector<Model<Letters>::Metric> none;

/// A training of Letters, batch by batch, as a Trainer has it.
class Training {
 public:
  explicit Training(const Dataset& text) : model_(support::RunningText::learn(text)) {
    const auto pass = [&] {
      return std::make_unique<detail::NetworkPass<Letters>>(*model_, model_.input(), none, text,
                                                            data::BatchOptions{.batch_size = 2}, 1);
    };
    fit_ = std::make_unique<NetworkFit>(model_.weights(), no_metrics, pass(), pass(), "");
  }

  NetworkFit& fit() { return *fit_; }
  ParameterStore& weights() { return model_.weights(); }

  /// Plain gradient descent over so many batches; the last one's loss.
  double steps(int count) {
    double loss = 0;
    for (int i = 0; i < count; ++i) {
      model_.weights().zero_gradients();
      const Recording recording;
      const BatchLoss of_batch = fit_->next();
      of_batch.loss.backward();
      loss = of_batch.loss.value().at(0);
      for (const Parameter& p : model_.weights().parameters())
        for (std::int64_t j = 0; j < p.leaf->value.size(); ++j)
          p.leaf->value.data<float>()[static_cast<std::size_t>(j)] -=
              static_cast<float>(p.leaf->gradient.at(j));
    }
    return loss;
  }

 private:
  Model<Letters> model_;
  std::unique_ptr<NetworkFit> fit_;
};

TEST(CarriedState, GoesFromBatchToBatchAndBeginsEmpty) {
  const Dataset text = support::small_text();
  Training training(text);
  training.fit().begin_epoch(0, 0);
  EXPECT_TRUE(training.fit().carried().empty());
  const double first = training.fit().next().loss.value().at(0);
  const NamedTensors left = training.fit().carried();
  ASSERT_EQ(left.size(), 2U);
  EXPECT_EQ(left[0].second.shape(), (Shape{2, 8}));
  const double second = training.fit().next().loss.value().at(0);

  training.fit().begin_epoch(1, 0);
  EXPECT_TRUE(training.fit().carried().empty());
  EXPECT_EQ(training.fit().next().loss.value().at(0), first);
  EXPECT_EQ(training.fit().next().loss.value().at(0), second);
  training.fit().begin_epoch(2, 1);
  EXPECT_NE(training.fit().next().loss.value().at(0), second) << "the second batch, nothing carried to it";
}

TEST(CarriedState, IsTakenUpInTheMiddle) {
  const Dataset text = support::small_text();
  Training whole(text);
  whole.fit().begin_epoch(0, 0);
  whole.steps(5);
  const double wanted = whole.steps(4);

  for (const bool carried : {true, false}) {
    Training first(text), second(text);
    first.fit().begin_epoch(0, 0);
    first.steps(5);
    for (const Parameter& p : first.weights().parameters())
      second.weights().set(p.name, p.leaf->value);
    second.fit().begin_epoch(0, 5);
    if (carried) second.fit().carry(first.fit().carried());
    EXPECT_EQ(second.steps(4) == wanted, carried);
    if (!carried) continue;
    for (const Parameter& p : whole.weights().parameters())
      support::expect_same_bits(second.weights().get(p.name), p.leaf->value, p.name);
  }
}

TEST(CarriedState, IsNotNamedAtTheEndOfAnEpoch) {
  const Dataset text = support::small_text();
  Training training(text);
  const auto batches = static_cast<int>(training.fit().begin_epoch(0, 0));
  training.steps(batches - 1);
  EXPECT_EQ(training.fit().carried().size(), 2U);
  training.steps(1);
  EXPECT_TRUE(training.fit().carried().empty());
}

TEST(CarriedState, OfValidationIsItsOwn) {
  const Dataset text = support::small_text();
  Training training(text);
  training.fit().begin_epoch(0, 0);
  training.steps(3);
  const NamedTensors before = training.fit().carried();
  const std::optional<Scores> scores = training.fit().validate({});
  EXPECT_EQ(training.fit().validate({}), scores);
  const NamedTensors after = training.fit().carried();
  for (std::size_t i = 0; i < before.size(); ++i)
    support::expect_same_bits(after[i].second, before[i].second, before[i].first);
}

TEST(CarriedState, RefusesWhatIsNone) {
  Training training(support::small_text());
  training.fit().begin_epoch(0, 0);
  expect_error(
      ErrorKind::format,
      [&] {
        training.fit().carry({{"h", Tensor::zeros({2, 8})}});
      },
      "'state.0'");
}

TEST(CarriedState, LearnsFromALongText) {
  const Dataset text = support::small_text();
  Model<Letters> model(support::RunningText::learn(text));
  model.compile(optim::Adam{.learning_rate = 0.02F});
  const History history = model.fit(text, {.epochs = 6, .batch_size = 2, .validation = text});
  EXPECT_LT(history["val_loss"].back(), 0.7F * history["val_loss"].front());
  EXPECT_EQ(model.evaluate(text, {.batch_size = 2}).at("loss"), history["val_loss"].back());
}

TEST(CarriedState, ResumedAmongAThousandChunksEndsInTheSameFile) {
  const test::TemporaryFolder folder;
  std::string letters;
  while (letters.size() < 18'000)
    letters += support::small_text().text(0);
  const Dataset text(Examples{.texts = {letters}});
  std::int64_t steps = 0;
  const auto fit = [&](const std::string& name, const FitOptions& options) {
    Model<Letters> model(support::RunningText::learn(text));
    model.compile(optim::Adam{.learning_rate = 0.02F});
    model.fit(text, options);
    model.save(folder / name);
    steps = model.record().steps;
  };
  FitOptions options{.epochs = 1, .batch_size = 1, .validation = text.take(1)};
  fit("whole", options);
  EXPECT_GE(steps, 1'000);
  options.callbacks = {callbacks::Checkpoint{.folder = folder / "c", .every_epochs = 0}};
  int done = 0;
  options.stop = [&] { return ++done == 517; };
  fit("stopped", options);
  EXPECT_EQ(steps, 517);
  options.stop = {};
  options.resume = folder / "c";
  fit("resumed", options);
  EXPECT_TRUE(read_file(folder / "resumed") == read_file(folder / "whole"));
  EXPECT_FALSE(read_file(folder / "stopped") == read_file(folder / "whole"));
}

// -- Streams

TEST(NetworkStream, SaysWhatTheNetworkSaysOfTheWhole) {
  const Dataset data = support::small_step_signals();
  const Model<Tagger> model(data::Features::learn(data));
  NetworkStream<Tagger> stream = model.stream();
  for (std::size_t i = 0; i < 4; ++i) {
    const Tensor& x = data.features(i);
    const Tensor outputs = model.outputs(data.subset(i, i + 1)).at(0);
    stream.reset();
    for (std::int64_t t = 0; t < x.rows(); ++t)
      support::expect_same_bits(stream.push(Var(x.slice_rows(t, t + 1))).value(),
                                outputs.slice_rows(t, t + 1), "step " + std::to_string(t));
    EXPECT_EQ(stream.steps(), x.rows());
  }
}

TEST(NetworkStream, GoesOnFromASavedState) {
  const Dataset data = support::small_step_signals();
  const Model<Tagger> model(data::Features::learn(data));
  NetworkStream<Tagger> stream = model.stream(2);
  const Var x(support::random_tensor({2, 3}, 1, DType::f32)),
      y(support::random_tensor({2, 3}, 2, DType::f32));
  stream.push(x);
  const NetworkStreamState saved = stream.state();
  NetworkStream<Tagger> copy = stream;
  const Tensor wanted = stream.push(y).value();
  support::expect_same_bits(copy.push(y).value(), wanted, "a copy");
  NetworkStream<Tagger> other = model.stream(2);
  other.set_state(saved);
  EXPECT_EQ(other.steps(), 1);
  support::expect_same_bits(other.push(y).value(), wanted, "a stream with the saved state");

  NetworkStream<Tagger> swapped = model.stream(2);
  swapped.set_state(saved);
  swapped.select(std::vector<std::int32_t>{1, 0});
  const Tensor rows = swapped.push(select_rows(y, std::vector<std::int32_t>{1, 0})).value();
  support::expect_same_bits(rows.slice_rows(1, 2), wanted.slice_rows(0, 1), "rows that changed places");

  expect_error(
      ErrorKind::shape, [&] { other.set_state({}); }, "1 parts");
  expect_error(
      ErrorKind::shape,
      [&] {
        other.set_state({.parts = {Tensor::zeros({2, 5})}});
      },
      "[2, 5]");
}

TEST(NetworkStream, BeginsWhereItIsTold) {
  const Dataset data = support::small_step_signals();
  const Model<Tagger> model(data::Features::learn(data));
  const Var x(support::random_tensor({1, 3}, 1, DType::f32));
  const State later = model->step(x, model->start(1)).state;
  NetworkStream<Tagger> stream(*model, later);
  const Tensor first = stream.push(x).value();
  stream.reset();
  support::expect_same_bits(stream.push(x).value(), first, "after a reset");
  support::expect_same_bits(first, model->step(x, later).output.value(), "the network's own step");
}

}  // namespace
}  // namespace rondo

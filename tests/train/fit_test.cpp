// The loop itself: going on, threads, accumulation, clipping, groups, stopping, faults.
#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include <rondo/runtime.h>

#include "support/expect_error.h"
#include "train/tiny_model.h"

namespace rondo {
namespace {

using test::expect_error;
using test::TinyModel;

std::string bytes_after(TinyModel& model, Trainer& trainer, const FitOptions& options) {
  trainer.fit(model, options);
  return model.bytes();
}

std::string bytes_of(const FitOptions& options, const Optimizer& optimizer = optim::Adam{}) {
  TinyModel model;
  Trainer trainer(optimizer);
  return bytes_after(model, trainer, options);
}

/// Calls a function with every step's report.
struct EachStep {
  std::function<void(const StepReport&)> call;
  struct Observer final : Callback {
    explicit Observer(std::function<void(const StepReport&)> f) : call(std::move(f)) {}
    void on_step(const StepReport& report) override { call(report); }
    std::function<void(const StepReport&)> call;
  };
  std::unique_ptr<Callback> start() const { return std::make_unique<Observer>(call); }
};

TEST(Fit, LearnsAndReports) {
  TinyModel model(8, 16);
  model.validation = true;
  Trainer trainer(optim::Adam{.learning_rate = 0.02F});
  std::vector<int> epochs;
  const History& history = trainer.fit(
      model,
      {.epochs = 30, .callbacks = {[&](const EpochReport& report) { epochs.push_back(report.epoch); }}});
  EXPECT_EQ(history.epochs(), 30);
  EXPECT_EQ(epochs.size(), 30U);
  EXPECT_EQ(epochs.back(), 30);
  EXPECT_LT(history["loss"].back(), 0.9F * history["loss"].front());
  EXPECT_GT(history["accuracy"].back(), history["accuracy"].front());
  EXPECT_EQ(history.names(),
            (std::vector<std::string>{"accuracy", "learning_rate", "loss", "val_accuracy", "val_loss"}));
  EXPECT_EQ(history.best("loss"), history["loss"][static_cast<std::size_t>(history.best_epoch("loss") - 1)]);
  EXPECT_EQ(trainer.steps(), 240);
  EXPECT_FALSE(history.interrupted());
}

TEST(Fit, TwoFitsAreOneLongerOne) {
  const std::string whole = bytes_of({.epochs = 5});
  TinyModel model;
  Trainer trainer;
  bytes_after(model, trainer, {.epochs = 2});
  EXPECT_EQ(bytes_after(model, trainer, {.epochs = 3}), whole);
  EXPECT_EQ(trainer.history().epochs(), 5);
}

TEST(Fit, SameBytesForAnyNumberOfThreads) {
  std::vector<std::string> results;
  for (const int threads : {1, 2, 3}) {
    Runtime runtime({.threads = threads});
    const Runtime::Use use(runtime);
    results.push_back(bytes_of(test::eventful()));
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST(Fit, SeedChangesDropoutOnlyThroughTheSeed) {
  EXPECT_EQ(bytes_of({.epochs = 1, .seed = 4}), bytes_of({.epochs = 1, .seed = 4}));
  EXPECT_NE(bytes_of({.epochs = 1, .seed = 4}), bytes_of({.epochs = 1, .seed = 5}));
}

/// One weight w with the loss weighted mean of (w - target)², batches of different weights.
class Parabola final : public Trainable {
 public:
  explicit Parabola(std::vector<std::pair<float, double>> batches) : batches_(std::move(batches)) {
    w_ = Scope(store_).parameter("w", {1}, {.kind = Initializer::zeros});
  }
  ParameterStore& parameters() override { return *store_; }
  std::uint64_t fingerprint() const override { return 0; }
  std::size_t begin_epoch(std::int64_t, std::size_t first) override {
    next_ = first;
    return batches_.size();
  }
  BatchLoss next() override {
    const auto [target, weight] = batches_[next_++];
    return {.loss = mse(w_, Tensor::of<float>({1}, {target})), .weight = weight, .rows = 1};
  }
  float w() const { return store_->parameters()[0].leaf->value.data<float>()[0]; }

 private:
  std::shared_ptr<ParameterStore> store_ = std::make_shared<ParameterStore>();
  std::vector<std::pair<float, double>> batches_;
  std::size_t next_ = 0;
  Var w_;
};

TEST(Fit, AccumulationWeighsBatchesExactly) {
  // Gradient of the mean over 3 + 5 examples at w = 0: -2 (3 · 1 + 5 · 4) / 8.
  Parabola model({{1.0F, 3}, {4.0F, 5}});
  Trainer trainer(optim::SGD{.learning_rate = 1});
  trainer.fit(model, {.accumulate = 2});
  EXPECT_FLOAT_EQ(model.w(), 2 * (3 * 1 + 5 * 4) / 8.0F);
  EXPECT_EQ(trainer.steps(), 1);
  EXPECT_FLOAT_EQ(trainer.history()["loss"][0], (3 * 1 + 5 * 16) / 8.0F);
}

TEST(Fit, ABatchWithoutWeightDoesNoHarm) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Parabola alone({{nan, 0}, {1.0F, 2}});
  Trainer trainer(optim::SGD{.learning_rate = 0.5F});
  trainer.fit(alone, {});
  EXPECT_EQ(trainer.steps(), 2);
  EXPECT_FLOAT_EQ(alone.w(), 1);
  EXPECT_FLOAT_EQ(trainer.history()["loss"][0], 1);

  Parabola together({{4.0F, 2}, {nan, 0}, {nan, 0}, {nan, 0}});
  Trainer gathering(optim::SGD{.learning_rate = 0.5F});
  gathering.fit(together, {.clip_norm = 100, .accumulate = 2});
  EXPECT_FLOAT_EQ(together.w(), 4);
  EXPECT_FLOAT_EQ(gathering.history()["loss"][0], 16);

  Parabola negative({{1.0F, -1}});
  expect_error(
      ErrorKind::numeric, [&] { Trainer().fit(negative, {}); }, "weight of a batch's loss");
}

TEST(Fit, TheLastStepTakesWhatIsLeft) {
  Parabola model({{1.0F, 1}, {1.0F, 1}, {3.0F, 1}});
  Trainer trainer(optim::SGD{.learning_rate = 0.5F});
  trainer.fit(model, {.accumulate = 2});
  EXPECT_EQ(trainer.steps(), 2);
  EXPECT_FLOAT_EQ(model.w(), 3);  // to 1 by the first two, then to 3
}

TEST(Fit, ClipsByNormAndByValue) {
  float norm = 0;
  const EachStep watch{[&](const StepReport& report) { norm = report.gradient_norm; }};
  Parabola by_norm({{10.0F, 1}});
  Trainer(optim::SGD{.learning_rate = 1}).fit(by_norm, {.clip_norm = 0.25F, .callbacks = {watch}});
  EXPECT_FLOAT_EQ(by_norm.w(), 0.25F);
  EXPECT_FLOAT_EQ(norm, 20) << "reported before clipping";
  Parabola by_value({{10.0F, 2}, {10.0F, 2}});
  Trainer(optim::SGD{.learning_rate = 1}).fit(by_value, {.clip_value = 0.5F, .accumulate = 2});
  EXPECT_FLOAT_EQ(by_value.w(), 0.5F);
}

TEST(Fit, FollowsItsSchedule) {
  std::vector<float> rates;
  Parabola model({{1.0F, 1}, {1.0F, 1}});
  Trainer trainer(optim::SGD{.learning_rate = 0.5F});
  trainer.fit(model,
              {.epochs = 3,
               .schedule = schedule::Linear{.warmup_steps = 2},
               .callbacks = {EachStep{[&](const StepReport& r) { rates.push_back(r.learning_rate); }}}});
  EXPECT_EQ(rates, (std::vector<float>{0.25F, 0.5F, 0.5F, 0.375F, 0.25F, 0.125F}));
}

TEST(Fit, FreezesForOneFitOnly) {
  TinyModel model;
  Trainer trainer;
  const Tensor before = model.parameters().get("lstm.weight_hh_l0");
  trainer.fit(model, {.groups = {{.prefix = "lstm", .frozen = true}, {.prefix = "lstm.bias_ih_l0"}}});
  const auto same = [&](const char* name, const Tensor& as) {
    const Tensor now = model.parameters().get(name);
    return std::equal(now.data<float>().begin(), now.data<float>().end(), as.data<float>().begin());
  };
  EXPECT_TRUE(same("lstm.weight_hh_l0", before));
  EXPECT_FALSE(same("lstm.bias_ih_l0", Tensor::zeros({4 * TinyModel::units}))) << "the longer prefix counts";
  trainer.fit(model, {});
  EXPECT_FALSE(same("lstm.weight_hh_l0", before));
}

TEST(Fit, RefusesAGroupWithoutParameters) {
  TinyModel model;
  Trainer trainer;
  expect_error(
      ErrorKind::option, [&] { trainer.fit(model, {.groups = {{.prefix = "lst"}}}); }, "'lst'",
      "lstm.weight_ih_l0");
}

TEST(Fit, StopsWhenAsked) {
  TinyModel model(4);
  Trainer trainer;
  int asked = 0;
  const History& history = trainer.fit(model, {.epochs = 3, .stop = [&] { return ++asked == 6; }});
  EXPECT_TRUE(history.interrupted());
  EXPECT_EQ(history.reason(), "interrupted");
  EXPECT_EQ(history.epochs(), 1);
  EXPECT_EQ(trainer.steps(), 6);
}

TEST(Fit, StopsWithinAValidation) {
  TinyModel model(4);  // and 2 batches of validation
  model.validation = true;
  Trainer trainer;
  int asked = 0;
  const History& history = trainer.fit(model, {.epochs = 3, .stop = [&] { return ++asked == 5; }});
  EXPECT_TRUE(history.interrupted());
  EXPECT_EQ(asked, 5) << "4 steps and the first batch of validation";
  EXPECT_EQ(history.epochs(), 0) << "its scores are not known";
  EXPECT_EQ(trainer.steps(), 4);
}

TEST(Fit, NamesStepAndParameterOfALossThatIsNotFinite) {
  TinyModel model;
  model.poison = 2;
  Trainer trainer;
  expect_error(
      ErrorKind::numeric, [&] { trainer.fit(model, {.epochs = 2}); }, "step ", "(epoch 1, batch ",
      "the loss is", "'embedding.weight'", "lower the learning rate");
}

TEST(Fit, RefusesAnotherModelAndEmptyEpochs) {
  TinyModel first, second;
  Trainer trainer;
  trainer.fit(first, {});
  expect_error(
      ErrorKind::usage, [&] { trainer.fit(second, {}); }, "another Trainer");
  Parabola empty({});
  expect_error(
      ErrorKind::usage, [&] { Trainer().fit(empty, {}); }, "no batches");
}

TEST(Options, OutOfRangeReadWell) {
  TinyModel model;
  expect_error(
      ErrorKind::option, [&] { Trainer().fit(model, {.epochs = 0}); }, "fit.epochs", "got 0");
  expect_error(
      ErrorKind::option, [&] { Trainer().fit(model, {.clip_norm = -1}); }, "fit.clip_norm", "got -1");
  expect_error(
      ErrorKind::option, [&] { Trainer().fit(model, {.schedule = schedule::Cosine{.floor = 2}}); },
      "fit.schedule.floor", "got 2");
  expect_error(
      ErrorKind::option, [] { Trainer{optim::Adam{.beta1 = 1}}; }, "optimizer.beta1");
  expect_error(
      ErrorKind::option, [] { Trainer{optim::SGD{.nesterov = true}}; }, "momentum");
  expect_error(
      ErrorKind::usage,
      [&] {
        Trainer().fit(model, {.class_weights = {{"a", 1.0F}}, .balance_classes = true});
      },
      "balance_classes", "class_weights");
}

TEST(Options, CompileIsChecked) {
  expect_error(
      ErrorKind::option, [] { check(CompileOptions{.loss = Loss::mse, .label_smoothing = 0.1F}); },
      "label_smoothing", "'mse'");
  expect_error(
      ErrorKind::option, [] { check(CompileOptions{.loss = Loss::mse, .huber_delta = 0}); },
      "compile.huber_delta");
  expect_error(
      ErrorKind::option,
      [] {
        check(CompileOptions{.loss = Loss::mse,
                             .metrics = {{"a,b", [](const Tensor&, const data::Batch&) { return 1.0; }}}});
      },
      "'a,b'");
  expect_error(
      ErrorKind::option, [] { metric_of("acuracy"); }, "did you mean 'accuracy'");
  EXPECT_EQ(metric_of("f1"), Metric::f1);
}

}  // namespace
}  // namespace rondo

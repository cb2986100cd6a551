// Early stopping, reduce on plateau, history files, the progress bar.
#include <cmath>
#include <limits>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/learning_rate.h"
#include "train/tiny_model.h"

namespace rondo {
namespace {

using test::expect_error;
using test::TemporaryFolder;
using test::TinyModel;
using testing::HasSubstr;
using testing::Not;

/// A model whose validation says what the test wants, and the weights it had after each epoch.
struct Scripted {
  explicit Scripted(std::vector<float> losses) {
    model.validation = true;
    model.score = [this, losses](int epoch) {
      weights.push_back(model.bytes());
      return Scores{{"loss", losses.at(static_cast<std::size_t>(epoch))}};
    };
  }
  TinyModel model;
  std::vector<std::string> weights;
};

TEST(EarlyStopping, EndsAndRestoresTheBestWeights) {
  Scripted run({3, 2, 1, 2, 0.99F, 5, 6, 0});
  Trainer trainer;
  const History& history = trainer.fit(
      run.model, {.epochs = 8, .callbacks = {callbacks::EarlyStopping{.patience = 2, .min_delta = 0.1F}}});
  EXPECT_EQ(history.epochs(), 5) << "0.99 is no improvement by more than 0.1";
  EXPECT_EQ(run.model.bytes(), run.weights[2]);
  EXPECT_FALSE(history.interrupted());
  EXPECT_EQ(history.reason(), "no better val_loss in 2 epochs");
  EXPECT_EQ(history.kept_epoch(), 3);
  trainer.fit(run.model, {.epochs = 1});
  EXPECT_EQ(history.kept_epoch(), 6) << "the last one, where nothing was restored";
}

TEST(EarlyStopping, RestoresAlsoWhenTheEpochsRunOut) {
  Scripted run({3, 1, 2});
  Trainer().fit(run.model, {.epochs = 3, .callbacks = {callbacks::EarlyStopping{.patience = 5}}});
  EXPECT_EQ(run.model.bytes(), run.weights[1]);
  Scripted kept({3, 1, 2});
  Trainer().fit(kept.model,
                {.epochs = 3, .callbacks = {callbacks::EarlyStopping{.patience = 5, .restore_best = false}}});
  EXPECT_EQ(kept.model.bytes(), kept.weights[2]);
}

TEST(EarlyStopping, NaNIsNoImprovement) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Scripted run({nan, 3, nan, nan, 1});
  Trainer trainer;
  trainer.fit(run.model, {.epochs = 5, .callbacks = {callbacks::EarlyStopping{.patience = 2}}});
  EXPECT_EQ(trainer.history().epochs(), 4);
  EXPECT_EQ(run.model.bytes(), run.weights[1]);
}

TEST(EarlyStopping, HigherAccuracyIsBetter) {
  TinyModel model;
  model.validation = true;
  model.score = [](int epoch) { return Scores{{"accuracy", epoch == 1 ? 0.9F : 0.5F}}; };
  Trainer trainer;
  trainer.fit(model, {.epochs = 9, .callbacks = {callbacks::EarlyStopping{.monitor = "val_accuracy"}}});
  EXPECT_EQ(trainer.history().epochs(), 3);
  EXPECT_EQ(trainer.history().best_epoch("val_accuracy"), 2);
}

TEST(EarlyStopping, TakesTheDirectionFromTheMetric) {
  TinyModel model;
  model.validation = true;
  model.metrics = {{"edits", [](const Tensor&, const data::Batch&) { return 1.0; }, Better::lower}};
  model.score = [](int epoch) { return Scores{{"edits", epoch == 1 ? 3.0F : 5.0F}}; };
  Trainer trainer;
  trainer.fit(model, {.epochs = 9, .callbacks = {callbacks::EarlyStopping{.monitor = "val_edits"}}});
  EXPECT_EQ(trainer.history().epochs(), 3);
  EXPECT_EQ(trainer.history().best_epoch("val_edits"), 2);
  EXPECT_EQ(trainer.history().better("val_edits"), Better::lower);
  EXPECT_EQ(trainer.history().better("loss"), Better::lower);
}

TEST(EarlyStopping, AModeOverrulesTheDirection) {
  using callbacks::Mode;
  const auto epochs_until = [](Mode mode) {
    Scripted run({3, 2, 1, 4, 5, 6, 7});
    Trainer trainer;
    trainer.fit(run.model, {.epochs = 7, .callbacks = {callbacks::EarlyStopping{.mode = mode}}});
    return trainer.history().epochs();
  };
  EXPECT_EQ(epochs_until(Mode::automatic), 4);
  EXPECT_EQ(epochs_until(Mode::min), 4);
  EXPECT_EQ(epochs_until(Mode::max), 2);
  EXPECT_EQ(name_of(Mode::automatic), "auto");
}

TEST(EarlyStopping, RefusesAnUnknownNameBeforeTheFirstStep) {
  TinyModel model;
  model.validation = true;
  model.names = {"accuracy"};
  Trainer trainer;
  expect_error(
      ErrorKind::option,
      [&] { trainer.fit(model, {.callbacks = {callbacks::EarlyStopping{.monitor = "val_acuracy"}}}); },
      "'val_acuracy'", "accuracy, learning_rate, loss, val_accuracy and val_loss",
      "did you mean 'val_accuracy'");
  expect_error(
      ErrorKind::option,
      [&] { trainer.fit(model, {.schedule = schedule::ReduceOnPlateau{.monitor = "los"}}); },
      "reduce_on_plateau", "'los'");
  EXPECT_EQ(trainer.steps(), 0);
}

/// The validation says these (accuracy, loss), one pair an epoch.
struct Tied {
  explicit Tied(std::vector<std::pair<float, float>> pairs) {
    model.validation = true;
    model.score = [this, pairs](int epoch) {
      weights.push_back(model.bytes());
      const auto& [accuracy, loss] = pairs.at(static_cast<std::size_t>(epoch));
      return Scores{{"accuracy", accuracy}, {"loss", loss}};
    };
  }
  TinyModel model;
  std::vector<std::string> weights;
};

TEST(EarlyStopping, TheLossBreaksTies) {
  const callbacks::EarlyStopping stopping{.monitor = "val_accuracy", .patience = 2};
  Tied run({{0.9F, 0.5F}, {0.9F, 0.4F}, {0.9F, 0.4F}, {0.9F, 0.3F}, {0.8F, 0.1F}, {0.9F, 0.31F}, {1, 0}});
  Trainer trainer;
  trainer.fit(run.model, {.epochs = 7, .callbacks = {stopping}});
  ASSERT_EQ(trainer.history().epochs(), 6) << "the fourth is the best: the fifth is worse, whatever its loss";
  EXPECT_EQ(trainer.history().reason(),
            "no better val_accuracy in 2 epochs, nor an equal one with a val_loss lower by 1 %");
  EXPECT_EQ(run.model.bytes(), run.weights[3]);

  const float nan = std::numeric_limits<float>::quiet_NaN();
  Tied without({{0.9F, nan}, {0.9F, 0.1F}, {0.9F, nan}, {1, 0}});
  Trainer().fit(without.model, {.epochs = 4, .callbacks = {stopping}});
  EXPECT_EQ(without.weights.size(), 3U) << "a loss that is not a number breaks no tie";
}

TEST(EarlyStopping, ALossThatHardlyFallsIsKeptButNotWaitedFor) {
  const callbacks::EarlyStopping stopping{.monitor = "val_accuracy", .patience = 2};
  Tied crumbs({{0.9F, 0.5F}, {0.9F, 0.499F}, {0.9F, 0.498F}, {0.9F, 0.497F}});
  Trainer trainer;
  trainer.fit(crumbs.model, {.epochs = 4, .callbacks = {stopping}});
  EXPECT_EQ(trainer.history().epochs(), 3);
  EXPECT_EQ(trainer.history().kept_epoch(), 3) << "the lowest loss, however little";
  Tied in_all({{0.9F, 0.5F}, {0.9F, 0.496F}, {0.9F, 0.492F}, {0.9F, 0.488F}, {0.9F, 0.484F}, {0.9F, 0.49F}});
  Trainer().fit(in_all.model, {.epochs = 6, .callbacks = {stopping}});
  EXPECT_EQ(in_all.weights.size(), 6U) << "two small steps together are more than 1 %";
}

TEST(EarlyStopping, SaysWhatIsMissing) {
  TinyModel model;
  expect_error(
      ErrorKind::usage, [&] { Trainer().fit(model, {.callbacks = {callbacks::EarlyStopping{}}}); },
      "early stopping watches 'val_loss'", "no validation data", "give FitOptions validation");
  expect_error(
      ErrorKind::option,
      [&] { Trainer().fit(model, {.callbacks = {callbacks::EarlyStopping{.monitor = "acuracy"}}}); },
      "'acuracy'", "accuracy, learning_rate and loss", "did you mean 'accuracy'");
  expect_error(
      ErrorKind::usage, [&] { Trainer().fit(model, {.schedule = schedule::ReduceOnPlateau{}}); },
      "reduce_on_plateau", "'val_loss'");
  expect_error(
      ErrorKind::option,
      [&] { Trainer().fit(model, {.callbacks = {callbacks::EarlyStopping{.patience = 0}}}); },
      "early_stopping.patience");
}

std::vector<double> factors(const Schedule& schedule, std::int64_t epoch_steps, std::int64_t epochs) {
  const LearningRate rate(schedule);
  std::vector<double> all;
  for (std::int64_t step = 0; step < epoch_steps * epochs; ++step)
    all.push_back(rate.factor({.step = step, .epoch_steps = epoch_steps, .epochs = epochs}));
  return all;
}

TEST(Schedules, Shapes) {
  using testing::DoubleNear;
  using testing::ElementsAre;
  const auto near = [](double x) { return DoubleNear(x, 1e-7); };
  EXPECT_THAT(factors(schedule::Constant{}, 2, 2), ElementsAre(1, 1, 1, 1));
  EXPECT_THAT(factors(schedule::Constant{.warmup_steps = 2}, 2, 2), ElementsAre(0.5, 1, 1, 1));
  EXPECT_THAT(factors(schedule::Step{.every = 2, .factor = 0.5F}, 1, 5), ElementsAre(1, 1, 0.5, 0.5, 0.25));
  EXPECT_THAT(factors(schedule::Step{.factor = 0.5F, .after = 3}, 1, 6),
              ElementsAre(1, 1, 1, 0.5, 0.25, 0.125));
  EXPECT_THAT(factors(schedule::Step{.every = 2, .factor = 0.5F, .after = 1}, 1, 6),
              ElementsAre(1, 0.5, 0.5, 0.25, 0.25, 0.125));
  EXPECT_THAT(factors(schedule::Exponential{.factor = 0.25F}, 2, 2), ElementsAre(1, 0.5, 0.25, 0.125));
  EXPECT_THAT(factors(schedule::Cosine{.floor = 0.5F}, 2, 1), ElementsAre(near(1), near(0.75)));
  EXPECT_THAT(factors(schedule::Linear{}, 2, 2), ElementsAre(1, 0.75, 0.5, 0.25));
  EXPECT_THAT(factors(schedule::Linear{.floor = 0.5F, .warmup_steps = 1}, 3, 1), ElementsAre(1, 1, 0.75));
  EXPECT_THAT(factors(schedule::Cosine{.warmup_steps = 9}, 2, 1), ElementsAre(near(1 / 9.0), near(2 / 9.0)));
}

TEST(Schedules, ReduceOnPlateau) {
  LearningRate rate(schedule::ReduceOnPlateau{
      .monitor = "loss", .factor = 0.5F, .patience = 2, .min_delta = 0.1F, .floor = 0.3F});
  std::vector<bool> reduced;
  for (const float loss : {3.0F, 2.0F, 1.95F, 1.91F, 1.92F, 1.93F, 1.94F, 1.94F})
    reduced.push_back(rate.epoch_done({{"loss", loss}}));
  EXPECT_EQ(reduced, (std::vector<bool>{false, false, false, true, false, true, false, false}));
  EXPECT_NEAR(rate.factor({.step = 5, .epoch_steps = 1, .epochs = 9}), 0.3, 1e-7) << "the floor";
  LearningRate other(schedule::ReduceOnPlateau{.monitor = "loss"});
  other.restore(rate.save());
  EXPECT_EQ(other.save(), rate.save());
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::istringstream text(read_file(file));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);)
    lines.push_back(line);
  return lines;
}

TEST(HistoryFile, WritesStepsAndEpochs) {
  const TemporaryFolder folder;
  TinyModel model(3);
  model.validation = true;
  model.score = [](int epoch) {
    return Scores{{"loss", epoch == 0 ? std::numeric_limits<float>::quiet_NaN() : 0.1F}};
  };
  Trainer trainer;
  const FitOptions options{.epochs = 2, .callbacks = {callbacks::HistoryFile{.folder = folder / "run"}}};
  trainer.fit(model, options);
  const auto lines = lines_of(folder / "run/metrics.jsonl");
  ASSERT_EQ(lines.size(), 8U);
  const Json step = parse_json(lines[0], {.name = "step"});
  EXPECT_EQ(step.at("step"), 1);
  EXPECT_EQ(step.at("split"), "train");
  EXPECT_TRUE(step.contains("gradient_norm") && step.contains("ts"));
  const Json epoch = parse_json(lines[3], {.name = "epoch"});
  EXPECT_EQ(epoch.at("split"), "epoch");
  EXPECT_EQ(epoch.at("val_loss"), "NaN");
  const auto table = lines_of(folder / "run/metrics.csv");
  ASSERT_EQ(table.size(), 3U);
  EXPECT_EQ(table[0], "epoch,step,accuracy,learning_rate,loss,val_loss");
  EXPECT_THAT(table[1], testing::MatchesRegex("1,3,.*,NaN"));
  EXPECT_THAT(table[2], testing::MatchesRegex("2,6,.*,0\\.1"));

  // A second fit appends, behind a line that something cut short; a new model begins anew.
  AppendFile(folder / "run/metrics.jsonl").write_line("{}");
  { AppendFile(folder / "run/metrics.jsonl").truncate(read_file(folder / "run/metrics.jsonl").size() - 2); }
  trainer.fit(model, options);
  EXPECT_EQ(lines_of(folder / "run/metrics.jsonl").size(), 16U);
  EXPECT_EQ(lines_of(folder / "run/metrics.csv").size(), 5U);
  TinyModel other(3);
  Trainer().fit(other, options);
  EXPECT_EQ(lines_of(folder / "run/metrics.csv").size(), 3U);
}

TEST(ProgressBar, WritesALineAnEpochWhereThereIsNoTerminal) {
  TinyModel model;
  testing::internal::CaptureStderr();
  Trainer().fit(model, {.epochs = 2, .callbacks = {callbacks::ProgressBar{.always_plain = true}}});
  const std::string shown = testing::internal::GetCapturedStderr();
  EXPECT_THAT(shown, testing::MatchesRegex("epoch 1/2  accuracy 0\\.[0-9]+  loss .* tokens/s  0:00\n"
                                           "epoch 2/2  accuracy .*\n"));
  EXPECT_THAT(shown, Not(HasSubstr("\033")));
  EXPECT_THAT(shown, Not(HasSubstr("\r")));
}

TEST(ProgressBar, SaysInWhichEpochItWasInterrupted) {
  TinyModel model;
  int asked = 0;
  testing::internal::CaptureStderr();
  Trainer().fit(model, {.epochs = 2,
                        .stop = [&] { return ++asked == 2; },
                        .callbacks = {callbacks::ProgressBar{.always_plain = true}}});
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "interrupted in epoch 1\n");
}

TEST(ProgressBar, NothingIsPrintedWithoutIt) {
  TinyModel model;
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  Trainer().fit(model, {.epochs = 2});
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST(History, AnswersByName) {
  History history;
  const auto better = [](std::string_view name) { return name == "loss" ? Better::lower : Better::higher; };
  history.add({{"loss", 2.0F}}, better);
  history.add({{"loss", 1.0F}, {"accuracy", 0.5F}}, better);
  history.add({{"loss", 3.0F}, {"accuracy", 0.75F}}, better);
  EXPECT_TRUE(std::isnan(history["accuracy"][0]));
  EXPECT_EQ(history.best("loss"), 1);
  EXPECT_EQ(history.best_epoch("loss"), 2);
  EXPECT_EQ(history.best("accuracy"), 0.75F);
  expect_error(
      ErrorKind::option, [&] { history["los"]; }, "'los'", "accuracy and loss", "did you mean 'loss'");
  std::ostringstream out;
  out << Scores{{"loss", 0.3127F}, {"accuracy", 0.87314F}};
  EXPECT_EQ(out.str(), "accuracy 0.8731  loss 0.3127");
}

}  // namespace
}  // namespace rondo

// Validation within epochs: when it comes, and who hears of it.
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/tiny_model.h"

namespace rondo {
namespace {

using test::expect_error;
using test::TemporaryFolder;
using test::TinyModel;
using testing::ElementsAre;

/// Notes what a fit tells, and breaks it off after a step.
struct Listen {
  struct Heard {
    std::vector<std::tuple<std::int64_t, int, bool>> validations;  // step, epoch, at the epoch's end
    std::vector<std::string> messages;
    std::vector<EpochReport> epochs;
    EndReport end;
  };
  Heard* heard;
  std::int64_t break_off = 0;

  struct Observer final : Callback {
    Observer(Heard* to, std::int64_t step) : heard(to), break_off(step) {}
    void on_begin(Run& begun) override { run = &begun; }
    void on_step(const StepReport& report) override {
      if (report.step == break_off) run->stop("enough");
    }
    void on_validation(const ValidationReport& report) override {
      EXPECT_TRUE(report.values.contains("val_loss"));
      heard->validations.emplace_back(report.step, report.epoch, report.epoch_done);
    }
    void on_epoch(const EpochReport& report) override { heard->epochs.push_back(report); }
    void on_message(const std::string& message) override { heard->messages.push_back(message); }
    void on_end(const EndReport& report) override { heard->end = report; }
    Heard* heard;
    std::int64_t break_off;
    Run* run = nullptr;
  };
  std::unique_ptr<Callback> start() const { return std::make_unique<Observer>(heard, break_off); }
};

/// Its validations say these losses one after another; notes the weights that they saw.
struct Scripted {
  explicit Scripted(std::vector<float> losses) {
    model.validation = true;
    model.score = [this, losses](int) {
      weights.push_back(model.bytes());
      return Scores{{"loss", losses.at(weights.size() - 1)}};
    };
  }
  TinyModel model;
  std::vector<std::string> weights;
};

using Moments = std::vector<std::tuple<std::int64_t, int, bool>>;

Moments validations_of_two_epochs(int every_steps) {
  TinyModel model;  // of 4 steps an epoch
  model.validation = true;
  Listen::Heard heard;
  Trainer().fit(model, {.epochs = 2, .validate_every_steps = every_steps, .callbacks = {Listen{&heard}}});
  return heard.validations;
}

TEST(Validation, EveryNStepsAndAtTheEndsOfEpochs) {
  EXPECT_EQ(validations_of_two_epochs(0), (Moments{{4, 1, true}, {8, 2, true}}));
  EXPECT_EQ(validations_of_two_epochs(3),
            (Moments{{3, 1, false}, {4, 1, true}, {6, 2, false}, {8, 2, true}}));
  EXPECT_EQ(validations_of_two_epochs(2), (Moments{{2, 1, false}, {4, 1, true}, {6, 2, false}, {8, 2, true}}))
      << "one at the end of an epoch, not two";
}

TEST(Validation, ChangesNoWeights) {
  TinyModel often, seldom;
  often.validation = seldom.validation = true;
  Trainer().fit(often, {.epochs = 2, .validate_every_steps = 1});
  Trainer().fit(seldom, {.epochs = 2});
  EXPECT_EQ(often.bytes(), seldom.bytes());
}

TEST(Validation, EarlyStoppingCountsThem) {
  Scripted run({3, 2, 1, 5, 5, 0});  // after 2, 4, 6, 8, 10 steps
  Listen::Heard heard;
  Trainer trainer;
  const History& history =
      trainer.fit(run.model, {.epochs = 9,
                              .validate_every_steps = 2,
                              .callbacks = {callbacks::EarlyStopping{.patience = 2}, Listen{&heard}}});
  EXPECT_EQ(trainer.steps(), 10);
  EXPECT_EQ(run.model.bytes(), run.weights[2]);
  EXPECT_EQ(history.reason(), "no better val_loss in 2 validations");
  EXPECT_EQ(history.epochs(), 3) << "the one that was broken off is one";
  EXPECT_EQ(history["val_loss"].back(), 5) << "not measured again";
  EXPECT_EQ(history.kept_epoch(), 2);
  EXPECT_EQ(history.kept_values(), (std::map<std::string, float>{{"val_loss", 1.0F}}));
  EXPECT_THAT(heard.messages,
              ElementsAre("the weights are those of step 6 in epoch 2, which has the best val_loss"));
  EXPECT_FALSE(heard.end.interrupted);
  EXPECT_EQ(heard.end.step, 10);
}

TEST(Validation, TheBestOfAnEpochsEndIsItsEpochs) {
  Scripted run({3, 1, 2, 4});
  Trainer trainer;
  const History& history = trainer.fit(
      run.model,
      {.epochs = 2, .validate_every_steps = 2, .callbacks = {callbacks::EarlyStopping{.patience = 9}}});
  EXPECT_EQ(run.model.bytes(), run.weights[1]);
  EXPECT_EQ(history.kept_epoch(), 1);
  EXPECT_EQ(history.kept_values().at("loss"), history["loss"][0]);
}

TEST(Validation, AfterACallbackBreaksAnEpochOff) {
  TinyModel model;
  model.validation = true;
  Listen::Heard heard;
  Trainer trainer;
  const History& history =
      trainer.fit(model, {.epochs = 5, .callbacks = {Listen{.heard = &heard, .break_off = 6}}});
  EXPECT_EQ(trainer.steps(), 6) << "no step after it";
  EXPECT_EQ(history.epochs(), 2);
  EXPECT_EQ(history.reason(), "enough");
  EXPECT_THAT(heard.validations, ElementsAre(std::tuple(4, 1, true), std::tuple(6, 2, true)));
}

TEST(Validation, StandsInTheHistoryFile) {
  const TemporaryFolder folder;
  Scripted run({3, 2});
  Trainer().fit(run.model,
                {.validate_every_steps = 3,
                 .callbacks = {callbacks::HistoryFile{.folder = folder.path(), .every_steps = 0}}});
  std::istringstream text(read_file(folder / "metrics.jsonl"));
  std::vector<Json> lines;
  for (std::string line; std::getline(text, line);)
    lines.push_back(parse_json(line, {.name = "metrics.jsonl"}));
  ASSERT_EQ(lines.size(), 2U) << "that of the epoch's end is in the epoch's line";
  EXPECT_EQ(lines[0].at("split"), "valid");
  EXPECT_EQ(lines[0].at("step"), 3);
  EXPECT_EQ(lines[0].at("epoch"), 1);
  EXPECT_EQ(lines[0].at("val_loss"), 3);
  EXPECT_EQ(lines[1].at("split"), "epoch");
  EXPECT_EQ(lines[1].at("val_loss"), 2);
  EXPECT_GE(lines[1].at("processor_seconds"), 0);
}

TEST(Validation, StandsInTheProgressBar) {
  Scripted run({3, 2});
  testing::internal::CaptureStderr();
  Trainer().fit(run.model,
                {.validate_every_steps = 3, .callbacks = {callbacks::ProgressBar{.always_plain = true}}});
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::MatchesRegex("epoch 1/1, step 3  val_loss 3\\.0000  0:00\nepoch 1/1  accuracy .*\n"));
}

TEST(Validation, WithinEpochsNeedsData) {
  TinyModel model;
  expect_error(
      ErrorKind::usage, [&] { Trainer().fit(model, {.validate_every_steps = 5}); },
      "validate_every_steps is 5", "no validation data");
}

TEST(Validation, ReportsSecondsOfTheProcessor) {
  TinyModel model;
  Listen::Heard heard;
  Trainer().fit(model, {.epochs = 2, .callbacks = {Listen{&heard}}});
  ASSERT_EQ(heard.epochs.size(), 2U);
  const double both = heard.epochs[0].processor_seconds + heard.epochs[1].processor_seconds;
  EXPECT_GT(heard.epochs[1].processor_seconds, 0);
  EXPECT_GE(heard.end.processor_seconds, both);
  EXPECT_GE(heard.end.seconds, heard.epochs[0].seconds + heard.epochs[1].seconds);
}

}  // namespace
}  // namespace rondo

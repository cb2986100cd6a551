// How certain a text classifier is: ensembles, temperature, certain answers, cross validation, learning
// curve.
#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/runtime.h>
#include <rondo/tasks.h>

#include "base/files.h"
#include "base/json.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/classify/answers.h"
#include "tasks/classify/evaluation.h"

namespace rondo {
namespace {

using test::expect_error;
using test::TemporaryFolder;
using testing::HasSubstr;

/// Texts whose class is told by a word, but for one in ten, which lies.
Dataset notes(std::size_t size) {
  const std::vector<std::string> fillers = {"the film", "this long story", "every scene"};
  std::vector<std::string> texts, labels;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t of = (i % 2 + (i % 10 == 3 ? 1 : 0)) % 2;
    texts.push_back(fillers[i % 3] + (of == 0 ? " was good " : " was bad ") + "number " + std::to_string(i));
    labels.push_back(i % 2 == 0 ? "good" : "poor");
  }
  return data::labelled_text(texts, labels);
}

ClassifierOptions small(Wide wide, CertaintyOptions certainty = {}) {
  return {.network = {.embedding = 8, .units = 8},
          .training = {.epochs = 3, .batch_size = 8, .learning_rate = 0.02F},
          .wide = wide,
          .branch = {.wide_cost = 1},
          .certainty = certainty};
}

TextClassifier trained(Wide wide, CertaintyOptions certainty) {
  return TextClassifier::train(notes(120), notes(60), small(wide, certainty));
}

TEST(Certainty, AnEnsembleAveragesNetworksOfSeedsOneApart) {
  const TextClassifier both = trained(Wide::off, {.ensemble = 2});
  EXPECT_EQ(both.networks(), 2U);
  ClassifierOptions second = small(Wide::off);
  second.training.seed += 1;
  const TextClassifier one = trained(Wide::off, {}),
                       two = TextClassifier::train(notes(120), notes(60), second);
  const std::vector<float> a = one.predict("the film was good").probabilities,
                           b = two.predict("the film was good").probabilities;
  EXPECT_NE(a, b);
  EXPECT_EQ(both.predict("the film was good").probabilities[0], (a[0] + b[0]) / 2);
}

TEST(Certainty, AnEnsembleIsTheSameOnAnyNumberOfThreadsAndInItsFile) {
  const TemporaryFolder folder;
  for (const int threads : {1, 2}) {
    Runtime runtime({.threads = threads});
    const Runtime::Use use(runtime);
    trained(Wide::on, {.ensemble = 3}).save(folder / (std::to_string(threads) + ".rondo"));
  }
  EXPECT_EQ(read_file(folder / "1.rondo"), read_file(folder / "2.rondo"));
  TextClassifier model = TextClassifier::load(folder / "1.rondo");
  EXPECT_EQ(model.networks(), 3U);
  EXPECT_THAT(model.summary(), HasSubstr("3 networks"));
  model.save(folder / "again.rondo");
  EXPECT_EQ(read_file(folder / "1.rondo"), read_file(folder / "again.rondo"));
  model.quantize(WeightType::int8);
  model.save(folder / "small.rondo");
  const TextClassifier small_one = TextClassifier::load(folder / "small.rondo");
  EXPECT_EQ(small_one.predict("was bad").probabilities, model.predict("was bad").probabilities);
  expect_error(
      ErrorKind::usage, [&] { model.stream(); }, "several networks");
}

TEST(Certainty, AnEnsembleGoesOnWhereItWasStopped) {
  const TemporaryFolder folder;
  const auto train = [&](bool resume, int calls) {
    const ClassifierOptions options = small(Wide::on, {.ensemble = 2});
    auto left = std::make_shared<int>(calls);
    return TextClassifier::train(notes(120), notes(60), options,
                                 {.folder = folder / "run", .resume = resume, .stop = [left] {
                                    return *left >= 0 && (*left)-- == 0;
                                  }});
  };
  Runtime runtime({.threads = 1});
  const Runtime::Use use(runtime);
  const TextClassifier whole = trained(Wide::on, {.ensemble = 2});
  EXPECT_TRUE(train(false, 70).interrupted());
  const TextClassifier resumed = train(true, -1);
  EXPECT_FALSE(resumed.interrupted());
  EXPECT_EQ(resumed.predict("was bad").probabilities, whole.predict("was bad").probabilities);
}

TEST(Certainty, TemperatureLowersTheErrorOfOverconfidentAnswers) {
  classify::AnswerLesson lesson;
  for (int i = 0; i < 2000; ++i) {  // says 0.99, is right in 80 of 100
    lesson.probabilities.push_back({0.99F, 0.01F});
    lesson.labels.push_back({i % 5 == 0 ? 1 : 0});
  }
  const double before = calibration_error(reliability_of(lesson));
  EXPECT_NEAR(before, 0.19, 1e-6);
  const float temperature = classify::fitted_temperature(lesson);
  EXPECT_NEAR(static_cast<double>(temperature), std::log(99.0) / std::log(4.0), 0.02);
  for (std::vector<float>& row : lesson.probabilities)
    classify::cool(row, temperature, false);
  EXPECT_LT(calibration_error(reliability_of(lesson)), 0.002);
}

TEST(Certainty, CalibrationIsKeptAndReported) {
  const TextClassifier model = trained(Wide::off, {.calibrate = true});
  EXPECT_NE(model.temperature(), 1);
  const ClassifierEvaluation e = model.evaluate(notes(100));
  ASSERT_EQ(e.calibration_of_parts.size(), 1U);
  EXPECT_EQ(e.calibration_of_parts[0].first, "uncalibrated");
  const Json json = parse_json(e.to_json(), {.name = "json"});
  EXPECT_EQ(json["calibration"].size(), 2U);
  EXPECT_FALSE(json["reliability"].empty());
  const TemporaryFolder folder;
  model.save(folder / "m.rondo");
  const TextClassifier loaded = TextClassifier::load(folder / "m.rondo");
  EXPECT_EQ(loaded.temperature(), model.temperature());
  EXPECT_EQ(loaded.predict("was bad").probabilities, model.predict("was bad").probabilities);
}

TEST(Certainty, AnswersBelowTheWantedPrecisionAreUncertain) {
  classify::AnswerLesson lesson;
  for (int i = 0; i < 50; ++i) {  // wrong below 0.7 every other time
    const float p = 0.5F + static_cast<float>(i) / 100;
    lesson.probabilities.push_back({1 - p, p});
    lesson.labels.push_back({i < 20 && i % 2 == 0 ? 0 : 1});
  }
  bool reached = false;
  EXPECT_NEAR(static_cast<double>(classify::certain_from(lesson, 1, reached)), 0.685, 1e-3);
  EXPECT_TRUE(reached);
  const float loose = classify::certain_from(lesson, 0.9, reached);
  EXPECT_LT(loose, 0.685F);
  for (std::vector<std::int32_t>& label : lesson.labels)
    label = {0};
  EXPECT_EQ(classify::certain_from(lesson, 0.9, reached), 1);
  EXPECT_FALSE(reached);
  const TextClassifier model = trained(Wide::only, {.precision = 0.85});
  EXPECT_GT(model.certain_from(), 0);
  const ClassifierEvaluation e = model.evaluate(notes(100));
  EXPECT_TRUE(e.coverage.has_value());
  EXPECT_GT(*e.certain_accuracy, 0.8);
}

TEST(Certainty, FoldsAreTheSameSideBySideOnAnyNumberOfThreads) {
  std::vector<std::string> said, scores;
  for (const int threads : {1, 2, 3}) {
    Runtime runtime({.threads = threads, .isa = {}});
    const Runtime::Use use(runtime);
    std::string lines, all;
    const CrossValidation folds = TextClassifier::cross_validate(
        notes(60), 5, small(Wide::off), {.notice = [&](const std::string& line) { lines += line + "\n"; }});
    for (const Evaluation& fold : folds.folds)
      for (const Score& score : fold.scores)
        all += score.name + " " + std::to_string(score.value) + "\n";
    said.push_back(lines);
    scores.push_back(all);
    EXPECT_EQ(folds.folds.size(), 5U);
  }
  EXPECT_THAT(said.front(), testing::StartsWith("fold 1 of 5"));
  EXPECT_THAT(said, testing::Each(said.front()));
  EXPECT_THAT(scores, testing::Each(scores.front()));
}

TEST(Certainty, FoldsHoldOutEveryTextOnce) {
  const CrossValidation folds = TextClassifier::cross_validate(notes(60), 3, small(Wide::only));
  ASSERT_EQ(folds.folds.size(), 3U);
  std::int64_t texts = 0;
  for (const Evaluation& fold : folds.folds)
    texts += fold.examples;
  EXPECT_EQ(texts, 60);
  double mean = 0;
  for (const Evaluation& fold : folds.folds)
    mean += fold.find("accuracy")->value / 3;
  for (const CrossValidation::Spread& spread : folds.spreads())
    if (spread.name == "accuracy") {
      EXPECT_NEAR(spread.mean, mean, 1e-12);
    }
  EXPECT_EQ(folds.table().rows.size(), 5U) << "three folds, mean and spread";
  expect_error(
      ErrorKind::option, [] { TextClassifier::cross_validate(notes(60), 1); }, "folds");
}

TEST(Certainty, ALearningCurveHasGrowingParts) {
  const LearningCurve curve = TextClassifier::learning_curve(notes(100), {}, notes(30), small(Wide::only));
  ASSERT_EQ(curve.points.size(), 3U);
  EXPECT_EQ(curve.points[0].examples, 10);
  EXPECT_EQ(curve.points[2].examples, 50);
  EXPECT_EQ(curve.table().rows.size(), 3U);
}

TEST(Certainty, RefusesWhatCannotBe) {
  const auto plan = [](CertaintyOptions certainty, Wide wide, const Dataset& valid) {
    return TextClassifier::plan(notes(40), valid, small(wide, certainty));
  };
  expect_error(
      ErrorKind::option, [&] { plan({.ensemble = 2}, Wide::only, {}); }, "ensemble", "wide = only");
  expect_error(
      ErrorKind::option, [&] { plan({.precision = 0.9}, Wide::on, {}); }, "precision", "validation");
  expect_error(
      ErrorKind::option, [&] { plan({.calibrate = true}, Wide::on, {}); }, "calibrate");
  expect_error(
      ErrorKind::option, [&] { plan({.folds = 1}, Wide::on, {}); }, "folds");
  expect_error(
      ErrorKind::option, [&] { plan({.folds = 41}, Wide::on, {}); }, "folds");
}

}  // namespace
}  // namespace rondo

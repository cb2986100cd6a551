// A text classifier of several labels a text: its training, answers, scores and file.
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

namespace rondo {
namespace {

using test::expect_error;
using test::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;

/// Texts that have each of three labels where its word stands, and none where no word does.
Dataset recipes(std::size_t size, std::size_t labels = 3) {
  const std::vector<std::string> words = {"spicy", "sweet", "quick"};
  const std::vector<std::string> fillers = {"a dish of rice", "this long recipe", "every meal here"};
  std::vector<std::string> texts;
  std::vector<std::vector<std::string>> sets;
  for (std::size_t i = 0; i < size; ++i) {
    std::string text = fillers[i % 3];
    std::vector<std::string>& set = sets.emplace_back();
    for (std::size_t c = 0; c < labels; ++c)
      if (((i * 5) >> c) % 2 == 1) {
        text += " " + words[c];
        set.push_back("is " + words[c]);
      }
    texts.push_back(text + " number " + std::to_string(i % 11));
  }
  return data::multi_labelled_text(texts, sets);
}

ClassifierOptions small(Wide wide) {
  return {.network = {.embedding = 8, .units = 8},
          .training = {.epochs = 12, .batch_size = 8, .learning_rate = 0.02F},
          .wide = wide,
          .branch = {.wide_cost = 1}};
}

TextClassifier trained(Wide wide, std::size_t labels = 3) {
  return TextClassifier::train(recipes(160, labels), recipes(40, labels), small(wide));
}

std::vector<std::string> named(const TextClassifier& model, const std::string& text) {
  std::vector<std::string> names;
  for (const std::size_t c : model.labels_of(model.predict(text)))
    names.push_back(model.class_names()[c]);
  return names;
}

TEST(LabelSets, EachHalfAndBothLearnEachLabelByItself) {
  for (const Wide wide : {Wide::on, Wide::off, Wide::only}) {
    const TextClassifier model = trained(wide);
    EXPECT_TRUE(model.multi_label());
    EXPECT_EQ(model.thresholds().size(), 3U);
    const MultiLabelEvaluation e = model.evaluate_labels(recipes(48));
    EXPECT_GT(e.micro_f1, 0.95) << name_of(wide);
    EXPECT_GT(e.subset_accuracy, 0.9) << name_of(wide);
    EXPECT_EQ(e.parts.size(), wide == Wide::on ? 3U : 0U);
    if (wide == Wide::off) continue;  // so small a network is not that sure
    EXPECT_THAT(named(model, "every meal here spicy quick number 4"),
                testing::UnorderedElementsAre("is quick", "is spicy"));
    EXPECT_THAT(named(model, "this long recipe"), ElementsAre());
  }
}

TEST(LabelSets, SavesAndLoadsTheSameAnswers) {
  const TemporaryFolder folder;
  for (const Wide wide : {Wide::on, Wide::off, Wide::only}) {
    const TextClassifier model = trained(wide);
    model.save(folder / "m.rondo");
    const TextClassifier loaded = TextClassifier::load(folder / "m.rondo");
    EXPECT_TRUE(loaded.multi_label());
    EXPECT_EQ(loaded.thresholds(), model.thresholds());
    EXPECT_EQ(loaded.class_names(), model.class_names());
    for (const char* text : {"sweet rice", "", "a quick meal"})
      EXPECT_EQ(loaded.predict(text).probabilities, model.predict(text).probabilities) << text;
    loaded.save(folder / "again.rondo");
    EXPECT_EQ(read_file(folder / "m.rondo"), read_file(folder / "again.rondo"));
  }
}

TEST(LabelSets, SameBitsOnAnyNumberOfThreads) {
  const TemporaryFolder folder;
  for (const int threads : {1, 2}) {
    Runtime runtime({.threads = threads});
    const Runtime::Use use(runtime);
    trained(Wide::on).save(folder / (std::to_string(threads) + ".rondo"));
  }
  EXPECT_EQ(read_file(folder / "1.rondo"), read_file(folder / "2.rondo"));
}

TEST(LabelSets, ScoresAreThoseOfTheirDefinitions) {
  const TextClassifier model = trained(Wide::only);
  const MultiLabelEvaluation e = model.evaluate_labels(recipes(40));
  std::int64_t right = 0, said = 0, truth = 0, wrong = 0, whole = 0, first = 0, with_labels = 0;
  const Dataset data = recipes(40);
  for (std::size_t i = 0; i < data.size(); ++i) {
    const Prediction p = model.predict(data.text(i));
    std::int64_t here = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      const bool is = data.values(i).at(static_cast<std::int64_t>(c)) == 1;
      const bool answered = p.probabilities[c] >= model.thresholds()[c];
      right += is && answered ? 1 : 0;
      said += answered ? 1 : 0;
      truth += is ? 1 : 0;
      here += is != answered ? 1 : 0;
    }
    wrong += here;
    whole += here == 0 ? 1 : 0;
    if (data::labels_of(data, i).empty()) continue;
    ++with_labels;
    first += data.values(i).at(static_cast<std::int64_t>(p.ranking(1)[0])) == 1 ? 1 : 0;
  }
  EXPECT_DOUBLE_EQ(e.micro_f1, 2.0 * static_cast<double>(right) / static_cast<double>(said + truth));
  EXPECT_DOUBLE_EQ(e.hamming_loss, static_cast<double>(wrong) / 120);
  EXPECT_DOUBLE_EQ(e.subset_accuracy, static_cast<double>(whole) / 40);
  ASSERT_EQ(e.at_rank.size(), 2U);
  EXPECT_DOUBLE_EQ(e.at_rank[0].precision, static_cast<double>(first) / static_cast<double>(with_labels));
  EXPECT_DOUBLE_EQ(e.at_rank[1].recall, 1) << "three labels of three";
  const Json json = parse_json(e.to_json(), {.name = "json"});
  EXPECT_EQ(json["labels"].size(), 3U);
  EXPECT_EQ(json["precision_at_1"], e.at_rank[0].precision);
}

TEST(LabelSets, RefusesWhatIsForOneLabel) {
  ClassifierOptions options = small(Wide::on);
  options.classes.balance_classes = true;
  expect_error(
      ErrorKind::option, [&] { TextClassifier::plan(recipes(40), {}, options); }, "balance_classes");
  options = small(Wide::on);
  options.classes.sampling = Sampling::over;
  expect_error(
      ErrorKind::option, [&] { TextClassifier::plan(recipes(40), {}, options); }, "sampling");
  options = small(Wide::on);
  options.training.monitor = "val_accuracy";
  expect_error(
      ErrorKind::option, [&] { TextClassifier::plan(recipes(40), {}, options); }, "val_loss");
  expect_error(
      ErrorKind::option, [&] { TextClassifier::plan(recipes(40, 2), {}, small(Wide::only)); }, "--wide off");
  EXPECT_EQ(TextClassifier::plan(recipes(40, 2), {}).wide, Wide::off);
  const TextClassifier model = trained(Wide::only);
  expect_error(
      ErrorKind::usage, [&] { model.evaluate(recipes(9)); }, "evaluate_labels()");
  expect_error(
      ErrorKind::usage, [&] { model.stream(); }, "no stream");
  const std::vector<std::string> texts = {"a", "b"};
  const Dataset one_each = data::labelled_text(texts, texts);
  expect_error(
      ErrorKind::data, [&] { model.evaluate_labels(one_each); }, "read_multi_label");
}

TEST(LabelSets, ThresholdsAreThoseOfTheBestF1OrTheWantedPrecision) {
  classify::AnswerLesson lesson;
  lesson.multi_label = true;
  for (int i = 0; i < 40; ++i) {  // right from 0.2 on, but for one text at 0.9
    const float p = static_cast<float>(i) / 40;
    const bool right = p >= 0.2F && i != 36;
    lesson.probabilities.push_back({p});
    lesson.labels.push_back(right ? std::vector<std::int32_t>{0} : std::vector<std::int32_t>{});
  }
  const float of_f1 = classify::fitted_thresholds(lesson, 0).at(0);
  EXPECT_GT(of_f1, 0.175F);
  EXPECT_LE(of_f1, 0.2F);
  EXPECT_LE(classify::fitted_thresholds(lesson, 0.9).at(0), 0.2F);
  EXPECT_NEAR(classify::fitted_thresholds(lesson, 0.99).at(0), 36.5 / 40, 1e-6);
}

}  // namespace
}  // namespace rondo

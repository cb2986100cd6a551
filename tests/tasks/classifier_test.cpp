// What the text classifier derives from its data.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/tasks.h>

#include "base/fields.h"
#include "support/expect_error.h"
#include "tasks/setting_names.h"

namespace rondo {
namespace {

/// `size` texts of two classes.
Dataset reviews(std::size_t size) {
  std::vector<std::string> texts, labels;
  for (std::size_t i = 0; i < size; ++i) {
    texts.push_back((i % 2 == 0 ? "good film " : "bad film ") + std::to_string(i));
    labels.push_back(i % 2 == 0 ? "good" : "bad");
  }
  return data::labelled_text(texts, labels);
}

TEST(Plan, PatienceComesFromTheValidationData) {
  const auto patience = [](std::size_t validation, int asked) {
    return TextClassifier::plan(reviews(20), reviews(validation), {.patience = asked}).patience;
  };
  EXPECT_EQ(patience(499, -1), 5);
  EXPECT_EQ(patience(500, -1), 2);
  EXPECT_EQ(patience(0, -1), 0) << "nothing to wait for";
  EXPECT_EQ(patience(499, 3), 3);
  EXPECT_EQ(patience(499, 0), 0) << "0 is what was asked for: never";
}

TEST(Plan, SaysWhatItDerived) {
  std::vector<std::string> reasons;
  TextClassifier::plan(reviews(20), reviews(40), {.min_count = 3}, &reasons);
  EXPECT_THAT(reasons, testing::Contains("patience = 5: for 40 validation texts"));
  EXPECT_THAT(reasons, testing::Not(testing::Contains(testing::HasSubstr("min_count"))));
}

TEST(Plan, PoolingComesFromTheLengthOfTheTexts) {
  const auto pooling = [](const std::string& text, Tokenizer tokenizer) {
    const std::vector<std::string> texts(40, text);
    std::vector<std::string> labels(40, "a");
    labels.front() = "b";
    return TextClassifier::plan(data::labelled_text(texts, labels), {}, {.tokenizer = tokenizer}).pooling;
  };
  using testing::ElementsAre;
  EXPECT_THAT(pooling("one two three four five six seven eight nine ten eleven", Tokenizer::automatic),
              ElementsAre(Pool::max));
  EXPECT_THAT(pooling("one two three four five six seven eight nine ten eleven twelve", Tokenizer::words),
              ElementsAre(Pool::max, Pool::mean));
  EXPECT_THAT(pooling("味道很好,送得也快,下次再来", Tokenizer::automatic),
              ElementsAre(Pool::max, Pool::mean));
  EXPECT_THAT(pooling("味道很好", Tokenizer::automatic), ElementsAre(Pool::max));
  EXPECT_THAT(pooling("subwords are not learned yet", Tokenizer::subwords), ElementsAre(Pool::max));
}

TEST(Plan, RefusesLabelsThatHardlyRepeat) {
  std::vector<std::string> texts, labels;
  for (int i = 0; i < 40; ++i) {
    texts.push_back("text " + std::to_string(i));
    labels.push_back("id" + std::to_string(i % 24));
  }
  test::expect_error(
      ErrorKind::data, [&] { TextClassifier::plan(data::labelled_text(texts, labels), {}); },
      "40 training texts have 24 different labels", "--label NAME");
  for (int i = 0; i < 40; ++i)
    labels[static_cast<std::size_t>(i)] = "id" + std::to_string(i % 20);
  EXPECT_NO_THROW(TextClassifier::plan(data::labelled_text(texts, labels), {})) << "each twice";
}

TEST(Plan, ChecksClassWeightsBeforeAnythingIsWritten) {
  test::expect_error(
      ErrorKind::option,
      [] {
        TextClassifier::plan(reviews(20), {}, {.class_weights = {{"goood", 2.F}}});
      },
      "goood");
}

TEST(Plan, SaysThatThereIsNoValidation) {
  std::vector<std::string> reasons;
  TextClassifier::plan(reviews(20), {}, {}, &reasons);
  EXPECT_THAT(reasons, testing::Contains(testing::HasSubstr("no validation data")));
}

TEST(Report, SettingsHaveChineseNames) {
  for (const FieldInfo& info : field_table<ClassifierOptions>())
    EXPECT_FALSE(chinese_setting_name(info.name).empty()) << info.name;
  Report report{.title = "模型", .chinese = true};
  EXPECT_THAT(report.to_html(), testing::HasSubstr("<th>学习率</th><th><code>learning_rate</code></th>"));
  report.chinese = false;
  EXPECT_THAT(report.to_html(), testing::Not(testing::HasSubstr("学习率")));
}

TEST(Report, ShowsTheKeptEpoch) {
  Report report{.title = "model"};
  const auto better = [](std::string_view name) {
    return name == "val_accuracy" ? Better::higher : Better::lower;
  };
  for (const float loss : {0.5F, 0.25F, 0.75F})
    report.history.add({{"loss", loss}, {"val_loss", loss + 0.125F}, {"val_accuracy", 1 - loss}}, better);
  report.history.keep(2, {});
  const std::string page = report.to_html();
  EXPECT_THAT(page, testing::HasSubstr("Epoch 2 of 3 was kept"));
  EXPECT_THAT(
      page, testing::HasSubstr("<td>validation</td><td class=\"n\">0.3750</td><td class=\"n\">75.00 %</td>"));
}

}  // namespace
}  // namespace rondo

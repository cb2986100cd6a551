// What the text classifier derives from its data.
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/tasks.h>

#include "base/json.h"
#include "support/expect_error.h"
#include "tasks/report/setting_names.h"

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
    return TextClassifier::plan(reviews(20), reviews(validation), {.training = {.patience = asked}})
        .training.patience;
  };
  EXPECT_EQ(patience(499, -1), 5);
  EXPECT_EQ(patience(500, -1), 2);
  EXPECT_EQ(patience(0, -1), 0) << "nothing to wait for";
  EXPECT_EQ(patience(499, 3), 3);
  EXPECT_EQ(patience(499, 0), 0) << "0 is what was asked for: never";
}

TEST(Plan, SaysWhatItDerived) {
  std::vector<std::string> reasons;
  TextClassifier::plan(reviews(20), reviews(40), {.text = {.min_count = 3}}, &reasons);
  EXPECT_THAT(reasons, testing::Contains("patience = 5: for 40 validation texts"));
  EXPECT_THAT(reasons, testing::Not(testing::Contains(testing::HasSubstr("min_count"))));
}

TEST(Plan, PoolingComesFromTheLengthOfTheTexts) {
  const auto pooling = [](const std::string& text, Tokenizer tokenizer) {
    const std::vector<std::string> texts(40, text);
    std::vector<std::string> labels(40, "a");
    labels.front() = "b";
    return TextClassifier::plan(data::labelled_text(texts, labels), {}, {.text = {.tokenizer = tokenizer}})
        .pooling;
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
        TextClassifier::plan(reviews(20), {}, {.classes = {.class_weights = {{"goood", 2.F}}}});
      },
      "goood");
}

TEST(Plan, SaysThatThereIsNoValidation) {
  std::vector<std::string> reasons;
  TextClassifier::plan(reviews(20), {}, {}, &reasons);
  EXPECT_THAT(reasons, testing::Contains(testing::HasSubstr("no validation data")));
}

TEST(Applications, NameEachOptionOnce) {
  for (const TaskKind& kind : applications()) {
    std::set<std::string> names = {"data",
                                   "out",
                                   "valid",
                                   "test",
                                   "valid_share",
                                   "test_share",
                                   "threads",
                                   "report_language",
                                   "checkpoint_seconds",
                                   "config",
                                   "json"};
    for (const OptionTable* const table : {&kind.reading, &kind.options})
      for (const OptionInfo& info : table->list())
        EXPECT_TRUE(names.insert(info.name).second) << kind.name << ": " << info.name;
  }
}

TEST(Report, SettingsHaveChineseNames) {
  for (const TaskKind& kind : applications())
    for (const OptionInfo& info : kind.options.list())
      EXPECT_FALSE(chinese_setting_name(info.name).empty()) << kind.name << ": " << info.name;
  Report report{.title = "模型", .settings = {{"learning_rate", "0.1"}}, .chinese = true};
  EXPECT_THAT(report.to_html(), testing::HasSubstr("<th>学习率</th><th><code>learning_rate</code></th>"));
  report.chinese = false;
  EXPECT_THAT(report.to_html(), testing::Not(testing::HasSubstr("学习率")));
}

TEST(Report, ShowsTheKeptEpoch) {
  Report report{.title = "model", .curves = {"loss", "accuracy"}};
  const auto better = [](std::string_view name) {
    return name == "val_accuracy" ? Better::higher : Better::lower;
  };
  for (const float loss : {0.5F, 0.25F, 0.75F})
    report.history.add({{"loss", loss}, {"val_loss", loss + 0.125F}, {"val_accuracy", 1 - loss}}, better);
  report.history.keep(2, {{"loss", 0.25F}, {"val_loss", 0.375F}, {"val_accuracy", 0.75F}});
  const std::string page = report.to_html();
  EXPECT_THAT(page, testing::HasSubstr("Epoch 2 of 3 was kept"));
  EXPECT_THAT(
      page, testing::HasSubstr("<td>validation</td><td class=\"n\">0.3750</td><td class=\"n\">75.00 %</td>"));
}

TEST(Plan, ALearningRateOfTheOptimisersOwnIsKept) {
  const auto rate = [](const TrainingOptions& training) {
    return std::visit([](const auto& rule) { return rule.learning_rate; },
                      TextClassifier::plan(reviews(20), {}, {.training = training}).training.optimizer);
  };
  EXPECT_EQ(rate({}), 2e-3F);
  EXPECT_EQ(rate({.optimizer = optim::SGD{}}), 0.1F);
  EXPECT_EQ(rate({.optimizer = optim::SGD{.learning_rate = 0.3F}}), 0.3F);
  EXPECT_EQ(rate({.optimizer = optim::SGD{.learning_rate = 0.3F}, .learning_rate = 0.4F}), 0.4F);
}

/// `classes` classes, each taken for the next one in a tenth of the cases.
ClassifierEvaluation many_classes(std::size_t classes) {
  ClassifierEvaluation e{.examples = static_cast<std::int64_t>(10 * classes), .accuracy = 0.9};
  e.confusion.assign(classes, std::vector<std::int64_t>(classes));
  for (std::size_t i = 0; i < classes; ++i) {
    e.classes.push_back({.name = "class " + std::to_string(i), .f1 = 0.9, .support = 10});
    e.confusion[i][i] = 9;
    e.confusion[i][(i + 1) % classes] = 1;
  }
  return e;
}

TEST(Evaluation, OfFewClassesHasTheWholeMatrix) {
  const Json json = parse_json(many_classes(3).to_json(), {.name = "json"});
  EXPECT_EQ(json["confusion"], Json::parse("[[9,1,0],[0,9,1],[1,0,9]]"));
  EXPECT_EQ(json["classes"].size(), 3U);
  EXPECT_EQ(json["accuracy"], 0.9);
  EXPECT_FALSE(json.contains("confused"));
}

TEST(Evaluation, OfManyClassesHasTheMostConfusedPairs) {
  const ClassifierEvaluation evaluation = many_classes(1'000);
  const std::string json = evaluation.to_json();
  EXPECT_LT(json.size(), 200'000U);
  EXPECT_EQ(parse_json(json, {.name = "json"})["confused"].size(), 30U);
  Report report{.title = "model", .sections = {{{"Scores", {}}, evaluation.summary().blocks}}};
  EXPECT_LT(report.to_html().size(), 40'000U) << "what grows with the square of the classes is left out";
}

TEST(Report, SpeaksTheLanguageAskedFor) {
  Report report{
      .title = "m", .sections = {{{"Scores", "成绩"}, many_classes(3).summary().blocks}}, .chinese = true};
  EXPECT_THAT(report.to_html(), testing::HasSubstr("宏平均"));
  EXPECT_THAT(report.to_html(), testing::Not(testing::HasSubstr("mean (macro)")));
  report.chinese = false;
  EXPECT_THAT(report.to_html(), testing::HasSubstr("mean (macro)"));
}

TEST(Evaluation, CountsExamplesOfUnknownClasses) {
  const TextClassifier model = TextClassifier::train(
      reviews(40), {}, {.network = {.embedding = 4, .units = 4}, .training = {.epochs = 1}});
  const std::vector<std::string> texts = {"a lovely film", "an odd one", "another"};
  const std::vector<std::string> labels = {model.class_names()[0], "odd", "odd"};
  const ClassifierEvaluation evaluation = model.evaluate(data::labelled_text(texts, labels));
  EXPECT_EQ(evaluation.examples, 1);
  EXPECT_EQ(evaluation.unknown, 2);
  const Json json = parse_json(evaluation.to_json(), {.name = "json"});
  EXPECT_EQ(json["unknown"], 2);
  EXPECT_FALSE(parse_json(model.evaluate(reviews(10)).to_json(), {.name = "json"}).contains("unknown"));
}

TEST(Evaluation, OfManyClassesShowsTheWorstFirst) {
  ClassifierEvaluation evaluation = many_classes(100);
  evaluation.classes[70].f1 = 0.1;
  const Evaluation summary = evaluation.summary();
  const auto& table = std::get<report::Table>(summary.blocks[0]);
  EXPECT_EQ(std::get<std::string>(table.rows.front().front()), "class 70");
  EXPECT_EQ(std::get<report::Table>(summary.blocks[1]).title.en, "Most confused pairs (30 / 100)");
}

TEST(Evaluation, OfNothingHasNoScores) {
  const Json json = parse_json(ClassifierEvaluation{}.to_json(), {.name = "json"});
  EXPECT_TRUE(json["accuracy"].is_null());
  EXPECT_TRUE(json["loss"].is_null());
}

}  // namespace
}  // namespace rondo

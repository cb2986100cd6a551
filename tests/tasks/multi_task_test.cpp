// Several heads on one encoder: reading, training, answers, scores, file, and `rondo train classify
// --labels`.
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
#include "tasks/classify/application.h"
#include "tasks/classify/heads_network.h"
#include "tasks/inspect/looks.h"

namespace rondo {
namespace {

using test::expect_error;
using test::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string> columns = {"mood", "topic"};

/// A mood by one word, a topic by another; every fifth text has no mood, every seventh no topic.
data::LabelColumns reviews(std::size_t size, bool some_missing = true) {
  const std::vector<std::string> moods = {"good", "bad"}, topics = {"food", "film", "sport"};
  const std::vector<std::string> of_moods = {"lovely", "awful"}, of_topics = {"soup", "actor", "goal"};
  std::vector<std::string> texts;
  std::vector<std::vector<std::string>> labels;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t mood = i * 7 / 3 % 2, topic = i % 3;
    texts.push_back("the " + of_topics[topic] + " was " + of_moods[mood] + " on day " +
                    std::to_string(i % 13));
    labels.push_back(
        {some_missing && i % 5 == 4 ? "" : moods[mood], some_missing && i % 7 == 6 ? "" : topics[topic]});
  }
  return data::label_columns(texts, labels, columns);
}

ClassifierOptions small_heads() {
  return {.network = {.embedding = 8, .units = 8},
          .training = {.epochs = 6, .batch_size = 8, .learning_rate = 0.02F}};
}

MultiTaskClassifier trained_heads(ClassifierOptions options = small_heads()) {
  const data::LabelColumns train = reviews(160);
  return MultiTaskClassifier::train(train.train, reviews(40).train, train.columns, std::move(options));
}

TEST(MultiTask, EachHeadLearnsItsColumn) {
  const MultiTaskClassifier model = trained_heads();
  const MultiTaskEvaluation e = model.evaluate(reviews(48).train);
  ASSERT_EQ(e.heads.size(), 2U);
  EXPECT_EQ(e.examples, 48);
  EXPECT_EQ(e.heads[0].first, "mood");
  EXPECT_EQ(e.heads[0].second.examples, 39);  // 48 without every fifth
  EXPECT_EQ(e.heads[1].second.examples, 42);
  for (const auto& [name, of_head] : e.heads)
    EXPECT_GT(of_head.accuracy, 0.95) << name;
  const std::vector<Prediction> said = model.predict("the actor was awful on day 3");
  EXPECT_EQ(said.at(0).label, "bad");
  EXPECT_EQ(said.at(1).label, "film");
  EXPECT_EQ(said[1].probabilities.size(), 3U);
  const Json json = Json::parse(e.to_json());
  EXPECT_GT(json.at("accuracy").get<double>(), 0.95);
  EXPECT_EQ(json.at("topic.accuracy").get<double>(), e.heads[1].second.accuracy);
  EXPECT_EQ(json.at("topic.confusion").size(), 3U);
}

/// The loss against a sum by hand, and that neither it nor its gradient asks which texts share a batch.
TEST(MultiTask, TheLossIsTheWeightedSumOfTheHeads) {
  const data::LabelColumns data = reviews(20);
  ClassifierOptions options = small_heads();
  options.label_weights = {1, 0.5};
  options.network.dropout = options.network.token_dropout = 0;
  options = MultiTaskClassifier::plan(data.train, {}, data.columns, options);
  const classify::HeadsInput input{.encoder = TextEncoder::learn(data.train, {}), .columns = data.columns};
  const Model<classify::HeadsNet> model(input, options);
  double wanted = 0;
  const auto probabilities = model.predict(data.train);
  for (std::size_t i = 0; i < data.train.size(); ++i)
    for (const std::size_t k : {std::size_t{0}, std::size_t{1}}) {
      const auto label = static_cast<std::int64_t>(data.train.values(i).at(static_cast<std::int64_t>(k)));
      if (label >= 0)
        wanted -= (k == 0 ? 1 : 0.5) *
                  std::log(static_cast<double>(probabilities[i][k][static_cast<std::size_t>(label)])) / 20;
    }
  for (const int batch : {1, 3, 20})
    EXPECT_NEAR(static_cast<double>(model.evaluate(data.train, {.batch_size = batch}).at("loss")), wanted,
                1e-5)
        << batch;
}

TEST(MultiTask, AHeadWithoutWeightLearnsNothing) {
  ClassifierOptions options = small_heads();
  options.label_weights = {0, 1};
  const MultiTaskEvaluation e = trained_heads(options).evaluate(reviews(48).train);
  EXPECT_LT(e.heads[0].second.accuracy, 0.9);
  EXPECT_GT(e.heads[1].second.accuracy, 0.95);
}

TEST(MultiTask, GradientsAreRight) {
  for (const ClassifierLoss loss : {ClassifierLoss::cross_entropy, ClassifierLoss::focal}) {
    ClassifierOptions options = small_heads();
    options.classes.loss = loss;
    options.training.epochs = 1;
    for (const GradientCheck& check : trained_heads(options).check_gradients(reviews(8).train))
      EXPECT_TRUE(check.good()) << check.parameter;
  }
}

TEST(MultiTask, SameBitsOnAnyNumberOfThreads) {
  std::vector<std::string> files;
  for (const int threads : {1, 2, 3}) {
    Runtime runtime({.threads = threads, .isa = {}});
    const Runtime::Use use(runtime);
    const TemporaryFolder folder;
    ClassifierOptions options = small_heads();
    options.training.epochs = 2;
    trained_heads(options).save(folder / "m.rondo");
    files.push_back(read_file(folder / "m.rondo"));
  }
  EXPECT_EQ(files[0], files[1]);
  EXPECT_EQ(files[0], files[2]);
}

TEST(MultiTask, SavesAndLoadsTheSameAnswers) {
  const TemporaryFolder folder;
  const MultiTaskClassifier model = trained_heads();
  model.save(folder / "m.rondo");
  const MultiTaskClassifier again = MultiTaskClassifier::load(folder / "m.rondo");
  EXPECT_EQ(again.columns(), model.columns());
  const std::vector<std::string> texts = {"the soup was lovely on day 1", "a goal", ""};
  const auto a = model.predict(texts), b = again.predict(texts);
  for (std::size_t i = 0; i < texts.size(); ++i)
    for (std::size_t k = 0; k < 2; ++k)
      EXPECT_EQ(a[i][k].probabilities, b[i][k].probabilities);
  EXPECT_EQ(model.predict(texts[1])[0].probabilities, a[1][0].probabilities) << "alone or in a batch";
}

/// The file of a command line's user: columns by name, missing cells, parts by a column.
std::string table_of(std::size_t size) {
  std::string table = "part\ttext\tmood\ttopic\n";
  const data::LabelColumns data = reviews(size);
  for (std::size_t i = 0; i < size; ++i) {
    table += i % 11 == 10 ? "test" : i % 11 == 9 ? "valid" : "train";
    table += "\t" + data.train.text(i);
    for (const std::int64_t k : {0, 1}) {
      const auto label = static_cast<std::int64_t>(data.train.values(i).at(k));
      table +=
          "\t" + (label < 0
                      ? ""
                      : data.columns[static_cast<std::size_t>(k)].classes[static_cast<std::size_t>(label)]);
    }
    table += "\n";
  }
  return table;
}

TEST(MultiTask, ReadsColumnsOfATable) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.tsv", table_of(70) + "train\t\tgood\tfood\ntrain\ta text\t\t\n");
  const std::vector<std::filesystem::path> files = {folder / "a.tsv"};
  const data::LabelColumns read = data::read_label_columns(
      files, columns, {.split_column = "part", .test_value = "test", .valid_value = "valid"});
  EXPECT_EQ(read.train.size(), 56U);
  EXPECT_EQ(read.valid.size(), 6U);
  EXPECT_EQ(read.test.size(), 6U);
  EXPECT_EQ(read.text, "text");
  ASSERT_EQ(read.columns.size(), 2U);
  EXPECT_THAT(read.columns[0].classes, ElementsAre("bad", "good"));
  EXPECT_THAT(read.columns[1].classes, ElementsAre("film", "food", "sport"));
  EXPECT_THAT(read.train.values(0).data<float>(), ElementsAre(1, 1));
  EXPECT_THAT(read.train.values(4).data<float>(), ElementsAre(-1, 0)) << "without a mood";
  EXPECT_THAT(read.notices, testing::Contains(HasSubstr("4 rows left out: no text or no label")));
  write_file_atomically(folder / "b.tsv", "text\tmood\ttopic\nthe soup\tgreat\tfood\n");
  const std::vector<std::filesystem::path> others = {folder / "b.tsv"};
  const data::LabelColumns like = data::read_label_columns(others, {}, {}, read.columns, read.text);
  EXPECT_THAT(like.train.values(0).data<float>(), ElementsAre(-1, 1));
  EXPECT_THAT(like.notices, testing::Contains(HasSubstr("'mood' that the model does not know")));
}

TEST(MultiTask, AsAnApplicationFromFileToAnswer) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.tsv", table_of(200));
  classify::Reading reading{.columns = {.split_column = "part", .test_value = "test", .valid_value = "valid"},
                            .labels = columns};
  Parts parts = classify::Classification::read({folder / "a.tsv"}, reading, nullptr);
  ClassifierOptions options = small_heads();
  options.label_weights = {1, 0.5};
  options.training.epochs = 12;
  classify::Classification::plan(options, parts, plain_place);
  EXPECT_EQ(options.wide, Wide::off);
  EXPECT_EQ(options.training.monitor, "val_accuracy");
  const TaskKind& kind = kind_of<classify::Classification>();
  const std::unique_ptr<Task> trained = kind.train(OptionTable::of(options), parts, {});
  trained->save(folder / "m.rondo");
  const std::unique_ptr<Task> task = load_task(folder / "m.rondo", std::span(&kind, 1));
  const Parts tested = kind.read({folder / "a.tsv"},
                                 OptionTable::of(classify::Reading{.columns = reading.columns}), task.get());
  const Evaluation e = task->evaluate(tested.train, 5);
  EXPECT_EQ(e.examples, 18);
  EXPECT_GT(e.find("accuracy")->value, 0.9);
  EXPECT_GT(e.find("mood.macro_f1")->value, 0.9);
  const std::vector<std::string> lines = {"the goal was lovely\ton day 2"};
  const Answer answer = task->answer(lines, OptionTable::of(classify::Answering{})).front();
  EXPECT_THAT(answer.text,
              testing::MatchesRegex("good\t[01].[0-9]+\tsport\t[01].[0-9]+\tthe goal was lovely.*"));
  const Json json = Json::parse(answer.json);
  EXPECT_EQ(json.at("labels").at("topic").at("label"), "sport");
  EXPECT_EQ(json.at("labels").at("mood").at("probabilities").size(), 2U);
  EXPECT_FALSE(task->sections(parts, e).empty());
  EXPECT_EQ(task->facts().size(), 3U);
  expect_error(
      ErrorKind::option, [&] { task->check(OptionTable::of(classify::Answering{.top = 2})); },
      "--top is for");
  expect_error(
      ErrorKind::usage, [&] { inspect::look(*task, "the goal", 20); }, "several heads");
}

TEST(MultiTask, RefusesWhatDoesNotFit) {
  const data::LabelColumns data = reviews(30);
  const auto refused = [&](ClassifierOptions options, const std::string& why) {
    expect_error(
        ErrorKind::option, [&] { MultiTaskClassifier::plan(data.train, {}, data.columns, options); }, why);
  };
  refused({.wide = Wide::on}, "wide is for labels of one column");
  refused({.label_weights = {1}}, "wanted a number for each of the 2 columns of labels, got 1");
  refused({.label_weights = {0, 0}}, "with all at 0 nothing is learned");
  refused({.training = {.monitor = "val_f1"}}, "val_accuracy or val_loss");
  refused({.classes = {.loss = ClassifierLoss::focal, .label_smoothing = 0.1}}, "label_smoothing is for");
  expect_error(
      ErrorKind::option,
      [&] {
        TextClassifier::plan(
            data::labelled_text(std::vector<std::string>{"a", "b"}, std::vector<std::string>{"x", "y"}), {},
            {.label_weights = {1}});
      },
      "label_weights is for several columns");
  const std::vector<std::string> texts = {"a", "b"};
  const std::vector<std::vector<std::string>> same = {{"x", "y"}, {"x", "z"}};
  const data::LabelColumns one_class = data::label_columns(texts, same, columns);
  expect_error(
      ErrorKind::data, [&] { MultiTaskClassifier::plan(one_class.train, {}, one_class.columns); },
      "the column 'mood' of labels has 1 different labels");
  classify::Reading reading{.multi_label = true, .labels = columns};
  expect_error(
      ErrorKind::option, [&] { classify::check_reading(reading, plain_place); },
      "multi_label is for one column");
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.tsv", table_of(30));
  const std::vector<std::filesystem::path> files = {folder / "a.tsv"};
  expect_error(
      ErrorKind::option,
      [&] {
        data::read_label_columns(files, std::vector<std::string>{"mood", "topik"});
      },
      "topik", "'topic'");
  expect_error(
      ErrorKind::option,
      [&] {
        data::read_label_columns(files, std::vector<std::string>{"mood", "mood"});
      },
      "one twice");
}

}  // namespace
}  // namespace rondo

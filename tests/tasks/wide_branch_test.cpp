// A text classifier's wide branch: beside the network, alone, in streams, files and evaluations.
#include <array>
#include <deque>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/runtime.h>
#include <rondo/tasks.h>

#include "base/files.h"
#include "base/json.h"
#include "base/safetensors.h"
#include "model/wide_file.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace rondo {
namespace {

using test::expect_error;
using test::TemporaryFolder;
using testing::HasSubstr;

/// Texts whose class is told by a word, or for the last class by a pair of words.
Dataset notes(std::size_t size, std::size_t classes = 2) {
  const std::vector<std::string> hints = {"was good", "was bad", "was not so bad", "was odd"};
  const std::vector<std::string> fillers = {"the film", "this long story of it", "every scene here"};
  std::vector<std::string> texts, labels;
  for (std::size_t i = 0; i < size; ++i) {
    texts.push_back(fillers[i % 3] + " " + hints[i % classes] + " number " + std::to_string(i % 11));
    labels.push_back("class " + std::to_string(i % classes));
  }
  return data::labelled_text(texts, labels);
}

ClassifierOptions small(Wide wide) {
  return {.network = {.embedding = 8, .units = 8, .bidirectional = false},
          .training = {.epochs = 2},
          .wide = wide,
          .branch = {.wide_cost = 1}};
}

TextClassifier trained(Wide wide, std::size_t classes = 2, TrainingRun run = {}) {
  return TextClassifier::train(notes(120, classes), notes(30, classes), small(wide), std::move(run));
}

const std::vector<std::string> samples = {
    "the film was good", "every scene was not so bad number 4", "unheard unseen words", "", "?!", "bad"};

void expect_same(const TextClassifier& a, const TextClassifier& b) {
  for (const std::string& text : samples)
    EXPECT_EQ(a.predict(text).probabilities, b.predict(text).probabilities) << text;
}

std::string bytes_of(const TextClassifier& model) {
  const TemporaryFolder folder;
  model.save(folder / "m.rondo");
  return read_file(folder / "m.rondo");
}

TEST(WideBranch, LearnsAgainFromAllTextsWhenItsShareIsKnown) {
  std::vector<std::string> texts, labels;
  for (int i = 0; i < 12; ++i) {
    texts.push_back(i % 2 == 0 ? "a splendid film" : "a dreadful film");
    labels.push_back(i % 2 == 0 ? "class 0" : "class 1");
  }
  const Dataset valid = data::labelled_text(texts, labels), train = notes(120);
  for (const Wide wide : {Wide::on, Wide::only}) {
    const auto model = [&](WideRefit refit) {
      ClassifierOptions options = small(wide);
      options.wide_refit = refit;
      return TextClassifier::train(train, valid, options);
    };
    const TextClassifier off = model(WideRefit::off), on = model(WideRefit::on);
    EXPECT_EQ(on.mixture(), off.mixture());
    expect_same(model(WideRefit::automatic), off);  // in C++ it is off
    // Words of the validation texts alone; the network's vocabulary does not have them.
    const std::string told = wide == Wide::only ? "splendid" : "was bad";
    EXPECT_NE(on.predict(told).probabilities, off.predict(told).probabilities);
    const std::array<Dataset, 2> both = {train, valid};
    if (wide == Wide::on) continue;
    ClassifierOptions options = small(wide);
    const TextClassifier all = TextClassifier::train(data::join(both), {}, options);
    EXPECT_EQ(on.wide()->scores(std::vector<std::string>{"splendid", "was bad"}),
              all.wide()->scores(std::vector<std::string>{"splendid", "was bad"}));
  }
}

TEST(WideBranch, IsOnUnlessThereAreManyClasses) {
  EXPECT_EQ(TextClassifier::plan(notes(40), {}).wide, Wide::on);
  std::vector<std::string> texts, labels, reasons;
  for (int i = 0; i < 402; ++i) {
    texts.push_back("text " + std::to_string(i));
    labels.push_back("class " + std::to_string(i % 201));
  }
  const Dataset many = data::labelled_text(texts, labels);
  EXPECT_EQ(TextClassifier::plan(many, {}, {}, &reasons).wide, Wide::off);
  EXPECT_THAT(reasons, testing::Contains("wide = off: for 201 classes"));
  EXPECT_EQ(TextClassifier::plan(many, {}, {.wide = Wide::on}).wide, Wide::on) << "as was asked for";
}

TEST(WideBranch, EachWayHasItsParts) {
  const TextClassifier off = trained(Wide::off), on = trained(Wide::on), only = trained(Wide::only);
  EXPECT_TRUE(off.has_network());
  EXPECT_EQ(off.wide(), nullptr);
  EXPECT_EQ(off.mixture(), (MixtureWeights{.network = 1, .wide = 0}));
  EXPECT_TRUE(on.has_network());
  ASSERT_NE(on.wide(), nullptr);
  EXPECT_FALSE(only.has_network());
  ASSERT_NE(only.wide(), nullptr);
  EXPECT_EQ(only.wide()->weights(), on.wide()->weights());
  EXPECT_EQ(only.mixture().network, 0);
  EXPECT_EQ(only.weights().count(), 0);
  expect_error(
      ErrorKind::usage, [&] { only.model(); }, "--wide on");
  for (const std::string& text : samples)
    EXPECT_EQ(off.predict(text).probabilities, on.model().predict(text).probabilities)
        << "the network does not know of the branch";
}

TEST(WideBranch, WithoutValidationTheWeightsAreFixed) {
  EXPECT_EQ(TextClassifier::train(notes(60), {}, small(Wide::on)).mixture(), MixtureWeights{});
  EXPECT_EQ(TextClassifier::train(notes(60), {}, small(Wide::only)).mixture(),
            (MixtureWeights{.network = 0, .wide = 1}));
  EXPECT_NE(trained(Wide::on).mixture(), MixtureWeights{});
}

TEST(WideBranch, LearnsWhatTheNetworkLearnsFrom) {
  ClassifierOptions weighed = small(Wide::only);
  weighed.classes.class_weights = {{"class 0", 0.F}};
  const TextClassifier model = TextClassifier::train(notes(120), {}, weighed);
  EXPECT_EQ(model.predict("the film was good").label, "class 1") << "texts of class 0 count nothing";
  ClassifierOptions over = small(Wide::only);
  over.classes.sampling = Sampling::over;
  EXPECT_NE(bytes_of(TextClassifier::train(notes(121, 4), {}, over)),
            bytes_of(TextClassifier::train(notes(121, 4), {}, small(Wide::only))));
}

TEST(WideBranch, ComesBackFromAFile) {
  const TemporaryFolder folder;
  for (const Wide wide : {Wide::off, Wide::on, Wide::only})
    for (const std::size_t classes : {2U, 4U}) {
      SCOPED_TRACE(name_of(wide));
      const TextClassifier model = trained(wide, classes);
      model.save(folder / "m.rondo");
      const TextClassifier again = TextClassifier::load(folder / "m.rondo");
      expect_same(model, again);
      EXPECT_EQ(again.mixture(), model.mixture());
      EXPECT_EQ(again.options().wide, wide);
      EXPECT_EQ(bytes_of(again), read_file(folder / "m.rondo"));
      EXPECT_EQ(load_task(folder / "m.rondo")->kind().name, "classify");
      verify(ModelFile(folder / "m.rondo"));
    }
}

TEST(WideBranch, IsNotLostByWhoDoesNotKnowIt) {
  const TemporaryFolder folder;
  trained(Wide::on).save(folder / "m.rondo");
  trained(Wide::off).save(folder / "off.rondo");
  expect_error(
      ErrorKind::format, [&] { load(folder / "m.rondo"); }, "TextClassifier::load()");
  EXPECT_EQ(ModelFile(folder / "m.rondo").header()["kind"], "wide") << "which a rondo without them refuses";
  EXPECT_EQ(model_info(folder / "m.rondo").kind, ModelKind::wide);
  EXPECT_NO_THROW(load(folder / "off.rondo"));
}

TEST(ThreadsWideBranch, ChangeNothing) {
  std::string one;
  for (const int threads : {1, 2, 3}) {
    Runtime runtime({.threads = threads, .isa = {}});
    const Runtime::Use use(runtime);
    const std::string bytes = bytes_of(trained(Wide::on, 4));
    if (one.empty()) one = bytes;
    EXPECT_TRUE(bytes == one) << threads;
  }
}

TEST(WideBranch, AStreamAgreesWithPredict) {
  for (const Wide wide : {Wide::off, Wide::on, Wide::only}) {
    const TextClassifier model = trained(wide, 4);
    const TextEncoder whole = model.encoder().uncut();
    TextStream stream = model.stream();
    for (const std::string& text : samples) {
      SCOPED_TRACE(text);
      stream.reset();
      std::vector<float> said;
      TextStream::State state = stream.state();
      for (const std::int32_t token : whole.encode(text).tokens) {
        TextStream elsewhere = model.stream();
        elsewhere.set_state(state);
        const std::span<const float> now = stream.push_id(token), there = elsewhere.push_id(token);
        said.assign(now.begin(), now.end());
        EXPECT_EQ(said, std::vector<float>(there.begin(), there.end()));
        state = stream.state();
      }
      EXPECT_EQ(said, model.predict(text).probabilities);
    }
  }
}

TEST(WideBranch, AStreamSaysFromWhereItMayPartFromPredict) {
  for (const Wide wide : {Wide::off, Wide::on}) {
    ClassifierOptions options = small(wide);
    options.text.max_length = 4;
    const TextClassifier model = TextClassifier::train(notes(120), notes(30), options);
    const std::string text = "every scene was not so bad";
    TextStream stream = model.stream();
    EXPECT_EQ(stream.max_length(), 4);
    EXPECT_EQ(model.model().stream().max_length(), 4);
    for (const std::int32_t token : model.encoder().uncut().encode(text).tokens)
      stream.push_id(token);
    EXPECT_EQ(stream.steps(), 6);
    TextStream other = model.stream();
    other.set_state(stream.state());
    EXPECT_EQ(other.steps(), 6);
    stream.reset();
    EXPECT_EQ(stream.steps(), 0);
  }
}

TEST(WideBranch, AStreamRefusesWhatIsNotItsOwn) {
  const TextClassifier model = trained(Wide::on);
  TextStream stream = model.stream();
  const std::span<const float> first = stream.push("film");
  const std::vector<float> before(first.begin(), first.end());
  const TextStream::State good = stream.state();
  TextStream::State bad = good;
  bad.network.values.assign(bad.network.values.size(), 1.F);
  bad.wide.ngrams = {1 << 30};
  expect_error(
      ErrorKind::shape, [&] { stream.set_state(bad); }, "another model's");
  EXPECT_EQ(stream.state().network.values, good.network.values) << "nothing of it was taken";
  expect_error(
      ErrorKind::data, [&] { stream.push_id(-1); }, "token");
}

TEST(WideBranch, SurvivesQuantizing) {
  const TemporaryFolder folder;
  TextClassifier model = trained(Wide::on);
  const std::vector<float> scores = model.wide()->scores("the film was good");
  const std::string before = bytes_of(model);
  model.quantize(WeightType::int8);
  model.save(folder / "small.rondo");
  const TextClassifier again = TextClassifier::load(folder / "small.rondo");
  EXPECT_LT(read_file(folder / "small.rondo").size(), before.size());
  EXPECT_EQ(again.weight_type(), WeightType::int8);
  EXPECT_EQ(again.wide()->scores("the film was good"), scores);
  expect_same(model, again);
  TextClassifier only = trained(Wide::only);
  expect_error(
      ErrorKind::usage, [&] { only.quantize(WeightType::int8); }, "8 bits already");
}

TEST(WideBranch, GivesItsNetworkToAnother) {
  const TemporaryFolder folder;
  trained(Wide::on).save(folder / "m.rondo");
  std::vector<std::string> notices;
  ClassifierOptions options = small(Wide::on);
  options.training.init = folder / "m.rondo";
  TextClassifier::train(notes(60), {}, options,
                        {.notice = [&](const std::string& line) { notices.push_back(line); }});
  EXPECT_THAT(notices, testing::Contains(HasSubstr("init: 7 of 7 weights taken")));
}

TEST(WideBranch, IsComparedWithItsRivals) {
  const TextClassifier model = trained(Wide::on);
  const Dataset test = notes(40);
  const ClassifierEvaluation evaluation = model.evaluate(test);
  std::vector<std::string> keys;
  for (const ClassifierEvaluation::Rival& rival : evaluation.rivals) {
    keys.push_back(rival.key);
  }
  ASSERT_THAT(keys, testing::ElementsAre("majority", "naive_bayes", "wide", "network", "both"));
  EXPECT_EQ(evaluation.rivals[0].accuracy, 0.5);
  EXPECT_GT(evaluation.rivals[1].accuracy, 0.9);
  EXPECT_EQ(evaluation.rivals[4].accuracy, evaluation.accuracy);
  EXPECT_EQ(parse_json(evaluation.to_json(), {.name = "json"})["compared"].size(), 5U);
  const TemporaryFolder folder;
  model.save(folder / "m.rondo");
  EXPECT_EQ(TextClassifier::load(folder / "m.rondo").evaluate(test).rivals.size(), 3U)
      << "a file does not hold naive Bayes";
}

TEST(WideBranch, ExplainsItself) {
  const TemporaryFolder folder;
  trained(Wide::on).save(folder / "m.rondo");
  trained(Wide::off).save(folder / "off.rondo");
  const std::unique_ptr<Task> task = load_task(folder / "m.rondo");
  const auto table = [](const report::Block& block) { return std::get<report::Table>(block); };
  const report::Table learned = table(task->insights().at(0));
  EXPECT_EQ(std::get<std::string>(learned.rows.at(0)[0]), "class 0");
  const std::vector<report::Block> why = task->explain("the film was good");
  const report::Table shares = table(why.at(0)), parts = table(why.at(1));
  EXPECT_EQ(shares.columns.size(), 4U) << "label, network, branch, together";
  EXPECT_THAT(std::get<std::string>(parts.rows.at(0)[0]), HasSubstr("good"));
  expect_error(
      ErrorKind::usage, [&] { load_task(folder / "off.rondo")->explain("x"); }, "--wide on");
}

TEST(WideBranch, StopsWhenAsked) {
  const TextClassifier model = trained(Wide::only, 2, {.stop = [] { return true; }});
  EXPECT_TRUE(model.interrupted());
  EXPECT_TRUE(trained(Wide::on, 2, {.stop = [] { return true; }}).interrupted());
}

/// The file with one thing in its header changed, without checksums.
void change_header(const std::filesystem::path& file, const std::string& what, const std::string& by) {
  const auto reader = safetensors::Reader::from_memory(read_file(file), "model");
  safetensors::Metadata metadata{{"rondo", reader.metadata().at("rondo")}};
  std::string& header = metadata.at("rondo");
  const std::size_t place = header.find(what);
  ASSERT_NE(place, std::string::npos) << what;
  header.replace(place, what.size(), by);
  std::deque<std::vector<float>> floats;
  std::deque<std::vector<std::uint8_t>> bytes;
  std::deque<std::vector<std::int8_t>> numbers;
  std::vector<safetensors::Item> items;
  const auto add = [&](auto& lists, const safetensors::Entry& entry) {
    auto& list = lists.emplace_back(entry.elements);
    reader.read(entry, std::span(list));
    items.push_back(safetensors::item(
        entry.name, entry.shape, std::span<const typename std::decay_t<decltype(list)>::value_type>(list)));
  };
  for (const safetensors::Entry& entry : reader.entries()) {
    if (entry.type == safetensors::Type::u8)
      add(bytes, entry);
    else if (entry.type == safetensors::Type::i8)
      add(numbers, entry);
    else
      add(floats, entry);
  }
  safetensors::write(file, metadata, std::move(items));
}

TEST(WideBranch, FormatThreeKeepsLoading) {
  const std::filesystem::path file = std::filesystem::path(RONDO_TEST_DATA) / "model/data/format-3.rondo";
  const TextClassifier model = TextClassifier::load(file);
  EXPECT_NEAR(model.predict("a lovely scene and warm music").probability, 0.999886F, 1e-5F);
  EXPECT_NEAR(model.predict("an awful plot, dull voices").probability, 0.999957F, 1e-5F);
}

TEST(WideBranch, SaysWhatIsWrongWithAFile) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder / "m.rondo";
  const TextClassifier on = trained(Wide::on), only = trained(Wide::only), off = trained(Wide::off);
  const auto refused = [&](const TextClassifier& model, const std::string& what, const std::string& by,
                           const std::string& message) {
    SCOPED_TRACE(by);
    model.save(file);
    change_header(file, what, by);
    expect_error(
        ErrorKind::format, [&] { TextClassifier::load(file); }, "m.rondo", message);
  };
  refused(on, R"("format":5)", R"("format":6)", "this rondo reads formats 3, 4 and 5, got format 6");
  refused(on, R"("format":5)", R"("format":2)", "got format 2");
  refused(off, R"("format":5)", R"("format":3)", "reads formats 1, 2 and 5, got format 3");
  refused(on, R"("kind":"wide")", R"("kind":"sequential")", "wide");
  refused(on, R"("wide":{)", R"("wider":{)", "wider");
  refused(on, R"({"network":)", R"({"network":-)", "network");
  refused(on, R"("classes":["class 0","class 1"])", R"("classes":["class 0"])", "class");
  refused(on, R"("task":"labels")", R"("task":"step_labels")", "one label each");
  refused(only, R"("layers":[])", R"("layers":[{"type":"tokens"}])", "a model ends in rows");
}

}  // namespace
}  // namespace rondo

// The main road: train, eval, predict, inspect, export, gradcheck, help.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/json.h"
#include "program/reviews.h"
#include "program/run_program.h"
#include "support/temporary_folder.h"

namespace rondo::test {
namespace {

Json parse(const std::string& text) {
  return parse_json(text, {.name = "output"});
}

/// One trained model for all tests of this file.
class Program : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    write(path() / "reviews.tsv", reviews_tsv());
    trained_ =
        run_program(small({"train", "classify", "reviews.tsv", "--out", "m.rondo", "--json"}), "", path());
  }
  static void TearDownTestSuite() { delete folder_; }
  static std::filesystem::path path() { return folder_->path(); }
  static Outcome run(const std::vector<std::string>& arguments, const std::string& input = {}) {
    return run_program(arguments, input, path());
  }

  static TemporaryFolder* folder_;
  static Outcome trained_;
};
TemporaryFolder* Program::folder_ = nullptr;
Outcome Program::trained_;

TEST_F(Program, TrainsAndSaysHowWell) {
  ASSERT_EQ(trained_.status, 0) << trained_.err;
  const Json scores = parse(trained_.out);
  EXPECT_GE(scores["accuracy"].get<double>(), 0.9);
  EXPECT_EQ(scores["model"], "m.rondo");
  EXPECT_EQ(scores["examples"], 12);
}

TEST_F(Program, LeavesAModelAndARunFolder) {
  EXPECT_TRUE(std::filesystem::exists(path() / "m.rondo"));
  for (const char* file : {"config.json", "metrics.jsonl", "metrics.csv", "report.html", "checkpoints"})
    EXPECT_TRUE(std::filesystem::exists(path() / "m.rondo.run" / file)) << file;
  const std::string report = read_bytes(path() / "m.rondo.run" / "report.html");
  EXPECT_NE(report.find("<svg"), std::string::npos);
  EXPECT_EQ(report.find("<script"), std::string::npos);
  EXPECT_EQ(report.find("http"), std::string::npos) << "the page must need nothing else";
}

TEST_F(Program, PredictsTextsOfTheCommandLine) {
  const Outcome outcome = run({"predict", "m.rondo", "a lovely film", "it was boring"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out.substr(0, 9), "positive\t");
  EXPECT_NE(outcome.out.find("\nnegative\t"), std::string::npos) << outcome.out;
}

TEST_F(Program, PredictsLinesOfStandardInputTheSameAsAlone) {
  const Outcome lines =
      run({"predict", "m.rondo"}, "a lovely film\r\nit was boring and much longer than that\n");
  const Outcome alone = run({"predict", "m.rondo", "a lovely film"});
  ASSERT_EQ(lines.status, 0) << lines.err;
  EXPECT_EQ(lines.out.substr(0, alone.out.size()), alone.out);
}

TEST_F(Program, PredictTopGivesEveryLabelAndJsonEveryProbability) {
  const Outcome top = run({"predict", "m.rondo", "--top", "2", "a lovely film"});
  EXPECT_EQ(top.out.find("positive\t"), 0U);
  EXPECT_NE(top.out.find("negative\t"), std::string::npos);
  const Json json = parse(run({"predict", "m.rondo", "--json", "a lovely film"}).out);
  EXPECT_EQ(json["label"], "positive");
  EXPECT_NEAR(
      json["probabilities"]["positive"].get<double>() + json["probabilities"]["negative"].get<double>(), 1,
      1e-5);
}

TEST_F(Program, AThresholdOfOneNeverChoosesTheSecondClass) {
  EXPECT_EQ(run({"predict", "m.rondo", "--threshold", "1", "a lovely film"}).out.find("negative\t"), 0U);
  EXPECT_EQ(run({"predict", "m.rondo", "--threshold", "0", "it was boring"}).out.find("positive\t"), 0U);
}

TEST_F(Program, AThresholdSaysWhichClassIsTheSecond) {
  EXPECT_EQ(run({"predict", "m.rondo", "--threshold", "0.75", "a lovely film"}).err,
            "rondo: threshold: 'positive' from a probability of 0.75 on, else 'negative'\n");
}

TEST_F(Program, TextsMayBeCalledLikeCommandsAndFiles) {
  const Outcome outcome = run({"predict", "m.rondo", "help", "eval", "reviews.tsv"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 3);
  EXPECT_EQ(outcome.err,
            "rondo: 'reviews.tsv' is taken as a text; to answer its lines: rondo predict m.rondo < "
            "reviews.tsv\n");
}

TEST_F(Program, LabelsThatTheModelDoesNotKnowAreNamedBesideThoseItDoes) {
  write(path() / "other.tsv", "good\ta film\nbad\tanother film\n");
  const Outcome eval = run({"eval", "m.rondo", "other.tsv"});
  EXPECT_EQ(eval.status, 2);
  EXPECT_NE(
      eval.err.find("unknown to the model, such as 'good' and 'bad'; known are 'negative' and 'positive'"),
      std::string::npos)
      << eval.err;
  const Outcome train =
      run(small({"train", "classify", "reviews.tsv", "--out", "o.rondo", "--valid", "other.tsv"}));
  EXPECT_EQ(train.status, 2);
  EXPECT_NE(train.err.find("unknown to the training data, such as 'good'"), std::string::npos) << train.err;
}

TEST_F(Program, ScoresTheRowsOfASplitColumn) {
  write(path() / "folds.tsv", "positive\tlovely\t1\nnegative\tawful\t2\npositive\tgreat\t2\n");
  const auto scored = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"eval",    "m.rondo", "folds.tsv", "--json",
                                      "--label", "1",       "--text",    "2"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = run(words);
    return outcome.status == 0 ? parse(outcome.out)["examples"].get<int>() : -1;
  };
  EXPECT_EQ(scored({}), 3);
  EXPECT_EQ(scored({"--split-column", "3", "--test-value", "2"}), 2);
  EXPECT_EQ(scored({"--split-column", "3", "--valid-value", "1"}), 1);
}

TEST_F(Program, RefusesStandardInputThatIsNoUtf8) {
  const Outcome outcome = run({"predict", "m.rondo"}, "good\n\xc4\xe3\xba\xc3\n");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("standard input line 2"), std::string::npos) << outcome.err;
}

TEST_F(Program, EvaluatesAsATableAndAsJson) {
  const Outcome table = run({"eval", "m.rondo", "reviews.tsv", "--worst", "3"});
  ASSERT_EQ(table.status, 0) << table.err;
  for (const char* word : {"accuracy", "macro-F1", "precision", "true \\ predicted", "positive"})
    EXPECT_NE(table.out.find(word), std::string::npos) << word;
  const Json json = parse(run({"eval", "m.rondo", "reviews.tsv", "--json"}).out);
  EXPECT_EQ(json["examples"], 120);
  EXPECT_GE(json["accuracy"].get<double>(), 0.9);
  EXPECT_TRUE(json.contains("macro_f1"));
}

TEST_F(Program, InspectsAModel) {
  const Outcome text = run({"inspect", "m.rondo"});
  ASSERT_EQ(text.status, 0) << text.err;
  for (const char* word : {"lstm", "embedding", "classes    negative, positive", "tokenizer  words"})
    EXPECT_NE(text.out.find(word), std::string::npos) << word << "\n" << text.out;
  const Json json = parse(run({"inspect", "m.rondo", "--json"}).out);
  EXPECT_EQ(json["classes"], Json({"negative", "positive"}));
  EXPECT_EQ(json["layers"][1]["name"], "embedding");
  EXPECT_EQ(json["application"], "classify");
}

TEST_F(Program, ExportsEmbeddingsThatItCanTrainFrom) {
  ASSERT_EQ(run({"export", "embeddings", "m.rondo", "--out", "vectors.txt"}).status, 0);
  const std::string text = read_bytes(path() / "vectors.txt");
  EXPECT_NE(text.substr(0, text.find('\n')).find(" 8"), std::string::npos);
  const Outcome again = run(small({"train", "classify", "reviews.tsv", "--out", "v.rondo", "--vectors",
                                   "vectors.txt", "--freeze-embedding"}));
  EXPECT_EQ(again.status, 0) << again.err;
}

TEST_F(Program, ExportsAsManyEmbeddingsAsThereAreTokens) {
  const std::vector<std::string> texts = {"a good film", "a bad film", "good", "bad"},
                                 labels = {"+", "-", "+", "-"};
  Sequential model{layers::Tokens{}, layers::Embedding{.dim = 2, .vocab = 500}, layers::GRU{.units = 2},
                   layers::Dense{.units = 2, .activation = Activation::softmax}};
  model.compile({.loss = Loss::categorical_cross_entropy});
  model.fit(data::labelled_text(texts, labels), {.epochs = 1});
  model.save(path() / "rows.rondo");
  const Outcome outcome = run({"export", "embeddings", "rows.rondo", "--out", "rows.txt"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const std::string text = read_bytes(path() / "rows.txt");
  const auto lines = std::count(text.begin(), text.end(), '\n');
  EXPECT_EQ(text.substr(0, text.find('\n')), std::to_string(model.encoder().vocab().size()) + " 2");
  EXPECT_EQ(lines - 1, model.encoder().vocab().size());
}

TEST_F(Program, GradcheckFindsTheGradientsRight) {
  const Outcome outcome = run({"gradcheck", "m.rondo", "reviews.tsv", "--examples", "2", "--elements", "3"});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.out.find("WRONG"), std::string::npos) << outcome.out;
}

TEST_F(Program, TrainsFromAnotherModelsWeights) {
  const Outcome outcome =
      run(small({"train", "classify", "reviews.tsv", "--out", "i.rondo", "--init", "m.rondo"}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
}

TEST_F(Program, DryRunWritesNothing) {
  const Outcome outcome = run(small({"train", "classify", "reviews.tsv", "--out", "dry.rondo", "--dry-run"}));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("batch_size"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path() / "dry.rondo"));
  EXPECT_FALSE(std::filesystem::exists(path() / "dry.rondo.run"));
}

TEST_F(Program, TheCommandLineWinsOverTheConfiguration) {
  write(path() / "c.toml", "units = 5\npooling = [\"last\"]\nepochs = 2\n");
  const Outcome outcome = run({"train", "classify", "reviews.tsv", "--out", "c.rondo", "--config", "c.toml",
                               "--units", "6", "--dry-run", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const Json plan = parse(outcome.out);
  EXPECT_EQ(plan["units"], 6);
  EXPECT_EQ(plan["epochs"], 2);
  EXPECT_EQ(plan["pooling"], Json({"last"}));
}

TEST_F(Program, HelpManAndCompletionsNameEveryCommand) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"help"},
                                                    {"help", "--man"},
                                                    {"help", "--completion", "bash"},
                                                    {"help", "--completion", "zsh"},
                                                    {"help", "--completion", "fish"}}) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    for (const char* word : {"train", "eval", "predict", "inspect", "export", "gradcheck"})
      EXPECT_NE(outcome.out.find(word), std::string::npos) << arguments.back() << " " << word;
  }
  EXPECT_NE(run({"help", "train", "classify"}).out.find("--max-length"), std::string::npos);
  EXPECT_EQ(run({"help", "trian"}).status, 2);
  EXPECT_NE(run({"help", "trian"}).err.find("train"), std::string::npos);
}

// Every option of the help is taken with its default, so that help and parser agree.
TEST_F(Program, TakesEveryOptionThatItsPlanLists) {
  const Json plan =
      parse(run(small({"train", "classify", "reviews.tsv", "--out", "x.rondo", "--dry-run", "--json"})).out);
  std::vector<std::string> arguments = {"train",   "classify",  "reviews.tsv", "--out",
                                        "x.rondo", "--dry-run", "--json"};
  for (const auto& [name, value] : plan.items()) {
    if (name == "type" || name == "data" || name == "out" || value.is_object() ||
        (value.is_string() && value.get<std::string>().empty()))
      continue;
    std::string option = name;
    for (char& c : option)
      if (c == '_') c = '-';
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (value.is_array()) {
      text.clear();
      for (const Json& item : value)
        text += (text.empty() ? "" : ",") + item.get<std::string>();
    }
    if (value.is_boolean())
      arguments.push_back((value.get<bool>() ? "--" : "--no-") + option);
    else
      arguments.insert(arguments.end(), {"--" + option, text});
  }
  const Outcome outcome = run(arguments);
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(parse(outcome.out), plan);
}

}  // namespace
}  // namespace rondo::test

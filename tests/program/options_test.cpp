// Values of options, typed or from a file: refused before any data are read, by the name the user gave them.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "program/reviews.h"
#include "program/run_program.h"
#include "support/temporary_folder.h"

namespace rondo::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class ProgramOptions : public testing::Test {
 protected:
  std::filesystem::path path(const char* name) const { return folder_.path() / name; }
  Outcome run(const std::vector<std::string>& words) const { return run_program(words, "", folder_.path()); }
  /// Training on data that are not even there.
  void refuses(std::vector<std::string> words, const std::string& message) const {
    words.insert(words.begin(), {"train", "classify", "missing.tsv", "--out", "m.rondo"});
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.err, "rondo: option: " + message + "\n");
  }
  void refuses_config(const std::string& name, const std::string& text, const std::string& message) const {
    write(path(name.c_str()), text);
    refuses({"--config", name}, message);
  }
  /// Options that train on reviews.tsv in no time.
  static std::vector<std::string> training(std::vector<std::string> more) {
    std::vector<std::string> words = {"train",    "classify", "--epochs",     "1", "--units", "4",
                                      "--layers", "1",        "--batch-size", "8"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  TemporaryFolder folder_;
};

TEST_F(ProgramOptions, TypedValuesAreCheckedBeforeTheData) {
  refuses({"--batch-size", "0"}, "--batch-size must be between 1 and 1048576, got 0");
  refuses({"--units", "4.5"}, "--units must be a whole number, got '4.5'");
  refuses({"--dropout", "1.5"}, "--dropout must be between 0 and 0.99, got 1.5");
  refuses({"--valid-share", "1"}, "--valid-share must be between 0 and 0.9, got 1");
  refuses({"--threads", "-1"}, "--threads must be between 0 and 1024, got -1");
  refuses({"--cell", "lstmm"},
          "--cell must be lstm, gru, simple_rnn, residual or linear, got 'lstmm'; did you mean 'lstm'?");
  refuses(
      {"--monitor", "val_acuracy"},
      "--monitor must be val_accuracy, val_f1, val_loss, accuracy, f1 or loss, got 'val_acuracy'; did you "
      "mean 'val_accuracy'?");
  refuses({"--report-language", "fr"}, "--report-language must be auto, en or zh, got 'fr'");
}

TEST_F(ProgramOptions, ContradictionsAreFoundBeforeTheData) {
  refuses({"--momentum", "0.9"}, "--momentum is for --optimizer sgd or rmsprop, not adam");
  refuses({"--test-value", "9"}, "--test-value needs --split-column, the column in which it stands");
  refuses({"--split-column", "fold"}, "--split-column needs --test-value, --valid-value or both");
  refuses({"--split-column", "fold", "--test-value", "9", "--valid-value", "9"},
          "--valid-value must differ from --test-value, got '9' for both");
  refuses({"--split-column", "fold", "--valid-value", "9", "--valid", "v.tsv"},
          "--valid-value and --valid name the same part; give one of them");
}

TEST_F(ProgramOptions, OtherCommandsNameTheirOptionsToo) {
  EXPECT_EQ(run({"predict", "m.rondo", "--top", "0"}).err,
            "rondo: option: --top must be between 1 and 1000000, got 0\n");
  EXPECT_EQ(run({"predict", "m.rondo", "--threshold", "2"}).err,
            "rondo: option: --threshold must be between 0 and 1, got 2\n");
  EXPECT_EQ(run({"eval", "m.rondo", "x.tsv", "--worst", "x"}).err,
            "rondo: option: --worst must be a whole number, got 'x'\n");
  EXPECT_EQ(run({"gradcheck", "m.rondo", "x.tsv", "--step", "0"}).err,
            "rondo: option: --step must be between 1e-12 and 1, got 0\n");
}

TEST_F(ProgramOptions, ConfigurationsNameFileAndLine) {
  refuses_config("c.toml", "epochs = 1\n\nbatch-size = 0\n",
                 "c.toml line 3: batch-size must be between 1 and 1048576, got 0");
  refuses_config("c.toml", "# sizes\nbatch_sise = 8\n",
                 "c.toml line 2: unknown option 'batch_sise'; did you mean 'batch_size'?");
  refuses_config("c.toml", "units = 1\nbatch_size = 3\nbatch-size = 4\n",
                 "c.toml line 3: batch-size is set a second time, after c.toml line 2: batch_size");
  refuses_config("c.toml", "resume = true\n", "c.toml line 1: resume is for the command line only");
  refuses_config("c.toml", "\ntest_value = \"9\"\n",
                 "c.toml line 2: test_value needs --split-column, the column in which it stands");
  refuses_config(
      "c.json",
      "{\"epochs\": 1,\n \"pooling\": [\"max\",\n \"mean\"], \"cell\": \"x,{\\\"\",\n\n\"units\": \"4\"}",
      "c.json line 3: cell must be lstm, gru, simple_rnn, residual or linear, got 'x,{\"'");
  refuses_config("c.json", "{\"class_weights\": {\"a\": 1,\n\"b\": 2},\n\n\"units\": \"4\"}",
                 "c.json line 4: units must be a whole number, got '4'");
  EXPECT_THAT(run({"train", "classify", "x.tsv", "--config", "none.toml"}).err,
              HasSubstr("none.toml: no such"));
}

TEST_F(ProgramOptions, AConfigurationTakesEveryOption) {
  write(path("data.tsv"), reviews_tsv());
  write(path("c.toml"),
        "data = [\"data.tsv\"]\nout = \"c.rondo\"\ntext = \"2\"\nlabel = \"1\"\nformat = \"tsv\"\n"
        "valid-share = 0.2\ntest_share = 0\nseed = 5\nthreads = 1\nreport-language = \"zh\"\n"
        "checkpoint-seconds = 5\nepochs = 1\nunits = 4\n");
  const Outcome outcome = run({"train", "classify", "--config", "c.toml"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("valid: 24 texts"));
  EXPECT_TRUE(std::filesystem::exists(path("c.rondo")));
  EXPECT_THAT(read_bytes(path("c.rondo.run/report.html")), HasSubstr("词表"));
  const Json config = parse_json(read_bytes(path("c.rondo.run/config.json")), {.name = "config"});
  for (const auto& [key, value] : {std::pair<const char*, Json>("seed", 5), {"threads", 1}, {"label", "1"}})
    EXPECT_EQ(config[key], value) << key;
}

TEST_F(ProgramOptions, ListsMayStandInAConfigurationAsTheyAreTyped) {
  write(path("data.tsv"), reviews_tsv());
  write(path("c.toml"), "data = \"data.tsv\"\npooling = \"last,max\"\nclass-weights = \"positive=2\"\n");
  const Outcome outcome =
      run({"train", "classify", "--config", "c.toml", "--out", "m.rondo", "--dry-run", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const Json plan = parse_json(outcome.out, {.name = "plan"});
  EXPECT_EQ(plan["data"], Json({"data.tsv"}));
  EXPECT_EQ(plan["pooling"], Json({"last", "max"}));
  EXPECT_EQ(plan["class_weights"], Json({{"positive", 2.0}}));
}

TEST_F(ProgramOptions, FileNamesNeedNotBeUtf8) {
  write(path("r\xe9views.tsv"), reviews_tsv());
  const Outcome outcome = run(training({"r\xe9views.tsv", "--out", "m\xe9.rondo", "--json"}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(std::filesystem::exists(path("m\xe9.rondo")));
}

TEST_F(ProgramOptions, TheSeedOfAConfigurationDrawsTheSplit) {
  write(path("data.tsv"), reviews_tsv(200));
  write(path("c.toml"), "seed = 5\n");
  ASSERT_EQ(run(training({"data.tsv", "--out", "typed.rondo", "--seed", "5"})).status, 0);
  ASSERT_EQ(run(training({"data.tsv", "--out", "file.rondo", "--config", "c.toml"})).status, 0);
  EXPECT_TRUE(read_bytes(path("typed.rondo")) == read_bytes(path("file.rondo")));
  ASSERT_EQ(run(training({"data.tsv", "--out", "other.rondo"})).status, 0);
  EXPECT_FALSE(read_bytes(path("other.rondo")) == read_bytes(path("file.rondo")));
  // The same data again, or the checkpoint would be refused.
  const Outcome again = run(training({"data.tsv", "--out", "file.rondo", "--config", "c.toml", "--resume"}));
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_TRUE(read_bytes(path("typed.rondo")) == read_bytes(path("file.rondo")));
}

TEST_F(ProgramOptions, TheRunFoldersConfigurationMakesTheSameModel) {
  write(path("data.tsv"), reviews_tsv());
  ASSERT_EQ(run(training({"data.tsv", "--out", "a.rondo", "--label", "1", "--text", "2", "--test-share",
                          "0.2", "--class-weights", "positive=2", "--no-lowercase", "--seed", "9"}))
                .status,
            0);
  const Outcome again = run({"train", "classify", "--config", "a.rondo.run/config.json", "--out", "b.rondo"});
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_TRUE(read_bytes(path("a.rondo")) == read_bytes(path("b.rondo")));
}

TEST_F(ProgramOptions, WhatIsReadIsNeverWritten) {
  write(path("data.tsv"), reviews_tsv());
  write(path("vectors.txt"), "lovely 1 2\n");
  write(path("c.toml"), "epochs = 1\n");
  std::filesystem::create_symlink("vectors.txt", path("link.txt"));
  const auto refused = [&](const std::string& out, std::vector<std::string> more, const std::string& as) {
    more.insert(more.begin(), {"train", "classify", "data.tsv", "--out", out});
    const Outcome outcome = run(more);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr("--out '" + out + "' is also read as " + as));
  };
  refused("data.tsv", {}, "DATA");
  refused("./link.txt", {"--vectors", "vectors.txt"}, "--vectors");
  refused("c.toml", {"--config", "c.toml"}, "--config");
  refused("new.rondo", {"--init", "./new.rondo"}, "--init");
  refused("v.tsv", {"--valid", "v.tsv"}, "--valid");
  EXPECT_THAT(run({"train", "classify", "data.tsv", "--out", "m.rondo", "--init", "c.toml"}).err,
              testing::StartsWith("rondo: format: c.toml: is not a rondo model file"));
  const Outcome exported = run({"export", "embeddings", "m.rondo", "--out", "./m.rondo"});
  EXPECT_EQ(exported.status, 2);
  EXPECT_THAT(exported.err, HasSubstr("is the model itself"));
}

TEST_F(ProgramOptions, SaysWhatVectorsAndInitGave) {
  write(path("data.tsv"), reviews_tsv());
  write(path("vectors.txt"), "lovely 1 2 3\nawful 3 2 1\nunheard 0 0 0\n");
  const auto words = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"data.tsv", "--embedding", "3"});
    return training(more);
  };
  const Outcome first = run(words({"--out", "a.rondo", "--vectors", "vectors.txt"}));
  ASSERT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.err, testing::ContainsRegex("rondo: vectors: 2 of [0-9]+ tokens found in vectors.txt\n"));
  const Outcome same = run(words({"--out", "b.rondo", "--init", "a.rondo"}));
  EXPECT_THAT(same.err, HasSubstr("rondo: init: 11 of 11 weights taken from a.rondo\n"));
  const Outcome other = run(words({"--out", "c.rondo", "--init", "a.rondo", "--units", "5"}));
  EXPECT_THAT(other.err, HasSubstr("rondo: init: 2 of 11 weights taken from a.rondo (other shape there: "));
  EXPECT_THAT(other.err, HasSubstr("dense.weight)\n"));
  const Outcome width = run(training({"data.tsv", "--out", "d.rondo", "--vectors", "vectors.txt"}));
  EXPECT_EQ(width.status, 2);
  EXPECT_THAT(width.err, HasSubstr("(--embedding 3)"));
}

}  // namespace
}  // namespace rondo::test

// What meets somebody new to the program: slips of the first day, and whether what is said about them is
// true.
#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/text.h>

#include "base/json.h"
#include "data/subword.h"
#include "program/reviews.h"
#include "program/run_program.h"
#include "support/temporary_folder.h"

namespace rondo::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class FirstUse : public testing::Test {
 protected:
  std::filesystem::path path(const char* name) const { return folder_.path() / name; }
  Outcome run(const std::vector<std::string>& words, const std::string& input = {}) const {
    return run_program(words, input, folder_.path());
  }
  /// Training on a file of ours, small and short.
  Outcome train(std::vector<std::string> more) const {
    more.insert(more.begin(), {"train", "classify", "--epochs", "1", "--units", "4", "--embedding", "4",
                               "--out", "m.rondo"});
    return run(more);
  }
  /// Ends with status 2 and, after notices, this message.
  static void refused(const Outcome& outcome, const std::string& message) {
    EXPECT_EQ(outcome.status, 2) << outcome.out;
    EXPECT_THAT(outcome.err, HasSubstr("rondo: " + message));
    EXPECT_THAT(outcome.out, testing::IsEmpty());
  }

  TemporaryFolder folder_;
};

TEST_F(FirstUse, SubwordsWorkWhateverTheProgramIsCalled) {
  if (!subwords_available()) GTEST_SKIP() << "built without SentencePiece";
  write(path("data.tsv"), reviews_tsv());
  // The test calls the program "rondo", as a shell does that found it in PATH.
  const Outcome outcome = train({"data.tsv", "--tokenizer", "subwords", "--max-size", "60"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
}

TEST_F(FirstUse, ScoresOfNoTestTextsAreNull) {
  write(path("data.tsv"), reviews_tsv());
  const Outcome outcome = train({"data.tsv", "--test-share", "0", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const Json scores = parse_json(outcome.out, {.name = "scores"});
  EXPECT_EQ(scores.at("examples"), 0);
  for (const char* name : {"loss", "accuracy", "macro_f1", "micro_f1"})
    EXPECT_TRUE(scores.at(name).is_null()) << name;
}

TEST_F(FirstUse, WatchingValidationDataNeedsThem) {
  write(path("data.tsv"), reviews_tsv());
  write(path("tiny.tsv"), "a\tone\nb\ttwo\na\tthree\nb\tfour\n");
  refused(train({"missing.tsv", "--valid-share", "0", "--patience", "3"}),
          "option: --patience needs validation data, and there are none: give --valid FILE or a larger");
  refused(train({"missing.tsv", "--valid-share", "0", "--monitor", "val_f1"}),
          "option: --monitor val_f1 needs validation data");
  refused(train({"tiny.tsv", "--patience", "3"}), "option: --patience needs validation data");
  const Outcome outcome = train({"data.tsv", "--valid-share", "0", "--monitor", "loss", "--patience", "0"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(run({"train", "classify", "--config", "m.rondo.run/config.json", "--out", "again.rondo"}).status,
            0);
}

TEST_F(FirstUse, TheModelComesFirst) {
  write(path("data.tsv"), reviews_tsv());
  write(path("zh.vec"), "1 2\n好 0.5 0.25\n");
  ASSERT_EQ(train({"data.tsv"}).status, 0);
  refused(run({"eval", "data.tsv", "m.rondo"}), "usage: MODEL comes first: rondo eval m.rondo data.tsv\n");
  refused(run({"predict", "hello", "m.rondo"}), "usage: MODEL comes first: rondo predict m.rondo hello\n");
  for (const Outcome& outcome : {run({"predict", "data.tsv", "hello"}), run({"inspect", "zh.vec"})})
    refused(outcome, "format: ");
  EXPECT_THAT(run({"inspect", "zh.vec"}).err,
              HasSubstr("; MODEL comes first and is a file that 'rondo train NAME --out FILE' wrote"));
}

TEST_F(FirstUse, AResumedRunNamesTheOptionThatDiffers) {
  write(path("data.tsv"), reviews_tsv());
  ASSERT_EQ(train({"data.tsv"}).status, 0);
  refused(train({"data.tsv", "--resume", "--embedding", "8"}),
          "usage: cannot resume: --embedding is 8 now, and was 4 in m.rondo.run/config.json; give the same");
  refused(train({"data.tsv", "--resume", "--test-share", "0.3"}),
          "usage: cannot resume: --test-share is 0.3");
  const Outcome same = train({"data.tsv", "--resume", "--threads", "2"});
  EXPECT_EQ(same.status, 0) << same.err;
  EXPECT_THAT(same.err, HasSubstr(", at the end of epoch 1\n"));
}

TEST_F(FirstUse, TextsThatWereLearnedAreCounted) {
  write(path("data.tsv"), reviews_tsv());
  write(path("more.tsv"), reviews_tsv(10) + "positive\ta new one\nnegative\tanother\n");
  const Outcome outcome = train({"data.tsv", "--test", "more.tsv", "--valid", "data.tsv", "--dry-run"});
  EXPECT_THAT(outcome.err, HasSubstr("rondo: 10 of 12 test texts are also in the training data; "));
  EXPECT_THAT(outcome.err, HasSubstr("rondo: 120 of 120 validation texts are also in the training data; "));
  EXPECT_THAT(train({"data.tsv", "--dry-run"}).err, Not(HasSubstr("are also in the training data")));
}

TEST_F(FirstUse, TheLabelsAreFoundWhereTheModelKnowsThem) {
  std::string rows = "priority\tkind\tmessage\n";
  for (int i = 0; i < 60; ++i)
    rows += std::string(i % 2 == 0 ? "high" : "low") + "\t" +
            (i % 3 == 0   ? "bill"
             : i % 3 == 1 ? "bug"
                          : "wish") +
            "\tthis is number " + std::to_string(i) + " of the messages\n";
  write(path("tickets.tsv"), rows);
  const Outcome guessed = train({"tickets.tsv"});
  EXPECT_THAT(guessed.err, HasSubstr("labels in 'priority' (fewest different values: 2)"));
  EXPECT_THAT(guessed.err, HasSubstr("; 'kind' has 3 different values: choose with --label COLUMN\n"));
  ASSERT_EQ(train({"tickets.tsv", "--label", "kind"}).status, 0);
  const Outcome eval = run({"eval", "m.rondo", "tickets.tsv"});
  EXPECT_EQ(eval.status, 0) << eval.err;
  EXPECT_THAT(eval.err, HasSubstr("labels in 'kind'"));
  write(path("other.tsv"), "a\tx\nb\ty\n");
  EXPECT_THAT(run({"eval", "m.rondo", "other.tsv"}).err,
              HasSubstr("; if another column holds the labels, name it with --label"));
}

TEST_F(FirstUse, ClassWeightsNameTheOptionAndTheNearestClass) {
  write(path("data.tsv"), reviews_tsv());
  refused(train({"missing.tsv", "--class-weights", "positive=-2"}),
          "option: --class-weights of 'positive' must be between 0 and 1000000000, got -2\n");
  EXPECT_THAT(train({"data.tsv", "--class-weights", "postive=2"}).err,
              HasSubstr("did you mean 'positive'?\n"));
}

TEST_F(FirstUse, OddValuesAreNamed) {
  write(path("data.tsv"), reviews_tsv());
  refused(train({"x.tsv", "--pooling", "max,sum"}), "option: --pooling item 2 must be ");
  refused(train({"x.tsv", "--report-language", "cn"}),
          "option: --report-language must be auto, en or zh, got 'cn'\n");
  refused(train({"-"}), "option: DATA '-' is not a file; for standard input give /dev/stdin\n");
  refused(train({"x.tsv", "--config", "data.tsv"}), "option: data.tsv line 1");
  write(path("c.toml"), "cell = gru\n");
  EXPECT_THAT(train({"x.tsv", "--config", "c.toml"}).err, HasSubstr("cell = \"gru\", text in quotes\n"));
}

TEST_F(FirstUse, BlankLinesOfStandardInputAreNamed) {
  write(path("data.tsv"), reviews_tsv());
  ASSERT_EQ(train({"data.tsv"}).status, 0);
  const Outcome outcome = run({"predict", "m.rondo"}, "one\n\nthree\n \n");
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 4) << "a row a line, as for others";
  EXPECT_EQ(outcome.err, "rondo: line 2 has no text; the answers to such lines mean nothing\n");
}

TEST_F(FirstUse, ATextOfSeveralLinesIsOneRowOfMistakes) {
  write(path("data.tsv"), reviews_tsv());
  ASSERT_EQ(train({"data.tsv"}).status, 0);
  write(path("lines.csv"), "label,text\npositive,\"awful\nand\tdull\"\nnegative,\"awful\nand\tdull\"\n");
  const Outcome outcome = run({"eval", "m.rondo", "lines.csv"});
  EXPECT_THAT(outcome.out, HasSubstr("%  awful and dull\n"));
}

}  // namespace
}  // namespace rondo::test

// Translators from the command line: pairs in, lines out in every form, and what is refused.
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
using testing::MatchesRegex;
using Words = std::vector<std::string>;

/// One model of a tiny language for all tests: letters become capitals.
class TranslateProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "");
    std::string source, target;
    std::uint32_t drawn = 1;
    const auto draw = [&drawn](std::uint32_t below) {
      drawn = drawn * 1'664'525U + 1'013'904'223U;
      return (drawn >> 16) % below;
    };
    for (int i = 0; i < 400; ++i)
      for (std::uint32_t left = 1 + draw(4); left > 0; --left) {
        const auto letter = static_cast<char>(draw(6));
        source += std::string(1, static_cast<char>('a' + letter)) + (left > 1 ? " " : "\n");
        target += std::string(1, static_cast<char>('A' + letter)) + (left > 1 ? " " : "\n");
      }
    write(folder_->path() / "train.low", source);
    write(folder_->path() / "train.cap", target);
    write(folder_->path() / "dev.low", "a b c\nd e\nf\n");
    write(folder_->path() / "dev.cap", "A B C\nD E\nF\n");
    trained_ = run({"train",
                    "translate",
                    "train.low",
                    "train.cap",
                    "--valid",
                    "dev.low",
                    "--test",
                    "dev.low",
                    "--out",
                    "m.rondo",
                    "--units",
                    "24",
                    "--embedding",
                    "16",
                    "--dropout",
                    "0",
                    "--epochs",
                    "30",
                    "--label-smoothing",
                    "0.1",
                    "--learning-rate",
                    "0.01",
                    "--batch-size",
                    "16",
                    "--json"});
  }
  static void TearDownTestSuite() { delete folder_; }
  void SetUp() override { ASSERT_EQ(trained_.status, 0) << trained_.err; }

  static Outcome run(const Words& words, const std::string& input = {}) {
    return run_program(words, input, folder_->path());
  }
  static void refuses(const Words& words, const std::string& what, const std::string& input = {}) {
    const Outcome outcome = run(words, input);
    EXPECT_EQ(outcome.status, 2) << outcome.out;
    EXPECT_THAT(outcome.err, HasSubstr(what));
  }

  static inline TemporaryFolder* folder_ = nullptr;
  static inline Outcome trained_;
};

TEST_F(TranslateProgram, IsAFilter) {
  const Outcome outcome = run({"translate", "m.rondo"}, "a b\n\nc\r\nd e f");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "A B\n\nC\nD E F\n");
  EXPECT_EQ(run({"translate", "m.rondo", "b a"}).out, "B A\n");
  EXPECT_EQ(run({"predict", "m.rondo", "b a"}).out, "B A\n");
}

TEST_F(TranslateProgram, HasMariansForms) {
  const std::string best = run({"translate", "m.rondo", "--n-best", "2"}, "a b\nc\n").out;
  EXPECT_THAT(best.substr(0, best.find('\n')),
              MatchesRegex("0 \\|\\|\\| A B \\|\\|\\| F0= -[0-9.]+ \\|\\|\\| -[0-9.]+"));
  EXPECT_THAT(best, HasSubstr("\n1 ||| C ||| F0= "));
  EXPECT_THAT(run({"translate", "m.rondo", "--alignment", "hard", "a b"}).out,
              MatchesRegex("A B \\|\\|\\| [01]-0 [01]-1\n"));
  EXPECT_THAT(run({"translate", "m.rondo", "--alignment", "soft", "a b"}).out,
              MatchesRegex("A B \\|\\|\\| [01].[0-9]+,[01].[0-9]+ [01].[0-9]+,[01].[0-9]+\n"));
  EXPECT_THAT(run({"translate", "m.rondo", "--word-scores", "a"}).out,
              MatchesRegex("A \\|\\|\\| WordScores= -[0-9.]+ -[0-9.]+\n"));
  const Json json = parse_json(run({"translate", "m.rondo", "--json", "a b"}).out, {.name = "output"});
  EXPECT_EQ(json["translation"], "A B");
  EXPECT_LT(json["log_probability"], 0);
}

TEST_F(TranslateProgram, ScoresGivenTranslations) {
  const std::string scores = run({"translate", "m.rondo", "--score"}, "a b\tA B\na b\tF F\n").out;
  const double right = std::stod(scores), wrong = std::stod(scores.substr(scores.find('\n')));
  EXPECT_GT(right, -1);
  EXPECT_LT(wrong, right - 3);
  refuses({"translate", "m.rondo", "--score", "a b"}, "wanted source, tab, translation");
}

TEST_F(TranslateProgram, EvaluatesChecksAndQuantizes) {
  EXPECT_GT(parse_json(trained_.out, {.name = "output"})["chrf"], 50);
  const Outcome scored = run({"eval", "m.rondo", "dev.low", "dev.cap", "--json"});
  ASSERT_EQ(scored.status, 0) << scored.err;
  EXPECT_EQ(parse_json(scored.out, {.name = "output"})["examples"], 3);
  EXPECT_EQ(run({"eval", "m.rondo", "dev.low", "--json"}).out, scored.out) << "the other side lies beside it";
  EXPECT_EQ(run({"gradcheck", "m.rondo", "dev.low", "--examples", "2", "--elements", "2"}).status, 0);
  ASSERT_EQ(run({"quantize", "m.rondo", "--out", "q.rondo"}).status, 0);
  EXPECT_EQ(run({"translate", "q.rondo", "a b c"}).out, "A B C\n");
  EXPECT_THAT(run({"inspect", "m.rondo"}).out, HasSubstr("translate"));
  const std::string report = read_bytes(folder_->path() / "m.rondo.run" / "report.html");
  EXPECT_THAT(report, HasSubstr("BLEU"));
  // A picture whose rows and columns are words.
  const std::size_t map = report.find("Where each word of the translation looked");
  ASSERT_NE(map, std::string::npos);
  EXPECT_THAT(report.substr(map, 200), HasSubstr("<svg"));
}

TEST_F(TranslateProgram, RefusesWithACure) {
  refuses({"translate", "m.rondo", "--n-best", "9", "a"}, "--n-best is at most the beam (5), got 9");
  refuses({"translate", "m.rondo", "--n-best", "2", "--temperature", "1", "a"}, "--temperature");
  refuses({"translate", "m.rondo"}, "line 2", "a b\n\xff\n");
  refuses({"translate", "m.rondo", "--beam", "0", "a"}, "beam");
  refuses({"train", "translate", "train.low", "--out", "x.rondo"}, "source and target");
  refuses({"train", "translate", "train.low", "dev.cap", "--out", "x.rondo"}, "lines");
  refuses({"train", "translate", "none.tsv", "--out", "x.rondo"}, "none.tsv");
  refuses({"train", "translate", "train.low", "train.cap", "--out", "x.rondo", "--decoder-layers", "1"},
          "decoder_layers");
  refuses({"eval", "m.rondo", "train.cap"}, "train.cap");
  EXPECT_FALSE(std::filesystem::exists(folder_->path() / "x.rondo"));
}

TEST_F(TranslateProgram, ScoresFilesAsSacreBleuDoes) {
  write(folder_->path() / "hyp", "the cat sat on the mat\na dog\n");
  write(folder_->path() / "ref", "the cat sat on a mat\na dog barks\n");
  EXPECT_THAT(run({"score", "bleu", "hyp", "ref"}).out,
              HasSubstr("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp"));
  EXPECT_THAT(run({"score", "chrf", "hyp", "ref"}).out,
              HasSubstr("chrF2|nrefs:1|case:mixed|eff:yes|nc:6|nw:0"));
  refuses({"score", "bleu", "hyp", "dev.low"}, "lines");
}

}  // namespace
}  // namespace rondo::test

// Several labels a text, and certainty, on the command line: what is trained, shown, written and refused.
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
using testing::Not;

/// fastText's lines: labels of the words that stand in the text.
std::string labelled_lines(int rows = 120) {
  const std::vector<std::string> words = {"spicy", "sweet", "quick"};
  std::string text;
  for (int i = 0; i < rows; ++i) {
    std::string labels, line = "a dish of rice";
    for (std::size_t c = 0; c < words.size(); ++c)
      if (((i * 5) >> c) % 2 == 1) {
        labels += "__label__" + words[c] + " ";
        line += " " + words[c];
      }
    text += labels + line + " number " + std::to_string(i) + "\n";
  }
  return text;
}

class LabelsProgram : public testing::Test {
 protected:
  LabelsProgram() {
    write(folder_ / "labels.txt", labelled_lines());
    write(folder_ / "data.tsv", reviews_tsv());
  }
  Outcome run(const std::vector<std::string>& arguments, const std::string& in = "") const {
    return run_program(arguments, in, folder_.path());
  }
  Outcome train(const std::string& data, const std::vector<std::string>& more) const {
    std::vector<std::string> words = small({"train", "classify", data, "--out", "m.rondo"});
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  TemporaryFolder folder_;
};

Json parse(const std::string& text) {
  return parse_json(text, {.name = "output"});
}

TEST_F(LabelsProgram, TrainsPredictsAndEvaluatesSeveralLabels) {
  const Outcome trained = train("labels.txt", {"--multi-label", "--wide-cost", "1", "--json"});
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_THAT(trained.err, HasSubstr("thresholds: chosen on the validation texts"));
  EXPECT_GT(parse(trained.out)["micro_f1"], 0.8);
  EXPECT_THAT(read_bytes(folder_ / "m.rondo.run" / "report.html"), HasSubstr("precision at k"));
  const Outcome lines = run({"predict", "m.rondo", "a dish spicy quick"});
  EXPECT_THAT(lines.out,
              testing::AnyOf(testing::StartsWith("quick,spicy\t0."), testing::StartsWith("spicy,quick\t0.")));
  EXPECT_THAT(lines.out, testing::EndsWith("\ta dish spicy quick\n"));
  const Json json = parse(run({"predict", "m.rondo", "a dish spicy", "--json"}).out);
  EXPECT_EQ(json["labels"], Json::array({"spicy"}));
  EXPECT_EQ(json["probabilities"].size(), 3U);
  EXPECT_THAT(run({"predict", "m.rondo", "sweet", "--output", "fasttext", "--top", "2"}).out,
              MatchesRegex("__label__sweet [0-9.e-]+ __label__[a-z]+ [0-9.e-]+\n"));
  EXPECT_THAT(run({"predict", "m.rondo", "sweet", "--threshold", "1"}).out, testing::StartsWith("\t\t"));
  const Json scores = parse(run({"eval", "m.rondo", "labels.txt", "--json"}).out);
  EXPECT_EQ(scores["examples"], 120);
  EXPECT_EQ(scores["labels"].size(), 3U);
  EXPECT_THAT(run({"inspect", "m.rondo"}).out, HasSubstr("any number a text"));
  EXPECT_EQ(run({"inspect", "m.rondo", "--text", "sweet rice"}).status, 0);
}

TEST_F(LabelsProgram, RemembersHowLabelsAreSeparated) {
  write(folder_ / "cells.tsv",
        "text\tlabel\na good one\tx|y\nso bad\ty\nodd\tx\ngood\tx|y\nwell bad\ty\nodd odd\tx\n"
        "good good\tx|z\nbad bad\tz\n");
  ASSERT_EQ(train("cells.tsv", {"--multi-label", "--label-separator", "|", "--wide", "only", "--valid-share",
                                "0", "--test-share", "0"})
                .status,
            0);
  const Outcome scores = run({"eval", "m.rondo", "cells.tsv", "--json"});
  ASSERT_EQ(scores.status, 0) << scores.err;
  EXPECT_FALSE(parse(scores.out).contains("unknown"));
}

TEST_F(LabelsProgram, RefusesWhatDoesNotFit) {
  const auto refused = [&](const std::string& data, const std::vector<std::string>& more,
                           const std::string& says) {
    const Outcome outcome = train(data, more);
    EXPECT_EQ(outcome.status, 2) << says;
    EXPECT_THAT(outcome.err, HasSubstr(says));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "m.rondo"));
  };
  refused("labels.txt", {}, "--multi-label");
  refused("data.tsv", {"--label-separator", ","}, "--multi-label");
  refused("labels.txt", {"--multi-label", "--balance-classes"}, "balance_classes");
  refused("labels.txt", {"--multi-label", "--monitor", "val_accuracy"}, "val_loss");
  refused("data.tsv", {"--multi-label", "--wide", "on"}, "--wide off");
  refused("data.tsv", {"--ensemble", "2", "--wide", "only"}, "ensemble");
  refused("data.tsv", {"--ensemble", "0"}, "--ensemble");
  refused("data.tsv", {"--precision", "2"}, "--precision");
  refused("data.tsv", {"--precision", "0.9", "--valid-share", "0"}, "validation");
  refused("data.tsv", {"--folds", "1"}, "folds");
}

TEST_F(LabelsProgram, AModelOfOneLabelIsNotReadAsSeveral) {
  ASSERT_EQ(train("data.tsv", {"--wide", "only"}).status, 0);
  const Outcome outcome = run({"eval", "m.rondo", "labels.txt", "--multi-label"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("one label"));
}

TEST_F(LabelsProgram, SaysHowCertainItIs) {
  const Outcome trained = train("data.tsv", {"--ensemble", "2", "--calibrate", "--precision", "0.9",
                                             "--folds", "2", "--learning-curve", "--json"});
  ASSERT_EQ(trained.status, 0) << trained.err;
  const Json json = parse(trained.out);
  EXPECT_EQ(json["folds"].size(), 4U) << "two, mean and spread";
  EXPECT_EQ(json["learning_curve"].size(), 4U);
  EXPECT_TRUE(json.contains("coverage"));
  EXPECT_TRUE(json.contains("calibration_error"));
  const std::string report = read_bytes(folder_ / "m.rondo.run" / "report.html");
  for (const char* part : {"Reliability diagram", "Learning curve", "Cross validation"})
    EXPECT_THAT(report, HasSubstr(part));
  EXPECT_THAT(run({"inspect", "m.rondo"}).out, HasSubstr("2, whose probabilities are averaged"));
  EXPECT_THAT(run({"predict", "m.rondo", "it was lovely"}).out,
              MatchesRegex("(positive|negative)\t[0-9.]+\t(certain|uncertain)\tit was lovely\n"));
  EXPECT_TRUE(parse(run({"predict", "m.rondo", "it was lovely", "--json"}).out)["certain"].is_boolean());
  EXPECT_EQ(run({"quantize", "m.rondo", "--weights", "int8", "--out", "q.rondo"}).status, 0);
  EXPECT_EQ(run({"predict", "q.rondo", "it was lovely"}).status, 0);
}

}  // namespace
}  // namespace rondo::test

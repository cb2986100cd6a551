// --wide on the command line: what is chosen, trained, shown, written, and killed on the way.
#include <csignal>
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

class WideProgram : public testing::Test {
 protected:
  WideProgram() { write(folder_ / "data.tsv", reviews_tsv()); }
  Outcome run(const std::vector<std::string>& arguments) const {
    return run_program(arguments, "", folder_.path());
  }
  Outcome train(const std::string& wide, const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> words = small({"train", "classify", "data.tsv", "--out", out, "--wide", wide});
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  TemporaryFolder folder_;
};

Json parse(const std::string& text) {
  return parse_json(text, {.name = "output"});
}

TEST_F(WideProgram, SaysWhatItChoseAndWhy) {
  const Outcome plan = train("auto", "m.rondo", {"--dry-run"});
  ASSERT_EQ(plan.status, 0) << plan.err;
  EXPECT_THAT(plan.err, HasSubstr("wide = on: for 2 classes"));
  EXPECT_EQ(parse(train("auto", "m.rondo", {"--dry-run", "--json"}).out)["wide"], "on");
  write(folder_ / "c.toml", "wide = \"only\"\n");
  const Outcome config =
      run({"train", "classify", "data.tsv", "--out", "m.rondo", "--config", "c.toml", "--dry-run"});
  EXPECT_THAT(config.err, HasSubstr("wide = only: without a network"));
  EXPECT_THAT(train("wide", "m.rondo").err, HasSubstr("--wide must be"));
}

TEST_F(WideProgram, LearnsAgainWhereTextsWereHeldOut) {
  const auto refit = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--dry-run", "--json"});
    return parse(train("on", "m.rondo", more).out)["wide_refit"];
  };
  EXPECT_EQ(refit({}), "on");
  EXPECT_EQ(refit({"--valid", "data.tsv"}), "off");
  EXPECT_EQ(refit({"--valid-share", "0"}), "off");
  EXPECT_EQ(refit({"--test-share", "0"}), "off");
  EXPECT_EQ(refit({"--calibrate"}), "off");
  EXPECT_EQ(refit({"--wide-refit", "off"}), "off");
  EXPECT_THAT(train("on", "m.rondo").err, HasSubstr("learned again from"));
}

TEST_F(WideProgram, ComparesTheParts) {
  const Outcome outcome = train("on", "m.rondo");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("wide branch: "));
  EXPECT_THAT(outcome.err, HasSubstr("fitted on 10 validation texts"));
  for (const char* rival : {"commonest class", "naive Bayes", "wide branch alone", "network alone", "both"}) {
    EXPECT_THAT(outcome.out, HasSubstr(rival));
    EXPECT_THAT(read_bytes(folder_ / "m.rondo.run" / "report.html"), HasSubstr(rival));
  }
  EXPECT_EQ(parse(train("on", "m.rondo", {"--json"}).out)["compared"].size(), 5U);
  EXPECT_EQ(parse(run({"eval", "m.rondo", "data.tsv", "--json"}).out)["compared"].size(), 3U);
}

TEST_F(WideProgram, AloneTrainsWithoutANetwork) {
  const Outcome outcome = train("only", "m.rondo");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "m.rondo.run" / "report.html"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "m.rondo.run" / "checkpoints"));
  EXPECT_EQ(parse(read_bytes(folder_ / "m.rondo.run" / "config.json"))["wide"], "only");
  EXPECT_EQ(run({"predict", "m.rondo", "a lovely film"}).out.substr(0, 9), "positive\t");
  EXPECT_THAT(run({"inspect", "m.rondo", "--verify"}).out, HasSubstr("log p = "));
  const Outcome again = run({"train", "classify", "--config", "m.rondo.run/config.json", "--out", "n.rondo"});
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_TRUE(read_bytes(folder_ / "m.rondo") == read_bytes(folder_ / "n.rondo"));
  for (const auto& [words, message] :
       {std::pair(std::vector<std::string>{"quantize", "m.rondo", "--out", "q.rondo"}, "8 bits already"),
        {{"gradcheck", "m.rondo", "data.tsv"}, "has no network"},
        {{"export", "embeddings", "m.rondo", "--out", "v.txt"}, "no token vectors"}}) {
    const Outcome refused = run(words);
    EXPECT_EQ(refused.status, 2) << words.front();
    EXPECT_THAT(refused.err, HasSubstr(message));
  }
  const Outcome init = train("only", "o.rondo", {"--init", "m.rondo"});
  EXPECT_EQ(init.status, 2);
  EXPECT_THAT(init.err, HasSubstr("--init is for a network"));
}

TEST_F(WideProgram, ShowsNgramsAndWhatTheyContribute) {
  ASSERT_EQ(train("on", "m.rondo").status, 0);
  const Outcome all = run({"inspect", "m.rondo"});
  EXPECT_THAT(all.out, HasSubstr("N-grams that speak most for each label"));
  EXPECT_THAT(all.out, HasSubstr("was charming"));
  EXPECT_EQ(parse(run({"inspect", "m.rondo", "--json"}).out)["ngrams"][0]["label"], "negative");
  const Outcome why = run({"inspect", "m.rondo", "--text", "it was lovely"});
  ASSERT_EQ(why.status, 0) << why.err;
  EXPECT_THAT(why.out, HasSubstr("What each n-gram adds for 'positive'"));
  const Json json = parse(run({"inspect", "m.rondo", "--text", "it was lovely", "--json"}).out);
  EXPECT_EQ(json["probabilities"][0]["label"], "positive");
  EXPECT_THAT(json["contributions"][0]["ngram"].get<std::string>(), HasSubstr("lovely"));
  ASSERT_EQ(train("off", "off.rondo").status, 0);
  EXPECT_THAT(run({"inspect", "off.rondo", "--text", "x"}).out, Not(HasSubstr("n-gram")));
  EXPECT_THAT(run({"inspect", "off.rondo"}).out, Not(HasSubstr("N-grams")));
}

TEST_F(WideProgram, AnInterruptedBaselineLeavesNothing) {
  write(folder_ / "many.tsv", reviews_tsv(60'000));
  RunningProgram program(small({"train", "classify", "many.tsv", "--out", "i.rondo", "--wide", "only"}),
                         folder_.path());
  ASSERT_FALSE(program.ends_within(std::chrono::milliseconds(60)));
  program.send(SIGTERM);
  EXPECT_NE(program.wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "i.rondo"));
}

}  // namespace
}  // namespace rondo::test

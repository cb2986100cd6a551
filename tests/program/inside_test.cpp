// rondo inspect --text and rondo lab on the command line.
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

class InsideProgram : public testing::Test {
 protected:
  InsideProgram() {
    write(folder_ / "data.tsv", reviews_tsv());
    const Outcome trained =
        run(small({"train", "classify", "data.tsv", "--out", "m.rondo", "--wide", "off"}));
    EXPECT_EQ(trained.status, 0) << trained.err;
  }
  Outcome run(const std::vector<std::string>& arguments) const {
    return run_program(arguments, "", folder_.path());
  }
  TemporaryFolder folder_;
};

Json parse(const std::string& text) {
  return parse_json(text, {.name = "output"});
}

TEST_F(InsideProgram, ShowsWhatHappens) {
  const Outcome text = run({"inspect", "m.rondo", "--text", "a lovely film"});
  ASSERT_EQ(text.status, 0) << text.err;
  for (const char* part : {"Integrated gradients", "lovely", "Saturation", "Forget gate", "U of each gate"})
    EXPECT_THAT(text.out, HasSubstr(part));

  const Json json = parse(run({"inspect", "m.rondo", "--text", "a lovely film", "--json"}).out);
  EXPECT_EQ(json["text"], "a lovely film");
  EXPECT_EQ(json["integrated_gradients"]["tokens"].size(), 3u);
  EXPECT_EQ(json["as_it_reads"]["positive"].size(), 3u);
  EXPECT_EQ(json["left_out"]["values"].size(), 3u);
  EXPECT_EQ(parse(run({"inspect", "m.rondo", "--data", "data.tsv", "--tokens", "2", "--json"})
                      .out)["replaced"]["values"]
                .size(),
            2u);
}

TEST_F(InsideProgram, WritesAPage) {
  const Outcome outcome =
      run({"inspect", "m.rondo", "--text", "a lovely film", "--html", "page.html", "--language", "zh"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("page.html, "));
  const std::string page = read_bytes(folder_ / "page.html");
  for (const char* part : {"遗忘门", "积分梯度", "<svg", "lang=\"zh-CN\""})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_THAT(page, Not(HasSubstr("http")));
}

TEST_F(InsideProgram, RefusesInPlainWords) {
  for (const auto& [words, message] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--text", "x", "--data", "data.tsv"}, "--text and --data exclude each other"},
           {{"--html", "page.html"}, "give a --text or --data"},
           {{"--data", "data.tsv", "--example", "100000"}, "data.tsv has"},
           {{"--data", "nothing.tsv"}, "nothing.tsv"},
           {{"--text", "x", "--html", "no/such/page.html"}, "no/such"}}) {
    std::vector<std::string> all = {"inspect", "m.rondo"};
    all.insert(all.end(), words.begin(), words.end());
    const Outcome outcome = run(all);
    EXPECT_EQ(outcome.status, 2) << message;
    EXPECT_THAT(outcome.err, HasSubstr(message));
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(Lab, LearnsToCopy) {
  const TemporaryFolder folder;
  const Outcome outcome = run_program({"lab", "memory", "--network", "gru", "--length", "5", "--steps", "400",
                                       "--units", "16", "--learning-rate", "0.02", "--json"},
                                      "", folder.path());
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(parse(outcome.out)["trials"][0]["solved"], "yes") << outcome.out;
}

TEST(Lab, GatesCarryASymbolAcrossAGapAndASmallRecurrenceDoesNot) {
  const TemporaryFolder folder;
  const auto solved = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"lab", "memory", "--length", "50", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = run_program(words, "", folder.path());
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return parse(outcome.out)["trials"][0]["solved"].get<std::string>();
  };
  EXPECT_EQ(solved({"--network", "gru"}), "yes");
  EXPECT_EQ(solved({"--network", "lstm"}), "yes");
  EXPECT_EQ(solved({"--network", "tanh"}), "no");
  EXPECT_EQ(solved({"--network", "gru", "--no-open-gates"}), "no");
}

TEST(Lab, PagesAndRefusals) {
  const TemporaryFolder folder;
  const auto lab = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "lab");
    words.insert(words.end(), {"--length", "6", "--steps", "5", "--units", "4"});
    return run_program(words, "", folder.path());
  };
  EXPECT_EQ(lab({"vanishing", "--html", "v.html"}).status, 0);
  EXPECT_THAT(read_bytes(folder / "v.html"), HasSubstr("Spectral radius"));
  EXPECT_EQ(lab({"gates", "--html", "g.html", "--language", "zh"}).status, 0);
  EXPECT_THAT(read_bytes(folder / "g.html"), HasSubstr("更新门"));
  const Outcome none = lab({"gates", "--network", "tanh"});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.err, HasSubstr("only gru and lstm have gates"));
  EXPECT_EQ(lab({"memory", "--task", "nothing"}).status, 2);
}

}  // namespace
}  // namespace rondo::test

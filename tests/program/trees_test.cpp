// Classifiers of trees from the command line: trees in and out in every form, and what is refused.
#include <algorithm>
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
using Words = std::vector<std::string>;

std::string row(const std::string& id, const std::string& form, const std::string& head,
                const std::string& upos) {
  return id + "\t" + form + "\t_\t" + upos + "\t_\t_\t" + head + "\tdep\t_\t_\n";
}

const std::string crossing = "# sent_id = cross-1\n" + row("1", "A", "2", "DET") +
                             row("2", "parcel", "3", "NOUN") + row("3", "came", "0", "VERB") +
                             row("4", "today", "3", "ADV") + row("5", "with", "6", "ADP") +
                             row("6", "stamps", "2", "NOUN") + "\n";

/// One model of words of praise and blame, and one of dependencies, for all tests.
class TreesProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "");
    std::string train;
    for (const auto& [word, label] :
         {std::pair("gem", "4"), {"joy", "3"}, {"treat", "3"}, {"mess", "1"}, {"bore", "0"}, {"sham", "1"}})
      for (const std::string other : {"A", "The", "Pure"})
        train += std::string("(") + label + " (2 " + other + ") (" + label + " " + word + "))\n";
    write(folder_->path() / "train.txt", train);
    write(folder_->path() / "sst.txt",
          "(3 (2 A) (4 gem))\n(2 (2 It) (2 ends))\n(1 (3 Oh) (0 no))\n(4 (3 (3 Pure) (2 ,)) (4 joy))\n");
    write(folder_->path() / "many.txt", many());
    write(folder_->path() / "crossing.conllu", crossing);
    trained_ = run({"train",   "trees",    "train.txt", "--valid-share", "0",  "--test",
                    "sst.txt", "--labels", "0-4",       "--epochs",      "30", "--embedding",
                    "12",      "--units",  "12",        "--dropout",     "0",  "--learning-rate",
                    "0.1",     "--out",    "m.rondo",   "--json"});
    joined_ = run({"train", "trees", "crossing.conllu", "--epochs", "60", "--embedding", "8", "--units", "8",
                   "--dropout", "0", "--token-dropout", "0", "--out", "d.rondo", "--valid-share", "0",
                   "--test-share", "0"});
  }
  static void TearDownTestSuite() { delete folder_; }
  void SetUp() override {
    ASSERT_EQ(trained_.status, 0) << trained_.err;
    ASSERT_EQ(joined_.status, 0) << joined_.err;
  }

  static std::string many() {
    return "(S (NP (DT a) (JJ big) (JJ red) (NN bus)) (VP (VBD came)) (. .))\n"
           "(S (@NP (DT a) (JJ@x big) (NN bus)) (VP|ok (VBD came)) (. .))\n"
           "(S (A a) (B b) (C c) (D d) (E e) (F f))\n";
  }
  static std::string without_labels(const std::string& trees) {
    std::string shape;
    bool label = false;
    for (const char c : trees) {
      label = c == '(' || (label && c != ' ');
      if (!label || c == '(') shape += c;
    }
    return shape;
  }
  static Outcome run(const Words& words, const std::string& input = {}) {
    return run_program(words, input, folder_->path());
  }

  static inline TemporaryFolder* folder_ = nullptr;
  static inline Outcome trained_, joined_;
};

TEST_F(TreesProgram, AnswersInTheFormThatCame) {
  const Outcome answered = run({"predict", "m.rondo", "train.txt"});
  ASSERT_EQ(answered.status, 0) << answered.err;
  EXPECT_EQ(answered.out.substr(0, answered.out.find('\n')), "(4 (2 A) (4 gem))");
  EXPECT_EQ(run({"predict", "m.rondo"}, "(_\n  (_ A)\n  (_ gem)) (_ mess)\n").out,
            "(4 (2 A) (4 gem))\n(1 mess)\n");
  EXPECT_EQ(run({"predict", "m.rondo", "(_ (_ A) (_ gem))"}).out, "(4 (2 A) (4 gem))\n");
  const Outcome same = run({"predict", "d.rondo", "crossing.conllu"});
  EXPECT_EQ(same.out, crossing) << same.err << "all is learned, so all comes back";
}

TEST_F(TreesProgram, SaysThatWordsHaveNoTree) {
  const Outcome words = run({"predict", "m.rondo", "A ( gem"});
  EXPECT_THAT(words.out, MatchesRegex("\\(. \\(. \\(. A\\) \\(. -LRB-\\)\\) \\(. gem\\)\\)\n"));
  EXPECT_THAT(words.err, HasSubstr("balanced trees over the words stand in for a parser's"));
  EXPECT_THAT(run({"predict", "m.rondo", "--branching", "right", "A b gem"}).out,
              MatchesRegex("\\(. \\(. A\\) \\(. \\(. b\\) \\(. gem\\)\\)\\)\n"));
}

TEST_F(TreesProgram, HasTreesAsJsonIndentedAndAsAPicture) {
  const std::string unary =
      "(4 Wow)\n(3 (3 (2 (2 fine))))\n(3 (3 (2 (2 So)) (3 good)))\n(ROOT (ROOT (NP (DT The) (NN cat))))\n";
  const Outcome json = run({"predict", "m.rondo", "--json"}, unary);
  ASSERT_EQ(json.status, 0) << json.err;
  EXPECT_EQ(std::count(json.out.begin(), json.out.end(), '\n'), 15);
  const Json first = parse_json(json.out.substr(0, json.out.find('\n')), {.name = "output"});
  EXPECT_EQ(first["span"], Json({0, 1}));
  EXPECT_EQ(first["text"], "Wow");
  EXPECT_TRUE(first["parent"].is_null());
  const Outcome drawn =
      run({"predict", "m.rondo", "--form", "indented", "--svg", "t.svg", "(_ (_ A) (_ gem))"});
  EXPECT_THAT(drawn.out, MatchesRegex("4 [0-9.]+  A gem\n  2 [0-9.]+  A\n  4 [0-9.]+  gem\n\n"));
  const std::string svg = read_bytes(folder_->path() / "t.svg");
  EXPECT_THAT(svg, HasSubstr("#2166ac"));
  EXPECT_THAT(svg, HasSubstr(">gem</text>"));
  const std::string words = run({"predict", "d.rondo", "crossing.conllu", "--json"}).out;
  EXPECT_THAT(words, HasSubstr("\"node\":2,\"parent\":3,\"words\":[1,2,5,6]"));
}

TEST_F(TreesProgram, ScoresFiveLabelsAndTwo) {
  const Json json = parse_json(run({"eval", "m.rondo", "sst.txt", "--json"}).out, {.name = "output"});
  EXPECT_EQ(json["nodes"], 14);
  EXPECT_EQ(json["roots"], 4);
  EXPECT_EQ(json["binary_nodes"], 9);
  EXPECT_EQ(json["binary_roots"], 3);
  const Json two =
      parse_json(run({"eval", "m.rondo", "sst.txt", "--binary", "--json"}).out, {.name = "output"});
  EXPECT_EQ(two["root_binary"], json["root_binary"]);
  EXPECT_FALSE(two.contains("root_accuracy"));
  EXPECT_THAT(run({"inspect", "m.rondo"}).out, HasSubstr("tree-lstm"));
  EXPECT_EQ(run({"gradcheck", "m.rondo", "sst.txt", "--elements", "2"}).status, 0);
  EXPECT_THAT(read_bytes(folder_->path() / "m.rondo.run" / "report.html"), HasSubstr("Confusion"));
}

TEST_F(TreesProgram, GivesManyChildrenBackAsTheyCame) {
  ASSERT_EQ(run({"train", "trees", "many.txt", "--network", "rntn", "--epochs", "100", "--dropout", "0",
                 "--token-dropout", "0", "--valid-share", "0", "--test-share", "0", "--learning-rate", "0.1",
                 "--out", "n.rondo"})
                .status,
            0);
  // Equal words have other labels in another tree, so that not all can be learned: their shapes are compared.
  EXPECT_EQ(without_labels(run({"predict", "n.rondo", "many.txt"}).out), without_labels(many()));
  EXPECT_EQ(parse_json(run({"eval", "n.rondo", "many.txt", "--json"}).out, {.name = "output"})["nodes"], 24);
}

TEST_F(TreesProgram, RefusesWithACure) {
  const struct {
    const char* text;
    Words options;
    const char* what;
  } bad[] = {
      {"(3 (2 nice) (3 :)))\n", {}, "line 1, column 19: one ) too many"},
      {"(2 (2 A) (2 b))\n(3 (2 The)\n(1 (2 It) (1 b))\n", {}, "begins in line 2, column 1 is not closed"},
      {"(3 (2 A) (1 b))\n()\n(3 )\n", {}, "line 2, column 1: a tree without words; line 3"},
      {"(3 (2 A) (7 b))\n", {"--labels", "0-4"}, "line 1: 7"},
      {"(2 (2 a) (1 b)) g\n", {}, "'g' stands outside of a tree"},
      {"a quiet delight\n", {}, "wanted a tree in brackets"},
      {"", {}, "holds no tree"},
      {"(3 (2 a) (1 b))\n", {"--max-depth", "1"}, "--max-depth"},
      {"(3 (3 a) (3 b))\n", {}, "every label of the training trees is '3'"},
      {"(3 (3 a) (2 b))\n", {"--monitor", "f1"}, "--monitor must be"},
      {"(3 (3 a) (2 b))\n", {"--network", "lstm"}, "--network"},
      {"1\ta\t_\tX\t_\t_\t0\td\t_\t_\n2\tb\t_\tY\t_\t_\t0\td\t_\t_\n",
       {},
       "2 roots (words 1 and 2, lines 1 and 2)"},
      {"1\ta\t_\tX\t_\t_\t0\td\t_\t_\n2\tb\t_\tY\t_\t_\t1\td\t_\t_\n",
       {"--network", "rntn"},
       "wanted child-sum"},
      {"(3 (3 a) (2 b))\n", {"--vectors", "none.vec"}, "none.vec"}};
  for (const auto& [text, options, what] : bad) {
    write(folder_->path() / "bad.txt", text);
    Words words = {"train",         "trees", "bad.txt",      "--out", "x.rondo",
                   "--valid-share", "0",     "--test-share", "0"};
    words.insert(words.end(), options.begin(), options.end());
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.status, 2) << what << outcome.out;
    EXPECT_THAT(outcome.err, HasSubstr(what));
    EXPECT_FALSE(std::filesystem::exists(folder_->path() / "x.rondo")) << what;
  }
  EXPECT_THAT(run({"predict", "d.rondo", "crossing.conllu", "--form", "brackets"}).err,
              HasSubstr("would change the order of words"));
  EXPECT_THAT(run({"predict", "m.rondo", "crossing.conllu"}).err, HasSubstr("learned from constituents"));
  const Outcome half = run({"predict", "m.rondo"}, "(_ gem)\n(_ mess))\n(_ joy)\n");
  EXPECT_EQ(half.out, "(4 gem)\n") << "what came before the fault is answered";
  EXPECT_THAT(half.err, HasSubstr("standard input line 2, column 9"));
  EXPECT_EQ(run({"predict", "m.rondo", "--skip-bad"}, "(_ gem)\n(_ mess))\n(_ joy)\n").out,
            "(4 gem)\n(3 joy)\n");
}

}  // namespace
}  // namespace rondo::test

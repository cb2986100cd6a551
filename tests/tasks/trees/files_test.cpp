// Trees from files: what is read, what is refused with which words, and what comes back.
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/trees/files/lines.h"
#include "tasks/trees/input.h"
#include "tasks/trees/labels.h"
#include "tasks/trees/render.h"
#include "tasks/trees/shape.h"

namespace rondo::trees {
namespace {

using rondo::test::expect_error;
using rondo::test::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using Texts = std::vector<std::string>;

/// What stands in a text: its trees, or the words of its faults.
struct Outcome {
  std::vector<ParsedTree> trees = {};
  std::string faults = {};
  std::uint64_t empty = 0;
};

Outcome parsed(const std::string& text, const ReadingOptions& options = {},
               ParseFor purpose = ParseFor::answering) {
  Outcome outcome;
  LineTrees lines("F", purpose, options);
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.ends_with('\r')) line.pop_back();
    lines.take(line, outcome.trees);
  }
  lines.end(outcome.trees);
  if (lines.parser().faults().count() > 0) outcome.faults = lines.parser().faults().in_words();
  outcome.empty = lines.parser().empty();
  return outcome;
}

std::vector<std::int64_t> sizes(const Outcome& outcome) {
  std::vector<std::int64_t> all;
  for (const ParsedTree& one : outcome.trees)
    all.push_back(one.tree.size());
  return all;
}

Texts words_in(const LabelledTree& tree) {
  Texts words;
  for (const std::string_view word : tree.words)
    if (!word.empty()) words.emplace_back(word);
  return words;
}

/// Written back with the labels that it came with.
std::string back(const ParsedTree& parsed, ConlluLabel column = ConlluLabel::upos) {
  Answered answered{parsed, {}, 1};
  Texts classes;
  for (const std::string_view label : parsed.tree.labels) {
    answered.answer.labels.push_back(static_cast<std::int32_t>(classes.size()));
    classes.emplace_back(label);
  }
  return written(answered, classes, column);
}

TEST(TreeBrackets, ParenthesesAsWordsHaveTwoSpellings) {
  const std::string first = "(3 (2 It) (4 (2 (2 -LRB-) (2 really)) (4 (2 -RRB-) (4 shines))))",
                    second = "(1 (2 \\() (1 (1 sad) (2 \\))))";
  const Outcome outcome = parsed(first + "\n" + second + "\n");
  EXPECT_EQ(outcome.faults, "");
  EXPECT_THAT(sizes(outcome), ElementsAre(9, 5));
  EXPECT_THAT(words_in(outcome.trees[0].tree), ElementsAre("It", "(", "really", ")", "shines"));
  EXPECT_THAT(words_in(outcome.trees[1].tree), ElementsAre("(", "sad", ")"));
  EXPECT_EQ(back(outcome.trees[0]), first);
  EXPECT_EQ(back(outcome.trees[1]), second);
  EXPECT_EQ(escaped_word("("), "-LRB-");
  EXPECT_EQ(escaped_word(":)"), ":\\)");
  EXPECT_EQ(plain_word(escaped_word("a\\(b")), "a\\(b");
  EXPECT_EQ(parsed("(3 (2 nice) (3 :)))\n").faults,
            "F line 1, column 19: one ) too many; a parenthesis as a word is -RRB- or \\)");
}

TEST(TreeBrackets, AMissingParenthesisIsToldWhereItsTreeBegins) {
  const std::string open =
      "(2 (2 A) (2 plain) (2 film))\n(3 (2 The) (3 (2 cast) (4 delights))\n(1 (2 It) (1 drags))\n";
  const Outcome outcome = parsed(open);
  EXPECT_THAT(outcome.faults,
              HasSubstr("the tree that begins in line 2, column 1 is not closed (1 missing)"));
  EXPECT_THAT(sizes(outcome), ElementsAre(4, 3)) << "the others are read";
  EXPECT_THAT(parsed("(3 (2 A) (3 treat)))\n(1 (2 It) (1 drags))\n").faults, HasSubstr("line 1, column 20"));
  EXPECT_THAT(sizes(parsed("(3 (2 A) (3 treat)))\n(1 (2 It) (1 drags))\n")), ElementsAre(3));
  EXPECT_THAT(parsed("(3 (2 A)\n  (3 treat)").faults,
              HasSubstr("line 1, column 1 is not closed (1 missing)"));
}

TEST(TreeBrackets, EmptiesAndTheOuterNodeDropOut) {
  const Outcome outcome = parsed(
      "( (S (NP (DT The) (NN bus)) (VP (VBD stopped))) )\n( (X (SYM 1)) (NP (NN bus)) )\n"
      "(S (NP-SBJ (-NONE- *)) (VP (VB Stop)))\n( (S (NP-SBJ (-NONE- *)) (VP (-NONE- *?*))) )\n");
  EXPECT_EQ(outcome.faults, "");
  EXPECT_THAT(sizes(outcome), ElementsAre(6, 5, 3));
  EXPECT_EQ(outcome.empty, 1U);
  EXPECT_EQ(outcome.trees[1].tree.labels[0], "");
  EXPECT_THAT(outcome.trees[2].tree.labels.to_vector(), ElementsAre("S", "VP", "VB"));
  EXPECT_EQ(back(outcome.trees[0]), "( (S (NP (DT The) (NN bus)) (VP (VBD stopped))) )");
  EXPECT_EQ(back(outcome.trees[2]), "(S (NP-SBJ (-NONE- *)) (VP (VB Stop)))");
}

TEST(TreeBrackets, WhatLacksAWordIsRefusedAllAtOnce) {
  const std::string faults = parsed("(3 (2 A) (3 treat))\n()\n(())\n(3 )\n").faults;
  EXPECT_THAT(faults, HasSubstr("line 2, column 1: a tree without words"));
  EXPECT_THAT(faults, HasSubstr("line 3, column 1: a tree without words"));
  EXPECT_THAT(faults, HasSubstr("line 4, column 1: the label '3' has no word"));
  EXPECT_THAT(parsed("(3 (2 a) () (2 b))").faults, HasSubstr("column 10: a node without label and word"));
  EXPECT_THAT(parsed("(3 a b)").faults, HasSubstr("column 6: the words 'a' and 'b' in one node"));
  EXPECT_THAT(parsed("(3 (2 a) b)").faults, HasSubstr("column 10: the word 'b' beside other nodes"));
  EXPECT_THAT(parsed("(3 a (2 b))").faults, HasSubstr("column 6: a node beside the word 'a'"));
  EXPECT_THAT(parsed("(2 (2 a) (2 b)) g").faults,
              HasSubstr("line 1, column 17: 'g' stands outside of a tree"));
  EXPECT_THAT(parsed("(2 (2 (2 a)))", {.max_depth = 2}).faults, HasSubstr("deeper than 2 (--max-depth)"));
}

TEST(TreeBrackets, StandOnLinesAsTheyLike) {
  const Outcome outcome = parsed(
      "\xEF\xBB\xBF; made by hand\n(3 (2 A) (4 gem)) (1 (2 It) (1 drags))\n\n(2\n  (2 The)\n\n  (2 (2 long)\n"
      "     (2 way)))   # end of part one\n# a (closing) word\n(4 (2 #) (4 1))\r\n");
  EXPECT_EQ(outcome.faults, "");
  EXPECT_THAT(sizes(outcome), ElementsAre(3, 3, 5, 3));
  EXPECT_THAT(words_in(outcome.trees[2].tree), ElementsAre("The", "long", "way"));
  EXPECT_THAT(words_in(outcome.trees[3].tree), ElementsAre("#", "1"));
  EXPECT_EQ(back(outcome.trees[2]), "(2 (2 The) (2 (2 long) (2 way)))");
  EXPECT_EQ(back(outcome.trees[1]), "(1 (2 It) (1 drags))");
}

TEST(TreeBrackets, AHundredThousandNodesDeep) {
  std::string text;
  constexpr int deep = 100'000;
  for (int i = 0; i < deep; ++i)
    text += "(2 ";
  text = text + "(2 a)" + std::string(deep, ')');
  const Outcome outcome = parsed(text);
  ASSERT_EQ(outcome.faults, "");
  EXPECT_EQ(outcome.trees[0].tree.size(), deep + 1);
  EXPECT_EQ(back(outcome.trees[0]), text);
  EXPECT_EQ(dataset_of({outcome.trees[0].tree}).size(), 1U);
}

// -- Labels

TEST(TreeLabels, OutsideTheListAreRefusedTogether) {
  const TemporaryFolder folder;
  std::ofstream(folder / "labels.txt")
      << "(3 (2 A) (4 gem))\n(2 (2 It) (2 ends))\n(5 (2 Best) (2 ever))\n(-1 (2 Worst) (2 ever))\n"
         "(2.0 (2 So) (02 so))\n(1 (3 Oh) (0 no))\n";
  expect_error(
      ErrorKind::data, [&] { read({folder / "labels.txt"}, {.labels = "0-4"}); }, "line 3: 5",
      "3 trees have labels outside 0 to 4");
  Texts notices;
  EXPECT_EQ(read({folder / "labels.txt"}, {.labels = "0-4", .skip_bad = true}, &notices).size(), 3U);
  notices.clear();
  EXPECT_EQ(TreeInput::learn(read({folder / "labels.txt"}, {}, &notices), {}).classes.size(), 9U);
  EXPECT_THAT(notices.back(), HasSubstr("2.0"));
  expect_error(
      ErrorKind::option, [&] { read({folder / "labels.txt"}, {.labels = ","}); }, "labels must be a range");
}

TEST(TreeLabels, TheTaskOfTwoDropsWhatIsNeutral) {
  const LabelledTree tree = parse("(4 (3 (3 Pure) (2 ,)) (4 joy))", {.binary = true});
  EXPECT_THAT(tree.labels.to_vector(), ElementsAre("positive", "positive", "positive", "", "positive"));
  expect_error(
      ErrorKind::data, [] { parse("(7 a)", {.binary = true}); }, "labels outside 0 to 4");
}

TEST(TreeLabels, CategoriesAndFunctionTagsAreTakenOff) {
  const LabelledTree tree = parse("(S/3 (NP/2 a) (VP-X/4 b))", {.categories = "/"});
  EXPECT_THAT(tree.labels.to_vector(), ElementsAre("3", "2", "4"));
  EXPECT_THAT(tree.categories.to_vector(), ElementsAre("S", "NP", "VP-X"));
  EXPECT_EQ(parse("(S (NP-SBJ a) (VP b))").labels[1], "NP-SBJ");
  EXPECT_EQ(parse("( (S (NP-SBJ a) (VP b)))").labels[1], "NP") << "the outer node is a mark of a treebank";
  EXPECT_EQ(parse("( (S (NP-SBJ a) (VP b)))", {.functions = FunctionTags::keep}).labels[1], "NP-SBJ");
  EXPECT_EQ(parse("(-1 (NP=2 a) (VP b))", {.functions = FunctionTags::cut}).labels.to_vector(),
            (Texts{"-1", "NP", "VP"}));
}

// -- Shapes

TEST(TreeShapes, PairsAndBack) {
  const Texts lines = {"(S (NP (DT a) (JJ big) (JJ red) (NN bus)) (VP (VBD came)) (. .))",
                       "(S (@NP (DT a) (JJ@x big) (NN bus)) (VP|ok (VBD came)) (. .))",
                       "(S (A a) (B b) (C c) (D d) (E e) (F f))", "(ROOT (ROOT (NP (DT The) (NN cat))))",
                       "(4 Wow)"};
  const std::vector<std::size_t> nodes = {9, 8, 7, 5, 1}, all = {12, 10, 11, 5, 1};
  for (std::size_t i = 0; i < lines.size(); ++i)
    for (const Binarization how : {Binarization::right, Binarization::left, Binarization::head}) {
      const LabelledTree tree = parse(lines[i]);
      ASSERT_EQ(static_cast<std::size_t>(tree.size()), nodes[i]);
      const PairedTree pairs = paired(tree, how);
      EXPECT_EQ(pairs.parents.size(), all[i]);
      EXPECT_EQ(pairs.order.size(), all[i]);
      EXPECT_EQ(without_helpers(pairs), tree.parents) << lines[i] << " " << name_of(how);
      const ChildLists children = children_of(pairs.parents);
      for (std::size_t node = 0; node < pairs.parents.size(); ++node)
        EXPECT_LE(children.of(node).size(), 2U);
    }
}

TEST(TreeShapes, WordsKeepTheirOrder) {
  const LabelledTree tree = parse("(S (A a) (B (B b) (C c) (D d)) (E e) (F f))");
  for (const Binarization how : {Binarization::right, Binarization::left, Binarization::head}) {
    TreeInput input =
        TreeInput::learn(dataset_of({tree}), {.network = {.network = TreeNetwork::rvnn, .binarize = how}});
    const EncodedTree encoded = input.encode(tree, ClassNumbers(input.classes));
    // A walk over the encoded tree, children by number, meets the words as they stand.
    LabelledTree walked{.parents = encoded.parents};
    const ChildLists children = children_of(walked.parents);
    std::vector<std::int32_t> open = {0}, words;
    for (std::size_t i = 0; i < walked.parents.size(); ++i)
      if (walked.parents[i] < 0) open[0] = static_cast<std::int32_t>(i);
    while (!open.empty()) {
      const auto node = static_cast<std::size_t>(open.back());
      open.pop_back();
      if (encoded.tokens[node] >= 0) words.push_back(encoded.tokens[node]);
      const auto below = children.of(node);
      open.insert(open.end(), below.rbegin(), below.rend());
    }
    std::string text;
    for (const std::int32_t word : words)
      text += input.words.token(word);
    EXPECT_EQ(text, "abcdef") << name_of(how);
  }
}

TEST(TreeShapes, OverBareWords) {
  const Texts words = {"a", "(", "c"};
  EXPECT_EQ(brackets_over(words, Branching::right), "(? (? a) (? (? -LRB-) (? c)))");
  EXPECT_EQ(brackets_over(words, Branching::balanced), "(? (? (? a) (? -LRB-)) (? c))");
  EXPECT_EQ(brackets_over(std::span(words).first(1), Branching::balanced), "(? a)");
}

// -- CoNLL-U

std::string row(const std::string& id, const std::string& form, const std::string& head,
                const std::string& upos = "X", const std::string& misc = "_") {
  return id + "\t" + form + "\t_\t" + upos + "\t_\t_\t" + head + "\tdep\t_\t" + misc + "\n";
}

TEST(TreeConllu, RangesAndEmptyNodesComeBack) {
  const std::string text = "# sent_id = mw-1\n" + row("1", "Gibt", "0", "VERB") + row("2-3", "am", "_", "_") +
                           row("2", "an", "4", "ADP") + row("3", "dem", "4", "DET") +
                           row("4", "See", "1", "NOUN") + row("4.1", "x", "_", "_") + "\n" +
                           row("1", "th\xC3\xA0nh ph\xE1\xBB\x91", "0") + row("2", "_", "1", "_");
  const Outcome outcome = parsed(text);
  EXPECT_EQ(outcome.faults, "");
  EXPECT_THAT(sizes(outcome), ElementsAre(4, 2));
  EXPECT_THAT(outcome.trees[0].tree.parents, ElementsAre(-1, 3, 3, 0));
  EXPECT_EQ(outcome.trees[1].tree.words[1], "_");
  EXPECT_EQ(outcome.trees[1].tree.labels[1], "") << "_ is no label";
  EXPECT_EQ(back(outcome.trees[0]) + "\n", text.substr(0, text.find("\n\n") + 2));
  EXPECT_THAT(parsed(row("1", "a", "0") + row("2-3", "b", "_")).faults,
              HasSubstr("the range 2-3 has no word 2"));
}

TEST(TreeConllu, FaultsAreToldTogether) {
  std::ostringstream text;
  text << row("1", "Yes", "0") << row("2", ",", "1") << row("3", "go", "0") << "\n"
       << row("1", "Green", "2") << row("2", "tea", "1") << "\n"
       << row("1", "We", "2") << row("2", "saw", "0") << row("3", "old", "4") << row("4", "ships", "5")
       << row("5", "there", "3") << "\n"
       << row("1", "Run", "0") << row("2", "!", "2") << "\n"
       << row("1", "Run", "0") << row("2", "now", "9") << "\n"
       << row("1", "Run", "0") << row("2", "now", "_") << "\n"
       << row("1", "Run", "0") << row("3", "now", "1") << "\n"
       << row("1", "fine", "0");
  const Outcome outcome = parsed(text.str());
  EXPECT_THAT(sizes(outcome), ElementsAre(1));
  for (const std::string what :
       {"2 roots (words 1 and 3, lines 1 and 3)", "line 5: the sentence in line 5 has no root",
        "lines 10 to 12: the sentence in line 8 goes round in a circle: 3 → 4 → 5 → 3",
        "line 15: the sentence in line 14: word 2 is its own head", "word 2 has the head 9 of 2 words",
        "word 2 has no head", "id 3 after 1"})
    EXPECT_THAT(outcome.faults, HasSubstr(what));
  const Outcome joined = parsed(text.str(), {.roots = SeveralRoots::join});
  EXPECT_THAT(sizes(joined), ElementsAre(4, 1));
  EXPECT_THAT(joined.trees[0].tree.parents, ElementsAre(3, 0, 3, -1));
  EXPECT_EQ(joined.trees[0].tree.labels[3], "");
  EXPECT_THAT(parsed("1\ta\tb\n").faults, HasSubstr("3 columns"));
  EXPECT_THAT(parsed(row("x", "a", "0"), {.form = TreeForm::conllu}).faults, HasSubstr("the id must be"));
}

TEST(TreeConllu, LabelsStandWhereTheOptionSays) {
  const std::string text = "# label = 3\n" + row("1", "a", "0", "X", "SpaceAfter=No|Label=4") +
                           row("2", "b", "1") + row("3", "c", "1", "X", "Foo=1");
  const ReadingOptions misc{.label_column = ConlluLabel::misc};
  const Outcome outcome = parsed(text, misc);
  EXPECT_THAT(outcome.trees[0].tree.labels.to_vector(), ElementsAre("4", "", ""));
  Answered answered{outcome.trees[0], {.labels = {0, 1, 1}}, 1};
  EXPECT_EQ(written(answered, {"1", "2"}, ConlluLabel::misc),
            "# label = 3\n" + row("1", "a", "0", "X", "SpaceAfter=No|Label=1") +
                row("2", "b", "1", "X", "Label=2") + row("3", "c", "1", "X", "Foo=1|Label=2"));
  EXPECT_EQ(parsed("# label = 3\n" + row("1", "a", "0"), misc).trees[0].tree.labels[0], "3");
}

TEST(TreeFiles, TextWithoutTreesIsOnlyForAnswers) {
  EXPECT_THAT(sizes(parsed("a quiet delight\n\none\n")), ElementsAre(5, 1));
  expect_error(
      ErrorKind::data, [] { parsed("a quiet delight\n", {}, ParseFor::learning); },
      "F line 1: wanted a tree in brackets");
  expect_error(
      ErrorKind::data, [] { parse("(1 \xff)"); }, "UTF-8");
}

}  // namespace
}  // namespace rondo::trees

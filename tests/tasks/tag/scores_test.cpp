// Scores beside independent implementations of conlleval.pl and of SIGHAN's script, and the commands that
// print them.
#include <cmath>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/tasks/score.h>

#include "base/json.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/tag/scores/alignment.h"
#include "tasks/tag/scores/phrases.h"
#include "tasks/tag/scores/tokens.h"
#include "tasks/tag/scores/words.h"

namespace rondo::tag {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

const Json& golden() {
  static const Json json =
      read_json(std::filesystem::path(RONDO_TEST_DATA) / "golden" / "tag_scores.json", {.name = "golden"});
  return json;
}

Strings strings_of(const Json& list) {
  Strings strings;
  for (const Json& item : list)
    strings.push_back(item.get<std::string>());
  return strings;
}

TEST(PhraseScores, AreConllevalsToTheDigit) {
  for (const Json& entry : golden()["conlleval"]) {
    PhraseScores scores(TagScheme::iob2, PhraseReading::conlleval);
    for (const Json& sentence : entry["sentences"]) {
      Strings gold, answer;
      for (const Json& pair : sentence) {
        gold.push_back(pair[0].get<std::string>());
        answer.push_back(pair[1].get<std::string>());
      }
      scores.add(gold, answer);
    }
    EXPECT_EQ(scores.text(), entry["text"].get<std::string>());
  }
}

TEST(PhraseScores, ByTheSchemeTheyAreThoseOfConllevalWhereItHasNoOtherLetters) {
  for (std::size_t k = 0; k < golden()["conlleval"].size(); ++k) {
    if (k % 4 == 3) continue;  // E and S
    const Json& entry = golden()["conlleval"][k];
    PhraseScores scores(TagScheme::iob2, PhraseReading::scheme);
    for (const Json& sentence : entry["sentences"]) {
      Strings gold, answer;
      for (const Json& pair : sentence) {
        gold.push_back(pair[0].get<std::string>());
        answer.push_back(pair[1].get<std::string>());
      }
      scores.add(gold, answer);
    }
    EXPECT_EQ(scores.text(), entry["text"].get<std::string>());
  }
}

TEST(PhraseScores, OfNothing) {
  const PhraseScores scores(TagScheme::iob2, PhraseReading::conlleval);
  EXPECT_EQ(scores.text(), "processed 0 tokens with 0 phrases; found: 0 phrases; correct: 0.\n");
  PhraseScores some(TagScheme::iob2, PhraseReading::conlleval);
  expect_error(
      ErrorKind::data,
      [&] {
        some.add({"O"}, {"O", "O"});
      },
      "1 tokens has 2 answers");
}

TEST(WordScores, AreThoseOfTheScriptToTheWord) {
  for (const Json& entry : golden()["sighan"]) {
    const std::set<std::string, std::less<>> known = entry["known"];
    WordScores scores([&](std::string_view word) { return known.contains(word); });
    for (const Json& pair : entry["sentences"])
      scores.add(strings_of(pair[0]), strings_of(pair[1]));
    const WordCounts& counts = scores.by_diff();
    const Json got = {{"insertions", scores.changes().insertions},
                      {"deletions", scores.changes().deletions},
                      {"substitutions", scores.changes().substitutions},
                      {"gold", counts.gold},
                      {"found", counts.found},
                      {"correct", counts.correct},
                      {"unseen", counts.unseen},
                      {"unseen_correct", counts.unseen_correct}};
    EXPECT_EQ(got, entry["counts"]);
  }
}

TEST(WordScores, ByPlaceCountCharactersNotTexts) {
  WordScores same_texts;
  same_texts.add({"上", "海上"}, {"上海", "上"});
  EXPECT_EQ(same_texts.by_diff().correct, 1) << "上 is found, though somewhere else";
  EXPECT_EQ(same_texts.by_place().correct, 0);
  WordScores widths;
  widths.add({"２０００年", "开始"}, {"2000年", "开始"});
  EXPECT_EQ(widths.by_diff().correct, 1);
  EXPECT_EQ(widths.by_place().correct, 2);
  EXPECT_EQ(widths.other_texts(), 0);
  widths.add({"一"}, {"一二"});
  EXPECT_EQ(widths.other_texts(), 1);
  EXPECT_EQ(widths.first_other_text(), 2);
}

TEST(WordScores, HaveNoRecallOfWordsThatAreNotThere) {
  WordScores all_seen([](std::string_view) { return true; });
  all_seen.add({"a", "b"}, {"a", "b"});
  EXPECT_TRUE(std::isnan(all_seen.by_place().unseen_recall()));
  EXPECT_EQ(all_seen.by_place().seen_recall(), 1);
  EXPECT_THAT(all_seen.text(), HasSubstr("=== OOV Recall Rate:\t--\n"));
  WordScores none_seen([](std::string_view) { return false; });
  none_seen.add({"a", "b"}, {"a", "c"});
  EXPECT_TRUE(std::isnan(none_seen.by_diff().seen_recall()));
  EXPECT_EQ(none_seen.by_diff().unseen_recall(), 0.5);
  WordScores empty;
  empty.add({}, {});
  EXPECT_EQ(empty.by_diff().f1(), 0);
}

TEST(Aligned, PairsEqualWordsInOrder) {
  EXPECT_THAT(aligned({"a", "b", "c"}, {"a", "x", "c"}), ElementsAre(Pair(0, 0), Pair(2, 2)));
  EXPECT_THAT(aligned({}, {"a"}), testing::IsEmpty());
  EXPECT_THAT(aligned({"b", "a"}, {"a", "b"}), ElementsAre(Pair(1, 0)));
}

TEST(TokenScores, TellSeenFromUnseen) {
  TokenScores scores([](std::string_view token) { return token != "new"; });
  scores.add({"the", "new", "cat"}, {"DT", "JJ", "NN"}, {"DT", "NN", "NN"});
  scores.add({"new"}, {"NN"}, {"NN"});
  EXPECT_EQ(scores.all().right, 3);
  EXPECT_EQ(scores.seen().all, 2);
  EXPECT_EQ(scores.seen().value(), 1);
  EXPECT_EQ(scores.unseen().right, 1);
  EXPECT_EQ(scores.unseen().all, 2);
  const report::Table tags = tag_table(scores);
  ASSERT_EQ(tags.rows.size(), 3U);
  EXPECT_EQ(std::get<std::string>(tags.rows[2][0]), "NN");
  EXPECT_NEAR(std::get<double>(tags.rows[2][1]), 2.0 / 3, 1e-12);
  EXPECT_EQ(std::get<double>(tags.rows[2][2]), 1);
  EXPECT_EQ(std::get<std::int64_t>(tags.rows[2][4]), 2);
  const report::Table confused = confused_tags(scores);
  ASSERT_EQ(confused.rows.size(), 1U);
  EXPECT_EQ(std::get<std::string>(confused.rows[0][0]), "JJ");
  EXPECT_EQ(std::get<std::int64_t>(confused.rows[0][2]), 1);
  EXPECT_THROW(scores.add({"a"}, {"X", "Y"}, {"X"}), Error);
}

TEST(PhraseTable, HasARowForEachType) {
  PhraseScores scores(TagScheme::iob2, PhraseReading::scheme);
  scores.add({"B-A", "O", "B-B"}, {"B-A", "O", "O"});
  const report::Table table = phrase_table(scores);
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(std::get<double>(table.rows[1][2]), 0);
  EXPECT_EQ(std::get<std::int64_t>(table.footer[4]), 2);
}

TEST(GoldOverAnswer, ShowsWordsPhrasesAndTags) {
  Tagging tagging{.reading = {.unit = TokenUnit::characters}, .scheme = TagScheme::bmes, .words = true};
  TaggedSentence sentence{.tokens = {"我", "们", "去"}, .tags = {"B", "E", "S"}};
  EXPECT_THAT(gold_over_answer(sentence, {"S", "B", "E"}, tagging), Pair("我们 去", "我 们去"));
  tagging = {.reading = {.unit = TokenUnit::words}, .scheme = TagScheme::iob2};
  sentence = {.tokens = {"in", "New", "York", "now"}, .tags = {"O", "B-LOC", "I-LOC", "O"}};
  EXPECT_THAT(gold_over_answer(sentence, {"O", "O", "B-X", "O"}, tagging),
              Pair("in [New York]LOC now", "in New [York]X now"));
  tagging.scheme = TagScheme::none;
  sentence = {.tokens = {"a", "b"}, .tags = {"X", "Y"}};
  EXPECT_THAT(gold_over_answer(sentence, {"X", "X"}, tagging), Pair("a/X b/Y", "a/X b/X"));
}

/// Runs a scorer as the command line does.
class Score : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  FileScores score(const std::string& name, const std::vector<std::filesystem::path>& files,
                   const std::vector<std::pair<std::string, std::string>>& options = {}) const {
    for (const Scorer& scorer : scorers()) {
      if (scorer.name != name) continue;
      OptionTable table = scorer.options;
      for (const auto& [option, text] : options)
        table.set(option, text);
      return scorer.score(files, table);
    }
    throw Bug("no such scorer");
  }
  FileScores conlleval(const std::string& bytes,
                       const std::vector<std::pair<std::string, std::string>>& options = {}) const {
    return score("conlleval", {file("f", bytes)}, options);
  }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(Score, ConllevalPrintsWhatThePerlScriptPrints) {
  const FileScores scores =
      conlleval("x O O\nUlv B-LOC I-LOC\nBay I-LOC I-LOC\nis O O\n\nTove B-PER B-PER\nSol I-PER I-LOC\n");
  EXPECT_EQ(scores.text,
            "processed 6 tokens with 2 phrases; found: 3 phrases; correct: 1.\n"
            "accuracy:  66.67%; precision:  33.33%; recall:  50.00%; FB1:  40.00\n"
            "              LOC: precision:  50.00%; recall: 100.00%; FB1:  66.67  2\n"
            "              PER: precision:   0.00%; recall:   0.00%; FB1:   0.00  1\n");
  const Json json = parse_json(scores.json, {.name = "json"});
  EXPECT_EQ(json["reading"], "conlleval");
  EXPECT_EQ(json["types"]["LOC"]["recall"], 100.0);
  EXPECT_EQ(json["correct"], 1);
}

TEST_F(Score, ConllevalSaysWhichOtherRuleItFollows) {
  const std::string bioes = "Old B-MISC B-MISC\nTown E-MISC I-MISC\nNew B-MISC I-MISC\nPort E-MISC E-MISC\n";
  EXPECT_THAT(conlleval(bioes).text,
              StartsWith("phrases by the scheme bioes, which the true tags follow\n"
                         "processed 4 tokens with 2 phrases; found: 1 phrases; correct: 0."));
  EXPECT_THAT(conlleval(bioes, {{"scheme", "bioes"}}).text, StartsWith("phrases by the scheme bioes\n"));
  EXPECT_THAT(conlleval(bioes, {{"scheme", "iob2"}}).text,
              StartsWith("processed 4 tokens with 1 phrases; found: 1 phrases; correct: 1."));
  const std::string iob = "a B-X I-X\n";
  EXPECT_THAT(
      conlleval(iob, {{"strict", "true"}}).text,
      StartsWith("phrases by the scheme iob2, which the true tags follow, strictly: only whole ones count\n"
                 "processed 1 tokens with 1 phrases; found: 0 phrases; correct: 0."));
  expect_error(
      ErrorKind::option,
      [&] {
        conlleval("a NN VB\n", {{"strict", "true"}});
      },
      "no scheme");
}

TEST_F(Score, ConllevalSplitsTypesAtTheFirstHyphenAndScoresTagsOfAnyKind) {
  EXPECT_THAT(conlleval("The B-NP-SBJ B-NP-OBJ\n").text, HasSubstr("           NP-OBJ: "));
  EXPECT_THAT(conlleval("a B B\nb I I\n").text,
              HasSubstr("                 : precision: 100.00%; recall: 100.00%"));
  EXPECT_THAT(conlleval("a B- B-\nb X-Y O\n").text, StartsWith("processed 2 tokens"))
      << "odd tags are no error here";
}

TEST_F(Score, ConllevalPassesOverDocumentsAndReadsSeveralFiles) {
  const auto one = file("1", "-DOCSTART- -X- O O\n\na O O\n"), two = file("2", "b B-X B-X\n");
  EXPECT_THAT(score("conlleval", {one, two}).text, StartsWith("processed 2 tokens with 1 phrases"));
  EXPECT_THAT(score("conlleval", {file("3", "O x B-X O\n")}, {{"columns", "1,3"}}).text,
              StartsWith("processed 1 tokens with 0 phrases; found: 1 phrases"));
  expect_error(
      ErrorKind::data, [&] { conlleval("a O O\nb\n"); }, "line 2", "1 column");
  expect_error(
      ErrorKind::data, [&] { conlleval("O\n"); }, "line 1", "the true tag is wanted in column -2");
}

TEST_F(Score, SighanPrintsWhatTheScriptPrintsAndCountsByPlace) {
  const auto gold = file("gold", "我们  昨天  来  旧体育馆\n她  的  笔\n");
  const auto answer = file("answer", "我们  昨天  来  旧  体育馆\n她  的笔\n");
  const auto words = file("words", "我们\n昨天\n来\n体育馆\n的\n");
  const FileScores scores = score("sighan", {gold, answer}, {{"words", words.string()}});
  EXPECT_EQ(
      scores.text,
      "=== SUMMARY:\n=== TOTAL INSERTIONS:\t1\n=== TOTAL DELETIONS:\t1\n=== TOTAL SUBSTITUTIONS:\t2\n"
      "=== TOTAL NCHANGE:\t4\n=== TOTAL TRUE WORD COUNT:\t7\n=== TOTAL TEST WORD COUNT:\t7\n"
      "=== TOTAL TRUE WORDS RECALL:\t0.571\n=== TOTAL TEST WORDS PRECISION:\t0.571\n=== F MEASURE:\t0.571\n"
      "=== OOV Rate:\t0.429\n=== OOV Recall Rate:\t0.333\n=== IV Recall Rate:\t0.750\n"
      "=== TOTAL TRUE WORDS RECALL BY PLACE:\t0.571\n=== TOTAL TEST WORDS PRECISION BY PLACE:\t0.571\n"
      "=== F MEASURE BY PLACE:\t0.571\n=== OOV Rate BY PLACE:\t0.429\n=== OOV Recall Rate BY PLACE:\t0.333\n"
      "=== IV Recall Rate BY PLACE:\t0.750\n");
  EXPECT_THAT(scores.notices, testing::IsEmpty());
  const Json json = parse_json(scores.json, {.name = "json"});
  EXPECT_NEAR(json["oov_recall"].get<double>(), 1.0 / 3, 1e-12);
  EXPECT_EQ(json["by_place"]["correct"], 4);
}

TEST_F(Score, SighanTakesBlanksOfAnyKindAndSaysWhatIsOdd) {
  const auto gold = file("gold",
                         "\xE3\x80\x80"
                         "a  |  b\n"),
             answer = file("answer",
                           "a\t|\xE3\x80\x80"
                           "b  \n");
  const FileScores scores = score("sighan", {gold, answer}, {{"words", gold.string()}});
  EXPECT_THAT(scores.text, HasSubstr("=== TOTAL TRUE WORDS RECALL:\t1.000\n"));
  EXPECT_THAT(scores.text, HasSubstr("=== TOTAL TRUE WORD COUNT:\t3\n"));
  EXPECT_THAT(scores.notices, ElementsAre(HasSubstr("2 words are |, < or >")));
  EXPECT_THAT(score("sighan", {gold, answer}).notices[1], HasSubstr("no --words"));
  expect_error(
      ErrorKind::data,
      [&] {
        score("sighan", {gold, file("long", "a\nb\n")});
      },
      "has 1 lines", "2");
  EXPECT_THAT(score("sighan", {gold, file("other", "a|bc\n")}).notices[0], HasSubstr("line 1"));
}

}  // namespace
}  // namespace rondo::tag

// Running text: tokens, lines in parts, and the filter around a tagger.
#include <fstream>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/utf8.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/tag/scheme.h"
#include "tasks/tag/text/cutter.h"
#include "tasks/tag/text/filter.h"
#include "tasks/tag/text/line_parts.h"

namespace rondo::tag {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> cut(std::string_view text, TokenUnit unit, const WordRules& rules = {}) {
  std::vector<std::string> tokens;
  for (const TextSpan& span : cut_text(text, unit, rules))
    tokens.emplace_back(text.substr(span.begin, span.end - span.begin));
  return tokens;
}

TEST(CutText, Characters) {
  EXPECT_THAT(cut("我 ab\xE3\x80\x80"
                  "3.5",
                  TokenUnit::characters),
              ElementsAre("我", "a", "b", "3", ".", "5"));
  EXPECT_THAT(cut("e\xCC\x81👨‍👩‍👧好", TokenUnit::characters),
              ElementsAre("e\xCC\x81", "👨‍👩‍👧", "好"));
  EXPECT_THAT(cut("我abc123-x 3.5，1,000元ＡＢ１．２don't", TokenUnit::mixed),
              ElementsAre("我", "abc123", "-", "x", "3.5", "，", "1,000", "元", "ＡＢ１．２don't"));
  EXPECT_THAT(cut("", TokenUnit::mixed), IsEmpty());
  EXPECT_THAT(cut(" \t\xE3\x80\x80", TokenUnit::characters), IsEmpty());
}

TEST(CutText, Words) {
  EXPECT_THAT(cut("Well-known Mr. Smith doesn't pay $3.50, it's 10:30!!", TokenUnit::words,
                  {.abbreviations = {"Mr."}}),
              ElementsAre("Well-known", "Mr.", "Smith", "does", "n't", "pay", "$", "3.50", ",", "it", "'s",
                          "10:30", "!!"));
  EXPECT_THAT(cut("well-known don't", TokenUnit::words, {.hyphens = false, .clitics = false}),
              ElementsAre("well", "-", "known", "don't"));
  EXPECT_THAT(cut("See http://x.org/a?b=1. @me #tag a@b.org U.S. \xE2\x80\x9Co\xE2\x80\x99"
                  "clock\xE2\x80\x9D 中文",
                  TokenUnit::words),
              ElementsAre("See", "http://x.org/a?b=1", ".", "@me", "#tag", "a@b.org", "U.S.", "\xE2\x80\x9C",
                          "o\xE2\x80\x99"
                          "clock",
                          "\xE2\x80\x9D", "中", "文"));
  EXPECT_THAT(cut("the end.", TokenUnit::words), ElementsAre("the", "end", "."));
}

TEST(CutText, EveryByteThatIsNoBlankIsInOneToken) {
  const std::string text =
      "a\xD8\x80 b \xE2\x80\x8D.-_'x''s 1.2.3 \xF0\x9F\x87\xA9\xF0\x9F\x87\xAA\xEF\xBC\x8E#@://www. n't";
  for (const TokenUnit unit : {TokenUnit::words, TokenUnit::characters, TokenUnit::mixed}) {
    std::string together, wanted;
    for (const std::string& token : cut(text, unit)) {
      EXPECT_EQ(token.find(' '), std::string::npos);
      together += token;
    }
    for (const char c : text)
      if (c != ' ') wanted += c;
    EXPECT_EQ(together, wanted) << name_of(unit);
  }
}

TEST(WordRules, AreThoseOfTheData) {
  const auto rules = [](Strings tokens) {
    const std::vector<TaggedSentence> sentences = {{.tokens = std::move(tokens)}};
    return word_rules_of(sentences);
  };
  EXPECT_TRUE(rules({"well-known", "x"}).hyphens);
  EXPECT_FALSE(rules({"well", "-", "known", "e-mail", "-"}).hyphens);
  EXPECT_TRUE(rules({"do", "n't", "it", "'s"}).clitics);
  EXPECT_FALSE(rules({"don't", "it's"}).clitics);
  EXPECT_THAT(rules({"Mr.", "Dr.", "Mr.", "end", "."}).abbreviations, ElementsAre("Mr."));
}

TEST(UnitOf, TellsWordsFromCharacters) {
  const auto unit = [](Strings tokens) {
    const std::vector<TaggedSentence> sentences = {{.tokens = std::move(tokens)}};
    return unit_of(sentences);
  };
  EXPECT_EQ(unit({"吴", "重", "阳", "1", "9", "，"}), TokenUnit::characters);
  EXPECT_EQ(unit({"吴", "重", "阳", "在", "abc", "19", "，"}), TokenUnit::mixed);
  EXPECT_EQ(unit({"我们", "去", "图书馆"}), TokenUnit::words);
  EXPECT_EQ(unit({"the", "cat"}), TokenUnit::words);
}

TEST(SentenceEnd, IsBehindMarksAndClosingQuotes) {
  const auto first = [](std::string_view text) { return std::string(text.substr(0, sentence_end(text))); };
  EXPECT_EQ(first("好！！”他说"), "好！！”");
  EXPECT_EQ(first("It is 3.5. Then"), "It is 3.5.");
  EXPECT_EQ(sentence_end("没有结束，"), std::string_view::npos);
  EXPECT_EQ(sentence_end("好。"), std::string_view::npos) << "a quote may follow";
}

/// All parts of a text that comes in pieces of `size` bytes.
std::vector<LinePart> parts_of(std::string_view text, std::size_t longest, std::size_t size) {
  LineParts parts(longest);
  std::vector<LinePart> all;
  const auto take = [&] {
    while (auto part = parts.next())
      all.push_back(std::move(*part));
  };
  for (std::size_t at = 0; at < text.size(); at += size) {
    parts.add(text.substr(at, size));
    take();
  }
  parts.end();
  take();
  return all;
}

TEST(LineParts, AreLinesWhateverThePieces) {
  for (const std::size_t size : {1U, 3U, 100U}) {
    const std::vector<LinePart> parts = parts_of("ab\r\n\n天\r气\nlast", 100, size);
    ASSERT_EQ(parts.size(), 4U) << size;
    EXPECT_EQ(parts[0].text, "ab");
    EXPECT_EQ(parts[1].text, "");
    EXPECT_EQ(parts[2].text, "天\r气") << "a carriage return within a line ends none";
    EXPECT_EQ(parts[3].text, "last");
    EXPECT_EQ(parts[3].line, 4U);
    for (const LinePart& part : parts)
      EXPECT_TRUE(part.ends && !part.open && part.offset == 0);
  }
  EXPECT_THAT(parts_of("", 100, 1), IsEmpty());
  EXPECT_EQ(parts_of("a\n", 100, 1).size(), 1U);
}

TEST(LineParts, CutLongLinesAtSentences) {
  for (const std::size_t size : {1U, 7U, 1000U}) {
    const std::vector<LinePart> parts = parts_of("短。句\n一二三四。五六七八！”九十。\n尾", 20, size);
    std::vector<std::string> texts;
    for (const LinePart& part : parts)
      texts.push_back(std::to_string(part.line) + (part.ends ? ":" : "+") + part.text);
    EXPECT_THAT(texts, ElementsAre("1:短。句", "2+一二三四。", "2+五六七八！”", "2:九十。", "3:尾")) << size;
    EXPECT_EQ(parts[2].offset, 15U);
  }
}

TEST(LineParts, SentencesWithoutAnEndAreOpen) {
  LineParts parts(10);
  parts.add("一二三四五六七");
  auto part = parts.next();
  ASSERT_TRUE(part && part->open && !part->ends);
  EXPECT_EQ(part->text, "一二三") << "no character is cut";
  parts.give_back(3);
  EXPECT_FALSE(parts.next()) << "its sentence may still end";
  parts.add("八九");
  part = parts.next();
  ASSERT_TRUE(part && part->open);
  EXPECT_EQ(part->text, "三四五");
  EXPECT_EQ(part->offset, 6U);
  parts.end();
  EXPECT_EQ(parts.next()->text, "六七八九");
}

/// Words of two characters, from left to right, or from each forced border on; the type is their length.
std::vector<Strings> pairs(std::span<const TaggedSentence> sentences) {
  std::vector<Strings> all;
  for (const TaggedSentence& sentence : sentences) {
    std::vector<Phrase> words;
    for (std::size_t i = 0; i < sentence.tokens.size(); i += 2)
      words.push_back({i, std::min(i + 2, sentence.tokens.size()), ""});
    all.push_back(tags_of(words, sentence.tokens.size(), TagScheme::bmes));
  }
  return all;
}

/// Each token tagged with its length in bytes.
std::vector<Strings> lengths(std::span<const TaggedSentence> sentences) {
  std::vector<Strings> all;
  for (const TaggedSentence& sentence : sentences) {
    all.emplace_back();
    for (const std::string_view token : sentence.tokens)
      all.back().push_back("L" + std::to_string(token.size()));
  }
  return all;
}

Tagging segmentation() {
  return {.reading = {.format = TagFormat::segmented, .columns = {1, -1}, .unit = TokenUnit::characters},
          .scheme = TagScheme::bmes,
          .words = true};
}
Tagging word_tagging(TagFormat format = TagFormat::conll) {
  return {.reading = {.format = format,
                      .columns = format == TagFormat::conllu ? std::vector{2, 4} : std::vector{1, -1},
                      .unit = TokenUnit::words},
          .types = true};
}

struct Filtered {
  std::string out;
  std::vector<std::string> notices;
};

/// Runs `filter` over `in`, which arrives in pieces of `size` bytes.
template <class Filter>
Filtered filtered(std::string_view in, Filter&& filter, std::size_t size = 1000) {
  Filtered run;
  std::size_t at = 0;
  const VerbCall call{.read =
                          [&](char* to, std::size_t most) {
                            const std::size_t count = std::min({most, size, in.size() - at});
                            in.copy(to, count, at);
                            at += count;
                            return count;
                          },
                      .write = [&](std::string_view bytes) { run.out += bytes; },
                      .notice = [&](const std::string& line) { run.notices.push_back(line); }};
  filter(call);
  return run;
}

std::string segmented(std::string_view in, const SegmentOptions& options = {}, std::size_t size = 1000) {
  const Tagging tagging = segmentation();
  return filtered(
             in, [&](const VerbCall& call) { segment(tagging, options, pairs, call); }, size)
      .out;
}
Filtered tagged(std::string_view in, const Tagging& tagging, const TagOptions& options = {},
                std::size_t size = 1000) {
  return filtered(
      in, [&](const VerbCall& call) { tag_stream(tagging, options, lengths, call); }, size);
}

TEST(Segment, KeepsLinesAndBlanks) {
  const std::string in =
      "诗人\xE3\x80\x80贾岛\n型号7 2.0升版，\n\n  \xE3\x80\x80\nabc123 new york\t城\r\n袁 世 凯  \n最后";
  for (const std::size_t size : {1U, 5U, 1000U})
    EXPECT_EQ(segmented(in, {}, size),
              "诗人\xE3\x80\x80贾岛\n型号 7 2.0 升版 ，\n\n  \xE3\x80\x80\nabc123 new york\t城\n袁 世 凯  "
              "\n最后\n");
}

TEST(Segment, RunsAreWholeUnlessTold) {
  EXPECT_EQ(segmented("在ab12里\n"), "在ab12里\n") << "the model would cut within";
  EXPECT_EQ(segmented("在ab12里\n", {.whole = {.split_runs = true}}), "在a b1 2里\n");
}

TEST(Segment, JsonHasOffsetsInCharactersOfTheLine) {
  const std::string out = segmented("型号7 2.0升版，\n\n", {.format = TagFormat::jsonl});
  const std::size_t end = out.find('\n');
  const Json line = parse_json(std::string_view(out).substr(0, end), {.name = "line 1"});
  EXPECT_EQ(line["text"], "型号7 2.0升版，");
  std::vector<std::string> spans;
  for (const Json& span : line["spans"])
    spans.push_back(span["start"].dump() + "-" + span["end"].dump() + " " + span["text"].get<std::string>());
  EXPECT_THAT(spans, ElementsAre("0-2 型号", "2-3 7", "4-7 2.0", "7-9 升版", "9-10 ，"));
  EXPECT_EQ(out.substr(end + 1), "{\"text\":\"\",\"spans\":[]}\n");
}

TEST(Segment, UsersWordsAreWhole) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "words")
      << "\xEF\xBB\xBF抗原19-9\nC++\nC\nNew Tec认证 2000\nMEGA\n研究\n研究生\n生命起源\n[/笑]\n";
  const SegmentOptions options{.whole = {.words = folder / "words"}};
  EXPECT_EQ(segmented("查抗原19-9和C++、C语言\n", options), "查 抗原19-9 和 C++ 、 C 语 言\n");
  EXPECT_EQ(segmented("报名New Tec认证\n", options), "报名 New Tec认证\n");
  EXPECT_EQ(segmented("ACMEGAphone\n", options), "ACMEGAphone\n");
  EXPECT_EQ(segmented("研究生命起源\n", options), "研究生 命 起源\n") << "leftmost longest";
  EXPECT_EQ(segmented("好[/笑]的\n", options), "好 [/笑] 的\n");
  const SegmentOptions inside{.whole = {.words = folder / "words", .words_inside_runs = true}};
  EXPECT_EQ(segmented("ACMEGAphone\n", inside), "A C MEGA phone\n");
}

std::string without_blanks(std::string_view text) {
  std::string rest;
  for (const char c : text)
    if (c != ' ') rest += c;
  return rest;
}

TEST(Segment, LongLinesAreCutAtSentencesAndStayOneLine) {
  std::string in;
  for (int i = 0; i < 2000; ++i)
    in += "第一句话。他说：“好！”然后";
  const std::string out = segmented(in + "\n尾\n", {}, 700);
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
  EXPECT_EQ(without_blanks(out), in + "\n尾\n");
  EXPECT_THAT(out, HasSubstr("” 然后")) << "parts are separated as words are";
  EXPECT_EQ(segmented(in + "\n尾\n", {}, 100000), out) << "whatever the pieces";
}

TEST(Segment, TextWithoutSentencesIsNeverCutWithinAWord) {
  std::string in;
  for (int i = 0; i < 5000; ++i)
    in += "无尽头";
  const std::string out = segmented(in, {}, 900);
  EXPECT_EQ(without_blanks(out), in + "\n");
  std::size_t at = 0, words = 0;
  for (std::size_t end; (end = out.find_first_of(" \n", at)) != std::string::npos; at = end + 1, ++words)
    EXPECT_EQ(end - at, 6U) << "each word has two characters, as if the text had come at once";
  EXPECT_EQ(words, 7500U);
}

TEST(Segment, JsonOfLongLinesSaysWhereEachPartStands) {
  std::string in;
  for (int i = 0; i < 300; ++i)
    in += "一二三四五六。";
  const std::string out = segmented(in + "\n", {.format = TagFormat::jsonl});
  std::size_t at = 0, characters = 0;
  for (std::size_t end; (end = out.find('\n', at)) != std::string::npos; at = end + 1) {
    const Json part = parse_json(std::string_view(out).substr(at, end - at), {.name = "part"});
    EXPECT_EQ(part["line"], 1);
    EXPECT_EQ(part["offset"], characters);
    if (!part["spans"].empty()) {
      EXPECT_EQ(part["spans"][0]["start"], characters);
    }
    characters += count_code_points(part["text"].get<std::string>());
  }
  EXPECT_EQ(characters, 2100U);
}

TEST(Segment, RefusesWhatDoesNotFit) {
  const auto check_of = [](const Tagging& tagging, const SegmentOptions& options) {
    return [=] { check(options, tagging); };
  };
  expect_error(ErrorKind::option, check_of(word_tagging(), {}), "rondo tag");
  expect_error(ErrorKind::option, check_of(segmentation(), {.format = TagFormat::slash}), "--format slash");
  const Tagging tagging = segmentation();
  std::string out;
  bool read = false;
  const VerbCall call{
      .read =
          [&](char* to, std::size_t most) {
            return std::exchange(read, true) ? 0 : std::string_view("好的\n\xC4\xE3\n").copy(to, most);
          },
      .write = [&](std::string_view bytes) { out += bytes; },
      .notice = [](const std::string&) {}};
  expect_error(
      ErrorKind::data, [&] { segment(tagging, {}, pairs, call); }, "standard input line 2", "UTF-8");
  EXPECT_EQ(out, "好的\n") << "what came before is answered";
}

TEST(Tag, ColumnsComeBackWithOneMore) {
  const std::string in =
      "-DOCSTART- -X- O\n\nHelsa NNP B-LOC\n\nYes UH O\n! . O\n\nTo TO O\nKoriand NNP B-LOC";
  const std::string wanted =
      "-DOCSTART- -X- O\n\nHelsa NNP B-LOC L5\n\nYes UH O L3\n! . O L1\n\nTo TO O L2\nKoriand NNP B-LOC L7\n";
  for (const std::size_t size : {1U, 1000U}) {
    const Filtered run = tagged(in, word_tagging(), {.format = TagFormat::conll}, size);
    EXPECT_EQ(run.out, wanted);
    EXPECT_THAT(run.notices, ElementsAre(HasSubstr("taken for columns, conll; --input text")));
  }
  EXPECT_EQ(tagged("a b\tO\n\n", word_tagging(), {.input = TagInput::conll}).out, "a b\tO\tL3\n\n");
}

TEST(Tag, LongSentencesAreNotCut) {
  std::string in;
  for (int i = 0; i < 20000; ++i)
    in += "w" + std::to_string(i) + " O\n";
  const std::string out = tagged(in + "\n", word_tagging(), {.input = TagInput::conll}).out;
  EXPECT_EQ(std::count(out.begin(), out.end(), 'L'), 20000);
}

TEST(Tag, ConlluComesBackWithItsColumnChangedAlone) {
  const std::string in =
      "# text = Dal 10 000\n1-2\tDal\t_\t_\t_\t_\t_\t_\t_\t_\n1\tDa\tda\tADP\tE\t_\t3\tcase\t_\tX=Y|Z\n"
      "2\til\t_\tDET\t_\t_\t_\t_\t_\t_\n2.1\tsa\tsa\tVERB\tV\t_\t_\t_\t_\t_\n3\t10 "
      "000\t_\t_\t_\t_\t_\t_\t_\t_\n\n";
  std::string wanted = in;
  wanted.replace(wanted.find("ADP"), 3, "L2");
  wanted.replace(wanted.find("DET"), 3, "L2");
  wanted.replace(wanted.find("10 000\t_\t_") + 9, 1, "L6");
  const Filtered run = tagged(in, word_tagging(TagFormat::conllu));
  EXPECT_EQ(run.out, wanted);
  EXPECT_THAT(run.notices, ElementsAre(HasSubstr("conllu")));
}

TEST(Tag, TextBecomesWordsWithTheirTags) {
  EXPECT_EQ(tagged("A cat, here\n\nnow\n", word_tagging()).out, "A/L1 cat/L3 ,/L1 here/L4\n\nnow/L3\n");
  EXPECT_EQ(tagged("A cat\n\n", word_tagging(), {.input = TagInput::text, .format = TagFormat::conll}).out,
            "A\tL1\ncat\tL3\n\n\n");
  EXPECT_EQ(tagged("A cat,\n", word_tagging(), {.format = TagFormat::conllu}).out,
            "# text = A cat,\n1\tA\t_\tL1\t_\t_\t_\t_\t_\t_\n2\tcat\t_\tL3\t_\t_\t_\t_\t_\tSpaceAfter=No\n"
            "3\t,\t_\tL1\t_\t_\t_\t_\t_\t_\n\n");
  EXPECT_EQ(tagged("don't stop\n", word_tagging(), {.input = TagInput::segmented}).out, "don't/L5 stop/L4\n");
  EXPECT_EQ(tagged("a/X b/Y\n", word_tagging(), {.input = TagInput::slash}).out, "a/L1 b/L1\n");
  EXPECT_EQ(tagged("天/地\n", word_tagging(), {.input = TagInput::conll, .format = TagFormat::jsonl}).out,
            "{\"text\":\"天/地\",\"spans\":[{\"start\":0,\"end\":3,\"text\":\"天/地\",\"label\":\"L7\"}]}\n");
}

TEST(Tag, InDoubtInputIsText) {
  EXPECT_EQ(tagged("Hello world\nagain you\n", word_tagging()).out, "Hello/L5 world/L5\nagain/L5 you/L3\n");
  EXPECT_EQ(tagged("Hello\tO\nyou\tO\n\n", word_tagging()).out, "Hello\tO\tL5\nyou\tO\tL3\n\n");
  EXPECT_EQ(tagged("one two\nthree\n", word_tagging(), {.format = TagFormat::conll}).out,
            "one\tL3\ntwo\tL3\n\nthree\tL5\n\n");
  EXPECT_EQ(tagged("", word_tagging()).out, "");
}

TEST(Tag, FeaturesNeedColumns) {
  Tagging tagging = word_tagging();
  tagging.reading.features = {2};
  EXPECT_EQ(tagged("a DT O\nb NN O\n\n", tagging).out, "a DT O L1\nb NN O L1\n\n");
  expect_error(
      ErrorKind::option, [&] { tagged("Hello you there now\nyes\n", tagging); }, "column 2", "--features");
  expect_error(
      ErrorKind::data, [&] { tagged("a\n\n", tagging, {.input = TagInput::conll}); }, "standard input line 1",
      "column 2");
}

TEST(Tag, RefusesWhatDoesNotFit) {
  Tagging names = segmentation();
  names.words = false;
  names.scheme = TagScheme::iob2;
  names.types = true;
  const auto check_of = [&](const TagOptions& options) { return [=] { check(options, names); }; };
  expect_error(ErrorKind::option, check_of({.format = TagFormat::segmented}), "--format segmented");
  expect_error(ErrorKind::option, check_of({.format = TagFormat::conllu}), "--format conllu");
  expect_error(ErrorKind::option, check_of({.input = TagInput::slash}), "--input slash");
  expect_error(ErrorKind::option, check_of({.whole = {.words = "w"}}), "--words");
}

TEST(Tag, PhrasesInCharacters) {
  Tagging names = segmentation();
  names.words = false;
  names.scheme = TagScheme::iob2;
  names.types = true;
  const TagSentences first_two = [](std::span<const TaggedSentence> sentences) {
    std::vector<Strings> all;
    for (const TaggedSentence& sentence : sentences)
      all.push_back(tags_of({{0, std::min<std::size_t>(2, sentence.tokens.size()), "PER"}},
                            sentence.tokens.size(), TagScheme::iob2));
    return all;
  };
  const std::vector<std::string> lines = {"张 三在", ""};
  const std::vector<Answer> said = answers(names, {}, TagFormat::automatic, lines, first_two);
  EXPECT_EQ(said[0].text, "张/B-PER 三/I-PER 在/O");
  EXPECT_EQ(
      said[0].json,
      "{\"text\":\"张 三在\",\"spans\":[{\"start\":0,\"end\":3,\"text\":\"张 三\",\"label\":\"PER\"}]}");
  EXPECT_EQ(said[1].text, "");
}

TEST(Tag, ATaggerMustGiveATagForEachToken) {
  const TagSentences none = [](std::span<const TaggedSentence>) { return std::vector<Strings>(); };
  const std::vector<std::string> lines = {"a"};
  EXPECT_THROW(answers(word_tagging(), {}, TagFormat::automatic, lines, none), Bug);
}

}  // namespace
}  // namespace rondo::tag

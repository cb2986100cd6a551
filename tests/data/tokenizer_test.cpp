#include "data/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/error.h>
#include <rondo/text.h>

#include "data/unicode.h"
#include "support/expect_error.h"

namespace rondo {
namespace {

using testing::ElementsAre;
using Tokens = std::vector<std::string>;

Tokens words(std::string_view text) {
  return tokenize(text, {.tokenizer = Tokenizer::words});
}
Tokens characters(std::string_view text) {
  return tokenize(text, {.tokenizer = Tokenizer::characters});
}
Tokens single(std::string_view text) {
  return tokenize(text, {.tokenizer = Tokenizer::characters, .whole_words = false});
}

TEST(Normalize, FoldsCaseWidthAndSpace) {
  EXPECT_EQ(normalize("  Hello,\t\tWorld \r\n"), "hello, world");
  EXPECT_EQ(normalize("Ｈｅｌｌｏ　ＷＯＲＬＤ！"), "hello world!");
  EXPECT_EQ(normalize("Straße ΣΊΣΥΦΟΣ"), "strasse σίσυφοσ");
  EXPECT_EQ(normalize("ﬁne ½ ①"), "fine 1⁄2 1");
}

TEST(Normalize, ComposesCombiningMarks) {
  EXPECT_EQ(normalize("cafe\u0301"), "café");
  EXPECT_EQ(normalize("cafe\u0301", Normalization::nfc, false), "café");
  EXPECT_EQ(normalize("cafe\u0301", Normalization::none, false), "cafe\u0301");
}

TEST(Normalize, FormsDiffer) {
  EXPECT_EQ(normalize("Ａ①", Normalization::nfc, false), "Ａ①");
  EXPECT_EQ(normalize("Ａ①", Normalization::nfc, true), "ａ①");
  EXPECT_EQ(normalize("Ａ①", Normalization::nfkc, false), "A1");
  EXPECT_EQ(normalize("ÉA", Normalization::none, true), "éa");
}

TEST(Normalize, DropsWhatCannotBeSeen) {
  EXPECT_EQ(normalize("\xEF\xBB\xBFhi"), "hi");    // byte order mark
  EXPECT_EQ(normalize("co\u00ADop"), "coop");      // soft hyphen
  EXPECT_EQ(normalize("a\u200Eb\u202Ec"), "abc");  // directions
  EXPECT_EQ(normalize("a\x01"
                      "b\x07"),
            "ab");                                                     // controls
  EXPECT_EQ(normalize("\u2764\uFE0F"), "\u2764");                      // variation selector
  EXPECT_EQ(normalize("e\u00AD\u0301"), "é");                          // dropped before composing
  EXPECT_EQ(normalize("a\u200Bb\u2028c\u00A0d\u3000e"), "a b c d e");  // all kinds of space
}

TEST(Normalize, NothingStaysNothing) {
  EXPECT_EQ(normalize(""), "");
  EXPECT_EQ(normalize(" \t\u3000 "), "");
}

TEST(Normalize, AsciiPathAgreesWithTheGeneralOne) {
  for (int c = 1; c < 128; ++c) {
    const std::string text = {'A', static_cast<char>(c), 'b'};
    EXPECT_EQ(normalize(text + "é"), normalize(text) + "é") << c;
  }
}

TEST(Normalize, IsIdempotent) {
  for (const std::string text : {"Ｈéllo\u00AD  WÖRLD ①", "ΑΣ ß ﬁ", "价格：￥１００"})
    EXPECT_EQ(normalize(normalize(text)), normalize(text));
}

TEST(Normalize, RefusesWhatIsNoUtf8) {
  test::expect_error(
      ErrorKind::data, [] { (void)normalize("ab\n\xC4\xE3"); }, "line 2 column 1");
  test::expect_error(
      ErrorKind::data, [] { (void)normalize("\xED\xA0\x80"); }, "not UTF-8");  // a surrogate
  test::expect_error(
      ErrorKind::data, [] { (void)normalize("\xC0\xAF"); }, "not UTF-8");  // overlong
  test::expect_error(
      ErrorKind::data, [] { (void)normalize("a\xE4\xBD"); }, "not UTF-8");  // cut short
}

TEST(Unicode, VersionIsKnown) {
  EXPECT_THAT(unicode_version(), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

TEST(Words, PunctuationApart) {
  EXPECT_THAT(words("Well-made, (really)!"), ElementsAre("well", "-", "made", ",", "(", "really", ")", "!"));
}

TEST(Words, RunsOfOneMarkAreOneTokenOfAtMostThree) {
  EXPECT_THAT(words("No!! wait.....what?!"), ElementsAre("no", "!!", "wait", "...", "what", "?", "!"));
  EXPECT_THAT(words("a -- b `` c ''"), ElementsAre("a", "--", "b", "``", "c", "''"));
  EXPECT_THAT(words("。。。。"), ElementsAre("。。。"));
}

TEST(Words, Contractions) {
  EXPECT_THAT(words("I don't, can't and won't"),
              ElementsAre("i", "do", "n't", ",", "ca", "n't", "and", "wo", "n't"));
  EXPECT_THAT(words("it's we're I've they'll he'd I'm"),
              ElementsAre("it", "'s", "we", "'re", "i", "'ve", "they", "'ll", "he", "'d", "i", "'m"));
  EXPECT_THAT(words("DON’T it’s"), ElementsAre("do", "n't", "it", "'s"));
  EXPECT_THAT(tokenize("DON'T It'S", {.tokenizer = Tokenizer::words, .lowercase = false}),
              ElementsAre("DO", "N'T", "It", "'S"));
}

TEST(Words, AlreadyCutContractionsStay) {
  EXPECT_THAT(words("it does n't matter , it 's fine"),
              ElementsAre("it", "does", "n't", "matter", ",", "it", "'s", "fine"));
  EXPECT_THAT(words("the 90's"), ElementsAre("the", "90", "'s"));
}

TEST(Words, ElisionsAndNames) {
  EXPECT_THAT(words("l'homme o'clock"), ElementsAre("l'", "homme", "o'", "clock"));
  EXPECT_THAT(words("'quoted' dogs'"), ElementsAre("'", "quoted", "'", "dogs", "'"));
}

TEST(Words, Numbers) {
  EXPECT_THAT(words("3.5 of 1,000 b2b 10/10"),
              ElementsAre("3.5", "of", "1,000", "b", "2", "b", "10", "/", "10"));
  EXPECT_THAT(words("1,2 and 3. 12,3456"), ElementsAre("1", ",", "2", "and", "3", ".", "12", ",", "3456"));
}

TEST(Words, LettersOfAllScriptsWithTheirMarks) {
  EXPECT_THAT(words("Žluťoučký кот हिन्दी"), ElementsAre("žluťoučký", "кот", "हिन्दी"));
  EXPECT_THAT(words("q\u0307x"), ElementsAre("q\u0307x"));  // no composed form exists
  EXPECT_THAT(words("می\u200Cخواهم"), ElementsAre("می\u200Cخواهم"));
}

TEST(Words, Tweets) {
  EXPECT_THAT(words("@United #FAIL see http://t.co/aB3?x=1, thx"),
              ElementsAre("@united", "#", "fail", "see", "<url>", ",", "thx"));
  EXPECT_THAT(words("me@mail.com (www.a.org)."),
              ElementsAre("me", "@", "mail", ".", "com", "(", "<url>", ")", "."));
  EXPECT_THAT(words("R&amp;B &lt;3 @ 5"), ElementsAre("r", "&", "b", "<", "3", "@", "5"));
}

TEST(Words, EmojiWhole) {
  EXPECT_THAT(words("ok👍🏽😂😂"), ElementsAre("ok", "👍🏽", "😂", "😂"));
  EXPECT_THAT(words("👨‍👩‍👧🇩🇪🇫🇷"), ElementsAre("👨‍👩‍👧", "🇩🇪", "🇫🇷"));
  EXPECT_EQ(words("❤️"), words("❤"));
}

TEST(Words, Smileys) {
  EXPECT_THAT(words("good :) bad :-( haha :D ;P <3"),
              ElementsAre("good", ":)", "bad", ":-(", "haha", ":d", ";p", "<3"));
  EXPECT_THAT(words("at 10:30 key:data a:b"),
              ElementsAre("at", "10", ":", "30", "key", ":", "data", "a", ":", "b"));
}

TEST(Words, LineBreakMarks) {
  EXPECT_THAT(words("One.<br /><br />Two<BR>three<br/>"),
              ElementsAre("one", ".", "<br>", "two", "<br>", "three", "<br>"));
  EXPECT_THAT(words("a <b> c"), ElementsAre("a", "<", "b", ">", "c"));
}

TEST(Words, ScriptsWithoutSpacesCharacterByCharacter) {
  EXPECT_THAT(words("我love北京"), ElementsAre("我", "love", "北", "京"));
  EXPECT_THAT(words("สวัสดี"), ElementsAre("ส", "วั", "ส", "ดี"));
}

TEST(Characters, ChineseOneByOneWordsAndNumbersWhole) {
  EXPECT_THAT(characters("这部电影2024年太精彩了，WiFi很好！！"),
              ElementsAre("这", "部", "电", "影", "2024", "年", "太", "精", "彩", "了", ",", "wifi", "很",
                          "好", "!!"));
}

TEST(Characters, NoContractionsOrSmileys) {
  EXPECT_THAT(characters("don't :)"), ElementsAre("don", "'", "t", ":", ")"));
}

TEST(Characters, UrlBesideChinese) {
  EXPECT_THAT(characters("看http://t.cn/x。好"), ElementsAre("看", "<url>", "。", "好"));
}

TEST(Characters, EachCharacterAndSpaceIfAskedFor) {
  EXPECT_THAT(single("Ab c\r\nd"), ElementsAre("a", "b", " ", "c", "\n", "d"));
  EXPECT_THAT(single("e\u0301👨‍👩‍👧"), ElementsAre("é", "👨‍👩‍👧"));
}

TEST(Characters, OneCharacterTexts) {
  EXPECT_THAT(characters("好"), ElementsAre("好"));
  EXPECT_THAT(characters("a"), ElementsAre("a"));
  EXPECT_THAT(words("!"), ElementsAre("!"));
  EXPECT_TRUE(words("").empty());
  EXPECT_TRUE(words("\u200D").empty());
}

TEST(Tokenize, EveryPrefixOfAHardTextIsCut) {
  const std::string text =
      "<br /> don't @a www.x.y :-) 👨‍👩‍👧 1,000.5 我们 &amp; 'S <3 q\u0307 ";
  std::string prefix;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = decode_at(text, at).length;
    prefix.append(text, at, length);
    at += length;
    for (const std::string& token : words(prefix))
      EXPECT_FALSE(token.empty());
    single(prefix);
  }
}

TEST(Tokenize, SubwordsNeedAModel) {
  test::expect_error(
      ErrorKind::option, [] { (void)tokenize("a", {.tokenizer = Tokenizer::subwords}); },
      "TextEncoder::learn");
}

Tokenizer chosen(std::string_view text) {
  return tokenizer_for(std::span(&text, 1));
}

TEST(TokenizerFor, GoesByScript) {
  EXPECT_EQ(chosen("房间很大，WiFi 很快"), Tokenizer::characters);
  EXPECT_EQ(chosen("とても良いホテル"), Tokenizer::characters);
  EXPECT_EQ(chosen("a nice room in 北京"), Tokenizer::words);
  EXPECT_EQ(chosen("хорошо"), Tokenizer::words);
  EXPECT_EQ(chosen("123 !!"), Tokenizer::words);
  EXPECT_EQ(chosen(""), Tokenizer::words);
}

}  // namespace
}  // namespace rondo

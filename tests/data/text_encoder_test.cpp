#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/data.h>
#include <rondo/error.h>
#include <rondo/text.h>

#include "base/random.h"
#include "data/base64.h"
#include "data/subword.h"
#include "support/expect_error.h"

namespace rondo {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::IsEmpty;
using Texts = std::vector<std::string>;
using Numbers = std::vector<std::int32_t>;

layers::Tokens words(layers::Tokens options = {}) {
  options.tokenizer = Tokenizer::words;
  return options;
}

TEST(Vocab, OrdersByCountThenBytes) {
  const Vocab vocab = Vocab::from_counts({{"b", 2}, {"a", 2}, {"z", 5}, {"once", 1}});
  EXPECT_EQ(vocab.decode(Numbers{0, 1, 2, 3, 4}), "<unk> z a b once");
  EXPECT_EQ(vocab.find("z"), 1);
  EXPECT_EQ(vocab.count(1), 5);
  EXPECT_EQ(vocab.find("never"), Vocab::unknown);
  EXPECT_TRUE(vocab.contains("a"));
  EXPECT_FALSE(vocab.contains("never"));
}

TEST(Vocab, KeepsMinimumCountAndMaximumSize) {
  const Vocab::Counts counts = {{"a", 3}, {"b", 2}, {"c", 1}};
  EXPECT_EQ(Vocab::from_counts(counts, 2).size(), 3);
  const Vocab small = Vocab::from_counts(counts, 1, 3);
  EXPECT_EQ(small.size(), 3);
  EXPECT_FALSE(small.contains("c"));
}

TEST(Vocab, SpecialTokensStandAfterTheUnknownOne) {
  const Texts specials = {"<s>", "</s>"};
  const Vocab vocab = Vocab::from_counts({{"a", 3}, {"<s>", 9}}, 1, 0, specials);
  EXPECT_EQ(vocab.decode(Numbers{0, 1, 2, 3}), "<unk> <s> </s> a");
  EXPECT_EQ(vocab.size(), 4);
}

TEST(Vocab, RefusesWhatIsNone) {
  expect_error(
      ErrorKind::format, [] { Vocab::of({}); }, "no tokens");
  expect_error(
      ErrorKind::format,
      [] {
        Vocab::of({"<unk>", "a", "a"});
      },
      "'a' appears twice");
  expect_error(
      ErrorKind::option, [] { Vocab().token(1); }, "outside 0 .. 0");
  expect_error(ErrorKind::option, [] { Vocab().count(-1); });
}

TEST(Vocab, SurvivesJson) {
  const Vocab vocab =
      Vocab::from_counts({{"好", 3}, {"\"quote\"", 2}, {"a\\b", 1}, {" ", 1}, {"\n", 1}, {". .", 1}});
  const Vocab again = Vocab::from_json(vocab.to_json());
  ASSERT_EQ(again.size(), vocab.size());
  for (std::int32_t i = 0; i < vocab.size(); ++i) {
    EXPECT_EQ(again.token(i), vocab.token(i));
    EXPECT_EQ(again.count(i), vocab.count(i));
  }
  EXPECT_EQ(again.to_json(), vocab.to_json());
}

TEST(TextEncoder, NumbersKnownTokens) {
  const TextEncoder encoder = TextEncoder::learn(Texts{"a b a", "a c"}, words());
  EXPECT_THAT(encoder.encode("C, a B").tokens, ElementsAre(3, 0, 1, 2));
  EXPECT_THAT(encoder.encode("C, a B").bigrams, IsEmpty());
  EXPECT_EQ(encoder.bigram_count(), 0);
  EXPECT_EQ(encoder.decode(Numbers{1, 3, 0}), "a c <unk>");
}

TEST(TextEncoder, ATextOfNothingIsOneUnknownToken) {
  const TextEncoder encoder = TextEncoder::learn(Texts{"a b"}, words({.bigrams = 5}));
  for (const std::string text : {"", "  ", "\u3000\u200B", "\xEF\xBB\xBF"}) {
    EXPECT_THAT(encoder.encode(text).tokens, ElementsAre(0));
    EXPECT_THAT(encoder.encode(text).bigrams, ElementsAre(0));
  }
}

TEST(TextEncoder, ChoosesTheTokenizerByScript) {
  EXPECT_EQ(TextEncoder::learn(Texts{"很好", "不好 ok"}).options().tokenizer, Tokenizer::characters);
  EXPECT_EQ(TextEncoder::learn(Texts{"good", "bad 坏"}).options().tokenizer, Tokenizer::words);
}

TEST(TextEncoder, Truncates) {
  const Texts texts = {"a b c d e f g"};
  const auto cut = [&](Truncate part, int length) {
    const TextEncoder encoder = TextEncoder::learn(texts, words({.max_length = length, .truncate = part}));
    return encoder.decode(encoder.encode(texts[0]).tokens);
  };
  EXPECT_EQ(cut(Truncate::tail, 3), "a b c");
  EXPECT_EQ(cut(Truncate::head, 3), "e f g");
  EXPECT_EQ(cut(Truncate::middle, 3), "a b g");
  EXPECT_EQ(cut(Truncate::middle, 4), "a b f g");
  EXPECT_EQ(cut(Truncate::middle, 7), "a b c d e f g");
  EXPECT_EQ(cut(Truncate::tail, 0), "a b c d e f g");
}

TEST(TextEncoder, BigramsAreCommonPairsOfKnownTokens) {
  // a b stands three times, "start a" twice, b a and "start b" once.
  const Texts texts = {"a b", "a b c", "b a b"};
  const TextEncoder encoder = TextEncoder::learn(texts, words({.min_count = 2, .bigrams = 10}));
  const std::int32_t a = encoder.vocab().find("a"), b = encoder.vocab().find("b");
  ASSERT_EQ(encoder.bigram_count(), 3);
  EXPECT_EQ(encoder.bigram(1), std::pair(a, b));
  EXPECT_EQ(encoder.bigram(2), std::pair(-1, a));
  EXPECT_THAT(encoder.encode("a b a b b").bigrams, ElementsAre(2, 1, 0, 1, 0));
  EXPECT_THAT(encoder.encode("x b").bigrams, ElementsAre(0, 0));
  expect_error(
      ErrorKind::option, [&] { encoder.bigram(3); }, "outside 1 .. 2");
  EXPECT_EQ(TextEncoder::learn(texts, words({.bigrams = 1})).bigram_count(), 2);
}

TEST(TextEncoder, DecodesCharactersWithSpacesBetweenWordsOnly) {
  const TextEncoder encoder =
      TextEncoder::learn(Texts{"我love new york 2024年"}, {.tokenizer = Tokenizer::characters});
  EXPECT_EQ(encoder.decode(encoder.encode("我love new york 2024年").tokens), "我love new york2024年");
}

TEST(TextEncoder, SurvivesJson) {
  const Texts texts = {"这家酒店很好", "这家酒店不好, WiFi慢", "很好很好"};
  const layers::Tokens options = {.tokenizer = Tokenizer::characters,
                                  .min_count = 2,
                                  .max_length = 5,
                                  .truncate = Truncate::middle,
                                  .lowercase = false,
                                  .bigrams = 100};
  const TextEncoder encoder = TextEncoder::learn(texts, options);
  const TextEncoder again = TextEncoder::from_json(encoder.to_json());
  EXPECT_EQ(again.to_json(), encoder.to_json());
  EXPECT_EQ(again.unicode(), unicode_version());
  for (const std::string& text : texts) {
    EXPECT_EQ(again.encode(text).tokens, encoder.encode(text).tokens);
    EXPECT_EQ(again.encode(text).bigrams, encoder.encode(text).bigrams);
  }
  EXPECT_EQ(TextEncoder::from_json(TextEncoder().to_json()).vocab().size(), 1);
}

TEST(TextEncoder, RefusesDamagedJson) {
  const std::string good = TextEncoder::learn(Texts{"a b", "a b"}, words({.bigrams = 9})).to_json();
  const auto damaged = [&](const std::string& from, const std::string& to) {
    std::string json = good;
    const std::size_t at = json.find(from);
    EXPECT_NE(at, std::string::npos) << from << " in " << good;
    return json.replace(at, from.size(), to);
  };
  const auto refused = [](const std::string& json, const std::string& part) {
    expect_error(
        ErrorKind::format, [&] { TextEncoder::from_json(json); }, part);
  };
  refused("[]", "object");
  refused("{}", "'unicode'");
  refused(damaged("\"words\"", "\"automatic\""), "not chosen");
  refused(damaged("\"words\"", "\"sentences\""), "sentences");
  refused(damaged("> a b", "> a a"), "'a' appears twice");
  refused(damaged("> a b", "> a  b"), "token 2 is empty");
  refused(damaged("> a b", "> a \\\\x"), "backslash");
  refused(damaged("\"tokens\":\"", "\"tokens\":7,\"x\":\""), "'tokens' wants text");
  refused(damaged("\"bigrams\":\"-1", "\"bigrams\":\"-2"), "-1 to 2");
  refused(damaged("\"bigrams\":\"-1", "\"bigrams\":\"-1 -1"), "pairs");
  refused(damaged("\"bigrams\":\"-1 1", "\"bigrams\":\"-1 -1"), "start of a text");
  refused(damaged("\"bigrams\":\"-1 1 1 2", "\"bigrams\":\"1 2 1 2"), "appears twice");
  refused(damaged("\"counts\":\"0 ", "\"counts\":\""), "counts");
  refused(damaged("\"counts\":\"0 ", "\"counts\":\"0  "), "'counts' wants whole numbers");
}

TEST(TextEncoder, LearningIsAFunctionOfTheTexts) {
  Texts texts;
  for (int i = 0; i < 300; ++i)
    texts.push_back("w" + std::to_string(i % 37) + " w" + std::to_string(i % 11));
  const auto json = TextEncoder::learn(texts, words({.bigrams = 50})).to_json();
  EXPECT_EQ(TextEncoder::learn(texts, words({.bigrams = 50})).to_json(), json);
}

TEST(TextEncoder, RefusesNothingToLearnFromAndBadOptions) {
  expect_error(
      ErrorKind::data, [] { TextEncoder::learn(Texts{}); }, "no texts");
  expect_error(
      ErrorKind::option, [] { TextEncoder::learn(Texts{"a"}, {.max_size = 1}); }, "max_size");
  expect_error(
      ErrorKind::data, [] { TextEncoder::learn(Texts{"\xFF"}); }, "UTF-8");
  expect_error(
      ErrorKind::data, [] { TextEncoder().encode("\xFF"); }, "UTF-8");
}

TEST(TextEncoder, ManyThreadsMayEncode) {
  const TextEncoder encoder = TextEncoder::learn(Texts{"a b c d", "d e"}, words({.bigrams = 10}));
  const EncodedText alone = encoder.encode("a b e d x");
  std::vector<std::thread> threads;
  std::vector<int> same(4);
  for (std::size_t t = 0; t < same.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i)
        same[t] += encoder.encode("a b e d x").tokens == alone.tokens;
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_THAT(same, testing::Each(200));
}

using WordLists = std::vector<std::vector<std::string>>;

TEST(TextEncoder, PreSplitWordsAreOneTokenEach) {
  const WordLists texts = {{"Don't", "stop", "New York", "3.5%"}, {"don’t", "...", "STOP"}};
  const TextEncoder encoder = TextEncoder::learn(texts, {.bigrams = 5});
  EXPECT_EQ(encoder.options().tokenizer, Tokenizer::words);
  EXPECT_EQ(encoder.vocab().size(), 6);
  EXPECT_EQ(encoder.vocab().count(encoder.vocab().find("don't")), 2);
  const EncodedText known = encoder.encode(texts[0]);
  ASSERT_EQ(known.tokens.size(), 4U);
  EXPECT_EQ(encoder.decode(known.tokens), "don't stop new york 3.5%");
  EXPECT_EQ(known.bigrams.size(), 4U);
  EXPECT_THAT(encoder.encode(WordLists::value_type{"york", "stop", " \t"}).tokens,
              ElementsAre(Vocab::unknown, encoder.vocab().find("stop"), Vocab::unknown));
  EXPECT_THAT(encoder.encode(WordLists::value_type{}).tokens, ElementsAre(Vocab::unknown));
  const TextEncoder cased = TextEncoder::learn(texts, {.min_count = 1, .lowercase = false});
  EXPECT_TRUE(cased.vocab().contains("STOP"));
  EXPECT_THAT(TextEncoder::from_json(encoder.to_json()).encode(texts[0]).tokens, known.tokens);
}

TEST(TextEncoder, SaysHowMuchItCut) {
  const TextEncoder encoder = TextEncoder::learn(Texts{"a b c d"}, words({.max_length = 3}));
  EXPECT_EQ(encoder.encode("a b c d a").cut, 2U);
  EXPECT_EQ(encoder.encode("a b c").cut, 0U);
  EXPECT_EQ(encoder.encode(Texts{"a", "b", "c", "d"}).cut, 1U);
}

TEST(TextEncoder, PreSplitWordsAreNotForOtherTokenizers) {
  const WordLists texts = {{"a", "b"}};
  for (const Tokenizer tokenizer : {Tokenizer::characters, Tokenizer::subwords})
    expect_error(
        ErrorKind::option, [&] { TextEncoder::learn(texts, {.tokenizer = tokenizer}); },
        "with them the tokenizer is 'words'");
  expect_error(
      ErrorKind::data, [] { TextEncoder::learn(WordLists{}); }, "no texts");
}

TEST(TextEncoder, LearnsFromADataset) {
  const Dataset whole(Examples{.texts = {"it's new", "x y z"}}),
      split(Examples{.words = {{"it's", "new"}, {"x"}}});
  EXPECT_EQ(TextEncoder::learn(whole).vocab().to_json(), TextEncoder::learn(whole.texts()).vocab().to_json());
  EXPECT_TRUE(TextEncoder::learn(split).vocab().contains("it's"));
  EXPECT_FALSE(TextEncoder::learn(whole).vocab().contains("it's"));
  EXPECT_EQ(TextEncoder::learn(split.take(1)).vocab().size(), 3);
}

TEST(Base64, SurvivesAndRefuses) {
  for (const std::string bytes : {"", "f", "fo", "foo", "foob", "\x00\xFF\x80"})
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
  for (const char* damaged : {"Zm9", "Zm9vY!==", "Zm9vYmF=", "=m9v", "Zm=v"})
    EXPECT_FALSE(from_base64(damaged)) << damaged;
}

TEST(Subwords, LongTextsAreCutAfterSpacesAndNeverInsideACharacter) {
  EXPECT_THAT(in_pieces("aaa bbb ccc", 5), ElementsAre("aaa ", "bbb ", "ccc"));
  EXPECT_THAT(in_pieces("好好好", 4), ElementsAre("好", "好", "好"));
  EXPECT_THAT(in_pieces("aaaaaaa", 3), ElementsAre("aaa", "aaa", "a"));
  EXPECT_THAT(in_pieces("", 3), IsEmpty());
}

class SubwordTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!subwords_available()) GTEST_SKIP() << "built without SentencePiece";
    for (int i = 0; i < 400; ++i)
      texts_.push_back("the cats number " + std::to_string(i) + " were sitting and purring on the mats");
  }
  layers::Tokens options_ = {.tokenizer = Tokenizer::subwords, .max_size = 120};
  Texts texts_;
};

TEST_F(SubwordTest, PiecesCannotStandForWholeWords) {
  const TextEncoder encoder = TextEncoder::learn(texts_, options_);
  expect_error(
      ErrorKind::usage,
      [&] {
        encoder.encode(Texts{"the", "cats"});
      },
      "learn from pre-split ones");
}

TEST_F(SubwordTest, LearnEncodeDecode) {
  const TextEncoder encoder = TextEncoder::learn(texts_, options_);
  EXPECT_LE(encoder.vocab().size(), 120);
  const Numbers numbers = encoder.encode("The CATS were purring").tokens;
  EXPECT_GT(numbers.size(), 3U);
  EXPECT_EQ(encoder.decode(numbers), "the cats were purring");
  EXPECT_THAT(encoder.encode("").tokens, ElementsAre(Vocab::unknown));
  EXPECT_THAT(encoder.encode("好").tokens, testing::Contains(Vocab::unknown));
  expect_error(
      ErrorKind::option, [&] { encoder.decode(Numbers{1000}); }, "outside");
}

TEST_F(SubwordTest, NoCharacterOfAnAlphabetIsTooRare) {
  for (int i = 0; i < 3'000; ++i)
    texts_.push_back("a feast in the town of number " + std::to_string(i));
  texts_.emplace_back("un dîner de noël");
  options_.max_size = 400;
  const TextEncoder encoder = TextEncoder::learn(texts_, options_);
  const Numbers numbers = encoder.encode("noël").tokens;
  EXPECT_THAT(numbers, testing::Not(testing::Contains(Vocab::unknown))) << "one character of 100 000";
  EXPECT_EQ(encoder.decode(numbers), "noël");
}

TEST_F(SubwordTest, SameTextsGiveTheSameModelOnAnyThread) {
  const std::string json = TextEncoder::learn(texts_, options_, 3).to_json();
  std::string other;
  std::thread([&] { other = TextEncoder::learn(texts_, options_, 3).to_json(); }).join();
  EXPECT_EQ(json, other);
}

TEST_F(SubwordTest, TravelsInJson) {
  const TextEncoder encoder = TextEncoder::learn(texts_, options_);
  const TextEncoder again = TextEncoder::from_json(encoder.to_json());
  EXPECT_EQ(again.encode(texts_[7]).tokens, encoder.encode(texts_[7]).tokens);
  EXPECT_EQ(again.to_json(), encoder.to_json());
}

TEST_F(SubwordTest, DamagedModelsAreRefused) {
  expect_error(
      ErrorKind::format, [] { SubwordModel::load("no model"); }, "damaged");
  const std::string bytes = SubwordModel::train(texts_, 100, 1)->bytes();
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    std::string changed = bytes;
    changed[random.below(changed.size())] = static_cast<char>(random.below(256));
    try {
      SubwordModel::load(changed)->encode("the cats");
    } catch (const Error&) {
    }
  }
}

TEST_F(SubwordTest, LongTextsAreLearnedFromToo) {
  std::string long_text;
  for (const std::string& text : texts_)
    long_text += text + " ";
  const TextEncoder encoder = TextEncoder::learn(Texts{long_text}, options_);
  EXPECT_LT(encoder.encode("the cats were purring").tokens.size(), 14U);  // 18 letters in 4 words
}

TEST_F(SubwordTest, TooFewPiecesAreExplained) {
  expect_error(
      ErrorKind::option,
      [&] { TextEncoder::learn(texts_, {.tokenizer = Tokenizer::subwords, .max_size = 5}); }, "5 pieces");
}

TEST_F(SubwordTest, WritesNothingToStandardError) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  TextEncoder::learn(texts_, options_);
  expect_error(ErrorKind::format, [] { SubwordModel::load("no model"); });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

}  // namespace
}  // namespace rondo

// Which n-grams are learned, and their way into a file and back.
#include "wide/ngram_table.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "wide/features.h"
#include "wide/varint.h"

namespace rondo::wide {
namespace {

using testing::ElementsAre;
using Tokens = std::vector<std::int32_t>;

TokenTexts texts_of(const std::vector<Tokens>& texts) {
  TokenTexts all;
  for (const Tokens& text : texts)
    all.add(text);
  return all;
}

/// The n-grams of a table in the order of their numbers.
std::vector<Tokens> ngrams_of(const NgramTable& table) {
  std::vector<Tokens> ngrams;
  for (std::int32_t i = 0; i < table.size(); ++i)
    ngrams.push_back(table.tokens(i));
  return ngrams;
}

TEST(NgramTable, KeepsWhatStandsInEnoughTexts) {
  // 1 2 stands twice in the first text, which is one text; 0 is the unknown token.
  const TokenTexts texts = texts_of({{1, 2, 1, 2, 3}, {3, 1, 0, 2}, {2, 3, 4}, {0, 0, 3, 1}});
  const NgramTable table = NgramTable::learn(texts, 2, 5, 2);
  EXPECT_THAT(ngrams_of(table), ElementsAre(Tokens{1}, Tokens{2}, Tokens{3}, Tokens{2, 3}, Tokens{3, 1}));
  EXPECT_EQ(table.longest(), 2U);
}

TEST(NgramTable, LearnsLongerOnesFromShorterOnes) {
  const TokenTexts texts = texts_of({{5, 1, 2, 3}, {1, 2, 3, 4}, {9, 1, 2, 3, 4}});
  const NgramTable table = NgramTable::learn(texts, 3, 10, 2);
  EXPECT_THAT(ngrams_of(table), ElementsAre(Tokens{1}, Tokens{2}, Tokens{3}, Tokens{4}, Tokens{1, 2},
                                            Tokens{2, 3}, Tokens{3, 4}, Tokens{1, 2, 3}, Tokens{2, 3, 4}));
  EXPECT_EQ(table.find(Tokens{2, 3, 4}), 8);
  EXPECT_EQ(table.find(Tokens{3, 4, 1}), -1);
  EXPECT_EQ(table.find(Tokens{5}), -1);
}

TEST(NgramTable, GivesEachNgramOfATextOnce) {
  const NgramTable table = NgramTable::learn(texts_of({{1, 2, 1, 2}, {1, 2}}), 2, 3, 2);
  Tokens found;
  table.numbers(Tokens{2, 1, 2, 0, 1, 2}, found);
  EXPECT_THAT(found, ElementsAre(0, 1, 2)) << "1, 2, and 1 2; 2 1 stands in one text only";
  const Features features = features_of(table, texts_of({{2}, {}, {1, 2}}));
  EXPECT_THAT(features[0], ElementsAre(1));
  EXPECT_TRUE(features[1].empty());
  EXPECT_THAT(features[2], ElementsAre(0, 1, 2));
}

TEST(NgramTable, PrunedKeepsWhatTheKeptOnesBeginWith) {
  const NgramTable table = NgramTable::learn(texts_of({{1, 2, 3}, {1, 2, 3}}), 3, 4, 2);
  ASSERT_EQ(table.size(), 6);
  std::vector<bool> keep(6);
  keep[5] = true;  // 1 2 3
  Tokens numbers;
  const NgramTable pruned = table.pruned(keep, numbers);
  EXPECT_THAT(ngrams_of(pruned), ElementsAre(Tokens{1}, Tokens{1, 2}, Tokens{1, 2, 3}));
  EXPECT_THAT(numbers, ElementsAre(0, -1, -1, 1, -1, 2));
  EXPECT_EQ(pruned.find(Tokens{1, 2, 3}), 2);
}

TEST(NgramTable, ComesBackFromItsBytes) {
  const TokenTexts texts = texts_of({{1, 2, 3, 300, 2}, {1, 2, 3, 300, 2}, {300, 2, 1}, {300, 2, 1}});
  for (const int longest : {1, 2, 3, 4}) {
    const NgramTable table = NgramTable::learn(texts, longest, 400, 2);
    const NgramTable again = NgramTable::from_bytes(table.to_bytes(), 400);
    EXPECT_EQ(ngrams_of(again), ngrams_of(table));
    EXPECT_EQ(again.longest(), table.longest());
    EXPECT_EQ(again.to_bytes(), table.to_bytes());
    for (std::int32_t i = 0; i < again.size(); ++i)
      EXPECT_EQ(again.find(again.tokens(i)), i);
  }
}

TEST(NgramTable, RefusesBytesThatItCannotHaveWritten) {
  const std::string good = NgramTable::learn(texts_of({{1, 2}, {1, 2}}), 2, 3, 2).to_bytes();
  const auto refused = [](const std::string& bytes, const char* why) {
    test::expect_error(
        ErrorKind::format, [&] { NgramTable::from_bytes(bytes, 3); }, why);
  };
  refused("", "end within a number");
  refused(std::string(1, '\0'), "no such length");
  refused("\x09", "no such length");
  refused(good.substr(0, good.size() - 1), "end within a number");
  refused(good + '\0', "left over");
  std::string many = "\x01";
  put_varint(many, 1U << 30);
  refused(many, "more are announced");
  std::string outside = "\x01\x01";
  put_varint(outside, 2);  // token 3 of a vocabulary of 3
  refused(outside, "the vocabulary lacks");
  std::string longer = "\x01\x01";
  longer += "\x80";
  longer += '\0';  // 0 in two bytes
  refused(longer, "end within a number");
}

TEST(Varint, TakesEveryNumberOf32Bits) {
  std::string bytes;
  const std::vector<std::uint32_t> numbers = {0,         1, 127, 128, 300, 16'383, 16'384, UINT32_MAX - 1,
                                              UINT32_MAX};
  for (const std::uint32_t number : numbers)
    put_varint(bytes, number);
  VarintReader reader(bytes);
  for (const std::uint32_t number : numbers)
    EXPECT_EQ(reader.next(), number);
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(VarintReader("\xFF\xFF\xFF\xFF\x1F").next()) << "over 32 bits";
  EXPECT_FALSE(VarintReader("\xFF\xFF\xFF\xFF\xFF\x01").next());
}

}  // namespace
}  // namespace rondo::wide

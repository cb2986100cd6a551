#include "base/message.h"

#include <gtest/gtest.h>

namespace rondo {
namespace {

const std::vector<std::string> options = {"units", "layers", "dropout", "recurrent_dropout", "merge"};

TEST(Message, FailPrefixesTheKind) {
  try {
    fail(ErrorKind::option, "lstm.dropout must be between 0 and 1, got 1.5");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::option);
    EXPECT_STREQ(error.what(), "option: lstm.dropout must be between 0 and 1, got 1.5");
  }
}

TEST(Message, QuoteShowsControlCharactersAndCutsLongNames) {
  EXPECT_EQ(quote("a b"), "'a b'");
  EXPECT_EQ(quote("a\nb\x1b"), "'a\\x0ab\\x1b'");
  EXPECT_EQ(quote("好"), "'好'");
  EXPECT_EQ(quote(std::string(500, 'x')), "'" + std::string(200, 'x') + "...'");
  std::string chinese;
  for (int i = 0; i < 100; ++i)
    chinese += "好";
  EXPECT_EQ(quote(chinese), "'" + chinese.substr(0, 198) + "...'") << "no character is cut";
}

TEST(Message, QuoteNamesWhatOneDoesNotSee) {
  EXPECT_EQ(quote("a\u00a0b"), "'a<U+00A0>b'");
  EXPECT_EQ(quote("po\u200bs\ufeff"), "'po<U+200B>s<U+FEFF>'");
  EXPECT_EQ(quote("a\u0085b\u3000"), "'a<U+0085>b<U+3000>'");
  EXPECT_EQ(quote("👩‍🚀 é"), "'👩‍🚀 é'") << "a joiner shapes what is beside it";
}

TEST(Message, EnumerateJoinsWithCommasAndALastWord) {
  EXPECT_EQ(enumerate({}), "");
  EXPECT_EQ(enumerate(std::vector<std::string>{"a"}), "a");
  EXPECT_EQ(enumerate(std::vector<std::string>{"a", "b"}), "a or b");
  EXPECT_EQ(enumerate(std::vector<std::string>{"a", "b", "c"}, "and"), "a, b and c");
}

TEST(Message, EditDistanceCountsASwapAsOne) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("untis", "units"), 1u);
  EXPECT_EQ(edit_distance("ab", "ba"), 1u);
  EXPECT_EQ(edit_distance("ca", "abc"), 3u);
}

TEST(Message, NearestFindsSlipsAndNothingElse) {
  EXPECT_EQ(nearest("unit", options), "units");
  EXPECT_EQ(nearest("untis", options), "units");
  EXPECT_EQ(nearest("droput", options), "dropout");
  EXPECT_EQ(nearest("recurent-dropout", options), "recurrent_dropout");
  EXPECT_EQ(nearest("learning_rate", options), "");
  EXPECT_EQ(nearest("", options), "");
  const std::vector<std::string> brief = {"en", "gru", "loss"};
  EXPECT_EQ(nearest("cn", brief), "") << "one of two letters is half of them";
  EXPECT_EQ(nearest("gur", brief), "gru");
  EXPECT_EQ(nearest("los", brief), "loss");
  EXPECT_EQ(nearest("x", std::vector<std::string>{"y"}), "") << "all of it replaced is no slip";
  EXPECT_EQ(nearest(std::string(1000, 'u'), options), "");
}

TEST(Message, SuggestionIsReadyToAppend) {
  EXPECT_EQ(suggestion("unit", options), "; did you mean 'units'?");
  EXPECT_EQ(suggestion("zzz", options), "");
}

}  // namespace
}  // namespace rondo

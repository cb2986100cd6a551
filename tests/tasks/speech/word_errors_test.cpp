// Word errors, against numbers by hand and by an independent edit distance.
#include "tasks/speech/scores/word_errors.h"

#include <cmath>

#include <gtest/gtest.h>

namespace rondo::speech {
namespace {

WordErrors errors(const char* reference, const char* heard, const AlignmentCosts& costs = edit_costs) {
  return align(words_in(reference), words_in(heard), costs);
}

TEST(WordErrors, SumsOverTexts) {
  WordErrors sum;
  const std::pair<const char*, const char*> pairs[] = {{"turn left now", "turn left"},
                                                       {"", "go go"},
                                                       {"t\u00fcr zu", "tu\u0308r zu"},
                                                       {"go\u00a0on", "go on"},
                                                       {"stop", "Stop"}};
  const std::int64_t wanted[] = {1, 2, 0, 0, 1};
  for (std::size_t i = 0; i < 5; ++i) {
    const WordErrors one = errors(pairs[i].first, pairs[i].second);
    EXPECT_EQ(one.errors(), wanted[i]) << i;
    sum += one;
  }
  EXPECT_EQ(sum.words(), 8);
  EXPECT_DOUBLE_EQ(sum.rate(), 0.5);
}

TEST(WordErrors, KindsOfErrors) {
  const WordErrors e = errors("a b c d", "a x c d e");
  EXPECT_EQ(e.right, 3);
  EXPECT_EQ(e.substituted, 1);
  EXPECT_EQ(e.inserted, 1);
  EXPECT_EQ(e.deleted, 0);
  std::vector<AlignedWord> pairs;
  align(words_in("a b"), words_in("b"), edit_costs, &pairs);
  EXPECT_EQ(pairs, (std::vector<AlignedWord>{{"a", ""}, {"b", "b"}}));
}

TEST(WordErrors, ScliteKeepsMoreWordsInPlace) {
  // By edit distance three substitutions; sclite finds a right word for four errors, at the same cost of 12.
  const WordErrors edit = errors("a b c", "b c d"), nist = errors("a b c", "b c d", sclite_costs);
  EXPECT_EQ(edit.errors(), 2);
  EXPECT_EQ(nist.errors(), 2);
  // Two substitutions cost 8, a deletion and an insertion 6.
  EXPECT_EQ(errors("a b", "b c", sclite_costs).right, 1);
}

TEST(WordErrors, EmptySides) {
  EXPECT_EQ(errors("", "").rate(), 0);
  EXPECT_TRUE(std::isinf(errors("", "go").rate()));
  EXPECT_EQ(errors("go on", "").deleted, 2);
  EXPECT_EQ(characters_in("a\u3000\u6f22 b").size(), 3);
}

}  // namespace
}  // namespace rondo::speech

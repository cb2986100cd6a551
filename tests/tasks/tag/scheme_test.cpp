// Schemes: phrases from tags and back, what may follow what, and which scheme a file has.
#include "tasks/tag/scheme.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "tasks/tag/scheme_finder.h"

namespace rondo::tag {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr TagScheme all_schemes[] = {TagScheme::iob1, TagScheme::iob2, TagScheme::bioes, TagScheme::bmes};

std::vector<Phrase> strict(const Strings& tags, TagScheme scheme) {
  return phrases_of(tags, scheme, PhraseRule::strict);
}

TEST(TagParts, CutAtTheFirstHyphen) {
  EXPECT_EQ(parts_of("B-NP-SBJ").type, "NP-SBJ");
  EXPECT_EQ(parts_of("B-NP-SBJ").place, 'B');
  EXPECT_EQ(parts_of("M-NAME").place, 'I');
  EXPECT_EQ(parts_of("U-LOC").place, 'S');
  EXPECT_EQ(parts_of("B").place, 'B');
  EXPECT_EQ(parts_of("B").type, "");
  EXPECT_FALSE(parts_of("B").half);
  for (const char* half : {"B-", "-PER", "-"})
    EXPECT_TRUE(parts_of(half).half) << half;
  for (const char* strange : {"NN", "X-PER", "BE-PER", "O-PER", ""})
    EXPECT_EQ(parts_of(strange).place, '\0') << strange;
}

TEST(Phrases, LenientReadingIsThatOfConlleval) {
  EXPECT_THAT(phrases_of({"O", "I-LOC", "I-LOC", "O"}, TagScheme::iob2), ElementsAre(Phrase{1, 3, "LOC"}));
  EXPECT_THAT(phrases_of({"B-PER", "I-ORG", "I-PER"}, TagScheme::iob2),
              ElementsAre(Phrase{0, 1, "PER"}, Phrase{1, 2, "ORG"}, Phrase{2, 3, "PER"}));
  EXPECT_THAT(phrases_of({"B-MISC", "I-MISC", "I-MISC", "E-MISC"}, TagScheme::bioes),
              ElementsAre(Phrase{0, 4, "MISC"}));
  EXPECT_THAT(phrases_of({"S-LOC", "B-LOC", "E-LOC"}, TagScheme::bioes),
              ElementsAre(Phrase{0, 1, "LOC"}, Phrase{1, 3, "LOC"}));
  EXPECT_THAT(phrases_of({"B", "M", "E", "S", "B", "E"}, TagScheme::bmes),
              ElementsAre(Phrase{0, 3, ""}, Phrase{3, 4, ""}, Phrase{4, 6, ""}));
  EXPECT_THAT(phrases_of({"NN", "VB"}, TagScheme::none), ElementsAre(Phrase{0, 1, "NN"}, Phrase{1, 2, "VB"}));
  EXPECT_THAT(phrases_of({}, TagScheme::bmes), IsEmpty());
}

TEST(Phrases, StrictReadingTakesWholeOnesOnly) {
  EXPECT_THAT(strict({"O", "I-LOC", "O", "B-PER", "I-LOC"}, TagScheme::iob2),
              ElementsAre(Phrase{3, 4, "PER"}));
  EXPECT_THAT(strict({"B-X", "E-X", "S-X", "B-X", "I-X", "S-X", "E-X"}, TagScheme::bioes),
              ElementsAre(Phrase{0, 2, "X"}, Phrase{2, 3, "X"}, Phrase{5, 6, "X"}));
  EXPECT_THAT(strict({"I-X", "B-X", "I-X", "O", "B-X"}, TagScheme::iob1),
              ElementsAre(Phrase{0, 1, "X"}, Phrase{1, 3, "X"}));
}

TEST(Phrases, ConllevalsOwnRulesDoNotKnowBioes) {
  EXPECT_THAT(conlleval_phrases_of({"B-MISC", "E-MISC", "B-MISC", "E-MISC"}),
              ElementsAre(Phrase{0, 4, "MISC"}));
  EXPECT_THAT(conlleval_phrases_of({"S-LOC", "S-LOC", "O"}), ElementsAre(Phrase{0, 2, "LOC"}));
  EXPECT_THAT(conlleval_phrases_of({"E-X", "E-X", "O", "[-Y", "O"}),
              ElementsAre(Phrase{0, 1, "X"}, Phrase{1, 2, "X"}, Phrase{3, 4, "Y"}));
}

TEST(Phrases, GoThroughTheTagsOfEachSchemeUnchanged) {
  std::mt19937 random(3);
  const char* const types[] = {"A", "A-B", ""};
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<Phrase> phrases;
    std::size_t size = 0;
    for (unsigned k = random() % 5; k > 0; --k) {
      const std::size_t begin = size + random() % 2, end = begin + 1 + random() % 3;
      phrases.push_back({begin, end, types[random() % 3]});
      size = end;
    }
    size += random() % 2;
    for (const TagScheme scheme : all_schemes) {
      const Strings tags = tags_of(phrases, size, scheme);
      ASSERT_EQ(tags.size(), size);
      EXPECT_EQ(phrases_of(tags, scheme), phrases);
      EXPECT_EQ(strict(tags, scheme), phrases) << name_of(scheme);
      for (std::size_t i = 0; i <= size; ++i)
        EXPECT_TRUE(may_follow(i == 0 ? "" : tags[i - 1], i == size ? "" : tags[i], scheme))
            << name_of(scheme);
      for (const TagScheme to : all_schemes)
        EXPECT_EQ(converted(tags, scheme, to), tags_of(phrases, size, to));
    }
  }
}

TEST(Phrases, MustBeInOrder) {
  EXPECT_THROW(tags_of({{1, 2, ""}, {0, 1, ""}}, 3, TagScheme::iob2), Bug);
  EXPECT_THROW(tags_of({{0, 4, ""}}, 3, TagScheme::iob2), Bug);
}

/// What each scheme forbids, as pairs of two tags.
TEST(MayFollow, KnowsEachScheme) {
  using S = TagScheme;
  const auto forbids = [](S scheme, const char* a, const char* b) { return !may_follow(a, b, scheme); };
  EXPECT_TRUE(forbids(S::iob2, "", "I-X") && forbids(S::iob2, "O", "I-X") && forbids(S::iob2, "B-X", "I-Y"));
  EXPECT_FALSE(forbids(S::iob2, "I-X", "I-X") || forbids(S::iob2, "I-X", "B-Y") ||
               forbids(S::iob2, "B-X", ""));
  EXPECT_TRUE(forbids(S::iob1, "", "B-X") && forbids(S::iob1, "I-Y", "B-X"));
  EXPECT_FALSE(forbids(S::iob1, "I-X", "B-X") || forbids(S::iob1, "O", "I-X"));
  for (const S scheme : {S::bioes, S::bmes}) {
    const std::string inner = scheme == S::bmes ? "M-X" : "I-X";
    EXPECT_TRUE(forbids(scheme, "", inner.c_str()) && forbids(scheme, "", "E-X") &&
                forbids(scheme, "B-X", ""));
    EXPECT_TRUE(forbids(scheme, "B-X", "O") && forbids(scheme, "B-X", "E-Y") &&
                forbids(scheme, "B-X", "S-X"));
    EXPECT_TRUE(forbids(scheme, "E-X", "E-X") && forbids(scheme, "S-X", inner.c_str()));
    EXPECT_FALSE(forbids(scheme, "B-X", "E-X") || forbids(scheme, inner.c_str(), inner.c_str()));
    EXPECT_FALSE(forbids(scheme, "E-X", "B-Y") || forbids(scheme, "S-X", "O") || forbids(scheme, "E-X", ""));
  }
}

TEST(TagsWithinBorders, SayWhereEachTagMayStand) {
  const std::vector<std::string> tags = {"B", "M", "E", "S"};
  using enum Border;
  const std::vector<std::uint8_t> allowed = tags_within_borders({open, forbidden, forced}, tags);
  const std::vector<std::uint8_t> wanted = {1, 1, 0, 0,   // its word goes on
                                            0, 0, 1, 0,   // goes on, and ends here
                                            1, 0, 0, 1};  // begins
  EXPECT_EQ(allowed, wanted);
  EXPECT_THAT(tags_within_borders({open, open}, tags), IsEmpty());
  const std::vector<std::string> without_middle = {"B", "E", "S"};
  EXPECT_THAT(tags_within_borders({open, forbidden}, without_middle), IsEmpty()) << "long words cannot be";
  const std::vector<std::string> two = {"B", "I"};
  EXPECT_EQ(tags_within_borders({open, forced, forbidden}, two),
            (std::vector<std::uint8_t>{1, 1, 1, 0, 0, 1}));
}

struct Found {
  TagScheme scheme;
  std::vector<std::string> notices;
};

Found found_in(const std::vector<Strings>& sentences, SchemeChoice choice = SchemeChoice::automatic) {
  SchemeFinder finder;
  for (const Strings& tags : sentences)
    finder.add(tags, [](std::size_t i) { return "f line " + std::to_string(i + 1); });
  Found found{};
  found.scheme = finder.settle(choice, found.notices);
  return found;
}

TEST(SchemeFinder, FindsEachScheme) {
  EXPECT_EQ(found_in({{"B-X", "I-X", "O", "B-Y"}}).scheme, TagScheme::iob2);
  EXPECT_EQ(found_in({{"I-X", "I-X", "O", "I-Y", "B-Y"}}).scheme, TagScheme::iob1);
  EXPECT_EQ(found_in({{"I-X", "I-X", "O"}}).scheme, TagScheme::iob1);
  EXPECT_EQ(found_in({{"B-X", "I-X", "E-X", "S-Y", "O"}}).scheme, TagScheme::bioes);
  EXPECT_EQ(found_in({{"B-X", "L-X", "U-Y", "O"}}).scheme, TagScheme::bioes);
  EXPECT_EQ(found_in({{"B-X", "M-X", "E-X", "O"}}).scheme, TagScheme::bmes);
  EXPECT_EQ(found_in({{"B", "E", "S"}}).scheme, TagScheme::bmes);
  EXPECT_EQ(found_in({{"B", "I", "B"}}).scheme, TagScheme::iob2);
  EXPECT_EQ(found_in({{"DT", "NN", "-LRB-", "B"}}).scheme, TagScheme::none);
  EXPECT_EQ(found_in({{"O", "O"}}).scheme, TagScheme::none);
}

TEST(SchemeFinder, CountsWhatBreaksTheScheme) {
  const Found found = found_in({{"B-X", "I-X", "O"}, {"B-X", "O", "I-X", "I-Y"}});
  EXPECT_EQ(found.scheme, TagScheme::iob2);
  ASSERT_EQ(found.notices.size(), 1U);
  EXPECT_THAT(found.notices[0],
              HasSubstr("2 of 7 tags break the scheme iob2 (the first: f line 3: 'I-X' after 'O')"));
  EXPECT_THAT(found_in({{"B-X", "I-X"}}).notices, IsEmpty());
  EXPECT_THAT(found_in({{"B-X", "E-X", "B-X"}}).notices[0], HasSubstr("the end after 'B-X'"));
}

TEST(SchemeFinder, RefusesHalfTags) {
  for (const char* half : {"B-", "-PER"})
    test::expect_error(
        ErrorKind::data,
        [&] {
          found_in({{"B-PER", "O", half}});
        },
        "f line 3: tag '" + std::string(half) + "'", "--scheme none");
  EXPECT_EQ(found_in({{"B-PER", "O", "-PER"}}, SchemeChoice::none).scheme, TagScheme::none);
  test::expect_error(
      ErrorKind::data,
      [] {
        found_in({{"B-PER", "NN"}}, SchemeChoice::iob2);
      },
      "f line 2: tag 'NN'", "iob2");
}

}  // namespace
}  // namespace rondo::tag

// Shortlists: what a lexicon learns and keeps, and translations that are made of few tokens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/random.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/translate/model.h"
#include "tasks/translate/pairs.h"

namespace rondo::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using translate::Lexicon;
using translate::NumberedPair;

constexpr std::int32_t words = 300, end = words;

/// Source word i is target word i + 1, in another order, now and then with a word that says nothing. The last
/// number ends a source.
std::vector<NumberedPair> numbered_pairs() {
  Random random(1);
  std::vector<NumberedPair> pairs;
  for (int i = 0; i < 2'000; ++i) {
    NumberedPair& pair = pairs.emplace_back();
    for (int k = 0; k < 5; ++k) {
      const auto word = static_cast<std::int32_t>(random.below(words - 1));
      pair.source.push_back(word);
      pair.target.insert(pair.target.begin(), word + 1);
    }
    pair.target.push_back(0);
    pair.source.push_back(end);
  }
  return pairs;
}

TEST(Lexicon, FindsWhatTranslatesWhat) {
  const Lexicon lexicon = Lexicon::learn(numbered_pairs(), words + 1, words + 1, 3);
  const std::vector<std::int32_t> none, all = lexicon.shortlist(none, 3);
  EXPECT_EQ(all.size(), Lexicon::frequent_tokens);
  EXPECT_EQ(all.front(), 0) << "the most frequent of all";
  for (std::int32_t word = 0; word < words - 1; ++word) {
    const std::vector<std::int32_t> one = {word}, list = lexicon.shortlist(one, 1);
    EXPECT_TRUE(std::binary_search(list.begin(), list.end(), word + 1)) << word;
    EXPECT_LE(list.size(), Lexicon::frequent_tokens + 1);
  }
}

TEST(Lexicon, ComesBackFromItsTextAndRefusesAnyOther) {
  const Lexicon lexicon = Lexicon::learn(numbered_pairs(), words + 1, words + 1, 4);
  const Json tree = lexicon.to_tree();
  const Lexicon again = Lexicon::from_tree(tree, words + 1, words + 1);
  const std::vector<std::int32_t> source = {5, 70, end};
  EXPECT_EQ(again.shortlist(source, 4), lexicon.shortlist(source, 4));
  const auto refused = [](const Json& odd, std::int32_t sources, std::int32_t targets) {
    expect_error(
        ErrorKind::format, [&] { Lexicon::from_tree(odd, sources, targets); }, "lexicon");
  };
  refused(tree, words + 2, words + 1);
  refused(tree, words, words + 1);
  refused(tree, words + 1, words / 2);
  refused(5, words + 1, words + 1);
  refused("AAA", words + 1, words + 1);
  const std::string text = tree.get<std::string>();
  for (std::size_t length = 0; length + 4 < text.size(); length += 400)
    refused(text.substr(0, length / 4 * 4), words + 1, words + 1);
}

/// Pairs whose target is the source backwards, in other letters.
Dataset backwards(int count, std::uint64_t seed) {
  Random random(seed);
  std::vector<SentencePair> pairs;
  for (int i = 0; i < count; ++i) {
    SentencePair& pair = pairs.emplace_back();
    for (std::uint64_t k = 0; k < 2 + random.below(4); ++k) {
      const auto number = random.below(150);
      pair.source += (k > 0 ? " s" : "s") + std::to_string(number);
      pair.target = "t" + std::to_string(number) + (k > 0 ? " " : "") + pair.target;
    }
  }
  return translate::dataset_of(std::move(pairs));
}

TranslatorOptions small(int lexicon) {
  TranslatorOptions o;
  o.text.tokenizer = TranslationUnit::words;
  o.text.lexicon = lexicon;
  o.network.units = 32;
  o.network.embedding = 24;
  o.training.epochs = 4;
  o.training.batch_size = 16;
  o.training.learning_rate = 0.01F;
  return o;
}

const Translator& with_lexicon() {
  static const Translator model = Translator::train(backwards(600, 1), {}, small(1000));
  return model;
}

std::vector<std::string> sources(int count, std::uint64_t seed) {
  std::vector<std::string> texts;
  const Dataset pairs = backwards(count, seed);
  for (const SentencePair* const pair : translate::pairs_in(pairs))
    texts.push_back(pair->source);
  return texts;
}

void expect_same(const std::vector<std::vector<Translation>>& got,
                 const std::vector<std::vector<Translation>>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].size(), wanted[i].size());
    for (std::size_t k = 0; k < got[i].size(); ++k) {
      EXPECT_EQ(got[i][k].text, wanted[i][k].text);
      EXPECT_EQ(got[i][k].log_probability, wanted[i][k].log_probability);
    }
  }
}

TEST(Shortlist, OfAllTokensChangesNothing) {
  const auto texts = sources(40, 2);
  for (const float temperature : {0.0F, 1.0F}) {
    const TranslateOptions all{.beam = 5, .n_best = temperature > 0 ? 1 : 3, .temperature = temperature};
    TranslateOptions listed = all;
    listed.shortlist = 1000;
    expect_same(with_lexicon().translate(texts, listed), with_lexicon().translate(texts, all));
  }
}

TEST(Shortlist, OfFewTokensGivesTheSameAloneInAnyBatchAndIn8Bits) {
  const TemporaryFolder folder;
  const auto texts = sources(40, 3);
  const TranslateOptions few{.beam = 3, .n_best = 2, .shortlist = 2};
  with_lexicon().save(folder / "m.rondo");
  Translator loaded = Translator::load(folder / "m.rondo");
  expect_same(loaded.translate(texts, few), with_lexicon().translate(texts, few));
  for (const WeightType type : {WeightType::f32, WeightType::int8, WeightType::w8a8}) {
    loaded.impl().network.quantize(type);
    const auto together = loaded.translate(texts, few);
    for (std::size_t i = 0; i < texts.size(); i += 3)
      expect_same(loaded.translate(std::span(&texts[i], 1), few), {together[i]});
  }
}

TEST(Shortlist, HoldsWhatMayBeWritten) {
  const translate::TranslationInput& input = with_lexicon().impl().network.input();
  std::vector<std::int32_t> source = input.source.encode("s3 s140").tokens;
  source.push_back(input.source_end(""));
  const std::vector<std::int32_t> list = input.shortlist(source, 1);
  EXPECT_TRUE(std::is_sorted(list.begin(), list.end()));
  EXPECT_LE(list.size(), Lexicon::frequent_tokens + 6);
  EXPECT_LT(static_cast<std::int32_t>(list.size()), input.target.size());
  for (const std::int32_t token : {input.target.encode("t3").tokens[0], input.target.encode("t140").tokens[0],
                                   input.target.begin(), input.target.end(), std::int32_t{0}})
    EXPECT_THAT(list, testing::Contains(token));
}

TEST(Shortlist, WantsALexicon) {
  TranslatorOptions o = small(0);
  o.training.epochs = 1;
  const Translator model = Translator::train(backwards(30, 1), {}, o);
  const std::string text = "s3";
  expect_error(
      ErrorKind::option, [&] { model.translate(text, {.shortlist = 50}); }, "--lexicon 50", "shortlist");
}

}  // namespace
}  // namespace rondo::test

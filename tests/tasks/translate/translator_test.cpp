// Translators: pairs that are read, what is learned, translations alone and together, and what a model says.
#include <cmath>
#include <fstream>
#include <numeric>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/random.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/translate/application.h"
#include "tasks/translate/pairs.h"
#include "tasks/translate/verb.h"

namespace rondo::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Texts = std::vector<std::string>;

std::filesystem::path written(const TemporaryFolder& folder, const std::string& name,
                              const std::string& bytes) {
  std::ofstream(folder / name, std::ios::binary) << bytes;
  return folder / name;
}

// -- Reading

Texts sides(const Dataset& pairs) {
  Texts all;
  for (const SentencePair* const pair : translate::pairs_in(pairs))
    all.push_back(pair->source + "|" + pair->target);
  return all;
}

TEST(SentencePairs, TwoFilesMustHaveAsManyLines) {
  const TemporaryFolder folder;
  const auto a = written(folder, "a.en", "one\ntwo\nthree\n"), b = written(folder, "a.fr", "un\ndeux\n");
  expect_error(
      ErrorKind::data,
      [&] {
        translate::read_pairs({a, b});
      },
      "a.en has 3 lines", "a.fr 2");
  const auto odd = written(folder, "odd.en", "a\xe2\x80\xa8z\nb\fc\rd\r\n"),
             other = written(folder, "odd.fr", "1\n2");
  EXPECT_EQ(translate::read_pairs({odd, other}).size(), 2U);
}

TEST(SentencePairs, OfATableThoseThatAreNoneAreLeftOutAndCounted) {
  const TemporaryFolder folder;
  Texts notices;
  const auto file =
      written(folder, "p.tsv", "he said \"go\tsagte \"geh\nOK\tOK\na\tb\tc\nno tab\n\ttail\nx\t\n");
  EXPECT_THAT(sides(translate::read_pairs({file}, {}, &notices)),
              ElementsAre("he said \"go|sagte \"geh", "OK|OK"));
  EXPECT_THAT(notices, ElementsAre(HasSubstr("3 fields"), HasSubstr("1 field,"), HasSubstr("empty source"),
                                   HasSubstr("empty target"), HasSubstr("1 pair is the same")));
  EXPECT_THAT(notices[0], HasSubstr("p.tsv line 3"));
}

TEST(SentencePairs, OfTablesWithMoreColumns) {
  const TemporaryFolder folder;
  const auto read = [&](const char* name, const std::string& text,
                        const translate::ReadingOptions& options = {}) {
    return sides(translate::read_pairs({written(folder, name, text)}, options));
  };
  const auto both = ElementsAre("Go on.|Continue.", "Run, run!|Cours !");
  Texts notices;
  const auto anki =
      written(folder, "fra.txt",
              "Go on.\tContinue.\tCC-BY 2.0 (France) Attribution: tatoeba.org #1 (a) & #2 (b)\n"
              "Run, run!\tCours !\tCC-BY 2.0 (France) Attribution: tatoeba.org #3 (a) & #4 (b)\n");
  EXPECT_THAT(sides(translate::read_pairs({anki}, {}, &notices)), both);
  EXPECT_THAT(notices, ElementsAre(HasSubstr("source in column 1, target in column 2 of 3")));
  EXPECT_THAT(read("tatoeba.tsv", "12\tGo on.\t77\tContinue.\n13\tRun, run!\t78\tCours !\n"), both);
  EXPECT_THAT(read("names.tsv", "English\tFrench\nGo on.\tContinue.\nRun, run!\tCours !\n"), both);
  EXPECT_THAT(read("bars.txt", "Go on. ||| Continue.\nRun, run! ||| Cours !\n"), both);
  EXPECT_THAT(read("p.csv", "id,en,fr\n1,Go on.,Continue.\n2,\"Run, run!\",Cours !\n"), both);
  EXPECT_THAT(read("P.CSV", "id,en,fr\n1,Go on.,Continue.\n2,\"Run, run!\",Cours !\n"), both);
  EXPECT_THAT(read("p.tab", "Go on.\tContinue.\nRun, run!\tCours !\n"), both);
  EXPECT_THAT(read("s.csv", "Go on.;Continue.\nRun, run!;Cours !\n"), both);
  EXPECT_THAT(read("p.csv", "id,en,fr\n1,Go on.,Continue.\n", {.from = "fr", .to = "en"}),
              ElementsAre("Continue.|Go on."));
  EXPECT_THAT(read("n.tsv", "a b\tc d\te f\n", {.from = "3", .to = "1"}), ElementsAre("e f|a b"));
  EXPECT_THAT(read("words.tsv", "it\tes\nyou\tdu\n"), ElementsAre("it|es", "you|du")) << "words, not names";
  EXPECT_THAT(read("t.ndjson", "{\"en\":\"a\",\"fr\":\"b\"}\n"), ElementsAre("a|b"));
  sides(translate::read_pairs({written(folder, "w.csv", "a,b\nc,d\ne,f,g\n")}, {}, &notices));
  EXPECT_THAT(notices.back(), HasSubstr("3 fields, not 2"));
  EXPECT_THAT(read("t.jsonl", "{\"id\":\"1\",\"translation\":{\"en\":\"a\",\"fr\":\"b\"}}\n"),
              ElementsAre("a|b"));
  expect_error(
      ErrorKind::data, [&] { read("three.tsv", "a b\tc d\te f\n"); }, "three.tsv", "3 of 3 columns",
      "--from COLUMN");
}

TEST(SentencePairs, OfJsonLinesByTheirKeys) {
  const TemporaryFolder folder;
  const auto file =
      written(folder, "p.jsonl",
              "{\"en\":\"a\\tb\",\"de\":\"a\\nb\"}\n{\"en\":\"we go\",\"de\":null}\n{\"en\":\"sea\"}\n"
              "{\"en\":\"caf\\u00e9\",\"de\":\"Caf\\u00e9\"}\n");
  EXPECT_THAT(sides(translate::read_pairs({file})), ElementsAre("a b|a b", "café|Café"));
  EXPECT_THAT(sides(translate::read_pairs({file}, {.from = "de", .to = "en"})),
              ElementsAre("a b|a b", "Café|café"));
  const auto three = written(folder, "t.jsonl", "{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}\n");
  expect_error(
      ErrorKind::data, [&] { translate::read_pairs({three}); }, "t.jsonl line 1", "--from KEY");
}

TEST(SentencePairs, LongOnesAndLopsidedOnesAreLeftOut) {
  const TemporaryFolder folder;
  Texts notices;
  const std::string text(40, 'x');
  const auto file = written(folder, "p.tsv", text + "\ty\n" + text + "\t" + text + "z\nshort\tone\n");
  EXPECT_EQ(translate::read_pairs({file}, {.longest = 40}, &notices).size(), 1U);
  EXPECT_THAT(notices, ElementsAre(HasSubstr("--ratio"), HasSubstr("--longest")));
}

TEST(SentencePairs, BadFilesAreRefusedInOneLine) {
  const TemporaryFolder folder;
  const auto plain = written(folder, "a.en", "one\n");
  expect_error(
      ErrorKind::data, [&] { translate::read_pairs({plain}); }, "one file of plain lines");
  expect_error(
      ErrorKind::data,
      [&] {
        translate::read_pairs({plain, plain, plain});
      },
      "come in pairs");
  expect_error(
      ErrorKind::data, [&] { translate::read_pairs({written(folder, "b.tsv", "a\t\xff\n")}); },
      "b.tsv line 1");
  expect_error(
      ErrorKind::data, [&] { translate::read_pairs({written(folder, "c.tsv", "\n")}); },
      "no pair of sentences");
  expect_error(
      ErrorKind::data, [&] { translate::read_pairs({written(folder, "d.jsonl", "{\"a\":")}); },
      "d.jsonl line 1");
  expect_error(
      ErrorKind::data,
      [&] {
        translate::dataset_of({{"a", " "}});
      },
      "pair 1 has an empty side");
  expect_error(
      ErrorKind::data, [&] { translate::read_pairs({plain}, {.to = "fr"}); }, "a.fr", "not there");
}

// -- Models

/// Sequences of letters, and the same backwards.
std::vector<SentencePair> reversed(int count, std::uint64_t seed, int longest = 6) {
  Random random(seed, 0);
  std::vector<SentencePair> pairs;
  for (int i = 0; i < count; ++i) {
    SentencePair pair;
    const int length = 2 + static_cast<int>(random.uniform() * static_cast<float>(longest - 1));
    for (int k = 0; k < length; ++k) {
      const std::string letter(1, static_cast<char>('a' + static_cast<int>(random.uniform() * 6)));
      pair.source += (k > 0 ? " " : "") + letter;
      pair.target = letter + (k > 0 ? " " : "") + pair.target;
    }
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

TranslatorOptions small(TranslationAttention attention = TranslationAttention::gnmt) {
  TranslatorOptions o;
  o.network.attention = attention;
  o.network.units = 32;
  o.network.embedding = 24;
  o.network.dropout = 0;
  o.network.label_smoothing = 0;
  o.training.epochs = 20;
  o.training.batch_size = 16;
  o.training.learning_rate = 0.01F;
  return o;
}

const Translator& reverser() {
  static const Translator model = Translator::train(translate::dataset_of(reversed(500, 1)), {}, small());
  return model;
}

double share_right(const Translator& model, const std::vector<SentencePair>& pairs) {
  double right = 0;
  for (const SentencePair& pair : pairs)
    right += model.translate(pair.source) == pair.target ? 1 : 0;
  return right / static_cast<double>(pairs.size());
}

TEST(Translator, EveryAttentionAndCellLearns) {
  for (const auto attention : {TranslationAttention::none, TranslationAttention::luong,
                               TranslationAttention::feed, TranslationAttention::bahdanau}) {
    TranslatorOptions o = small(attention);
    o.network.cell = TranslationCell::gru;
    o.network.tied = attention == TranslationAttention::feed;
    o.network.attention_score = AttentionScore::additive;
    o.training.epochs = 4;
    const Dataset pairs = translate::dataset_of(reversed(120, 3, 3));
    const Translator model = Translator::train(pairs, {}, o);
    EXPECT_LT(model.history()["loss"].back(), 0.9F * model.history()["loss"].front()) << name_of(attention);
    const std::vector<GradientCheck> checks = model.impl().network.check_gradients(pairs);
    for (const GradientCheck& check : checks)
      EXPECT_TRUE(check.good()) << name_of(attention) << " " << check.parameter;
  }
}

TEST(Translator, StepsAreWhatWholeTargetsAre) {
  const std::vector<SentencePair> pairs = reversed(12, 5);
  for (const SentencePair& pair : pairs) {
    const auto best = reverser().translate(std::span(&pair.source, 1)).front().front();
    const SentencePair own{pair.source, best.text};
    EXPECT_NEAR(reverser().score(std::span(&own, 1)).front().log_probability, best.log_probability, 1e-3);
  }
}

TEST(Translator, TheSameAloneInAnyBatchAndOnAnyNumberOfThreads) {
  Texts texts;  // of several batches, which threads divide among themselves
  for (const SentencePair& pair : reversed(130, 6, 9))
    texts.push_back(pair.source);
  const TranslateOptions two_best = {.beam = 3, .n_best = 2};
  const auto together = reverser().translate(texts, two_best);
  const auto expect_same = [&](const std::vector<Translation>& found, std::size_t i) {
    ASSERT_EQ(found.size(), together[i].size());
    for (std::size_t k = 0; k < found.size(); ++k) {
      EXPECT_EQ(found[k].text, together[i][k].text);
      EXPECT_EQ(found[k].log_probability, together[i][k].log_probability);
    }
  };
  for (const int threads : {1, 2, 3}) {
    SCOPED_TRACE(std::to_string(threads) + " threads");
    Runtime runtime({.threads = threads, .isa = {}});
    const Runtime::Use use(runtime);
    const auto all = reverser().translate(texts, two_best);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      expect_same(all[i], i);
      expect_same(reverser().translate(std::span(&texts[i], 1), two_best).front(), i);
    }
  }
}

TEST(Translator, EmptyLinesStayEmptyAndUnknownWordsAreCopied) {
  const Texts texts = {"a b", "", "   ", "\xe3\x80\x80"};
  const auto got = reverser().translate(texts);
  EXPECT_EQ(got[0].front().text, "b a");
  for (std::size_t i = 1; i < 4; ++i)
    EXPECT_EQ(got[i].front().text, "");
  EXPECT_THAT(reverser().translate("a Zorblax <unk> </s>"), testing::Not(HasSubstr("<unk> <unk>")));
}

TEST(Translator, ScoresHaveAWordEachAndAttentionSumsToOne) {
  const std::vector<SentencePair> pairs = {{"a b c", "c b a"}, {"", "a"}, {"d e", "e d"}};
  const auto scored = reverser().score(pairs);
  EXPECT_EQ(scored[0].word_scores.size(), 4U);
  EXPECT_NEAR(std::accumulate(scored[0].word_scores.begin(), scored[0].word_scores.end(), 0.0),
              scored[0].log_probability, 1e-9);
  ASSERT_EQ(scored[0].attention.size(), 3U);
  for (const auto& row : scored[0].attention)
    EXPECT_NEAR(std::accumulate(row.begin(), row.end(), 0.0), 1, 1e-9);
  EXPECT_EQ(scored[1].tokens, 0);
}

TEST(Translator, ASavedModelAndAnInt8OneTranslateTheSame) {
  const TemporaryFolder folder;
  reverser().save(folder / "m.rondo");
  Translator loaded = Translator::load(folder / "m.rondo");
  const std::vector<SentencePair> pairs = reversed(30, 8);
  for (const SentencePair& pair : pairs)
    EXPECT_EQ(loaded.translate(pair.source), reverser().translate(pair.source));
  loaded.impl().network.quantize(WeightType::int8);
  EXPECT_GT(share_right(loaded, pairs), share_right(reverser(), pairs) - 0.1);
}

TEST(Translator, EvaluatesWithBleuAndTables) {
  const TranslationEvaluation e = reverser().evaluate(translate::dataset_of(reversed(30, 9)));
  EXPECT_GT(e.bleu, 60);
  EXPECT_GT(e.chrf, 60);
  EXPECT_EQ(e.sentences, 30);
  EXPECT_THAT(e.signature, HasSubstr("tok:13a"));
  EXPECT_EQ(e.blocks.size(), 3U);
}

TEST(Translator, AnUnknownPieceIsReplacedByAWordWhereItIsOne) {
  const std::vector<std::string_view> texts = {"the sea is blue", "the old sea", "a blue boat"};
  const translate::Units units = translate::Units::learn(
      texts, {.tokenizer = TranslationUnit::subwords, .max_size = 60, .min_count = 1}, 1);
  const auto read = [&](std::string_view text) {
    return units.decode(units.encode(text).tokens, [](std::size_t) { return "OSLO"; });
  };
  EXPECT_EQ(read("the ☃ is blue"), "the OSLO is blue");
  EXPECT_EQ(read("☃"), "OSLO");
  EXPECT_EQ(read("the b☃at"), "the bat");
  EXPECT_EQ(read("the se☃"), "the se");
  EXPECT_EQ(read("the ☃sea"), "the sea");
}

TEST(Translator, UnitsOfCharactersAndSubwordsSpellTheText) {
  for (const auto unit : {TranslationUnit::characters, TranslationUnit::words, TranslationUnit::subwords}) {
    const std::vector<std::string_view> texts = {"the sea is blue", "我们 去北京", "the old sea"};
    TranslationTextOptions o{.tokenizer = unit, .max_size = 60, .min_count = 1};
    const translate::Units units = translate::Units::learn(texts, o, 1);
    for (const std::string_view text : texts) {
      std::vector<std::int32_t> words;
      const translate::Encoded encoded = units.encode(text);
      EXPECT_EQ(units.decode(
                    encoded.tokens, [](std::size_t) { return "?"; }, &words),
                text)
          << name_of(unit);
      EXPECT_EQ(words.back() + 1, std::ssize(encoded.words)) << name_of(unit);
    }
    const translate::Units again = translate::Units::from_tree(units.to_tree());
    EXPECT_EQ(again.encode("the sea").tokens, units.encode("the sea").tokens);
  }
}

}  // namespace
}  // namespace rondo::test

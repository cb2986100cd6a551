// Several directions in one model, and TMX, which has several languages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/translate/pairs.h"

namespace rondo::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Texts = std::vector<std::string>;

Texts sides(const Dataset& pairs) {
  Texts all;
  for (const SentencePair* const pair : translate::pairs_in(pairs))
    all.push_back(pair->direction() + ":" + pair->source + "|" + pair->target);
  return all;
}

std::filesystem::path written(const TemporaryFolder& folder, const std::string& name,
                              const std::string& text) {
  write_file_atomically(folder / name, text);
  return folder / name;
}

// -- Reading

TEST(Directions, OfFilesThatComeInPairs) {
  const TemporaryFolder folder;
  const auto en = written(folder, "a.en", "one\n"), fr = written(folder, "a.fr", "un\n"),
             de = written(folder, "a.de", "eins\n");
  EXPECT_THAT(sides(translate::read_pairs({en, fr, en, de})), ElementsAre("en-fr:one|un", "en-de:one|eins"));
  EXPECT_THAT(sides(translate::read_pairs({en}, {.to = "fr, de"})),
              ElementsAre("en-fr:one|un", "en-de:one|eins"));
  EXPECT_THAT(sides(translate::read_pairs({en}, {.from = "en,fr", .to = "fr,en"})),
              ElementsAre("en-fr:one|un", "fr-en:un|one"));
  EXPECT_THAT(sides(translate::read_pairs({en, fr})), ElementsAre(":one|un"));
}

TEST(Directions, OfJsonLinesWithMoreKeys) {
  const TemporaryFolder folder;
  const auto file =
      written(folder, "a.jsonl",
              "{\"en\":\"one\",\"fr\":\"un\",\"de\":\"eins\"}\n{\"en\":\"two\",\"fr\":\"deux\"}\n");
  Texts notices;
  EXPECT_THAT(sides(translate::read_pairs({file}, {.from = "en", .to = "fr,de"}, &notices)),
              ElementsAre("en-fr:one|un", "en-de:one|eins", "en-fr:two|deux"));
  EXPECT_THAT(notices, ElementsAre(HasSubstr("no text 'de'")));
}

std::string tmx(const std::string& units) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<tmx version=\"1.4\"><header srclang=\"en\"/><body>\n" +
         units + "</body></tmx>\n";
}

std::string unit(const Texts& texts) {
  std::string all = "<tu>";
  for (std::size_t i = 0; i + 1 < texts.size(); i += 2)
    all += "<tuv xml:lang=\"" + texts[i] + "\"><seg>" + texts[i + 1] + "</seg></tuv>";
  return all + "</tu>\n";
}

TEST(Tmx, OfTwoLanguagesTheHeadersIsTheSource) {
  const TemporaryFolder folder;
  const auto file = written(
      folder, "a.tmx",
      tmx(unit({"fr", "un &amp; deux", "EN-US", "one &amp; two"}) +
          unit({"FR", "trois", "en-us", "<hi>thr</hi>ee<ph>&lt;br/&gt;</ph>"}) + unit({"fr", "quatre"})));
  Texts notices;
  EXPECT_THAT(sides(translate::read_pairs({file}, {}, &notices)),
              ElementsAre(":one & two|un & deux", ":three|trois"));
  EXPECT_THAT(notices, ElementsAre(HasSubstr("no text in 'EN-US'")));
}

TEST(Tmx, OfSeveralLanguagesThoseThatAreNamed) {
  const TemporaryFolder folder;
  const auto file = written(folder, "a.tmx", tmx(unit({"en", "one", "fr", "un", "zh-CN", "一"})));
  EXPECT_THAT(sides(translate::read_pairs({file}, {.from = "en", .to = "fr,zh"})),
              ElementsAre("en-fr:one|un", "en-zh:one|一"));
  expect_error(
      ErrorKind::data, [&] { translate::read_pairs({file}); }, "a.tmx line 3", "3 texts", "--from LANGUAGE");
}

TEST(Tmx, BadFilesAreRefusedWithTheirLine) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& text, const std::string& why) {
    SCOPED_TRACE(why);
    const auto file = written(folder, "b.tmx", text);
    expect_error(
        ErrorKind::data, [&] { translate::read_pairs({file}); }, "b.tmx line", why);
  };
  refused(tmx("<tu><tuv><seg>a</seg></tuv></tu>"), "without xml:lang");
  refused("<tmx><body><tu></body></tmx>", "no whole XML");
  refused("<html></html>", "no TMX");
  refused("one\tun\n", "no whole XML");
  refused("<!DOCTYPE tmx [<!ENTITY a \"b\">]><tmx></tmx>", "entities of its own");
}

// -- Models

/// "a b c" is "A B C" in the language of capitals, and "c b a" in that of mirrors.
std::vector<SentencePair> two_languages(int count) {
  std::vector<SentencePair> pairs;
  std::uint32_t drawn = 1;
  const auto draw = [&drawn](std::uint32_t below) {
    drawn = drawn * 1'664'525U + 1'013'904'223U;
    return (drawn >> 16) % below;
  };
  for (int i = 0; i < count; ++i) {
    std::string source, capitals, mirrored;
    for (std::uint32_t k = 0, length = 2 + draw(3); k < length; ++k) {
      const auto letter = static_cast<char>(draw(5));
      source += std::string(k > 0 ? " " : "") + static_cast<char>('a' + letter);
      capitals += std::string(k > 0 ? " " : "") + static_cast<char>('A' + letter);
      mirrored = std::string(1, static_cast<char>('a' + letter)) + (k > 0 ? " " : "") + mirrored;
    }
    pairs.push_back({source, capitals, "small", "capital"});
    pairs.push_back({source, mirrored, "small", "mirror"});
  }
  return pairs;
}

TranslatorOptions small_options(TranslationVocabulary vocabulary) {
  TranslatorOptions options;
  options.text.vocabulary = vocabulary;
  options.network = {.embedding = 16, .units = 32, .dropout = 0, .label_smoothing = 0};
  options.training.epochs = 30;
  options.training.batch_size = 16;
  options.training.learning_rate = 0.02F;
  return options;
}

TEST(Directions, OneModelLearnsBoth) {
  const TemporaryFolder folder;
  for (const auto vocabulary : {TranslationVocabulary::joint, TranslationVocabulary::separate}) {
    SCOPED_TRACE(std::string(name_of(vocabulary)));
    Translator::train(translate::dataset_of(two_languages(300)), {}, small_options(vocabulary))
        .save(folder / "t.rondo");
    const Translator translator = Translator::load(folder / "t.rondo");
    EXPECT_THAT(translator.directions(), ElementsAre("small-capital", "small-mirror"));
    EXPECT_EQ(translator.translate("a b c", "small", "capital"), "A B C");
    EXPECT_EQ(translator.translate("a b c", "small", "mirror"), "c b a");
    const auto scored = translator.score(std::vector<SentencePair>{{"a b c", "A B C", "small", "capital"},
                                                                   {"a b c", "A B C", "small", "mirror"}});
    EXPECT_GT(scored[0].log_probability, scored[1].log_probability + 2);
    const auto evaluation = translator.evaluate(translate::dataset_of(two_languages(10)), 0);
    const auto& table = std::get<report::Table>(evaluation.blocks.front());
    EXPECT_EQ(table.key, "by_direction");
    EXPECT_EQ(table.rows.size(), 2U);
  }
}

TEST(Directions, ThatAreNotKnownAreRefused) {
  TranslatorOptions options = small_options(TranslationVocabulary::joint);
  options.training.epochs = 1;
  const Translator two = Translator::train(translate::dataset_of(two_languages(20)), {}, options);
  const auto wants = [&](const std::string& got) {
    return "the model knows small-capital, small-mirror; got " + got;
  };
  expect_error(
      ErrorKind::option, [&] { two.translate("a b"); }, wants("none"));
  expect_error(
      ErrorKind::option, [&] { two.translate("a b", {.to = "fr"}); }, wants("'fr'"));
  expect_error(
      ErrorKind::option, [&] { two.translate("a b", "mirror", "capital"); }, wants("mirror-capital"));
  expect_error(
      ErrorKind::option,
      [&] {
        two.score(std::vector<SentencePair>{{"a", "A"}});
      },
      wants("none"));
  const Translator one =
      Translator::train(translate::dataset_of({{"a b", "b a"}, {"b a", "a b"}}), {}, options);
  expect_error(
      ErrorKind::option, [&] { one.translate("a b", "en", "fr"); }, "one direction");
  std::vector<SentencePair> mixed = two_languages(4);
  mixed.push_back({"a", "b"});
  expect_error(
      ErrorKind::data, [&] { Translator::train(translate::dataset_of(mixed), {}, options); },
      "some pairs name their languages");
}

}  // namespace
}  // namespace rondo::test

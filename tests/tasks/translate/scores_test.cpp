// BLEU and chrF beside an independent implementation: tests/golden/make_translation_scores.py.
#include <filesystem>

#include <gtest/gtest.h>

#include <rondo/description.h>

#include "base/json.h"
#include "tasks/translate/scores/bleu.h"
#include "tasks/translate/scores/chrf.h"

namespace rondo::translate {
namespace {

const Json& golden() {
  static const Json json = read_json(
      std::filesystem::path(RONDO_TEST_DATA) / "golden" / "translation_scores.json", {.name = "golden"});
  return json;
}

BleuTokenizer tokenizer_named(const std::string& name) {
  for (const auto each : {BleuTokenizer::t13a, BleuTokenizer::zh, BleuTokenizer::intl,
                          BleuTokenizer::character, BleuTokenizer::none})
    if (rondo::name_of(each) == name) return each;
  ADD_FAILURE() << name;
  return BleuTokenizer::none;
}

/// Calls f(line, references) for each line of a case.
template <class F>
void each_line(const Json& of, const F& f) {
  for (std::size_t i = 0; i < of["lines"].size(); ++i) {
    std::vector<std::string_view> references;
    for (const Json& text : of["references"][i])
      references.push_back(text.get_ref<const std::string&>());
    f(of["lines"][i].get_ref<const std::string&>(), references);
  }
}

TEST(TranslationScores, CutLinesAsTheReferenceDoes) {
  for (const auto& [name, lines] : golden()["tokens"].items())
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string& text = golden()["texts"][i].get_ref<const std::string&>();
      EXPECT_EQ(bleu_tokens(text, tokenizer_named(name)), lines[i].get_ref<const std::string&>())
          << name << " of '" << text << "'";
    }
}

TEST(TranslationScores, AreTheReferencesToTheLastDigit) {
  for (const Json& one : golden()["cases"]) {
    for (const auto& [name, wanted] : one["bleu"].items()) {
      BleuCounts sum;
      each_line(one, [&](const std::string& line, std::span<const std::string_view> references) {
        sum += bleu_counts(line, references, tokenizer_named(name));
      });
      EXPECT_NEAR(sum.score(), wanted.get<double>(), 1e-9) << name;
    }
    for (const int words : {0, 2}) {
      ChrfCounts sum;
      each_line(one, [&](const std::string& line, std::span<const std::string_view> references) {
        sum += chrf_counts(line, references, words);
      });
      EXPECT_NEAR(sum.score(), one[words == 0 ? "chrf" : "chrf++"].get<double>(), 1e-9);
    }
  }
}

TEST(TranslationScores, OfNothingAreNought) {
  EXPECT_EQ(BleuCounts().score(), 0);
  EXPECT_EQ(ChrfCounts().score(), 0);
  const std::string_view reference = "a b";
  EXPECT_EQ(bleu_counts("", std::span(&reference, 1), BleuTokenizer::t13a).score(), 0);
}

}  // namespace
}  // namespace rondo::translate

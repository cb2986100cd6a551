// Translators: every network learns, with the same bytes on any threads and after a resume.
#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/translate/pairs.h"

namespace rondo {
namespace {

using test::expect_error;
using test::TemporaryFolder;
using testing::HasSubstr;

/// A language of letters, and one that says them in capitals and backwards.
std::vector<SentencePair> backwards(int count) {
  std::vector<SentencePair> pairs;
  std::uint32_t drawn = 1;
  const auto draw = [&drawn](std::uint32_t below) {
    drawn = drawn * 1'664'525U + 1'013'904'223U;
    return (drawn >> 16) % below;
  };
  for (int i = 0; i < count; ++i) {
    SentencePair pair;
    for (std::uint32_t k = 0, length = 2 + draw(4); k < length; ++k) {
      const auto letter = static_cast<char>(draw(6));
      pair.source += std::string(k > 0 ? " " : "") + static_cast<char>('a' + letter);
      pair.target = std::string(1, static_cast<char>('A' + letter)) + (k > 0 ? " " : "") + pair.target;
    }
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

TranslatorOptions small_options(int epochs, TranslationAttention attention = TranslationAttention::gnmt) {
  TranslatorOptions options;
  options.network = {
      .embedding = 16, .units = 24, .attention = attention, .dropout = 0, .label_smoothing = 0};
  options.training.epochs = epochs;
  options.training.batch_size = 16;
  options.training.learning_rate = 0.02F;
  return options;
}

const Translator& learned() {
  static const Translator translator =
      Translator::train(translate::dataset_of(backwards(400)), {}, small_options(40));
  return translator;
}

std::string bytes_of(const Translator& translator) {
  const TemporaryFolder folder;
  translator.save(folder / "t.rondo");
  return read_file(folder / "t.rondo");
}

TEST(Translator, LearnsToTurnAround) {
  EXPECT_EQ(learned().translate("a b c"), "C B A");
  const TranslationEvaluation evaluation = learned().evaluate(translate::dataset_of(backwards(40)));
  EXPECT_GT(evaluation.bleu, 90);
  EXPECT_GT(evaluation.chrf, 90);
  EXPECT_EQ(evaluation.sentences, 40);
}

TEST(Translator, EveryKindOfAttentionAndCellTrains) {
  for (const auto attention :
       {TranslationAttention::none, TranslationAttention::luong, TranslationAttention::feed,
        TranslationAttention::bahdanau, TranslationAttention::gnmt})
    for (const auto cell : {TranslationCell::lstm, TranslationCell::gru}) {
      SCOPED_TRACE(std::string(name_of(attention)) + " " + std::string(name_of(cell)));
      TranslatorOptions options = small_options(20, attention);
      options.network.cell = cell;
      options.network.encoder_layers = 2;
      const Translator translator = Translator::train(translate::dataset_of(backwards(64)), {}, options);
      const std::span<const float> losses = translator.history()["loss"];
      EXPECT_LT(losses.back(), 0.9F * losses.front());
    }
}

TEST(Translator, ADecoderOfSimplerUnitsTrainsAndStepsAlike) {
  for (const auto attention : {TranslationAttention::none, TranslationAttention::feed,
                               TranslationAttention::bahdanau, TranslationAttention::gnmt}) {
    SCOPED_TRACE(std::string(name_of(attention)));
    TranslatorOptions options = small_options(20, attention);
    options.network.decoder_cell = DecoderCell::ssru;
    options.network.decoder_layers = attention == TranslationAttention::gnmt ? 3 : 2;
    const Translator translator = Translator::train(translate::dataset_of(backwards(64)), {}, options);
    const std::span<const float> losses = translator.history()["loss"];
    EXPECT_LT(losses.back(), 0.9F * losses.front());
    // A search steps token by token, forced decoding runs over all of them: the same sums.
    const std::string text = "a b c d";
    const Translation found = translator.translate(std::span(&text, 1), {.beam = 1}).front().front();
    if (!found.ended || found.text.empty()) continue;
    const SentencePair pair{text, found.text};
    EXPECT_NEAR(translator.score(std::span(&pair, 1)).front().log_probability, found.log_probability, 1e-3);
  }
}

TEST(Translator, RanksWhatItFinds) {
  const std::string text = "a b c d";
  const auto found = learned().translate(std::span(&text, 1), {.beam = 5, .n_best = 5}).front();
  ASSERT_GT(found.size(), 1U);
  for (std::size_t i = 1; i < found.size(); ++i) {
    EXPECT_GE(found[i - 1].score, found[i].score);
    EXPECT_NE(found[i - 1].text, found[i].text);
  }
}

// ln P / length^a + b · Σ_s ln min(1, Σ_t attention): Wu et al. 2016, with each character a token and a word.
TEST(Translator, RanksByWhatIsCoveredToo) {
  const std::string text = "a b c d";
  const auto ranked = [&](float coverage) {
    return learned().translate(std::span(&text, 1), {.beam = 5, .coverage = coverage, .n_best = 5}).front();
  };
  const std::vector<Translation> plain = ranked(0), covered = ranked(2), twice = ranked(4);
  ASSERT_EQ(plain.size(), covered.size());
  double last = std::numeric_limits<double>::infinity();
  for (const Translation& one : covered) {
    EXPECT_LE(one.score, last);
    last = one.score;
    const auto same =
        std::find_if(plain.begin(), plain.end(), [&](const auto& p) { return p.text == one.text; });
    ASSERT_NE(same, plain.end()) << one.text;
    EXPECT_DOUBLE_EQ(one.log_probability, same->log_probability);
    // No attention is so even that every source token got 1: something is lost, in proportion to b.
    EXPECT_LT(one.score, same->score);
    const auto more =
        std::find_if(twice.begin(), twice.end(), [&](const auto& p) { return p.text == one.text; });
    ASSERT_NE(more, twice.end()) << one.text;
    EXPECT_NEAR(same->score - more->score, 2 * (same->score - one.score), 1e-9);
  }
  // What leaves out words of the source loses most.
  const auto lost = [&](const std::string& wanted) {
    const auto by_text = [&](const auto& p) { return p.text == wanted; };
    return std::find_if(plain.begin(), plain.end(), by_text)->score -
           std::find_if(covered.begin(), covered.end(), by_text)->score;
  };
  const auto shortest = std::min_element(
      plain.begin(), plain.end(), [](const auto& a, const auto& b) { return a.text.size() < b.text.size(); });
  if (shortest->text.size() < plain.front().text.size()) {
    EXPECT_GT(lost(shortest->text), lost(plain.front().text));
  }
  expect_error(
      ErrorKind::option,
      [&] {
        const Translator none = Translator::train(translate::dataset_of(backwards(16)), {},
                                                  small_options(1, TranslationAttention::none));
        (void)none.translate(text, {.coverage = 1});
      },
      "coverage", "attention");
}

TEST(Translator, ReadsTokensOfItsOwnWhereAsked) {
  TranslatorOptions options = small_options(2);
  const Dataset data = translate::dataset_of(backwards(64));
  const std::string given = bytes_of(Translator::train(data, {}, options));
  options.network.scheduled_sampling = 0.5F;
  std::vector<std::string> files;
  for (const int threads : {1, 3}) {
    Runtime runtime({.threads = threads});
    const Runtime::Use use(runtime);
    files.push_back(bytes_of(Translator::train(data, {}, options)));
  }
  EXPECT_TRUE(files[0] == files[1]);
  EXPECT_FALSE(files[0] == given);
  options.training.epochs = 40;
  options.network.scheduled_sampling = 0.2F;
  const Translator translator = Translator::train(translate::dataset_of(backwards(400)), {}, options);
  EXPECT_EQ(translator.translate("a b c"), "C B A");
}

TEST(Translator, IsTheSameAfterItsFile) {
  const TemporaryFolder folder;
  learned().save(folder / "t.rondo");
  const Translator again = Translator::load(folder / "t.rondo");
  EXPECT_EQ(again.translate("a b c d"), learned().translate("a b c d"));
  EXPECT_TRUE(bytes_of(again) == bytes_of(learned()));
  expect_error(
      ErrorKind::format, [&] { LanguageModel::load(folder / "t.rondo"); }, "");
}

TEST(Translator, IsTheSameBytesOnAnyNumberOfThreads) {
  std::vector<std::string> files;
  for (const int threads : {1, 2, 3}) {
    Runtime runtime({.threads = threads});
    const Runtime::Use use(runtime);
    TranslatorOptions options = small_options(2);
    options.network.dropout = 0.2F;
    options.network.label_smoothing = 0.1F;
    files.push_back(bytes_of(Translator::train(translate::dataset_of(backwards(48)), {}, options)));
  }
  EXPECT_TRUE(files[0] == files[1] && files[1] == files[2]);
}

TEST(Translator, ResumedWithinAnEpochEndsInTheSameBytes) {
  const TemporaryFolder folder;
  const Dataset data = translate::dataset_of(backwards(64));
  const TranslatorOptions options = small_options(4);
  const std::string whole = bytes_of(Translator::train(data, data, options));
  int steps = 0;
  TrainingRun run{.folder = folder / "run", .checkpoint_seconds = 0};
  run.stop = [&steps] { return ++steps > 6; };
  EXPECT_TRUE(Translator::train(data, data, options, run).history().interrupted());
  run.stop = {};
  run.resume = true;
  EXPECT_TRUE(bytes_of(Translator::train(data, data, options, run)) == whole);
}

TEST(Pairs, AreReadFromFilesOfEveryForm) {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& name, const std::string& text) {
    write_file_atomically(folder / name, text);
    return folder / name;
  };
  const std::vector<std::vector<std::filesystem::path>> forms = {
      {write("a.en", "one\ntwo\n"), write("a.fr", "un\ndeux\n")},
      {write("a.tsv", "one\tun\ntwo\tdeux\n")},
      {write("a.jsonl", "{\"en\": \"one\", \"fr\": \"un\"}\n{\"en\": \"two\", \"fr\": \"deux\"}\n")}};
  for (const auto& files : forms) {
    SCOPED_TRACE(files.front().string());
    const Dataset pairs = translate::read_pairs(files);
    ASSERT_EQ(pairs.size(), 2U);
    EXPECT_EQ(pairs.example<SentencePair>(1).source, "two");
    EXPECT_EQ(pairs.example<SentencePair>(1).target, "deux");
  }
}

}  // namespace
}  // namespace rondo

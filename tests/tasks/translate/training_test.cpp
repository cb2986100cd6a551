// Translators: every network learns, with the same bytes on any threads and after a resume.
#include <cmath>

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

// Language models: text as tokens, chunks of running text, training, scores, and texts that are written.
#include <cmath>
#include <fstream>
#include <numbers>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/lm/chunks.h"
#include "tasks/lm/text.h"

namespace rondo::test {
namespace {

using testing::HasSubstr;
using Numbers = std::vector<std::int32_t>;

Dataset text_of(const std::vector<std::string>& documents) {
  return lm::documents_of(documents);
}

TextUnits units_of(const std::string& text, LanguageTextOptions options) {
  options.min_count = 1;
  return TextUnits::learn(text_of({text}), options);
}

std::vector<std::string> read_back(const Dataset& text) {
  std::vector<std::string> documents;
  for (const std::string_view document : lm::documents_in(text))
    documents.emplace_back(document);
  return documents;
}

// -- Text as tokens

TEST(LanguageText, OfCharactersAndWordsSpellsExactlyTheText) {
  const std::string text = "To be,  or not to be:\n\tthat is Zoë's 3.5 \n\n北京 大学。\n";
  for (const TextUnit unit : {TextUnit::characters, TextUnit::words}) {
    const TextUnits units = units_of(text, {.tokenizer = unit});
    const Numbers numbers = units.encode(text);
    EXPECT_EQ(units.decode(numbers), text) << name_of(unit);
    std::string by_token;
    for (std::size_t i = 0; i < numbers.size(); ++i)
      by_token += units.decode(std::span(&numbers[i], 1), i == 0 ? TextUnits::border : numbers[i - 1]);
    EXPECT_EQ(by_token, text) << name_of(unit);
  }
}

TEST(LanguageText, WordsTakeTheSpaceBeforeThem) {
  const TextUnits units = units_of("the cat, the end", {.tokenizer = TextUnit::words});
  std::vector<std::string> tokens;
  for (const std::int32_t number : units.encode("the cat, the end"))
    tokens.emplace_back(units.vocab().token(number));
  EXPECT_EQ(tokens, (std::vector<std::string>{"the", " cat", ",", " the", " end"}));
}

TEST(LanguageText, OfBlanksEndsEachLineWithAToken) {
  const std::string text = " no it was n't \n <unk> said\n";
  const TextUnits units = units_of(text, {.tokenizer = TextUnit::blanks});
  const Numbers numbers = units.encode(text);
  EXPECT_EQ(numbers.size(), 8U);
  EXPECT_EQ(numbers[5], TextUnits::unknown) << "the data's own <unk>";
  EXPECT_EQ(units.decode(numbers), "no it was n't\n<unk> said\n");
}

TEST(LanguageText, TheTextOfABorderIsNoBorder) {
  const TextUnits units = units_of("a </s> b\n", {.tokenizer = TextUnit::blanks});
  EXPECT_EQ(units.encode("</s>"), Numbers{TextUnits::unknown});
}

TEST(LanguageText, UnknownCharactersAreSingleTokensAndNamed) {
  const TextUnits units = units_of("abcabc", {.tokenizer = TextUnit::characters});
  EXPECT_EQ(units.encode("Zoë 北a").size(), 6U);
  EXPECT_EQ(units.unknown_in("Zoë 北aZ"), (std::vector<std::string>{"Z", "o", "ë", " ", "北"}));
}

TEST(LanguageText, TravelsAsJson) {
  const TextUnits units = units_of("Ab c\n\"\\d\"\n", {.tokenizer = TextUnit::words, .lowercase = true});
  const TextUnits back = TextUnits::from_json(units.to_json());
  EXPECT_EQ(back.to_json(), units.to_json());
  EXPECT_EQ(back.encode("ab C"), units.encode("Ab c"));
  expect_error(
      ErrorKind::format, [] { TextUnits::from_json("{}"); }, "options");
  expect_error(ErrorKind::format, [] { TextUnits::from_json("[1]"); });
}

// -- Files

TEST(LanguageFiles, PartsAreCutInOrder) {
  const Dataset one = text_of({"一二三四五六七八九十"});
  const auto [first, last] = lm::cut(one, 0.25);
  EXPECT_EQ(read_back(first), std::vector<std::string>{"一二三四五六七"});
  EXPECT_EQ(read_back(last), std::vector<std::string>{"八九十"});
  std::vector<std::string> many(40, "poem");
  const auto [most, rest] = lm::cut(text_of(many), 0.1);
  EXPECT_EQ(most.size(), 36U);
  EXPECT_EQ(rest.size(), 4U);
}

// -- Chunks

/// Which text positions an epoch predicts, in order of the batches.
std::multiset<std::int64_t> positions(const lm::ChunkWalk& walk) {
  std::multiset<std::int64_t> seen;
  for (std::size_t i = 0; i < walk.size(); ++i)
    for (const lm::Piece& piece : walk.pieces(i))
      for (std::int64_t at = piece.begin; at < piece.end; ++at)
        seen.insert(at);
  return seen;
}

TEST(LanguageChunks, EveryTokenIsPredictedOnceWhateverTheChunks) {
  const Dataset text = text_of({"abcabcabcabcabcabcabcab"});
  const TextUnits units = units_of("abc", {.tokenizer = TextUnit::characters});
  const auto tokens = lm::tokens_of(text, {.units = units});
  ASSERT_EQ(tokens->size(), 24);
  for (const int streams : {1, 2, 5, 23})
    for (const int chunk : {1, 4, 7, 100})
      for (int first = 1; first <= chunk; first += 3) {
        const std::multiset<std::int64_t> seen = positions({tokens, streams, chunk, first});
        ASSERT_EQ(seen.size(), 23U) << streams << " " << chunk << " " << first;
        EXPECT_EQ(*seen.begin(), 1);
        EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), 23U);
      }
}

TEST(LanguageChunks, AStateEndsWithItsDocument) {
  const TextUnits units = units_of("ab", {.tokenizer = TextUnit::characters});
  const auto tokens = lm::tokens_of(text_of({"aaa", "bb"}), {.units = units, .several = true});
  ASSERT_EQ(tokens->size(), 8);
  const lm::ChunkWalk walk(tokens, 1, 5, 5);
  const lm::ChunkBatch batch = walk.batch(0);
  EXPECT_EQ(Numbers(batch.layout->lengths().begin(), batch.layout->lengths().end()), (Numbers{4, 1}));
  EXPECT_EQ(batch.from, (Numbers{-1, -1}));
  EXPECT_EQ(batch.to, Numbers{1}) << "what goes on is the second document";
  EXPECT_EQ(walk.batch(1).from, Numbers{0});
}

// -- Training, scores, texts

LanguageOptions small_options(int epochs = 20) {
  LanguageOptions options;
  options.network.units = 24;
  options.network.embedding = 8;
  options.network.dropout = 0;
  options.network.weight_dropout = 0;
  options.chunk = 16;
  options.training.epochs = epochs;
  options.training.batch_size = 4;
  options.training.learning_rate = 0.02F;
  options.training.schedule = schedule::Constant{};
  return options;
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += text;
  return all;
}

const LanguageModel& abc_model() {
  static const LanguageModel model =
      LanguageModel::train(text_of({repeated("abc", 400) + "\n"}), {}, small_options(12));
  return model;
}

std::string greedy(const LanguageModel& model, const std::string& prompt, GenerateOptions options) {
  options.temperature = 0;
  return model.generate(prompt, options)[0].text;
}

TEST(LanguageModels, WriteWhatTheyLearned) {
  EXPECT_EQ(greedy(abc_model(), "a", {.length = 5, .seed = 1}), "bcabc");
  EXPECT_EQ(greedy(abc_model(), "a", {.length = 5, .seed = 2}), "bcabc");
  EXPECT_EQ(abc_model().generate("a", {.length = 5, .temperature = 1e-30F})[0].text, "bcabc");
  expect_error(
      ErrorKind::option, [] { abc_model().generate("a", {.temperature = -1}); }, "temperature");
}

TEST(LanguageModels, StopBeforeAStopAndLoseNothingHeldBack) {
  std::string streamed;
  const auto piece = [&](int, std::string_view text) {
    streamed += text;
    return true;
  };
  const GenerateOptions stop{.length = 30, .temperature = 0, .stop = {"cab"}};
  EXPECT_EQ(abc_model().generate("a", stop, piece)[0].text, "b");
  EXPECT_EQ(streamed, "b");
  EXPECT_EQ(greedy(abc_model(), "a", {.length = 30, .stop = {"abX"}}).size(), 30U);
  EXPECT_EQ(greedy(abc_model(), "a", {.length = 30, .stop = {"ca", "ab"}}), "b");
  EXPECT_EQ(greedy(abc_model(), "cab", {.length = 4, .stop = {"cabX"}}), "cabc") << "a prompt does not stop";
  expect_error(
      ErrorKind::option, [] { abc_model().generate("a", {.stop = {""}}); }, "stop");
}

TEST(LanguageModels, SamplesAreTheSameAloneAndTogether) {
  const GenerateOptions options{.length = 40, .temperature = 2, .seed = 9, .samples = 5};
  const std::vector<Generated> together = abc_model().generate("ab", options);
  ASSERT_EQ(together.size(), 5U);
  EXPECT_NE(together[0].text, together[1].text);
  GenerateOptions fewer = options;
  fewer.samples = 2;
  const std::vector<Generated> pair = abc_model().generate("ab", fewer);
  EXPECT_EQ(pair[0].text, together[0].text);
  EXPECT_EQ(pair[1].text, together[1].text);
  EXPECT_EQ(together[0].tokens.size(), 40U);
  EXPECT_EQ(together[0].log_probabilities.size(), 40U);
}

TEST(LanguageModels, NoPenaltyIsPenaltyOne) {
  GenerateOptions options{.length = 30, .temperature = 1.5F, .seed = 4};
  const std::string plain = abc_model().generate("ab", options)[0].text;
  options.repetition_penalty = 1;
  EXPECT_EQ(abc_model().generate("ab", options)[0].text, plain);
  options.repetition_penalty = 1000;
  EXPECT_NE(abc_model().generate("ab", options)[0].text, plain);
  options.repetition_penalty = 0;
  expect_error(
      ErrorKind::option, [&] { abc_model().generate("ab", options); }, "repetition_penalty");
}

/// Learned from couplets of five characters, each line a document.
const LanguageModel& poems() {
  static const LanguageModel model = [] {
    std::vector<std::string> texts;
    for (int i = 0; i < 40; ++i)
      texts.push_back(i % 2 == 0 ? "白日依山尽，黄河入海流。" : "红豆生南国，春来发几枝。");
    LanguageOptions options = small_options(12);
    options.chunk = 0;
    return LanguageModel::train(text_of(texts), {}, options);
  }();
  return model;
}

std::vector<std::string> lines_of(const std::string& poem) {
  std::vector<std::string> lines(1);
  for (std::size_t at = 0; at < poem.size(); at += 3)  // all of three bytes
    if (const std::string c = poem.substr(at, 3); c == "，" || c == "。")
      lines.emplace_back();
    else
      lines.back() += c;
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

TEST(LanguageModels, KeepAForm) {
  for (const float temperature : {0.0F, 1.0F, 5.0F}) {
    const std::vector<Generated> all =
        poems().generate("", {.length = 3, .temperature = temperature, .samples = 20, .form = "3x3,7"});
    for (const Generated& poem : all) {
      const std::vector<std::string> lines = lines_of(poem.text);
      ASSERT_EQ(lines.size(), 4U) << poem.text << ": a form ends by itself, not by the length";
      for (std::size_t i = 0; i < 4; ++i)
        EXPECT_EQ(lines[i].size(), i < 3 ? 9U : 21U) << poem.text;
      EXPECT_TRUE(poem.ended);
    }
  }
}

TEST(LanguageModels, WriteAcrosticsAndGoOnFromAFirstLine) {
  const std::vector<std::string> lines = lines_of(
      poems()
          .generate("",
                    {.temperature = 2, .form = "5x4", .first_line = "春日生南山", .acrostic = "春山红河"})[0]
          .text);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0], "春日生南山");
  EXPECT_EQ(lines[1].substr(0, 3), "山");
  EXPECT_EQ(lines[2].substr(0, 3), "红");
  EXPECT_EQ(lines[3].substr(0, 3), "河");
}

TEST(LanguageModels, UseNoCharacterTwiceWhereAsked) {
  const GenerateOptions options{.temperature = 0, .form = "5x4", .distinct = true};
  const std::string poem = poems().generate("", options)[0].text;
  std::set<std::string> seen;
  for (const std::string& line : lines_of(poem))
    for (std::size_t at = 0; at < line.size(); at += 3)
      EXPECT_TRUE(seen.insert(line.substr(at, 3)).second) << poem;
  EXPECT_EQ(seen.size(), 20U);
  expect_error(  // it knows twenty characters
      ErrorKind::option, [] { poems().generate("", {.form = "5x5", .distinct = true}); }, "no token",
      "line 5");
}

TEST(LanguageModels, RefuseFormsThatTheyCannotKeep) {
  expect_error(
      ErrorKind::option, [] { poems().generate("", {.acrostic = "春"}); }, "need a form");
  expect_error(
      ErrorKind::option, [] { poems().generate("", {.form = "5x4", .acrostic = "犬"}); }, "'犬'", "not seen");
  expect_error(
      ErrorKind::option, [] { poems().generate("", {.form = "5y4"}); }, "'5y4'");
  LanguageOptions options = small_options(1);
  options.text.tokenizer = TextUnit::words;
  const LanguageModel words = LanguageModel::train(text_of({repeated("ab cd, ", 50)}), {}, options);
  expect_error(
      ErrorKind::option, [&] { words.generate("", {.form = "5x4"}); }, "characters or subwords", "words");
}

TEST(LanguageModels, FindTheLikeliestTextsByABeam) {
  const auto sum_of = [](const Generated& text) {
    double sum = 0;
    for (const float value : text.log_probabilities)
      sum += static_cast<double>(value);
    return sum;
  };
  const LanguageModel& model = abc_model();
  const std::vector<Generated> best = model.generate("b", {.length = 2, .samples = 3, .beam = 50});
  ASSERT_EQ(best.size(), 3U);
  EXPECT_EQ(best[0].text, "ca");
  EXPECT_GE(sum_of(best[0]), sum_of(best[1]));
  double likeliest = -1e9;
  for (const std::string pair : {"aa", "ab", "ac", "ba", "bb", "bc", "ca", "cb", "cc", "a\n", "b\n", "c\n"}) {
    const LanguageModel::Scored scored = model.score_tokens("b" + pair);
    likeliest = std::max(likeliest, scored.log_probabilities[1] + scored.log_probabilities[2]);
  }
  EXPECT_NEAR(sum_of(best[0]), likeliest, 1e-4);
  EXPECT_EQ(model.generate("a", {.length = 5, .beam = 1})[0].text, "bcabc") << "a beam of one is greedy";
  EXPECT_EQ(model.generate("a", {.length = 30, .stop = {"cab"}, .beam = 4})[0].text.find("cab"),
            std::string::npos);
  expect_error(
      ErrorKind::option, [&] { model.generate("a", {.samples = 3, .beam = 2}); }, "beam", "wider");
}

TEST(LanguageModels, ABeamEndsWhereDocumentsEnd) {
  const Generated poem = poems().generate("白日", {.length = 0, .beam = 3})[0];
  EXPECT_EQ(poem.text, "依山尽，黄河入海流。");
  EXPECT_TRUE(poem.ended);
  const std::string kept = poems().generate("", {.beam = 3, .form = "3x2"})[0].text;
  ASSERT_EQ(lines_of(kept).size(), 2U) << kept;
}

TEST(LanguageModels, EveryFigureHasItsUnit) {
  const TextScore score = abc_model().score("naïve café\n");
  EXPECT_EQ(score.characters, 11);
  EXPECT_EQ(score.bytes, 13);
  EXPECT_EQ(score.words, 3);
  EXPECT_EQ(score.tokens, 11);
  EXPECT_EQ(score.unknown, 7);
  const TextScore by_hand{.nats = 9, .tokens = 5, .unknown = 0, .characters = 11, .bytes = 13, .words = 3};
  EXPECT_NEAR(by_hand.perplexity(), 6.0496, 5e-5);
  EXPECT_NEAR(by_hand.word_perplexity(), 20.0855, 5e-5);
  EXPECT_NEAR(by_hand.bits_per_character(), 1.1804, 5e-5);
  EXPECT_NEAR(by_hand.bits_per_byte(), 0.9988, 5e-5);
  EXPECT_NEAR(score.bits_per_character() * 11 * std::numbers::ln2, score.nats, 1e-9);
}

TEST(LanguageModels, TokenScoresAddUpToTheWhole) {
  const std::string text = "abcab\n";
  const LanguageModel::Scored scored = abc_model().score_tokens(text);
  double sum = 0;
  for (const double value : scored.log_probabilities)
    sum += value;
  EXPECT_NEAR(-sum, abc_model().score(text).nats, 1e-4);
  EXPECT_EQ(scored.texts[5], "\n");
}

TEST(LanguageModels, DocumentsDoNotTouchEachOther) {
  std::vector<std::string> poems;
  for (int i = 0; i < 60; ++i)
    poems.push_back(i % 2 == 0 ? "ab ab ab" : "cd cd");
  for (const int chunk : {0, 5}) {
    LanguageOptions options = small_options(15);
    options.chunk = chunk;
    const LanguageModel model = LanguageModel::train(text_of(poems), {}, options);
    const double first = model.score(text_of({"ab ab"})).nats, second = model.score(text_of({"cd"})).nats;
    EXPECT_NEAR(model.score(text_of({"ab ab", "cd", "ab ab"})).nats, 2 * first + second, 1e-4) << chunk;
    const Generated text = model.generate("cd", {.length = 0, .temperature = 0})[0];
    EXPECT_EQ(text.text, " cd");
    EXPECT_TRUE(text.ended);
  }
}

TEST(LanguageModels, ShortTextShrinksStreamsAndChunks) {
  const LanguageModel model = LanguageModel::train(text_of({"hello world\n"}), {}, small_options(2));
  EXPECT_EQ(model.score("hello world\n").tokens, 12);
}

TEST(LanguageModels, AreTheSameBytesOnAnyNumberOfThreads) {
  const TemporaryFolder folder;
  std::vector<std::string> files;
  for (const int threads : {1, 2, 3}) {
    Runtime runtime({.threads = threads});
    const Runtime::Use use(runtime);
    LanguageOptions options = small_options(2);
    options.network.layers = 2;
    options.network.dropout = 0.2F;
    options.network.variational = threads > 0;
    options.network.residual = options.network.layer_norm = options.network.tied = true;
    options.network.temporal_penalty = options.network.activation_penalty = 0.5F;
    const LanguageModel model = LanguageModel::train(text_of({repeated("abcd ", 200)}), {}, options);
    model.save(folder / "m.rondo");
    std::ifstream in(folder / "m.rondo", std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  EXPECT_TRUE(files[0] == files[1] && files[1] == files[2]);
}

TEST(LanguageModels, ResumedWithinAnEpochEndInTheSameBytes) {
  const TemporaryFolder folder;
  const Dataset text = text_of({repeated("abcd ", 300)});
  LanguageOptions options = small_options(3);
  options.network.dropout = 0.2F;
  const auto bytes_of = [&](const LanguageModel& model) {
    model.save(folder / "m.rondo");
    std::ifstream in(folder / "m.rondo", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  };
  const std::string whole = bytes_of(LanguageModel::train(text, {}, options));
  int steps = 0;
  TrainingRun run{.folder = folder / "run", .checkpoint_seconds = 0};
  run.stop = [&steps] { return ++steps > 33; };  // of 24 chunks an epoch
  EXPECT_TRUE(LanguageModel::train(text, {}, options, run).interrupted());
  run.stop = {};
  run.resume = true;
  EXPECT_TRUE(bytes_of(LanguageModel::train(text, {}, options, run)) == whole);
}

TEST(LanguageModels, LearnWithMinimalCells) {
  const TemporaryFolder folder;
  for (const LanguageCell cell : {LanguageCell::min_gru, LanguageCell::min_lstm}) {
    LanguageOptions options = small_options(12);
    options.network.cell = cell;
    options.network.layers = 2;
    const LanguageModel model = LanguageModel::train(text_of({repeated("abc", 400) + "\n"}), {}, options);
    EXPECT_EQ(greedy(model, "a", {.length = 5}), "bcabc") << name_of(cell);
    model.save(folder / "m.rondo");
    EXPECT_EQ(greedy(LanguageModel::load(folder / "m.rondo"), "a", {.length = 5}), "bcabc") << name_of(cell);
    options.network.weight_dropout = 0.2F;
    expect_error(
        ErrorKind::option, [&] { LanguageModel::plan(text_of({"abc"}), {}, options); }, "weight_dropout",
        name_of(cell));
  }
}

TEST(LanguageModels, ComeBackFromTheirFiles) {
  const TemporaryFolder folder;
  abc_model().save(folder / "m.rondo");
  const LanguageModel back = LanguageModel::load(folder / "m.rondo");
  EXPECT_EQ(back.score("abcabc\n").nats, abc_model().score("abcabc\n").nats);
  EXPECT_EQ(greedy(back, "a", {.length = 5}), "bcabc");
  EXPECT_EQ(back.options().chunk, 16);
}

TEST(LanguageModels, SmallTextsOfManyKindsDropInputsToo) {
  LanguageOptions words;
  words.text.tokenizer = TextUnit::words;
  const Dataset text = text_of({repeated("abc ", 400)});
  EXPECT_FLOAT_EQ(LanguageModel::plan(text, {}, words).network.input_dropout, 0.3F);
  EXPECT_FLOAT_EQ(LanguageModel::plan(text, {}, {}).network.input_dropout, 0) << "few kinds of characters";
  words.network.dropout = 0.2F;
  EXPECT_FLOAT_EQ(LanguageModel::plan(text, {}, words).network.input_dropout, 0) << "dropout was asked for";
}

TEST(LanguageModels, PlanSaysWhatItDerived) {
  std::vector<std::string> reasons;
  const LanguageOptions options = LanguageModel::plan(text_of({repeated("abc", 400)}), {}, {}, &reasons);
  EXPECT_EQ(options.text.tokenizer, TextUnit::characters);
  EXPECT_EQ(options.chunk, 64);
  EXPECT_GT(options.network.units, 0);
  EXPECT_GE(reasons.size(), 5U);
  expect_error(
      ErrorKind::data, [] { LanguageModel::plan({}, {}); }, "there is none");
}

}  // namespace
}  // namespace rondo::test

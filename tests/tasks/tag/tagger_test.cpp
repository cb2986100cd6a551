// Taggers: sentences as numbers, training, answers, files, and what is refused.
#include <cmath>
#include <fstream>
#include <functional>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/json.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/tag/application.h"
#include "tasks/tag/forms.h"
#include "tasks/tag/input.h"
#include "tasks/tag/model.h"
#include "tasks/tag/scheme.h"

namespace rondo::tag {
namespace {

using test::expect_error;
using test::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;

Dataset read(const std::string& bytes, const TagReading& reading = {}) {
  return dataset_of(parse_tagged(bytes, "memory", reading));
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += text;
  return all;
}

/// Words of one to three characters, in different orders.
const std::string segmented = repeated(
    "我 爱 北京 天安门\n天安门 在 北京\n我 在 图书馆 看 书\n图书馆 在 北京 ， 我 爱 图书馆\n他 看 天安门\n",
    6);
const std::string parts_of_speech = repeated(
    "The\tDET\ndogs\tNOUN\nbark\tVERB\n.\tPUNCT\n\nA\tDET\ncat\tNOUN\nsleeps\tVERB\n.\tPUNCT\n\nDogs\tNOUN\n"
    "chase\tVERB\nthe\tDET\ncat\tNOUN\n!\tPUNCT\n\n",
    8);
const std::string chunks = repeated(
    "He DT B-NP\nreckons VB B-VP\nthe DT B-NP\ndeficit NN I-NP\n\nThe DT B-NP\nbig JJ I-NP\ndeficit NN I-NP\n"
    "grew VB B-VP\n. . O\n\n",
    8);

TaggerOptions small_options(int epochs = 12) {
  TaggerOptions options;
  options.network.embedding = 12;
  options.network.bigram_embedding = 8;
  options.network.units = 12;
  options.network.dropout = 0.1F;
  options.training.epochs = epochs;
  options.training.batch_size = 4;
  options.training.learning_rate = 0.02F;
  options.training.average = 0.8F;
  return options;
}

const Tagger& segmenter() {
  static const Tagger tagger = Tagger::train(read(segmented), {}, small_options());
  return tagger;
}

std::string bytes_of(const Tagger& tagger) {
  const TemporaryFolder folder;
  tagger.save(folder / "m.rondo");
  std::ifstream in(folder / "m.rondo", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string cut(const Tagger& tagger, std::string_view text) {
  std::string words;
  for (const TaggedPhrase& phrase : tagger.phrases(text))
    words += (words.empty() ? "" : " ") + phrase.text + (phrase.type.empty() ? "" : "/" + phrase.type);
  return words;
}

// -- Tokens as numbers

TEST(TokenForms, ForgetWidthCaseAndDigits) {
  EXPECT_EQ(form_of("７", TokenUnit::characters), "0");
  EXPECT_EQ(form_of("Ｂ", TokenUnit::characters), "a");
  EXPECT_EQ(form_of("，", TokenUnit::characters), form_of(",", TokenUnit::characters));
  EXPECT_EQ(form_of("北", TokenUnit::characters), "北");
  EXPECT_EQ(form_of("ＡＢ12", TokenUnit::mixed), "ab00");
  EXPECT_EQ(form_of("The", TokenUnit::words), "the");
  EXPECT_EQ(form_of("1,050.7", TokenUnit::words), "0,000.0");
  EXPECT_EQ(form_of("\xC2\xAD", TokenUnit::words), "\xC2\xAD") << "a form is never empty";
}

TEST(TokenForms, ShapesSayHowAWordIsWritten) {
  const std::vector<std::pair<std::string, WordShape>> words = {
      {"word", WordShape::small},     {"Word", WordShape::capital},    {"WORD", WordShape::all_capital},
      {"iPod", WordShape::mixed},     {"3.5", WordShape::number},      {"B2B", WordShape::with_digits},
      {"--", WordShape::marks},       {"Éa", WordShape::capital},      {"北京", WordShape::other},
      {"McDonald", WordShape::mixed}, {"U.S.", WordShape::all_capital}};
  for (const auto& [word, shape] : words)
    EXPECT_EQ(shape_of(word), shape) << word;
}

TEST(TokenForms, SpellingsOfLongWordsKeepBothEnds) {
  EXPECT_THAT(spelling_of("naïf"), ElementsAre("n", "a", "ï", "f"));
  const std::string word = std::string(100, 'a') + std::string(50, 'b');
  const std::vector<std::string_view> characters = spelling_of(word);
  EXPECT_EQ(characters.size(), 24U);
  EXPECT_EQ(characters.front(), "a");
  EXPECT_EQ(characters.back(), "b");
}

TEST(TaggerInputs, TravelAsJson) {
  for (const Dataset& data : {read(segmented), read(parts_of_speech), read(chunks, {.features = {2}})}) {
    const TaggerInput input = TaggerInput::learn(data, Tagger::plan(data, {}));
    const TaggerInput back = TaggerInput::from_json(input.to_json());
    EXPECT_EQ(back.to_json(), input.to_json());
    EXPECT_EQ(back.tags, input.tags);
    EXPECT_EQ(back.bigrams->pairs(), input.bigrams->pairs());
  }
}

TEST(TaggerInputs, RefuseWhatTheyHaveNotWritten) {
  const Dataset data = read(segmented);
  const std::string good = TaggerInput::learn(data, Tagger::plan(data, {})).to_json();
  for (const char* const name : {"tagging", "tags", "tokens", "bigrams", "characters", "features", "seen"})
    for (const Json& bad : {Json(7), Json("!"), Json::array({Json("b"), Json("a")}), Json()}) {
      Json json = parse_json(good, {.name = "test"});
      json[name] = bad;
      EXPECT_THROW(TaggerInput::from_json(dump_json(json)), Error) << name << " " << dump_json(bad);
    }
}

TEST(TaggerInputs, KnowWhichWordsWereSeen) {
  const Dataset data = read(segmented);
  const TaggerInput input = TaggerInput::learn(data, Tagger::plan(data, {}));
  EXPECT_TRUE(input.seen.contains("图书馆"));
  EXPECT_FALSE(input.seen.contains("图书"));
}

// -- Training and answers

TEST(Taggers, CutTextIntoTheWordsTheyLearned) {
  EXPECT_EQ(cut(segmenter(), "他在图书馆看天安门"), "他 在 图书馆 看 天安门");
  EXPECT_EQ(cut(segmenter(), "我爱 abc1.5，北京"), "我 爱 abc1.5 ， 北京")
      << "blanks end words, runs are whole";
  EXPECT_EQ(segmenter().phrases("").size(), 0U);
  const TagEvaluation scores = segmenter().evaluate(read(segmented));
  EXPECT_GT(scores.f1, 0.97);
  EXPECT_EQ(scores.unseen_rate, 0);
  EXPECT_TRUE(std::isnan(scores.unseen_recall)) << "there is no unseen word";
  EXPECT_EQ(scores.summary.find("unseen_recall"), nullptr);
}

TEST(Taggers, LearnPartsOfSpeechFromWordsAndTheirSpelling) {
  const Tagger tagger = Tagger::train(read(parts_of_speech), {}, small_options(20));
  EXPECT_EQ(tagger.options().network.head, TagHead::softmax);
  EXPECT_EQ(tagger.options().network.spelling_units, 64);
  EXPECT_EQ(cut(tagger, "The cat sleeps ."), "The/DET cat/NOUN sleeps/VERB ./PUNCT");
  EXPECT_GT(tagger.evaluate(read(parts_of_speech)).accuracy, 0.97);
}

TEST(Taggers, ReadFurtherColumns) {
  const Dataset data = read(chunks, {.features = {2}});
  const Tagger tagger = Tagger::train(data, data, small_options(20));
  EXPECT_GT(tagger.evaluate(data).f1, 0.97);
  expect_error(
      ErrorKind::option, [&] { tagger.phrases("He grew"); }, "further columns");
  const TaggedSentence bare{.tokens = {"He", "grew"}};
  expect_error(
      ErrorKind::data, [&] { tagger.predict(std::span(&bare, 1)); }, "further columns");
  EXPECT_THAT(tagger.history().names(), testing::Contains("val_f1"));
}

TEST(Taggers, AnswerOnlyWhatTheSchemeAllows) {
  for (const TagHead head : {TagHead::crf, TagHead::softmax}) {
    TaggerOptions options = small_options(1);  // as good as untrained
    options.network.head = head;
    const Tagger tagger = Tagger::train(read(chunks), {}, options);
    std::vector<TaggedSentence> sentences;
    for (const char* const word : {"He", "deficit", "odd", ".", "The", "grew"}) {
      sentences.push_back(sentences.empty() ? TaggedSentence() : sentences.back());
      sentences.back().tokens.push_back(word);
    }
    for (const Strings& tags : tagger.predict(sentences)) {
      std::string_view before;
      for (const std::string_view tag : tags) {
        EXPECT_TRUE(may_follow(before, tag, TagScheme::iob2)) << before << " " << tag;
        before = tag;
      }
    }
  }
}

TEST(Taggers, MarginalsAreSharesOfAllAllowedSequences) {
  TaggedSentence sentence{.tokens = {"我", "在", "北", "京"}};
  const Tensor free = segmenter().marginals(sentence);
  EXPECT_EQ(free.shape(), (rondo::Shape{4, 4}));
  sentence.borders = {Border::open, Border::open, Border::open, Border::forced};
  const Tensor bound = segmenter().marginals(sentence);
  const auto single = static_cast<std::int64_t>(
      std::find(segmenter().tags().begin(), segmenter().tags().end(), "S") - segmenter().tags().begin());
  for (std::int64_t t = 0; t < 4; ++t) {
    double sum = 0;
    for (std::int64_t k = 0; k < 4; ++k)
      sum += free.at(4 * t + k);
    EXPECT_NEAR(sum, 1, 1e-5);
  }
  EXPECT_NEAR(bound.at(4 * 3 + single), 1, 1e-5) << "a word begins and ends there";
}

TEST(Taggers, AreTheSameAloneAndInAnyBatch) {
  std::vector<TaggedSentence> sentences;
  for (const std::string_view text : {"我", "他在北京", "图书馆在天安门，我爱看书", "书", "我爱他爱我"}) {
    TaggedSentence sentence;
    for (std::size_t at = 0; at < text.size(); at += 3)
      sentence.tokens.push_back(text.substr(at, 3));
    sentences.push_back(sentence);
  }
  sentences.emplace_back();  // without tokens
  const std::vector<Strings> together = segmenter().predict(sentences);
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    EXPECT_EQ(segmenter().predict(std::span(&sentences[i], 1))[0], together[i]);
    EXPECT_EQ(together[i].size(), sentences[i].tokens.size());
  }
}

TEST(Taggers, AreTheSameBytesOnAnyNumberOfThreads) {
  for (const auto& [text, reading] :
       {std::pair(segmented, TagReading()), std::pair(chunks, TagReading{.features = {2}})}) {
    std::vector<std::string> files;
    for (const int threads : {1, 2, 3}) {
      Runtime runtime({.threads = threads});
      const Runtime::Use use(runtime);
      TaggerOptions options = small_options(2);
      options.network.layers = 2;
      options.network.variational = true;
      options.network.direct = 1;
      const Dataset data = read(text, reading);
      files.push_back(bytes_of(Tagger::train(data, data, options)));
    }
    EXPECT_TRUE(files[0] == files[1] && files[1] == files[2]);
  }
}

TEST(Taggers, ResumedWithinAnEpochEndInTheSameBytes) {
  const TemporaryFolder folder;
  const Dataset data = read(chunks, {.features = {2}});
  const TaggerOptions options = small_options(4);
  const std::string whole = bytes_of(Tagger::train(data, data, options));
  int steps = 0;
  TrainingRun run{.folder = folder / "run", .checkpoint_seconds = 0};
  run.stop = [&steps] { return ++steps > 6; };  // of 4 batches an epoch
  EXPECT_TRUE(Tagger::train(data, data, options, run).interrupted());
  run.stop = {};
  run.resume = true;
  EXPECT_TRUE(bytes_of(Tagger::train(data, data, options, run)) == whole);
}

TEST(Taggers, ComeBackFromTheirFiles) {
  const TemporaryFolder folder;
  segmenter().save(folder / "m.rondo");
  const Tagger back = Tagger::load(folder / "m.rondo");
  EXPECT_EQ(cut(back, "他在图书馆看天安门"), "他 在 图书馆 看 天安门");
  EXPECT_EQ(back.evaluate(read(segmented)).summary.to_json(),
            segmenter().evaluate(read(segmented)).summary.to_json());
  EXPECT_EQ(back.tags(), segmenter().tags());
}

TEST(Taggers, GradientsAreThoseOfTheLoss) {
  for (const TagHead head : {TagHead::crf, TagHead::softmax})
    for (const auto& [text, reading] :
         {std::pair(segmented, TagReading()), std::pair(chunks, TagReading{.features = {2}})}) {
      TaggerOptions options = small_options(1);
      options.network.head = head;
      options.network.spelling_units = reading.features.empty() ? 0 : 6;
      options.network.direct = 2;
      const Dataset data = read(text, reading);
      const Tagger tagger = Tagger::train(data, {}, options);
      for (const GradientCheck& check : tagger.impl().network.check_gradients(data, {.elements = 5}))
        EXPECT_TRUE(check.good()) << check.parameter << " " << check.largest_error;
    }
}

TEST(Taggers, BeginWithVectorsFromAFile) {
  const TemporaryFolder folder;
  std::ofstream(folder / "vectors.txt") << "the 1 2 3 4\ncat 5 6 7 8\nother 9 9 9 9\n";
  TaggerOptions options = small_options(1);
  options.network.vectors = folder / "vectors.txt";
  expect_error(
      ErrorKind::option, [&] { Tagger::train(read(parts_of_speech), {}, options); }, "--embedding 4");
  options.network.embedding = 4;
  options.training.learning_rate = 1e-9F;
  std::string said;
  const Tagger tagger = Tagger::train(read(parts_of_speech), {}, options,
                                      {.notice = [&said](const std::string& line) { said += line; }});
  const Tensor table = tagger.impl().network.weights().get("tokens");
  const std::int32_t cat = tagger.impl().network.input().tokens.find("cat");
  EXPECT_NEAR(table.at(4 * cat + 3), 8, 1e-4);
  EXPECT_THAT(said, HasSubstr("vectors: 2 of"));
}

TEST(Taggers, TagsThatTrainingDoesNotHaveAreErrorsAndNeverAnswers) {
  const Dataset train = read("Mira B-PER\nsees O\nAcme B-ORG\n\nAcme B-ORG\nWorks I-ORG\nof O\nLund B-PER\n");
  const Dataset test = dataset_of(
      parse_tagged("Velo B-PRD\nX1 I-PRD\nof O\nMira B-PER\n\nof I-ORG\n", "test", {}, &tagging_of(train)));
  for (const TagHead head : {TagHead::crf, TagHead::softmax}) {
    TaggerOptions options = small_options(30);
    options.network.head = head;
    const Tagger tagger = Tagger::train(train, test, options);  // their loss weighs nothing
    const TagEvaluation scores = tagger.evaluate(test);
    EXPECT_EQ(scores.tokens, 5);
    EXPECT_LE(scores.accuracy, 0.6);
    EXPECT_GT(scores.accuracy, 0);
    EXPECT_THAT(scores.summary.to_json(), HasSubstr("PRD"));
    EXPECT_TRUE(std::isfinite(tagger.impl().network.evaluate(test).at("loss")));
  }
}

TEST(Taggers, EachFormOfFilesTeaches) {
  const std::string conllu =
      "1\tDa\tda\tADP\tE\t_\t2\tcase\t_\t_\n2\tmare\tmare\tNOUN\tS\t_\t0\troot\t_\t_\n\n";
  const std::vector<std::pair<std::string, std::string>> forms = {
      {segmented, "segmented"},
      {repeated("我/r 爱/v 北京/ns\n", 4), "slash"},
      {chunks, "conll"},
      {repeated(conllu, 4), "conllu"},
      {repeated("{\"text\":\"I saw Bern\",\"spans\":[{\"start\":6,\"end\":10,\"label\":\"LOC\"}]}\n", 4),
       "jsonl"}};
  for (const auto& [text, name] : forms) {
    const Dataset data = read(text);
    EXPECT_EQ(name_of(tagging_of(data).reading.format), name);
    const Tagger tagger = Tagger::train(data, {}, small_options(1));
    EXPECT_EQ(tagger.predict(std::span(&sentence(data, 0), 1))[0].size(), sentence(data, 0).tokens.size());
  }
}

TEST(Taggers, MistakesShowTruthOverAnswer) {
  const TagEvaluation scores = segmenter().evaluate(
      dataset_of(parse_tagged("我 爱北京\n我 爱 北京\n", "test", {}, &segmenter().tagging())));
  ASSERT_EQ(scores.worst.size(), 1U);
  EXPECT_EQ(scores.worst[0].gold, "我 爱北京");
  EXPECT_EQ(scores.worst[0].answer, "我 爱 北京");
  EXPECT_EQ(scores.unseen_rate, 0.2);
  EXPECT_EQ(scores.unseen_recall, 0);
}

TEST(Taggers, ReportsShowTransitionsWithinTheScheme) {
  Parts parts{.train = read(chunks)};
  const TrainedTagger model{Tagger::train(parts.train, {}, small_options(1))};
  const std::vector<report::Section> sections = SequenceTagging::sections(model, parts, {});
  ASSERT_EQ(sections.size(), 2U);
  const auto& table = std::get<report::Table>(sections[1].blocks.at(0));
  const std::vector<std::string>& tags = model.tagger.tags();  // B-NP B-VP I-NP O
  ASSERT_EQ(table.rows.size(), tags.size());
  EXPECT_EQ(std::get<std::string>(table.rows[1][3]), "") << "I-NP after B-VP";
  EXPECT_EQ(table.rows[0][3].index(), report::Entry(0.0).index()) << "I-NP after B-NP";
}

// -- What is derived and what is refused

TEST(TaggerPlans, SayWhatTheyDerived) {
  std::vector<std::string> reasons;
  const TaggerOptions words = Tagger::plan(read(parts_of_speech), {}, {}, &reasons);
  EXPECT_GE(reasons.size(), 5U);
  EXPECT_EQ(words.text.bigrams, 0);
  EXPECT_EQ(words.training.monitor, "loss");
  const TaggerOptions characters = Tagger::plan(read(segmented), read(segmented));
  EXPECT_EQ(characters.text.bigrams, 70'000);
  EXPECT_EQ(characters.network.direct, 0);
  EXPECT_EQ(Tagger::plan(read(chunks), {}).network.direct, 1);
  EXPECT_EQ(characters.network.head, TagHead::crf);
  EXPECT_EQ(characters.training.monitor, "val_f1");
  EXPECT_LT(characters.training.average, 0.99F) << "an average over more steps than there are";
  EXPECT_LT(std::get<schedule::Linear>(characters.training.schedule).warmup_steps, 50);
}

TEST(Taggers, RefuseWhatCannotBeLearned) {
  const TemporaryFolder folder;
  std::ofstream(folder / "text.rondo") << "no model";
  const auto with_monitor = [](const std::string& text, const std::string& monitor) {
    TaggerOptions options;
    options.training.monitor = monitor;
    Tagger::plan(read(text), {}, options);
  };
  TaggedText uneven = parse_tagged("a X\nb Y\n", "memory");
  uneven.sentences[0].tags.push_back("X");
  struct Case {
    std::string what;
    ErrorKind kind;
    std::function<void()> call;
    std::string message;
  };
  const std::vector<Case> cases = {
      {"nothing", ErrorKind::data, [] { Tagger::plan({}, {}); }, "there are none"},
      {"one tag", ErrorKind::data, [] { Tagger::plan(read("a\tX\n\nb\tX\n"), {}); }, "the same one, 'X'"},
      {"raw text", ErrorKind::data, [] { read("我爱北京\n"); }, "no line has a blank"},
      {"half tag", ErrorKind::data, [] { read("a B-\nb O\n"); }, "half of one"},
      {"columns that go missing", ErrorKind::data,
       [] { read("a\tb\tX\na\tX\n", {.format = TagFormat::conll}); }, "line 2"},
      {"no such column", ErrorKind::data, [] { read("a X\nb Y\n", {.features = {9}}); }, "column 9"},
      {"words of characters", ErrorKind::option, [] { read("a b\n", {.unit = TokenUnit::words}); },
       "unit words"},
      {"no UTF-8", ErrorKind::data, [] { read("a X\n\xFF Y\n"); }, "line 2"},
      {"phrases without scheme", ErrorKind::option, [&] { with_monitor(parts_of_speech, "val_f1"); },
       "scheme"},
      {"too many tags", ErrorKind::data, [&] { dataset_of(uneven); }, "2 tokens, but 3 tags"},
      {"no tagger", ErrorKind::format, [&] { Tagger::load(folder / "text.rondo"); }, "text.rondo"},
      {"no file", ErrorKind::io, [&] { Tagger::load(folder / "none.rondo"); }, "none.rondo"},
      {"no tokens", ErrorKind::data, [] { segmenter().marginals({}); }, "no tokens"}};
  for (const Case& bad : cases) {
    SCOPED_TRACE(bad.what);
    expect_error(bad.kind, bad.call, bad.message);
  }
}

}  // namespace
}  // namespace rondo::tag

// A recogniser of made-up words, each a chord of its own: training, answers, streams, files.
#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/error.h>
#include <rondo/runtime.h>
#include <rondo/tasks/lm.h>
#include <rondo/tasks/speech.h>

#include "base/random.h"
#include "support/checks.h"
#include "support/sounds.h"
#include "support/temporary_folder.h"
#include "tasks/speech/clips.h"
#include "tasks/speech/model.h"

namespace rondo::speech {
namespace {

using namespace rondo::testing_support;
using test::TemporaryFolder;
using testing::HasSubstr;

const std::vector<std::string> words = {"red", "green", "blue"};

Dataset clips_of_words(int each, std::uint64_t seed) {
  std::vector<SpeechClip> clips;
  for (int i = 0; i < each; ++i)
    for (int w = 0; w < 3; ++w)
      clips.push_back({.name = words[static_cast<std::size_t>(w)] + std::to_string(i),
                       .text = words[static_cast<std::size_t>(w)],
                       .sound = spoken(w, seed + static_cast<std::uint64_t>(i))});
  return dataset_of(std::move(clips));
}

/// Words with quiet between them.
SpeechClip sentence(const std::vector<int>& of, std::uint64_t seed) {
  SpeechClip clip{
      .name = "sentence" + std::to_string(seed), .text = {}, .sound = {.samples = {}, .rate = 8000}};
  for (const int w : of) {
    clip.text += (clip.text.empty() ? "" : " ") + words[static_cast<std::size_t>(w)];
    clip.sound.samples.insert(clip.sound.samples.end(), 800, 0.0F);
    const Sound word = spoken(w, seed, 8000, 0.25);
    clip.sound.samples.insert(clip.sound.samples.end(), word.samples.begin(), word.samples.end());
  }
  clip.sound.samples.insert(clip.sound.samples.end(), 800, 0.0F);
  return clip;
}

Dataset sentences(int count, std::uint64_t seed) {
  std::vector<SpeechClip> clips;
  Random random(seed);
  for (int i = 0; i < count; ++i) {
    std::vector<int> of;
    for (int k = 0; k < 3 + i % 3; ++k)
      of.push_back(static_cast<int>(random.below(3)));
    clips.push_back(sentence(of, seed + static_cast<std::uint64_t>(i)));
  }
  return dataset_of(std::move(clips));
}

SpeechOptions small() {
  SpeechOptions options;
  options.features.mels = 20;
  options.network.filters = 16;
  options.network.units = 16;
  options.network.layers = 1;
  options.network.dropout = 0;
  options.augment = {};
  options.training.epochs = 12;
  options.training.batch_size = 6;
  options.training.learning_rate = 0.01F;
  return options;
}

const SpeechRecognizer& of_words() {
  static const SpeechRecognizer trained = SpeechRecognizer::train(clips_of_words(8, 1), {}, small());
  return trained;
}
const SpeechRecognizer& streaming_words() {
  static const SpeechRecognizer trained = [] {
    SpeechOptions options = small();
    options.network.streaming = true;
    options.network.layers = 2;
    return SpeechRecognizer::train(clips_of_words(8, 1), {}, options);
  }();
  return trained;
}
SpeechOptions of_text() {
  SpeechOptions options = small();
  options.network.answer = SpeechAnswer::ctc;
  options.network.tokens = SpeechToken::words;
  options.training.epochs = 40;
  return options;
}
const SpeechRecognizer& of_sentences() {
  static const SpeechRecognizer trained = SpeechRecognizer::train(sentences(60, 100), {}, of_text());
  return trained;
}

TEST(SpeechRecognizer, LearnsWords) {
  EXPECT_EQ(of_words().options().network.answer, SpeechAnswer::classes);
  EXPECT_EQ(of_words().rate(), 8000);
  const SpeechEvaluation evaluation = of_words().evaluate(clips_of_words(4, 50));
  EXPECT_EQ(evaluation.accuracy, 1);
  EXPECT_EQ(evaluation.word_errors, 0);
  const Heard heard = of_words().recognize(spoken(2, 77));
  EXPECT_EQ(heard.text, "blue");
  EXPECT_GT(heard.probability, 0.5);
  EXPECT_EQ(heard.classes.size(), 3);
  EXPECT_TRUE(heard.signal);
}

TEST(SpeechRecognizer, LearnsSentencesByCTC) {
  const SpeechEvaluation evaluation = of_sentences().evaluate(sentences(9, 500));
  EXPECT_LT(evaluation.word_errors, 0.1);
  const SpeechClip clip = sentence({0, 2, 1}, 900);
  const Heard heard = of_sentences().recognize(clip.sound);
  EXPECT_EQ(heard.text, clip.text);
  ASSERT_EQ(heard.words.size(), 3);
  // Words come in order. Where a network of both directions says one is its own choice: CTC asks for no more.
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_LE(i == 0 ? 0 : heard.words[i - 1].end, heard.words[i].begin);
    EXPECT_LT(heard.words[i].begin, heard.words[i].end);
    EXPECT_LE(heard.words[i].end, clip.sound.seconds() + 0.1);
  }
}

TEST(SpeechRecognizer, LanguageModelHasASay) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 60; ++i)
    text += "blue blue blue\n";
  write_bytes(folder / "lines.txt", text);
  LanguageOptions options;
  options.text.tokenizer = TextUnit::blanks;
  options.network.embedding = 8;
  options.network.units = 8;
  options.training.epochs = 3;
  LanguageModel::train(lm::read_text({folder / "lines.txt"}), {}, options).save(folder / "lm.rondo");
  SpeechOptions unsure = of_text();  // a sure network gives other words less than the search takes up
  unsure.training.epochs = 10;
  const SpeechRecognizer recognizer = SpeechRecognizer::train(sentences(60, 100), {}, unsure);
  const Sound sound = sentence({0, 1, 0}, 901).sound;
  const Heard alone = recognizer.recognize(sound);
  const Heard ignored = recognizer.recognize(sound, {.lm = folder / "lm.rondo", .lm_weight = 0});
  EXPECT_EQ(ignored.text, alone.text);
  const Heard led = recognizer.recognize(sound, {.beam = 200, .lm = folder / "lm.rondo", .lm_weight = 10});
  EXPECT_NE(led.text, alone.text);
  EXPECT_THROW(recognizer.recognize(sound, {.lm = folder / "lines.txt"}), Error);
}

/// Half a second of noise that swells and fades.
Sound breath() {
  Random random(11);
  Sound sound{.samples = {}, .rate = 8000};
  for (int i = 0; i < 4000; ++i)
    sound.samples.push_back(
        static_cast<float>((0.6 + 0.4 * std::sin(i / 300.0)) * random.uniform(-0.5, 0.5)));
  return sound;
}

/// With digital silence among them, a clip's deviation would be that between sound and silence.
TEST(SpeechInput, SilenceBetweenWordsChangesLittle) {
  const Sound word = breath();
  Sound both = word;
  both.samples.insert(both.samples.end(), 8000, 0.0F);
  both.samples.insert(both.samples.end(), word.samples.begin(), word.samples.end());
  const auto difference = [&](bool pauses) {
    const SpeechInput input{.mel = {.rate = 8000}, .pauses = pauses, .ctc = true, .symbols = {"red"}};
    const std::vector<float> alone = input.features(word), among = input.features(both);
    float largest = 0;
    for (std::size_t i = 0; i < alone.size() / 2; ++i)
      largest = std::max(largest, std::abs(alone[i] - among[i]));
    return largest;
  };
  EXPECT_LT(difference(false), 0.3F);
  EXPECT_GT(difference(true), 1) << "as older models want it";
}

TEST(SpeechInput, OlderModelsThatWriteTextCountPauses) {
  const SpeechInput input{.mel = {.rate = 8000}, .ctc = true, .symbols = {"red"}};
  const std::string now = input.to_json();
  EXPECT_FALSE(SpeechInput::from_json(now).pauses);
  std::string before = now;
  const std::string member = "\"pauses\":false,";
  ASSERT_NE(before.find(member), before.npos) << before;
  before.erase(before.find(member), member.size());
  EXPECT_TRUE(SpeechInput::from_json(before).pauses);
}

TEST(SpeechRecognizer, SilenceHasNoSignal) {
  const Sound silence{.samples = std::vector<float>(4000), .rate = 8000};
  for (const SpeechRecognizer* const recognizer : {&of_words(), &of_sentences()}) {
    const Heard heard = recognizer->recognize(silence);
    EXPECT_FALSE(heard.signal);
    EXPECT_TRUE(std::isfinite(heard.probability));
  }
  EXPECT_THROW(of_words().recognize(Sound{.samples = {}, .rate = 8000}), Error);
}

TEST(SpeechRecognizer, SameAloneAndInABatch) {
  std::vector<Sound> sounds;
  for (int i = 0; i < 7; ++i)
    sounds.push_back(spoken(i % 3, static_cast<std::uint64_t>(i), 8000, 0.1 + 0.1 * i));
  const std::vector<Heard> together = of_words().recognize(sounds);
  for (std::size_t i = 0; i < sounds.size(); ++i)
    EXPECT_EQ(of_words().recognize(sounds[i]).probability, together[i].probability);
}

TEST(SpeechRecognizer, OtherRates) {
  if (!sound_library_available()) GTEST_SKIP() << "built without libsoxr";
  EXPECT_EQ(of_words().recognize(spoken(1, 60, 16'000)).text, "green");
  EXPECT_EQ(of_words().recognize(spoken(1, 60, 44'100)).text, "green");
}

TEST(SpeechRecognizer, FileHoldsAll) {
  const TemporaryFolder folder;
  for (const SpeechRecognizer* const recognizer : {&of_words(), &streaming_words(), &of_sentences()}) {
    recognizer->save(folder / "m.rondo");
    const SpeechRecognizer loaded = SpeechRecognizer::load(folder / "m.rondo");
    const Sound sound = spoken(1, 33);
    EXPECT_EQ(loaded.recognize(sound).probability, recognizer->recognize(sound).probability);
    EXPECT_EQ(loaded.recognize(sound).text, recognizer->recognize(sound).text);
  }
}

TEST(SpeechRecognizer, SameOnAnyNumberOfThreads) {
  std::vector<double> first;
  for_each_thread_count([&] {
    SpeechOptions options = small();
    options.training.epochs = 2;
    options.augment = {.noise = 0.1F, .shift = 20, .speed = 0.1F, .time_masks = 1, .mel_masks = 1};
    const SpeechRecognizer trained = SpeechRecognizer::train(clips_of_words(3, 1), {}, options);
    const std::vector<double> now = {trained.recognize(spoken(0, 9)).probability};
    if (first.empty()) first = now;
    EXPECT_EQ(now, first);
  });
}

TEST(SpeechRecognizer, GradientsOfBothAnswers) {
  for (const SpeechRecognizer* const recognizer : {&of_words(), &of_sentences()}) {
    const Dataset clips = recognizer == &of_words() ? clips_of_words(1, 3) : sentences(3, 7);
    for (const rondo::GradientCheck& check : recognizer->impl().network.check_gradients(clips))
      EXPECT_TRUE(check.good()) << check.parameter << " " << check.largest_error;
  }
}

TEST(SpeechPlan, IsSaid) {
  std::vector<std::string> reasons;
  const SpeechOptions options = SpeechRecognizer::plan(sentences(30, 1), {}, {}, &reasons);
  EXPECT_EQ(options.network.answer, SpeechAnswer::ctc);
  EXPECT_EQ(options.network.tokens, SpeechToken::words);
  EXPECT_EQ(options.features.rate, 8000);
  EXPECT_EQ(options.network.normalize, SpeechNormalization::clip);
  EXPECT_THAT(reasons, testing::Contains(HasSubstr("answer = ctc")));
}

TEST(SpeechPlan, RefusesWhatCannotBeLearned) {
  EXPECT_THROW(SpeechRecognizer::plan({}, {}), Error);
  std::vector<SpeechClip> one(4, {.name = "a", .text = "yes", .sound = spoken(0, 1)});
  EXPECT_THROW(SpeechRecognizer::plan(dataset_of(one), {}), Error);
  SpeechOptions streaming;
  streaming.network.streaming = true;
  streaming.network.normalize = SpeechNormalization::clip;
  EXPECT_THROW(SpeechRecognizer::plan(clips_of_words(3, 1), {}, streaming), Error);
}

TEST(SpeechPlan, ClipsTooShortForTheirText) {
  std::vector<SpeechClip> clips;
  for (int i = 0; i < 4; ++i)
    clips.push_back({.name = "short" + std::to_string(i),
                     .text = "hello " + std::to_string(i),
                     .sound = spoken(0, 1, 8000, 0.05)});
  SpeechOptions options;
  options.network.answer = SpeechAnswer::ctc;
  options.network.tokens = SpeechToken::characters;
  try {
    SpeechRecognizer::plan(dataset_of(clips), {}, options);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("4 of 4 clips are too short"));
    EXPECT_THAT(error.what(), HasSubstr("'short0' has"));
  }
  for (int i = 0; i < 6; ++i)
    clips.push_back(
        {.name = "long" + std::to_string(i), .text = "hi " + std::to_string(i), .sound = spoken(0, 1)});
  std::vector<std::string> reasons;
  SpeechRecognizer::plan(dataset_of(clips), {}, options, &reasons);
  EXPECT_THAT(reasons, testing::Contains(HasSubstr("no part in the loss")));
}

std::vector<Heard> listened(const SpeechRecognizer& recognizer, const Sound& sound, std::size_t piece,
                            ListenOptions options) {
  SpeechListener listener(recognizer, options);
  std::vector<Heard> all;
  for (std::size_t at = 0; at < sound.samples.size(); at += piece)
    for (Heard& heard :
         listener.push(std::span(sound.samples).subspan(at, std::min(piece, sound.samples.size() - at))))
      all.push_back(std::move(heard));
  for (Heard& heard : listener.finish())
    all.push_back(std::move(heard));
  return all;
}

TEST(SpeechListener, StreamIsTheWholeFile) {
  const Sound sound = spoken(1, 40);
  for (const SpeechRecognizer* const recognizer : {&of_words(), &streaming_words()})
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{80}, std::size_t{333}, std::size_t{100'000}}) {
      const std::vector<Heard> heard = listened(*recognizer, sound, piece, {.pause = 0});
      ASSERT_EQ(heard.size(), 1);
      EXPECT_EQ(heard[0].text, recognizer->recognize(sound).text);
      EXPECT_EQ(heard[0].probability, recognizer->recognize(sound).probability) << piece;
    }
}

TEST(SpeechListener, ResultsEndAtPauses) {
  Sound sound{.samples = std::vector<float>(8000), .rate = 8000};
  for (const int w : {2, 0, 1}) {
    const Sound word = spoken(w, 3);
    sound.samples.insert(sound.samples.end(), word.samples.begin(), word.samples.end());
    sound.samples.insert(sound.samples.end(), 8000, 0.0F);
  }
  std::vector<Heard> first;
  for (const std::size_t piece : {std::size_t{77}, std::size_t{8000}}) {
    const std::vector<Heard> heard = listened(of_words(), sound, piece, {.pause = 0.3F});
    ASSERT_EQ(heard.size(), 3);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(heard[i].begin, 1 + 1.4 * static_cast<double>(i), 0.15);
      EXPECT_NEAR(heard[i].end, 1.4 + 1.4 * static_cast<double>(i), 0.2);
      if (!first.empty()) {
        EXPECT_EQ(heard[i].probability, first[i].probability);
      }
    }
    first = heard;
  }
}

TEST(SpeechListener, WhatIsBeingSaid) {
  SpeechListener listener(streaming_words(), {.pause = 0});
  EXPECT_EQ(listener.so_far().text, "");
  const Sound sound = spoken(0, 8);
  listener.push(sound.samples);
  const std::string before = listener.so_far().text;
  EXPECT_EQ(before, listener.finish().front().text);
  EXPECT_NEAR(listener.seconds(), 0.4, 1e-9);
}

}  // namespace
}  // namespace rondo::speech

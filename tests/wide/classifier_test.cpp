// WideClassifier: what it learns and says, alone, in streams, and from a file.
#include "wide/classifier.h"

#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/runtime.h>
#include <rondo/wide.h>

#include "support/expect_error.h"

namespace rondo {
namespace {

using testing::ElementsAre;

/// `size` texts of some classes, told apart by a word of their own or, the last class, by a pair of words.
Dataset notes(std::size_t size, std::size_t classes) {
  const std::vector<std::string> hints = {"rain and wind", "sun and heat", "snow and frost", "not so bad"};
  const std::vector<std::string> fillers = {"today it was", "they say there is",
                                            "bad news are so old, not that"};
  std::vector<std::string> texts, labels;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t c = i % classes;
    texts.push_back(fillers[i % 3] + " " + hints[classes == 2 ? c + 2 : c] + " number " +
                    std::to_string(i % 7));
    labels.push_back("class " + std::to_string(c));
  }
  return data::labelled_text(texts, labels);
}

WideClassifier trained(const Dataset& data, const WideOptions& options = {}) {
  return WideClassifier::train(data, TextEncoder::learn(data), options);
}

std::string best(const WideClassifier& wide, const std::string& text) {
  const std::vector<float> shares = wide.probabilities(text);
  return wide.class_names()[static_cast<std::size_t>(std::max_element(shares.begin(), shares.end()) -
                                                     shares.begin())];
}

TEST(WideClassifier, TellsTwoClassesApart) {
  const WideClassifier wide = trained(notes(200, 2), {.wide_cost = 10});
  EXPECT_EQ(best(wide, "snow and frost"), "class 0");
  EXPECT_EQ(best(wide, "they say there is not so bad number"), "class 1");
  const std::vector<float> scores = wide.scores("snow");
  EXPECT_EQ(scores[0], -scores[1]) << "of two classes, each against the other";
  EXPECT_GT(scores[0], 0);
  const std::vector<float> shares = wide.probabilities("snow");
  EXPECT_NEAR(shares[0] + shares[1], 1, 1e-6);
  EXPECT_NEAR(shares[0], 1 / (1 + std::exp(-scores[0])), 1e-6);
}

TEST(WideClassifier, TellsManyClassesApart) {
  const WideClassifier wide = trained(notes(300, 4), {.wide_cost = 10});
  EXPECT_EQ(best(wide, "rain"), "class 0");
  EXPECT_EQ(best(wide, "the sun is out"), "class 1");
  EXPECT_EQ(best(wide, "frost"), "class 2");
  EXPECT_EQ(best(wide, "it was not so bad"), "class 3");
  EXPECT_THAT(wide.scores("rain"), testing::SizeIs(4));
}

TEST(WideClassifier, SaysWhatSpeaksForAClass) {
  const WideClassifier wide = trained(notes(300, 4), {.wide_cost = 10});
  const std::vector<NgramWeight> strongest = wide.strongest(0, 3);
  ASSERT_EQ(strongest.size(), 3U);
  for (const NgramWeight& each : strongest)
    EXPECT_TRUE(each.ngram.find("rain") != std::string::npos || each.ngram.find("wind") != std::string::npos)
        << each.ngram;
  EXPECT_GE(strongest[0].weight, strongest[1].weight);
  EXPECT_GT(strongest[2].weight, 0);
  test::expect_error(
      ErrorKind::usage, [&] { wide.strongest(4, 1); }, "classes 0 to 3, not 4");
}

TEST(WideClassifier, ContributionsAddUpToTheScore) {
  for (const std::size_t classes : {2U, 4U}) {
    const WideClassifier wide = trained(notes(300, classes));
    const std::string text = "today it was not so bad, not so bad, and snow and frost";
    const std::vector<float> scores = wide.scores(text);
    for (std::size_t c = 0; c < classes; ++c) {
      float sum = wide.bias(c);
      float before = 1e9F;
      for (const NgramWeight& each : wide.contributions(text, c)) {
        sum += each.weight;
        EXPECT_LE(std::abs(each.weight), before);
        before = std::abs(each.weight);
      }
      EXPECT_NEAR(sum, scores[c], 1e-5);
    }
  }
}

TEST(WideClassifier, SeesWholeTextsWhateverTheEncoderCuts) {
  const Dataset data = notes(200, 2);
  const WideClassifier wide =
      WideClassifier::train(data, TextEncoder::learn(data, {.max_length = 2, .bigrams = 10}));
  EXPECT_EQ(wide.encoder().options().max_length, 0);
  EXPECT_EQ(wide.encoder().bigram_count(), 0);
  EXPECT_NE(wide.scores("today it was"), wide.scores("today it was snow"));
}

TEST(WideClassifier, LearnsLongerNgramsOfCharacters) {
  std::vector<std::string> texts, labels;
  for (int i = 0; i < 60; ++i) {
    texts.emplace_back(i % 2 == 0 ? "味道不太好吃" : "味道好吃不太贵");
    labels.emplace_back(i % 2 == 0 ? "差" : "好");
  }
  const WideClassifier wide = trained(data::labelled_text(texts, labels));
  EXPECT_EQ(wide.options().wide_ngrams, 3);
  EXPECT_EQ(best(wide, "不太好"), "差");
  EXPECT_EQ(wide.contributions("不太好", 1).front().ngram.size() % 3, 0U) << "no spaces between characters";
}

TEST(WideClassifier, KeepsAsManyWeightsAsAsked) {
  const Dataset data = notes(300, 4);
  const WideClassifier all = trained(data, {.wide_weights = 0}), few = trained(data, {.wide_weights = 40});
  EXPECT_GT(all.weights(), 40U);
  EXPECT_LE(few.weights(), 40U);
  EXPECT_LT(few.ngrams(), all.ngrams());
  EXPECT_EQ(best(few, "rain and wind"), "class 0") << "those that matter most stay";
}

TEST(WideClassifier, ClassWeightsCount) {
  const Dataset data = notes(300, 4);
  const std::vector<float> weights = {0.01F, 1, 1, 1};
  const WideClassifier even = trained(data),
                       uneven = WideClassifier::train(data, TextEncoder::learn(data), {}, weights);
  EXPECT_LT(uneven.scores("rain")[0], even.scores("rain")[0]);
  const std::vector<float> two = {1, 1};
  test::expect_error(
      ErrorKind::usage, [&] { WideClassifier::train(data, TextEncoder::learn(data), {}, two); },
      "one for each of 4 classes, got 2");
}

TEST(WideClassifier, RefusesWhatCannotBeLearned) {
  const Dataset one = notes(10, 4).select(std::vector<std::size_t>{});
  test::expect_error(
      ErrorKind::data, [&] { WideClassifier::train(one, TextEncoder(), {}); }, "two classes or more");
  const Dataset data = notes(10, 2);
  test::expect_error(
      ErrorKind::option, [&] { trained(data, {.wide_ngrams = 9}); }, "wide.wide_ngrams");
}

TEST(ThreadWideClassifier, HasTheSameBitsOnAnyNumberOfThreads) {
  const Dataset data = notes(300, 4);
  const auto bytes = [&](int threads) {
    Runtime runtime({.threads = threads, .isa = {}});
    const Runtime::Use use(runtime);
    return safetensors::to_bytes({}, wide::arrays_of(trained(data)).items("w."));
  };
  const std::string one = bytes(1);
  EXPECT_TRUE(one == bytes(2));
  EXPECT_TRUE(one == bytes(3));
}

/// What arrays_of() wrote, read again.
WideClassifier read_back(const WideClassifier& wide, const std::string& bytes) {
  const auto reader = safetensors::Reader::from_memory(bytes, "file");
  return wide::from_arrays(reader, "w.", wide.options(), wide.encoder(), wide.class_names());
}

TEST(WideClassifier, ComesBackFromItsArrays) {
  for (const std::size_t classes : {2U, 4U}) {
    const WideClassifier wide = trained(notes(300, classes));
    const std::string bytes = safetensors::to_bytes({}, wide::arrays_of(wide).items("w."));
    const WideClassifier again = read_back(wide, bytes);
    EXPECT_EQ(again.scores("today rain and snow, not so bad"),
              wide.scores("today rain and snow, not so bad"));
    EXPECT_EQ(again.ngrams(), wide.ngrams());
    EXPECT_TRUE(safetensors::to_bytes({}, wide::arrays_of(again).items("w.")) == bytes);
  }
}

TEST(WideClassifier, RefusesArraysOfAnotherModel) {
  const WideClassifier two = trained(notes(300, 2)), four = trained(notes(300, 4));
  wide::Arrays arrays = wide::arrays_of(two);
  const auto refused = [&](const wide::Arrays& written, const WideClassifier& like, const char* why) {
    test::expect_error(
        ErrorKind::format, [&] { read_back(like, safetensors::to_bytes({}, written.items("w."))); },
        "file: ", why);
  };
  refused(arrays, four, "weights of other classes");
  wide::Arrays changed = arrays;
  changed.numbers.pop_back();
  refused(changed, two, "too few weights");
  changed = arrays;
  changed.numbers.push_back(1);
  refused(changed, two, "left over");
  changed = arrays;
  changed.biases[0] = NAN;
  refused(changed, two, "a number that is none");
  changed = arrays;
  changed.ngrams.pop_back();
  refused(changed, two, "n-grams");
  changed = arrays;
  changed.columns.pop_back();
  refused(changed, two, "");
  test::expect_error(
      ErrorKind::format, [&] { read_back(two, safetensors::to_bytes({}, {})); }, "has no list 'w.ngrams'");
}

TEST(WideStream, HasTheBitsOfTheWholeText) {
  for (const std::size_t classes : {2U, 4U}) {
    const WideClassifier wide = trained(notes(300, classes));
    WideStream stream(wide);
    const std::string text = "today it was not so bad, not so bad, and snow and frost";
    const std::vector<std::int32_t> tokens = wide.encoder().encode(text).tokens;
    std::vector<float> last;
    WideStream::State half;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const std::span<const float> scores = stream.push_id(tokens[i]);
      last.assign(scores.begin(), scores.end());
      EXPECT_EQ(last, wide.impl().scores_of(std::span(tokens).first(i + 1))) << i;
      if (i == tokens.size() / 2) half = stream.state();
    }
    WideStream other(wide);
    other.set_state(half);
    for (std::size_t i = tokens.size() / 2 + 1; i < tokens.size(); ++i)
      EXPECT_EQ(other.push_id(tokens[i]).size(), classes);
    other.set_state(stream.state());
    stream.reset();
    const std::span<const float> again = stream.push_id(tokens[0]);
    EXPECT_EQ(std::vector<float>(again.begin(), again.end()),
              wide.impl().scores_of(std::span(tokens).first(1)));
  }
}

TEST(WideStream, GoesOnFromASavedState) {
  const WideClassifier wide = trained(notes(300, 4));
  const std::vector<std::int32_t> tokens = wide.encoder().encode("it was not so bad and so bad rain").tokens;
  WideStream whole(wide), second(wide);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i)
    whole.push_id(tokens[i]);
  second.set_state(whole.state());
  const std::span<const float> a = whole.push_id(tokens.back()), b = second.push_id(tokens.back());
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
  test::expect_error(
      ErrorKind::shape, [&] { second.set_state({.last_tokens = {-1}, .ngrams = {}}); }, "another");
  test::expect_error(
      ErrorKind::shape, [&] { second.set_state({.last_tokens = {}, .ngrams = {wide.ngrams()}}); }, "another");
  test::expect_error(
      ErrorKind::data, [&] { second.push_id(1 << 20); }, "a number from 0 to");
}

}  // namespace
}  // namespace rondo

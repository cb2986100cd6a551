// Scores of language models that adapt to what they read: a cache, and dynamic evaluation.
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "support/expect_error.h"
#include "tasks/lm/model.h"
#include "tasks/lm/text.h"

namespace rondo::test {
namespace {

Dataset text_of(const std::vector<std::string>& documents) {
  return lm::documents_of(documents);
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += text;
  return all;
}

/// Knows a, b, c and d, and hardly more than how often each comes.
const LanguageModel& model() {
  static const LanguageModel trained = [] {
    LanguageOptions options;
    options.network = {.embedding = 4, .units = 8, .dropout = 0, .weight_dropout = 0};
    options.chunk = 8;
    options.training.epochs = 1;
    options.training.batch_size = 2;
    return LanguageModel::train(text_of({repeated("abcdbdcadacb", 40) + "\n", repeated("dcba", 30) + "\n"}),
                                {}, options);
  }();
  return trained;
}

/// As the paper has it, in f64, one token after another.
double by_hand(const std::vector<std::string>& documents, const lm::AdaptationOptions& options) {
  double nats = 0;
  std::vector<std::pair<std::vector<float>, std::int32_t>> places;
  for (const std::string& document : documents) {
    std::vector<std::int32_t> tokens = model().units().encode(document);
    tokens.push_back(TextUnits::border);
    std::int32_t before = TextUnits::border;
    State state = model().impl().network->start(1);
    for (const std::int32_t token : tokens) {
      const lm::LanguageNet::Places at = model().impl().network->places({before}, state);
      const std::vector<float> here(at.features.values().begin(), at.features.values().end());
      const Var all = log_softmax(at.logits);
      double p = std::exp(static_cast<double>(all.values()[static_cast<std::size_t>(token)]));
      std::map<std::int32_t, double> cached;
      double sum = 0;
      const std::size_t size = places.size(), kept = std::min(size, static_cast<std::size_t>(options.cache));
      for (std::size_t i = size - kept; i < size; ++i) {
        double product = 0;
        for (std::size_t k = 0; k < here.size(); ++k)
          product += static_cast<double>(here[k]) * static_cast<double>(places[i].first[k]);
        const double weight = std::exp(static_cast<double>(options.cache_flatness) * product);
        cached[places[i].second] += weight;
        sum += weight;
      }
      const auto share = static_cast<double>(options.cache_weight);
      if (kept > 0) p = (1 - share) * p + share * cached[token] / sum;
      nats -= std::log(p);
      places.emplace_back(here, token);
      before = token;
    }
  }
  return nats;
}

TEST(Adaptation, ACacheIsThatOfItsPaper) {
  const std::vector<std::string> documents = {repeated("abdd", 90), "dcba", repeated("ac", 200)};
  for (const int cache : {1, 7, 300, 5000}) {
    const lm::AdaptationOptions options{.cache = cache, .cache_weight = 0.3F, .cache_flatness = 2};
    const double wanted = by_hand(documents, options);
    EXPECT_NEAR(model().score(text_of(documents), options).nats, wanted, 1e-4 * wanted) << cache;
  }
}

TEST(Adaptation, ACacheHelpsWhereTextRepeatsItself) {
  const Dataset text = text_of({repeated("abdd", 100)});
  const TextScore plain = model().score(text), cached = model().score(text, {.cache = 200});
  EXPECT_LT(cached.nats, 0.97 * plain.nats);
  EXPECT_EQ(cached.tokens, plain.tokens);
  EXPECT_EQ(cached.characters, plain.characters);
}

TEST(Adaptation, DynamicEvaluationLearnsFromWhatWasScored) {
  const Dataset text = text_of({repeated("abdd", 100)});
  const double plain = model().score(text).nats;
  const double adapted = model().score(text, {.dynamic_rate = 0.5F, .dynamic_chunk = 5}).nats;
  EXPECT_LT(adapted, 0.8 * plain);
  EXPECT_EQ(model().score(text).nats, plain) << "the model itself must not learn";
  // The first chunk is scored before anything is learned.
  const Dataset start = text_of({"abdd"});
  EXPECT_NEAR(model().score(start, {.dynamic_rate = 5, .dynamic_chunk = 20}).nats, model().score(start).nats,
              1e-5);
}

TEST(Adaptation, AFullDecayForgetsEachStep) {
  const Dataset text = text_of({repeated("abdd", 20), "dcba"});
  const double plain = model().score(text).nats;
  EXPECT_NEAR(model().score(text, {.dynamic_rate = 0.5F, .dynamic_chunk = 5, .dynamic_decay = 1}).nats, plain,
              1e-5 * plain);
  EXPECT_GT(
      std::abs(model().score(text, {.dynamic_rate = 0.5F, .dynamic_chunk = 5, .dynamic_decay = 0.1F}).nats -
               plain),
      1e-3 * plain);
}

TEST(Adaptation, BothTogetherAndOnAnyNumberOfThreads) {
  const Dataset text = text_of({repeated("abdd", 40)});
  const lm::AdaptationOptions options{.cache = 50, .dynamic_rate = 0.2F};
  double one = 0;
  for (const int threads : {1, 2, 5}) {
    Runtime runtime({.threads = threads, .isa = {}});
    const Runtime::Use use(runtime);
    const double nats = model().score(text, options).nats;
    if (threads == 1) one = nats;
    EXPECT_EQ(nats, one);
  }
  EXPECT_LT(one, model().score(text, {.dynamic_rate = 0.2F}).nats);
}

TEST(Adaptation, ValuesOutOfRangeAreRefused) {
  const Dataset text = text_of({"abc"});
  expect_error(
      ErrorKind::option, [&] { model().score(text, {.cache = -1}); }, "cache", "-1");
  expect_error(
      ErrorKind::option, [&] { model().score(text, {.cache = 1, .cache_weight = 1.5F}); }, "cache_weight");
  expect_error(
      ErrorKind::option, [&] { model().score(text, {.dynamic_rate = -1}); }, "dynamic_rate");
}

}  // namespace
}  // namespace rondo::test

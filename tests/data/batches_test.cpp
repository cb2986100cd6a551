#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/data.h>
#include <rondo/error.h>

#include "support/expect_error.h"

namespace rondo::data {
namespace {

using test::expect_error;
using testing::ElementsAre;
using Numbers = std::vector<std::int32_t>;

template <class T>
std::vector<T> values_of(const Tensor& tensor) {
  const auto values = tensor.data<T>();
  return {values.begin(), values.end()};
}

/// Texts of 1 to 9 words with a label that the length tells.
Dataset lengths_dataset(std::size_t count) {
  std::vector<std::string> texts, labels;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text;
    for (std::size_t word = 0; word <= (i * 7) % 9; ++word)
      text += "w" + std::to_string((i + word) % 13) + " ";
    texts.push_back(text);
    labels.push_back((i * 7) % 9 > 4 ? "long" : "short");
  }
  return labelled_text(texts, labels);
}

class BatchesTest : public testing::Test {
 protected:
  Dataset dataset_ = lengths_dataset(103);
  TextEncoder encoder_ = TextEncoder::learn(dataset_.texts(), {.tokenizer = Tokenizer::words, .bigrams = 50});
  Batches batches_{dataset_, encoder_, {.batch_size = 8, .bucket = 4}, 5};
};

void expect_same(const Batch& a, const Batch& b) {
  EXPECT_EQ(a.examples, b.examples);
  EXPECT_TRUE(*a.layout == *b.layout);
  EXPECT_EQ(values_of<std::int32_t>(a.ids.tokens()), values_of<std::int32_t>(b.ids.tokens()));
  EXPECT_EQ(values_of<std::int32_t>(a.ids.bigrams()), values_of<std::int32_t>(b.ids.bigrams()));
  EXPECT_EQ(values_of<std::int32_t>(a.labels), values_of<std::int32_t>(b.labels));
}

TEST_F(BatchesTest, AnEpochHasEachExampleOnce) {
  const Epoch epoch = batches_.epoch(1);
  EXPECT_EQ(epoch.size(), 13U);
  std::vector<std::size_t> seen;
  for (std::size_t i = 0; i < epoch.size(); ++i) {
    const auto examples = epoch.examples(i);
    seen.insert(seen.end(), examples.begin(), examples.end());
  }
  std::sort(seen.begin(), seen.end());
  std::vector<std::size_t> all(dataset_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  EXPECT_EQ(seen, all);
}

TEST_F(BatchesTest, SequencesArePackedLongestFirstTiesByNumber) {
  for (const Epoch& epoch : {batches_.epoch(3), batches_.in_order()}) {
    for (std::size_t number = 0; number < epoch.size(); ++number) {
      const Batch batch = epoch.batch(number);
      ASSERT_EQ(batch.layout->sequences(), static_cast<std::int64_t>(batch.examples.size()));
      for (std::size_t k = 0; k < batch.examples.size(); ++k) {
        const EncodedText encoded = encoder_.encode(dataset_.text(batch.examples[k]));
        const auto sequence = static_cast<std::int64_t>(k);
        ASSERT_EQ(batch.layout->length(sequence), static_cast<std::int64_t>(encoded.tokens.size()));
        for (std::size_t step = 0; step < encoded.tokens.size(); ++step) {
          const std::int64_t row = batch.layout->row(sequence, static_cast<std::int64_t>(step));
          EXPECT_EQ(batch.ids.tokens().at(row), encoded.tokens[step]);
          EXPECT_EQ(batch.ids.bigrams().at(row), encoded.bigrams[step]);
        }
        EXPECT_EQ(batch.labels.at(sequence), dataset_.label(batch.examples[k]));
        if (k > 0 && batch.layout->length(sequence) == batch.layout->length(sequence - 1)) {
          EXPECT_LT(batch.examples[k - 1], batch.examples[k]);
        }
      }
    }
  }
}

TEST_F(BatchesTest, AreAFunctionOfSeedAndEpoch) {
  const Batches same(dataset_, encoder_, {.batch_size = 8, .bucket = 4}, 5);
  const Batches other(dataset_, encoder_, {.batch_size = 8, .bucket = 4}, 6);
  const Epoch epoch = batches_.epoch(2);
  for (std::size_t i = epoch.size(); i-- > 0;)
    expect_same(epoch.batch(i), same.epoch(2).batch(i));
  EXPECT_NE(epoch.batch(0).examples, batches_.epoch(1).batch(0).examples);
  EXPECT_NE(epoch.batch(0).examples, other.epoch(2).batch(0).examples);
}

TEST_F(BatchesTest, BucketsBringLikeLengthsTogether) {
  const auto spread = [&](int bucket) {
    const Batches batches(dataset_, encoder_, {.batch_size = 8, .bucket = bucket}, 5);
    const Epoch epoch = batches.epoch(0);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < epoch.size(); ++i) {
      const Batch batch = epoch.batch(i);
      const auto lengths = batch.layout->lengths();
      sum += lengths.front() - lengths.back();
    }
    return sum;
  };
  EXPECT_LT(spread(13), spread(4));
  EXPECT_LT(spread(4), spread(1));
}

TEST_F(BatchesTest, BatchesComeInShuffledOrder) {
  const Epoch epoch = Batches(dataset_, encoder_, {.batch_size = 8, .bucket = 13}, 5).epoch(0);
  std::vector<std::int64_t> longest;
  for (std::size_t i = 0; i < epoch.size(); ++i)
    longest.push_back(epoch.batch(i).layout->length(0));
  EXPECT_FALSE(std::is_sorted(longest.rbegin(), longest.rend()));
}

TEST_F(BatchesTest, InOrderIsLongestFirst) {
  const Epoch epoch = batches_.in_order();
  std::int64_t last = 1000;
  for (std::size_t i = 0; i < epoch.size(); ++i) {
    const Batch batch = epoch.batch(i);
    const auto lengths = batch.layout->lengths();
    EXPECT_GE(last, lengths.front());
    last = lengths.back();
  }
}

TEST_F(BatchesTest, CountsRows) {
  std::int64_t rows = 0;
  const Epoch epoch = batches_.epoch(0);
  for (std::size_t i = 0; i < epoch.size(); ++i)
    rows += epoch.batch(i).layout->rows();
  EXPECT_EQ(batches_.rows(), rows);
  EXPECT_EQ(batches_.examples(), 103U);
}

TEST_F(BatchesTest, PrefetchThreadGivesTheSameFromAnyPosition) {
  const Epoch epoch = batches_.epoch(4);
  for (const std::size_t begin : {std::size_t{0}, std::size_t{5}, epoch.size()}) {
    Prefetch prefetch(epoch, begin);
    for (std::size_t i = begin; i < epoch.size(); ++i) {
      EXPECT_EQ(prefetch.position(), i);
      const auto batch = prefetch.next();
      ASSERT_TRUE(batch.has_value());
      expect_same(*batch, epoch.batch(i));
    }
    EXPECT_FALSE(prefetch.next().has_value());
    EXPECT_FALSE(prefetch.next().has_value());
  }
}

TEST_F(BatchesTest, PrefetchThreadMayBeLeftEarly) {
  for (int i = 0; i < 20; ++i) {
    Prefetch prefetch(batches_.epoch(i));
    Prefetch moved = std::move(prefetch);
    if (i % 2 == 0) {
      EXPECT_TRUE(moved.next().has_value());
    }
  }
}

TEST_F(BatchesTest, OutOfRange) {
  expect_error(
      ErrorKind::usage, [&] { batches_.epoch(0).batch(13); }, "there are 13");
  expect_error(
      ErrorKind::option, [&] { Batches(dataset_, encoder_, {.batch_size = 0}); }, "batch_size");
  expect_error(
      ErrorKind::usage, [&] { Batches{dataset_}; }, "text encoder");
}

TEST(FeatureBatches, RowsTargetsAndWeights) {
  Examples examples;
  examples.features = {Tensor::of({1, 2}, std::vector<float>{1, 2}),
                       Tensor::of({2, 2}, std::vector<float>{3, 4, 5, 6})};
  examples.step_labels = {Tensor::of({1}, Numbers{0}), Tensor::of({2}, Numbers{1, 0})};
  examples.class_names = {"x", "y"};
  examples.weights = {0.5F, 2};
  const Batch batch = Batches(Dataset(examples)).epoch(0).batch(0);
  EXPECT_THAT(batch.examples, ElementsAre(1, 0));
  EXPECT_EQ(batch.features.shape(), (Shape{3, 2}));
  EXPECT_EQ(values_of<float>(batch.features), (std::vector<float>{3, 4, 1, 2, 5, 6}));
  EXPECT_EQ(values_of<std::int32_t>(batch.labels), (Numbers{1, 0, 0}));
  EXPECT_EQ(values_of<float>(batch.weights), (std::vector<float>{2, 0.5F}));
  EXPECT_TRUE(batch.values.empty());
  expect_error(
      ErrorKind::usage, [&] { Batches(Dataset(examples), TextEncoder()); }, "features");
}

TEST(FeatureBatches, Values) {
  Examples examples;
  examples.features = {Tensor::zeros({1, 1}), Tensor::zeros({2, 1})};
  examples.values = {Tensor::of({2}, std::vector<float>{1, 2}), Tensor::of({2}, std::vector<float>{3, 4})};
  EXPECT_EQ(values_of<float>(Batches(Dataset(examples)).in_order().batch(0).values),
            (std::vector<float>{3, 4, 1, 2}));
  examples.values.clear();
  examples.step_values = {Tensor::of({1, 1}, std::vector<float>{1}),
                          Tensor::of({2, 1}, std::vector<float>{2, 3})};
  const Batch batch = Batches(Dataset(examples)).in_order().batch(0);
  EXPECT_EQ(values_of<float>(batch.values), (std::vector<float>{2, 1, 3}));
  EXPECT_EQ(batch.values.shape(), (Shape{3, 1}));
  EXPECT_TRUE(batch.labels.empty());
}

TEST(TextBatches, StepTargetsMustFitTheTokens) {
  Examples examples;
  examples.texts = {"a b c", "a b"};
  examples.step_labels = {Tensor::of({3}, Numbers{0, 1, 0}), Tensor::of({3}, Numbers{1, 0, 0})};
  examples.class_names = {"x", "y"};
  const Dataset dataset(examples);
  const TextEncoder encoder = TextEncoder::learn(dataset.texts());
  expect_error(
      ErrorKind::data, [&] { Batches(dataset, encoder); }, "example 1 has 2 steps, but 3 targets");
  expect_error(
      ErrorKind::data, [&] { Batches(dataset.subset(1, 2), encoder); },
      "example 0 (example 1 of its source) has 2 steps");
  expect_error(
      ErrorKind::data, [&] { Batches(dataset, encoder); }, "give pre-split words");
}

/// The texts or words of three examples with a label a word.
Dataset tagged(bool words) {
  Examples examples;
  examples.words = {{"It's", "so", "good"}, {"don't"}, {"well-known", "x"}};
  if (!words) {
    examples.words.clear();
    examples.texts = {"it is so", "go", "known x"};
  }
  examples.step_labels = {Tensor::of({3}, Numbers{0, 1, 2}), Tensor::of({1}, Numbers{1}),
                          Tensor::of({2}, Numbers{2, 0})};
  examples.class_names = {"x", "y", "z"};
  return Dataset(std::move(examples));
}

TEST(TextBatches, PreSplitWordsKeepTheirLabels) {
  const Dataset dataset = tagged(true);
  const TextEncoder encoder = TextEncoder::learn(dataset);
  const Batch batch = Batches(dataset, encoder).in_order().batch(0);
  EXPECT_THAT(batch.examples, ElementsAre(0, 2, 1));
  EXPECT_EQ(values_of<std::int32_t>(batch.labels), (Numbers{0, 2, 1, 1, 0, 2}));
  const auto number = [&](const char* word) { return encoder.vocab().find(word); };
  EXPECT_EQ(values_of<std::int32_t>(batch.ids.tokens()),
            (Numbers{number("it's"), number("well-known"), number("don't"), number("so"), number("x"),
                     number("good")}));
  EXPECT_EQ(dataset.lengths(), (Numbers{3, 1, 2}));
  const Dataset renumbered = dataset.with_classes({"z", "y", "x"});
  EXPECT_EQ(renumbered.words(2), dataset.words(2));
  EXPECT_EQ(renumbered.step_labels(2).at(0), 0);
}

TEST(TextBatches, MaxLengthMayNotCutWhatHasTargetsPerStep) {
  const TextEncoder encoder = TextEncoder::learn(tagged(true), {.max_length = 2});
  expect_error(
      ErrorKind::data, [&] { Batches(tagged(true), encoder); },
      "example 0 has 3 steps, but max_length cuts it to 2; set max_length = 0");
  const TextEncoder of_texts = TextEncoder::learn(tagged(false), {.max_length = 2});
  expect_error(
      ErrorKind::data, [&] { Batches(tagged(false), of_texts); }, "set max_length = 0");
  EXPECT_EQ(Batches(Dataset(Examples{.words = {{"a", "b", "c"}}}), encoder).rows(), 2);
}

TEST(TextBatches, EmptyDatasetsHaveNoBatches) {
  EXPECT_EQ(Batches(Dataset(), TextEncoder()).epoch(0).size(), 0U);
  EXPECT_EQ(Batches(Dataset()).in_order().size(), 0U);
}

}  // namespace
}  // namespace rondo::data

#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/data.h>
#include <rondo/error.h>

#include "support/expect_error.h"

namespace rondo {
namespace {

using test::expect_error;
using testing::Each;
using testing::ElementsAre;
using testing::FloatEq;

/// `counts[c]` examples of class c, mixed, each text different.
Dataset dataset_with(const std::vector<int>& counts) {
  std::vector<std::string> texts, labels;
  for (int round = 0; round < *std::max_element(counts.begin(), counts.end()); ++round) {
    for (std::size_t c = 0; c < counts.size(); ++c) {
      if (round >= counts[c]) continue;
      texts.push_back("text " + std::to_string(round) + " of " + std::to_string(c));
      labels.push_back(std::to_string(c));
    }
  }
  return data::labelled_text(texts, labels);
}

std::vector<std::string> texts_of(const Dataset& dataset) {
  const auto views = dataset.texts();
  return {views.begin(), views.end()};
}

Tensor steps(std::int64_t count, std::int64_t width, float first = 0) {
  std::vector<float> values(static_cast<std::size_t>(count * width));
  std::iota(values.begin(), values.end(), first);
  return Tensor::of({count, width}, values);
}

TEST(Dataset, EmptyByDefault) {
  const Dataset none;
  EXPECT_EQ(none.size(), 0U);
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.target(), Target::none);
  EXPECT_TRUE(none.split(0.8, 0.1, 0.1)[0].empty());
}

TEST(Dataset, SplitIsStratifiedWholeAndDisjoint) {
  const Dataset all = dataset_with({100, 50, 10});
  const auto parts = all.split(0.8, 0.1, 0.1, 7);
  EXPECT_THAT(parts[0].class_counts(), ElementsAre(80, 40, 8));
  EXPECT_THAT(parts[1].class_counts(), ElementsAre(10, 5, 1));
  EXPECT_THAT(parts[2].class_counts(), ElementsAre(10, 5, 1));
  std::set<std::string> seen;
  for (const Dataset& part : parts) {
    for (const std::string& text : texts_of(part))
      EXPECT_TRUE(seen.insert(text).second) << text;
  }
  EXPECT_EQ(seen.size(), all.size());
}

TEST(Dataset, SplitDependsOnTheSeedAlone) {
  const Dataset all = dataset_with({60, 60});
  EXPECT_EQ(texts_of(all.split(0.5, 0.2, 0.3, 1)[0]), texts_of(all.split(0.5, 0.2, 0.3, 1)[0]));
  EXPECT_NE(texts_of(all.split(0.5, 0.2, 0.3, 1)[0]), texts_of(all.split(0.5, 0.2, 0.3, 2)[0]));
}

TEST(Dataset, SplitKeepsDuplicatesOnOneSide) {
  std::vector<std::string> texts, labels;
  for (int i = 0; i < 200; ++i) {
    const std::string number(static_cast<std::size_t>(i % 40) + 1, 'x');
    texts.push_back(i % 3 == 0 ? "  " + number + "!" : i % 3 == 1 ? "ＸＸ" + number.substr(1) : number);
    if (i % 3 == 1) texts.back() = number.size() > 1 ? "Ｘ" + number.substr(1) : "X";
    labels.push_back(i % 2 == 0 ? "a" : "b");
  }
  const auto parts = data::labelled_text(texts, labels).split(0.6, 0.2, 0.2, 3);
  std::vector<std::set<std::string>> seen(3);
  for (std::size_t part = 0; part < 3; ++part) {
    for (const std::string& text : texts_of(parts[part])) {
      std::string core = normalize(text);
      core.erase(std::remove(core.begin(), core.end(), '!'), core.end());
      seen[part].insert(core);
    }
    EXPECT_FALSE(seen[part].empty());
  }
  for (const std::string& core : seen[0])
    EXPECT_EQ(seen[1].count(core) + seen[2].count(core), 0U) << core;
  for (const std::string& core : seen[1])
    EXPECT_EQ(seen[2].count(core), 0U) << core;
}

TEST(Dataset, TheTestPartDoesNotDependOnValidation) {
  const Dataset all = dataset_with({200, 150, 50});
  const auto few = all.split(0.81, 0.09, 0.1), many = all.split(0.63, 0.27, 0.1),
             none = all.split(0.9, 0, 0.1);
  EXPECT_EQ(texts_of(few[2]), texts_of(many[2]));
  EXPECT_EQ(texts_of(few[2]), texts_of(none[2]));
  EXPECT_EQ(few[2].size(), 40U);
  EXPECT_NEAR(static_cast<double>(few[1].size()), 36, 2);
  EXPECT_NEAR(static_cast<double>(many[1].size()), 108, 2);
}

TEST(Dataset, SmallClassesMeetTheSharesTogether) {
  const Dataset all = dataset_with(std::vector<int>(60, 4));
  for (const double share : {0.05, 0.1, 0.2}) {
    const auto parts = all.split(1 - share - 0.1, share, 0.1);
    EXPECT_EQ(parts[1].size(), static_cast<std::size_t>(std::lround(240 * share))) << share;
    EXPECT_EQ(parts[2].size(), 24U) << share;
    EXPECT_THAT(parts[0].class_counts(), testing::Each(testing::Gt(0))) << "each class is learned";
    EXPECT_THAT(parts[1].class_counts(), testing::Each(testing::Le(1)));
  }
  EXPECT_EQ(all.split(0.85, 0, 0.15)[2].size(), 36U) << "alone, each class would give one: 60";
}

TEST(Dataset, SplitSharesNeedNotSumToOne) {
  const Dataset all = dataset_with({30, 30});
  const auto parts = all.split(2, 0, 1);
  EXPECT_EQ(parts[0].size(), 40U);
  EXPECT_EQ(parts[1].size(), 0U);
  EXPECT_EQ(parts[2].size(), 20U);
  expect_error(
      ErrorKind::option, [&] { all.split(0, 0, 0); }, "shares");
  expect_error(
      ErrorKind::option, [&] { all.split(1, -0.5, 0); }, "shares");
  expect_error(
      ErrorKind::option, [&] { all.split(1, NAN, 0); }, "shares");
}

TEST(Dataset, SelectSubsetTake) {
  const Dataset all = dataset_with({3, 2});
  const std::vector<std::size_t> chosen = {4, 0, 0};
  const Dataset some = all.select(chosen);
  EXPECT_EQ(some.text(0), all.text(4));
  EXPECT_EQ(some.text(1), all.text(0));
  EXPECT_EQ(some.select(std::vector<std::size_t>{1, 0}).text(1), all.text(4));
  EXPECT_EQ(some.label(0), all.label(4));
  EXPECT_EQ(all.subset(1, 3).text(0), all.text(1));
  EXPECT_EQ(all.take(2).size(), 2U);
  EXPECT_EQ(all.take(99).size(), 5U);
  expect_error(
      ErrorKind::usage, [&] { all.subset(3, 6); }, "there are 5");
  expect_error(
      ErrorKind::usage, [&] { some.text(3); }, "there are 3");
}

TEST(Dataset, ClassCountsAndBalancedWeights) {
  const Dataset all = dataset_with({6, 2, 1});
  EXPECT_THAT(all.class_counts(), ElementsAre(6, 2, 1));
  EXPECT_THAT(all.class_weights_balanced(), ElementsAre(FloatEq(0.5F), FloatEq(1.5F), FloatEq(3.0F)));
  const Dataset two = all.select(std::vector<std::size_t>{0, 1});
  EXPECT_THAT(two.class_weights_balanced(), ElementsAre(FloatEq(1), FloatEq(1), FloatEq(1)));
}

TEST(Dataset, OverSamplingRepeatsRareClassesEvenly) {
  const Dataset all = dataset_with({7, 2, 3});
  const Dataset more = all.over_sample(5);
  EXPECT_THAT(more.class_counts(), ElementsAre(7, 7, 7));
  EXPECT_EQ(texts_of(more), texts_of(all.over_sample(5)));
  std::map<std::string, int> times;
  for (const std::string& text : texts_of(more))
    ++times[text];
  EXPECT_EQ(times.size(), all.size());  // nothing is lost
  for (const auto& entry : times)
    EXPECT_LE(entry.second, 4) << entry.first;
}

TEST(Dataset, UnderSamplingKeepsOrder) {
  const Dataset all = dataset_with({7, 2, 3});
  const Dataset fewer = all.under_sample(5);
  EXPECT_THAT(fewer.class_counts(), Each(2));
  const auto texts = texts_of(all);
  std::size_t last = 0;
  for (const std::string& text : texts_of(fewer)) {
    const auto place = static_cast<std::size_t>(std::find(texts.begin(), texts.end(), text) - texts.begin());
    EXPECT_GE(place, last);
    last = place;
  }
  EXPECT_NE(texts_of(all.under_sample(5)), texts_of(all.under_sample(6)));
}

TEST(Dataset, WithClassesRenumbersAndLeavesOut) {
  const Dataset all = data::labelled_text(std::vector<std::string>{"x", "y", "z"},
                                          std::vector<std::string>{"neg", "pos", "meh"});
  std::size_t left_out = 0;
  const Dataset known = all.with_classes({"pos", "neg"}, &left_out);
  EXPECT_EQ(left_out, 1U);
  EXPECT_THAT(texts_of(known), ElementsAre("x", "y"));
  EXPECT_EQ(known.label(0), 1);
  EXPECT_EQ(known.label(1), 0);
  EXPECT_EQ(all.with_classes(all.class_names(), &left_out).size(), 3U);
  EXPECT_EQ(left_out, 0U);
}

TEST(Dataset, JoinRenumbersClasses) {
  const std::vector<Dataset> parts = {
      data::labelled_text(std::vector<std::string>{"x", "y"}, std::vector<std::string>{"neg", "pos"}),
      Dataset(),
      data::labelled_text(std::vector<std::string>{"z", "w"}, std::vector<std::string>{"pos", "mid"})};
  const Dataset all = data::join(parts);
  EXPECT_THAT(texts_of(all), ElementsAre("x", "y", "z", "w"));
  EXPECT_THAT(all.class_names(), ElementsAre("mid", "neg", "pos"));
  EXPECT_THAT(all.class_counts(), ElementsAre(1, 1, 2));
  EXPECT_EQ(all.label(2), 2);
  EXPECT_TRUE(data::join({}).empty());
  const std::vector<Dataset> mixed = {parts[0], Dataset(Examples{.texts = {"no label"}})};
  expect_error(
      ErrorKind::usage, [&] { data::join(mixed); }, "different kinds");
}

TEST(Dataset, ClassesThatLookLikeNumbersAreOrderedByValue) {
  const std::vector<std::string> texts = {"a", "b", "c", "d"};
  EXPECT_THAT(data::labelled_text(texts, std::vector<std::string>{"10", "9", "-1", "9.5"}).class_names(),
              ElementsAre("-1", "9", "9.5", "10"));
  EXPECT_THAT(data::labelled_text(texts, std::vector<std::string>{"10", "nan", "9", "inf"}).class_names(),
              ElementsAre("10", "9", "inf", "nan"));
}

TEST(Dataset, FeaturesAndValues) {
  Examples examples;
  examples.features = {steps(3, 2), steps(1, 2)};
  examples.values = {Tensor::of({1}, std::vector<float>{0.5F}), Tensor::of({1}, std::vector<float>{2})};
  examples.weights = {1, 2};
  const Dataset dataset(examples);
  EXPECT_FALSE(dataset.is_text());
  EXPECT_EQ(dataset.feature_count(), 2);
  EXPECT_EQ(dataset.value_count(), 1);
  EXPECT_EQ(dataset.target(), Target::values);
  EXPECT_EQ(dataset.features(0).at(5), 5);
  EXPECT_FLOAT_EQ(dataset.weight(1), 2);
  expect_error(
      ErrorKind::usage, [&] { dataset.text(0); }, "no texts");
  expect_error(
      ErrorKind::usage, [&] { dataset.label(0); }, "no labels");
}

TEST(Dataset, PreSplitWords) {
  const Dataset words(Examples{
      .words = {{"New", "York"}, {"a"}, {"new", "york", "!"}}, .labels = {0, 0, 0}, .class_names = {"x"}});
  EXPECT_TRUE(words.is_text());
  EXPECT_TRUE(words.is_pre_split());
  EXPECT_FALSE(Dataset(Examples{.texts = {"a"}}).is_pre_split());
  EXPECT_THAT(words.words(2), ElementsAre("new", "york", "!"));
  EXPECT_THAT(words.lengths(), ElementsAre(2, 1, 3));
  expect_error(
      ErrorKind::usage, [&] { words.text(0); }, "no texts");
  EXPECT_NE(words.fingerprint(), words.select(std::vector<std::size_t>{2, 1, 0}).fingerprint());
  EXPECT_NE(Dataset(Examples{.words = {{"ab", "c"}}}).fingerprint(),
            Dataset(Examples{.words = {{"a", "bc"}}}).fingerprint());
  const Dataset all = data::join(std::vector<Dataset>{words, words.take(1)});
  EXPECT_THAT(all.words(3), ElementsAre("New", "York"));
  const std::vector<Dataset> mixed = {Dataset(Examples{.words = {{"a"}}}), Dataset(Examples{.texts = {"a"}})};
  expect_error(
      ErrorKind::usage, [&] { data::join(mixed); }, "different kinds");
}

TEST(Dataset, SplitKeepsEqualWordsOnOneSide) {
  Examples examples;
  for (int i = 0; i < 60; ++i) {
    const std::string word(static_cast<std::size_t>(i / 2) + 1, i % 2 == 0 ? 'x' : 'X');
    examples.words.push_back(i % 2 == 0 ? std::vector<std::string>{word}
                                        : std::vector<std::string>{"!", word.substr(1), "X"});
  }
  std::map<std::size_t, int> times;
  const Dataset part = Dataset(examples).split(1, 0, 1)[0];
  for (std::size_t i = 0; i < part.size(); ++i) {
    std::size_t letters = 0;
    for (const std::string& word : part.words(i))
      letters += word == "!" ? 0 : word.size();
    ++times[letters];
  }
  EXPECT_EQ(times.size(), 15U);
  for (const auto& [letters, count] : times)
    EXPECT_EQ(count, 2) << letters;
}

TEST(Dataset, ColumnsAreChecked) {
  const auto refused = [](ErrorKind kind, const Examples& examples, const std::string& part) {
    expect_error(
        kind, [&] { Dataset{examples}; }, part);
  };
  const Tensor labels = Tensor::of({3}, std::vector<std::int32_t>{0, 1, 0});
  refused(ErrorKind::data, {.texts = {"a"}, .features = {steps(1, 1)}}, "give only one");
  refused(ErrorKind::data, {.texts = {"a"}, .words = {{"a"}}}, "give only one");
  refused(ErrorKind::shape, {.words = {{"a"}, {}}}, "example 1: has no words");
  refused(ErrorKind::shape, {.words = {{"a"}}, .step_labels = {labels}, .class_names = {"x", "y"}},
          "1 steps, but 3 targets");
  refused(ErrorKind::shape, {.texts = {"a"}, .labels = {0, 0}, .class_names = {"x"}}, "2 labels");
  refused(ErrorKind::data, {.texts = {"a"}, .labels = {1}, .class_names = {"x"}},
          "example 0: label 1 is outside");
  refused(ErrorKind::data, {.texts = {"a"}, .labels = {0}, .class_names = {"x", "x"}}, "same name");
  refused(ErrorKind::shape, {.features = {steps(1, 2), steps(1, 3)}}, "example 1: features have 3 numbers");
  refused(ErrorKind::shape, {.features = {Tensor::zeros({3})}}, "example 0: features want f32 with 2");
  refused(ErrorKind::shape, {.features = {Tensor::zeros({0, 3})}}, "none of them 0");
  refused(ErrorKind::shape, {.features = {steps(2, 1)}, .step_labels = {labels}, .class_names = {"x", "y"}},
          "2 steps, but 3 targets");
  refused(ErrorKind::data,
          {.texts = {"a"}, .labels = {0}, .values = {Tensor::zeros({1})}, .class_names = {"x"}}, "two kinds");
}

TEST(Dataset, NumbersMustBeFinite) {
  const auto refused = [](const Examples& examples, const std::string& part) {
    expect_error(
        ErrorKind::data, [&] { Dataset{examples}; }, part);
  };
  const auto with = [](Shape shape, std::size_t at, float number) {
    Tensor tensor = Tensor::zeros(std::move(shape));
    tensor.data<float>()[at] = number;
    return tensor;
  };
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinity = std::numeric_limits<float>::infinity();
  refused({.features = {steps(3, 2), with({3, 2}, 5, nan)}},
          "example 1: features, step 2, column 1 (from 0) is not a number");
  refused({.features = {with({3, 2}, 0, -infinity)}}, "step 0, column 0 (from 0) is infinite");
  refused({.features = {steps(1, 2)}, .values = {with({3}, 2, nan)}}, "example 0: values, column 2");
  refused({.features = {steps(2, 1)}, .step_values = {with({2, 1}, 1, nan)}},
          "step_values, step 1, column 0");
}

TEST(Dataset, FingerprintSeesEveryChange) {
  const std::vector<std::string> texts = {"a", "bc"}, labels = {"x", "y"};
  const Dataset base = data::labelled_text(texts, labels);
  const std::uint64_t print = base.fingerprint();
  EXPECT_EQ(data::labelled_text(texts, labels).fingerprint(), print);
  EXPECT_EQ(base.select(std::vector<std::size_t>{0, 1}).fingerprint(), print);
  EXPECT_NE(base.select(std::vector<std::size_t>{1, 0}).fingerprint(), print);
  EXPECT_NE(base.take(1).fingerprint(), print);
  EXPECT_NE(data::labelled_text(std::vector<std::string>{"ab", "c"}, labels).fingerprint(), print);
  EXPECT_NE(data::labelled_text(texts, std::vector<std::string>{"y", "x"}).fingerprint(), print);
}

}  // namespace
}  // namespace rondo

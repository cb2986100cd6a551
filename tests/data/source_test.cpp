// Examples of one's own type behind a Dataset.
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
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;
using Words = std::vector<std::string>;

/// A sentence in two languages.
struct Pair {
  Words source, target;
  int domain = 0;
};

std::string content(const Pair& pair) {
  return data::content_of(pair.source, pair.target);
}

const data::About<Pair> about = {.content = content,
                                 .length = [](const Pair& pair) { return std::ssize(pair.source); },
                                 .stratum = [](const Pair& pair) { return pair.domain; }};

/// 90 pairs of 1 to 5 words, each third one like the one before; two of three in domain 0.
std::vector<Pair> pairs() {
  std::vector<Pair> list;
  for (int i = 0; i < 90; ++i) {
    const int number = i % 3 == 2 ? i - 1 : i;
    const Words words(static_cast<std::size_t>(number % 5 + 1), "w" + std::to_string(number));
    list.push_back({words, {words.rbegin(), words.rend()}, number % 9 < 6 ? 0 : 1});
  }
  return list;
}

TEST(Source, ExamplesOfOnesOwnTypeAreRead) {
  const Dataset dataset = data::examples_of(pairs(), about);
  EXPECT_EQ(dataset.size(), 90U);
  EXPECT_THAT(dataset.example<Pair>(7).source, ElementsAre("w7", "w7", "w7"));
  const Dataset some = dataset.select(std::vector<std::size_t>{7, 3, 3});
  EXPECT_THAT(some.lengths(), ElementsAre(3, 4, 4));
  EXPECT_EQ(some.place(1), 3U);
  EXPECT_EQ(some.subset(1, 2).example<Pair>(0).source.front(), "w3");
  EXPECT_EQ(&some.source_as<data::ExampleList<Pair>>().example(7), &dataset.example<Pair>(7));
  EXPECT_THAT(
      data::examples_of(std::vector<int>{5, 6}, {.content = [](int i) { return data::content_of(i); }})
          .lengths(),
      ElementsAre(1, 1));
}

TEST(Source, SplitKeepsEqualOnesTogetherAndSpreadsStrata) {
  const auto parts = data::examples_of(pairs(), about).split(0.6, 0.2, 0.2, 4);
  std::map<std::string, std::set<std::size_t>> parts_of;
  for (std::size_t part = 0; part < 3; ++part) {
    for (std::size_t i = 0; i < parts[part].size(); ++i)
      parts_of[content(parts[part].example<Pair>(i))].insert(part);
  }
  EXPECT_EQ(parts_of.size(), 60U);
  for (const auto& [text, in] : parts_of)
    EXPECT_EQ(in.size(), 1U) << text;
  const auto about_count = [](std::int64_t count) { return AllOf(Ge(count - 1), Le(count + 1)); };
  EXPECT_THAT(parts[0].class_counts(), ElementsAre(about_count(36), about_count(18)));
  EXPECT_THAT(parts[1].class_counts(), ElementsAre(about_count(12), about_count(6)));
  EXPECT_THAT(parts[2].class_counts(), ElementsAre(about_count(12), about_count(6)));
}

TEST(Source, KeysSayWhatASplitKeepsTogether) {
  std::vector<Pair> list = pairs();
  for (std::size_t i = 2; i < list.size(); i += 3)
    list[i].target = {"another", "translation"};
  data::About<Pair> said = about;
  const auto parts_of_a_sentence = [&] {
    const auto parts = data::examples_of(list, said).split(1, 0, 1);
    std::set<Words> both;
    for (std::size_t i = 0; i < parts[0].size(); ++i) {
      for (std::size_t j = 0; j < parts[2].size(); ++j)
        if (parts[0].example<Pair>(i).source == parts[2].example<Pair>(j).source)
          both.insert(parts[0].example<Pair>(i).source);
    }
    return both.size();
  };
  EXPECT_GT(parts_of_a_sentence(), 0U);
  said.key = [](const Pair& pair) { return data::content_of(pair.source); };
  EXPECT_EQ(parts_of_a_sentence(), 0U);
}

TEST(Source, StrataAreBalanced) {
  const Dataset dataset = data::examples_of(pairs(), about);
  EXPECT_THAT(dataset.over_sample(2).class_counts(), Each(60));
  EXPECT_THAT(dataset.under_sample(2).class_counts(), Each(30));
  const Dataset plain = data::examples_of(pairs(), {.content = content});
  EXPECT_EQ(plain.split(1, 0, 1)[0].size(), 45U);
  expect_error(
      ErrorKind::usage, [&] { plain.over_sample(); }, "one class per example");
  expect_error(
      ErrorKind::usage, [&] { plain.class_counts(); }, "one class per example");
}

TEST(Source, FingerprintSeesEveryChange) {
  const Dataset dataset = data::examples_of(pairs(), about);
  const std::uint64_t print = dataset.fingerprint();
  EXPECT_EQ(data::examples_of(pairs(), about).fingerprint(), print);
  EXPECT_EQ(dataset.take(90).fingerprint(), print);
  EXPECT_NE(dataset.take(89).fingerprint(), print);
  EXPECT_NE(dataset.select(std::vector<std::size_t>{1, 0}).fingerprint(), dataset.take(2).fingerprint());
  std::vector<Pair> other = pairs();
  other[40].target.back() += "x";
  EXPECT_NE(data::examples_of(other, about).fingerprint(), print);
  other = pairs();
  other[40].domain = 1 - other[40].domain;
  EXPECT_NE(data::examples_of(other, about).fingerprint(), print);
}

TEST(Source, ContentTellsPartsApart) {
  using data::content_of;
  EXPECT_EQ(content_of(Words{"a", "b"}, 1), content_of(Words{"a", "b"}, 1));
  EXPECT_NE(content_of(Words{"a", "b"}, Words{}), content_of(Words{"a"}, Words{"b"}));
  EXPECT_NE(content_of("ab", "c"), content_of("a", "bc"));
  EXPECT_NE(content_of(std::vector<float>{1, 2}), content_of(std::vector<float>{2, 1}));
  EXPECT_EQ(content_of(std::pair(1, 2.5)), content_of(1, 2.5));
  EXPECT_EQ(data::content_hash(""), 0xef46db3751d8e999U) << "XXH64 of nothing";
}

TEST(Source, AnotherTypeIsRefused) {
  const Dataset own = data::examples_of(pairs(), about);
  const Dataset texts(Examples{.texts = {"a"}});
  expect_error(
      ErrorKind::usage, [&] { own.example<int>(0); },
      "ExampleList<int> was asked for, but the examples come");
  expect_error(
      ErrorKind::usage, [&] { texts.example<Pair>(0); }, "columns of texts");
  expect_error(
      ErrorKind::usage, [&] { own.text(0); }, "example<T>()");
  expect_error(
      ErrorKind::usage, [&] { own.example<Pair>(90); }, "there are 90");
  expect_error(
      ErrorKind::usage, [&] { own.with_classes({"a"}); }, "example<T>()");
  expect_error(
      ErrorKind::usage,
      [&] {
        data::join(std::vector<Dataset>{own, own});
      },
      "user-defined type");
  expect_error(
      ErrorKind::usage, [&] { data::Batches{own}; }, "BatchPlan");
  expect_error(
      ErrorKind::usage, [&] { data::Batches(own, TextEncoder()); }, "BatchPlan");
  expect_error(
      ErrorKind::usage, [&] { Dataset(std::shared_ptr<const data::Source>()); }, "no source");
  EXPECT_FALSE(own.is_text());
  EXPECT_EQ(own.target(), Target::none);
  EXPECT_TRUE(own.class_names().empty());
  EXPECT_FLOAT_EQ(own.weight(0), 1);
}

TEST(Source, LengthsAndStrataAreChecked) {
  const auto refused = [](data::About<Pair> said, const std::string& part) {
    expect_error(
        ErrorKind::data, [&] { data::examples_of(pairs(), said); }, part);
  };
  refused({.content = content, .length = [](const Pair& pair) { return pair.source.size() - 1; }},
          "example 0: its length is 0");
  refused({.content = content, .stratum = [](const Pair& pair) { return -pair.domain; }},
          "example 6: its stratum is -1");
}

/// A source of one's own: the numbers below a million, none of them kept.
class Numbers final : public data::Source {
 public:
  std::size_t size() const override { return 1'000'000; }
  std::int32_t length(std::size_t place) const override { return static_cast<std::int32_t>(place % 10 + 1); }
  std::uint64_t content(std::size_t place) const override { return place * 3; }
  std::size_t number(std::size_t place) const { return place; }
};

TEST(Source, MayBeWrittenByTheUser) {
  const Dataset dataset = Dataset(std::make_shared<Numbers>()).subset(500, 1000);
  const Dataset part = dataset.split(1, 0, 1, 9)[0];
  EXPECT_EQ(part.size(), 250U);
  EXPECT_EQ(part.source_as<Numbers>().number(part.place(0)), part.place(0));
  EXPECT_NE(part.fingerprint(), dataset.fingerprint());
}

}  // namespace
}  // namespace rondo

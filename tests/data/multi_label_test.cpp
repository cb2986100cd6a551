// Texts with several labels each: from every format, and what is refused.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/data/multi_label.h>

#include "support/expect_error.h"

namespace rondo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::vector<std::int32_t>> sets_of(const Dataset& dataset) {
  std::vector<std::vector<std::int32_t>> sets;
  for (std::size_t i = 0; i < dataset.size(); ++i)
    sets.push_back(data::labels_of(dataset, i));
  return sets;
}

const std::string fasttext =
    "__label__b __label__a one text\n__label__c two texts __label__a\n__label__b __label__b three\n";

TEST(MultiLabel, ReadsFastTextLines) {
  const data::LabelledText read = data::parse_multi_label(fasttext, "x.txt");
  EXPECT_TRUE(data::is_multi_label(read.train));
  EXPECT_THAT(read.train.class_names(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(sets_of(read.train), ElementsAre(ElementsAre(0, 1), ElementsAre(0, 2), ElementsAre(1)));
  EXPECT_EQ(read.train.text(1), "two texts");
  EXPECT_THAT(data::label_counts(read.train), ElementsAre(2, 2, 1));
}

TEST(MultiLabel, OneLabelATextSaysHowToReadSeveral) {
  test::expect_error(
      ErrorKind::data, [] { data::parse(fasttext, "x.txt"); }, "x.txt line 1", "2 labels", "--multi-label");
}

TEST(MultiLabel, ReadsPartsOfACellAndListsInJson) {
  const Dataset tsv =
      data::parse_multi_label("label\ttext\na| b\tone\nb\ttwo\n|a\tthree\n", "x.tsv", "|").train;
  EXPECT_THAT(sets_of(tsv), ElementsAre(ElementsAre(0, 1), ElementsAre(1), ElementsAre(0)));
  const Dataset json =
      data::parse_multi_label(
          "{\"text\": \"one\", \"labels\": [\"b\", 7]}\n{\"text\": \"two\", \"labels\": \"7\"}\n", "x.jsonl",
          ",", {.text = "text", .label = "labels"})
          .train;
  EXPECT_THAT(json.class_names(), ElementsAre("7", "b"));
  EXPECT_THAT(sets_of(json), ElementsAre(ElementsAre(0, 1), ElementsAre(0)));
}

TEST(MultiLabel, KeepsTextsWithoutLabelsAndSaysSo) {
  const data::LabelledText read =
      data::parse_multi_label("label\ttext\na,b\tone\n\tnothing of it\nb\ttwo\n", "x.tsv");
  EXPECT_THAT(sets_of(read.train), ElementsAre(ElementsAre(0, 1), ElementsAre(), ElementsAre(1)));
  EXPECT_THAT(read.notices, testing::Contains(HasSubstr("1 row kept: a text with none of the labels")));
}

TEST(MultiLabel, OfAModelsClassesItLosesOthers) {
  const data::ReadLike like{.classes = {"b", "z"}};
  const data::LabelledText read = data::parse_multi_label(fasttext, "x.txt", ",", {}, like);
  EXPECT_THAT(read.train.class_names(), ElementsAre("b", "z"));
  EXPECT_THAT(sets_of(read.train), ElementsAre(ElementsAre(0), ElementsAre(), ElementsAre(0)));
  EXPECT_THAT(read.notices, testing::Contains(HasSubstr("kept without some of its labels")));
  std::size_t lost = 0;
  const Dataset same = data::with_labels(data::parse_multi_label(fasttext, "x.txt").train, {"b", "z"}, &lost);
  EXPECT_EQ(sets_of(same), sets_of(read.train));
  EXPECT_EQ(lost, 3U);
}

TEST(MultiLabel, RefusesWhatIsNone) {
  test::expect_error(
      ErrorKind::option, [] { data::parse_multi_label(fasttext, "x", ""); }, "label_separator");
  test::expect_error(
      ErrorKind::data,
      [] {
        data::parse_multi_label("label\ttext\n\tone\n\ttwo\n", "x.tsv", ",",
                                {.text = "text", .label = "label"});
      },
      "x.tsv", "no text has a label");
  test::expect_error(
      ErrorKind::data, [] { data::parse_multi_label("label\ttext\na\tone\na\ttwo\n", "x.tsv"); },
      "one class only");
  test::expect_error(
      ErrorKind::data, [] { data::parse_multi_label("__label__ one\n", "x.txt"); }, "x.txt line 1");
  const std::vector<std::string> texts = {"one"};
  test::expect_error(
      ErrorKind::usage, [&] { data::multi_labelled_text(texts, {}); }, "1 texts");
}

TEST(MultiLabel, FromMemoryEqualsFromAFile) {
  const std::vector<std::string> texts = {"one text", "two texts", "three"};
  const std::vector<std::vector<std::string>> labels = {{"b", "a"}, {"c", "a"}, {"b"}};
  EXPECT_EQ(data::multi_labelled_text(texts, labels).fingerprint(),
            data::parse_multi_label(fasttext, "x.txt").train.fingerprint());
}

}  // namespace
}  // namespace rondo

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lzma.h>
#include <zlib.h>

#include <rondo/data.h>
#include <rondo/error.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace rondo::data {
namespace {

using test::expect_error;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> texts_of(const Dataset& dataset) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < dataset.size(); ++i)
    texts.push_back(dataset.text(i));
  return texts;
}

std::vector<std::string> labels_of(const Dataset& dataset) {
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < dataset.size(); ++i)
    labels.push_back(dataset.class_names()[static_cast<std::size_t>(dataset.label(i))]);
  return labels;
}

void expect_data_error(std::string_view bytes, std::string_view name, std::string_view part,
                       const ReadOptions& options = {}) {
  expect_error(
      ErrorKind::data, [&] { parse(bytes, name, options); }, part);
}

TEST(ReadTsv, LabelAndTextWithoutHeader) {
  const LabelledText read = parse("1\tgood film\n0\tbad film\n1\tvery \"good\" film\n", "x.tsv");
  EXPECT_THAT(texts_of(read.train), ElementsAre("good film", "bad film", "very \"good\" film"));
  EXPECT_THAT(labels_of(read.train), ElementsAre("1", "0", "1"));
  EXPECT_THAT(read.train.class_names(), ElementsAre("0", "1"));
  EXPECT_EQ(read.text_column, "column 2");
  EXPECT_EQ(read.label_column, "column 1");
  EXPECT_THAT(
      read.notices,
      ElementsAre(
          "x.tsv: labels in column 1 (fewest different values: 2) and texts in column 2 (the longest)"));
  EXPECT_TRUE(read.valid.empty());
  EXPECT_TRUE(read.test.empty());
}

TEST(ReadTsv, LineEndsAndByteOrderMark) {
  const LabelledText read = parse(
      "\xEF\xBB\xBF"
      "pos\t好看\r\nneg\t难看\r\npos\t很好看",
      "x.tsv");
  EXPECT_THAT(texts_of(read.train), ElementsAre("好看", "难看", "很好看"));
  EXPECT_THAT(labels_of(read.train), ElementsAre("pos", "neg", "pos"));
}

TEST(ReadTsv, FourColumnsAsImdbHasThem) {
  const LabelledText read = parse(
      "0\t1\tneg/11_1\tDull.<br />Never again.\n1\t9\tpos/3_9\tA joy from start to end.\n"
      "1\t8\tpos/5_8\tLovely film, lovely cast.\n0\t2\tneg/7_2\tWhat a waste of my time.\n",
      "train.tsv.xz");
  EXPECT_EQ(read.label_column, "column 1");
  EXPECT_EQ(read.text_column, "column 4");
}

TEST(ReadTsv, ColumnCountMustStay) {
  expect_data_error("1\ta b\n0\tc\td\n", "x.tsv", "data: x.tsv line 2: 3 columns, but line 1 has 2");
  expect_data_error("1\ta b\n\n0\n", "x.tsv", "x.tsv line 3: 1 column, but line 1 has 2");
}

TEST(ReadCsv, QuotesNewlinesAndHeader) {
  const LabelledText read = parse(
      "text,label\r\n\"good, really\",pos\r\n\"two\nlines\",neg\r\n\"she said "
      "\"\"no\"\"\",neg\r\nplain,pos\r\n",
      "x.csv");
  EXPECT_THAT(texts_of(read.train), ElementsAre("good, really", "two\nlines", "she said \"no\"", "plain"));
  EXPECT_THAT(labels_of(read.train), ElementsAre("pos", "neg", "neg", "pos"));
  EXPECT_EQ(read.text_column, "'text'");
  EXPECT_THAT(read.notices, Contains("x.csv line 1: names the columns text and label"));
}

TEST(ReadCsv, LinesAreCountedThroughQuotedOnes) {
  expect_data_error("\"a\nb\nc\",1\nd,2,3\n", "x.csv", "x.csv line 4: 3 columns, but line 1 has 2");
  expect_data_error("a,1\nb,2\n\"open,3\n4,5\n", "x.csv", "x.csv line 3: a quotation mark opens");
  expect_data_error("\"a\nb\" c,1\n", "x.csv",
                    "x.csv line 1: text follows the quotation mark that closes a field on line 2");
}

TEST(ReadCsv, EmptyFieldsQuotesInsideAndNoFinalNewline) {
  const LabelledText read = parse("5\" nails,pos\n\"\",neg\nbad,neg\n,pos\nok,pos", "x.csv");
  EXPECT_THAT(texts_of(read.train), ElementsAre("5\" nails", "bad", "ok"));
  EXPECT_THAT(read.notices, Contains(HasSubstr("2 rows left out: no text or no label (the first: line 2)")));
}

TEST(ReadCsv, SemicolonsAreNoticed) {
  const LabelledText read = parse("pos;gut\nneg;nicht gut\npos;sehr gut\n", "x.csv");
  EXPECT_THAT(texts_of(read.train), ElementsAre("gut", "nicht gut", "sehr gut"));
  EXPECT_THAT(read.notices, Contains(HasSubstr("separated by semicolons")));
}

TEST(ReadJson, ArrayWithAnEmptyItemAsTheNpmFixturesHaveIt) {
  const LabelledText read = parse(
      R"([{"text": "Great phone.", "class": 1}, {"text": "", "class": null}, {"text": "Broke.", "class": 0}])",
      "amazon.json");
  EXPECT_THAT(texts_of(read.train), ElementsAre("Great phone.", "Broke."));
  EXPECT_THAT(read.train.class_names(), ElementsAre("0", "1"));
  EXPECT_THAT(read.notices, Contains("amazon.json: 1 row left out: no text or no label (the first: item 2)"));
}

TEST(ReadJson, LinesWithKeysInAnyOrder) {
  const LabelledText read = parse(
      "{\"label\": \"a\", \"text\": \"one\"}\n\n{\"text\": \"two\\nlines\", \"more\": [1], \"label\": "
      "\"b\"}\n",
      "x.jsonl");
  EXPECT_THAT(texts_of(read.train), ElementsAre("one", "two\nlines"));
  EXPECT_THAT(labels_of(read.train), ElementsAre("a", "b"));
  EXPECT_THAT(read.notices, Contains(HasSubstr("1 row left out: no text or no label (the first: line 2)")));
}

TEST(ReadJson, NumbersAndTruthValuesAreLabels) {
  EXPECT_THAT(
      parse(R"([{"t": "some words", "l": true}, {"t": "x", "l": false}])", "x.json").train.class_names(),
      ElementsAre("false", "true"));
  EXPECT_THAT(
      parse(R"([{"t": "a", "l": 10}, {"t": "b", "l": 9}, {"t": "c", "l": -1}])", "x.json", {.label = "l"})
          .train.class_names(),
      ElementsAre("-1", "9", "10"));
}

TEST(ReadJson, FaultsNameTheirPlace) {
  expect_data_error("{\"text\": \"a\", \"label\": 1}\n{\"text\": }\n", "x.jsonl", "x.jsonl line 2 column");
  expect_data_error("[{\"text\": \"a\", \"label\": 1}, 7]", "x.json", "x.json item 2: wanted an object");
  expect_data_error("{\"a\": 1}", "x.json", "one column only");
  expect_data_error("[\n{\"a\": 1,\n}]", "x.json", "x.json line 3");
  expect_data_error("\"text\"", "x.json", "wanted a list of objects", {.format = FileFormat::json});
  expect_data_error("[]", "x.json", "x.json item 1: no rows");
}

TEST(ReadFormat, IsSeenFromTheContentWhereTheNameIsSilent) {
  for (const char* bytes : {"a\tone two\nb\tthree\n", "a,one two\nb,three\n",
                            "{\"l\":\"a\",\"t\":\"one two\"}\n{\"l\":\"b\",\"t\":\"three\"}\n",
                            " [{\"l\":\"a\",\"t\":\"one two\"},{\"l\":\"b\",\"t\":\"three\"}]"})
    EXPECT_THAT(texts_of(parse(bytes, "input").train), ElementsAre("one two", "three")) << bytes;
  // One object a line under a name for arrays, as many tools write it.
  EXPECT_EQ(parse("{\"l\":\"a\",\"t\":\"one\"}\n{\"l\":\"b\",\"t\":\"two\"}\n", "x.json").train.size(), 2U);
}

TEST(ReadFormat, ASlipInAKeyIsNamed) {
  expect_error(
      ErrorKind::data,
      [] { parse("{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\",\"lable\":\"y\"}\n", "x.jsonl"); },
      "one class only, 'x', in 'label'; wanted two or more; 1 row has no text or no label, and 'lable' may "
      "be a "
      "slip for 'label' (the first: line 2)");
  const LabelledText read = parse(
      "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\",\"label\":\"y\"}\n{\"text\":\"c\",\"lable\":\"y\"}\n"
      "{\"text\":\"d\",\"label\":[\"y\"]}\n",
      "x.jsonl");
  EXPECT_EQ(read.train.size(), 2U);
  EXPECT_THAT(read.notices,
              testing::IsSupersetOf(
                  {"x.jsonl: 1 row left out: no text or no label, and 'lable' may be a slip for 'label' (the "
                   "first: line 3)",
                   "x.jsonl: 1 row left out: a list or an object as text or label (the first: line 4)"}));
}

TEST(ReadColumns, LabelsAreWhereTheClassesAre) {
  const std::string bytes = "a,yes,one two\nb,no,three\na,yes,four\nb,no,five five\n";
  const std::vector<std::string> classes = {"no", "yes"};
  EXPECT_EQ(parse(bytes, "x.csv").label_column, "column 1") << "the shorter values";
  const std::vector<std::string> letters = {"a", "b", "c"};
  EXPECT_EQ(parse(bytes, "x.csv", {}, {.classes = letters}).label_column, "column 1");
  EXPECT_EQ(parse(bytes, "x.csv", {}, {.classes = classes}).label_column, "column 2");
}

TEST(ReadColumns, ByNameAndByNumber) {
  const std::string bytes = "id,stars,review\n7,5,a fine place\n8,1,a bad place\n9,5,good\n";
  const LabelledText by_name = parse(bytes, "x.csv", {.text = "review", .label = "stars"});
  EXPECT_THAT(labels_of(by_name.train), ElementsAre("5", "1", "5"));
  EXPECT_THAT(by_name.notices, ElementsAre("x.csv line 1: names the columns id, stars and review"));
  EXPECT_THAT(texts_of(parse(bytes, "x.csv", {.text = "3", .label = "2"}).train),
              ElementsAre("a fine place", "a bad place", "good"));
  expect_error(
      ErrorKind::option, [&] { parse(bytes, "x.csv", {.label = "star"}); }, "has no column 'star'",
      "did you mean 'stars'");
  expect_error(
      ErrorKind::option, [&] { parse(bytes, "x.csv", {.label = "4"}); },
      "columns 1 to 3 (id, stars and review), no 4 for the labels");
  expect_error(
      ErrorKind::option, [&] { parse(bytes, "x.csv", {.text = "2", .label = "2"}); },
      "column of the texts too");
}

TEST(ReadColumns, ANameAsksForAHeader) {
  // Nothing else says that this line is one.
  const LabelledText read =
      parse("7\tlovely day\n9\tawful day\n7\tok\n", "x.tsv", {.header = Header::no, .label = "1"});
  EXPECT_EQ(read.train.size(), 3U);
  expect_error(
      ErrorKind::option, [] { parse("1\ta\n2\tb\n", "x.tsv", {.header = Header::no, .label = "stars"}); },
      "has no header");
}

TEST(ReadColumns, HeaderRule) {
  const auto has_header = [](const std::string& bytes) {
    return parse(bytes, "x.csv").text_column.front() == '\'';
  };
  EXPECT_TRUE(has_header(
      "sentiment,words\npos,one two\nneg,three four\npos,five\nneg,six\n"));        // stands nowhere else
  EXPECT_TRUE(has_header("label,text\npos,one two\nneg,three four\n"));             // two usual names
  EXPECT_FALSE(has_header("pos,text\nneg,three four\npos,five six\nneg,seven\n"));  // pos comes again
  EXPECT_FALSE(has_header("1,text\n0,three four\n2,one two three\n"));              // a number
  EXPECT_FALSE(has_header("pos,this is all about one thing\nneg,three four\nneg,five\n"));  // a sentence
}

TEST(ReadColumns, HeaderAlone) {
  expect_data_error("label,text\n", "x.csv", "no example follows", {.header = Header::yes});
}

TEST(ReadColumns, ColumnsCalledTextAndLabelGoFirst) {
  const LabelledText read = parse(
      "label,text,url,lang\npos,good,http://a.very.long.address/of/a/page,en\n"
      "neg,bad,http://a.very.long.address/of/another,en\nmid,fair,http://a.very.long.address/of/it,de\n",
      "x.csv");
  EXPECT_EQ(read.text_column, "'text'");
  EXPECT_EQ(read.label_column, "'label'");
}

TEST(ReadColumns, AColumnWithoutRepetitionIsNoLabel) {
  std::string bytes;
  for (int i = 0; i < 30; ++i)
    bytes += std::to_string(i) + "\tsome text " + std::to_string(i) + "\n";
  expect_data_error(bytes, "x.tsv", "no column looks like labels");
  EXPECT_EQ(parse(bytes, "x.tsv", {.label = "1"}).train.class_names().size(), 30U);
}

TEST(ReadSplit, ByColumn) {
  const std::string bytes = "1\t0\tone\n0\t9\ttwo\n1\t8\tthree\n0\t1\tfour\n1\t9\tfive\n";
  const LabelledText read =
      parse(bytes, "x.tsv", {.split_column = "2", .test_value = "9", .valid_value = "8"});
  EXPECT_THAT(texts_of(read.train), ElementsAre("one", "four"));
  EXPECT_THAT(texts_of(read.valid), ElementsAre("three"));
  EXPECT_THAT(texts_of(read.test), ElementsAre("two", "five"));
  EXPECT_EQ(read.valid.class_names(), read.train.class_names());
  expect_error(
      ErrorKind::option, [&] { parse(bytes, "x.tsv", {.split_column = "2", .test_value = "7"}); }, "'7'");
  expect_error(
      ErrorKind::option, [&] { parse(bytes, "x.tsv", {.test_value = "7"}); }, "split_column");
  expect_error(
      ErrorKind::option, [&] { parse(bytes, "x.tsv", {.split_column = "2"}); }, "test_value");
}

TEST(ReadDecisions, DuplicatesAndContradictionsAreKeptWithANotice) {
  const LabelledText read =
      parse("a\tsame text\nb\tother\na\tsame text\nb\tsame text\na\tsame text\n", "x.tsv");
  EXPECT_EQ(read.train.size(), 5U);
  EXPECT_THAT(read.notices,
              Contains("x.tsv: 2 rows kept: the same text and label as an earlier row (the first: line 3)"));
  EXPECT_THAT(
      read.notices,
      Contains("x.tsv: 1 row kept: the same text as an earlier row, but another label (the first: line 4)"));
}

TEST(ReadDecisions, LabelsAModelDoesNotKnowAreLeftOut) {
  const std::vector<std::string> classes = {"pos", "neg"};
  const LabelledText read =
      parse("neg\ta b c\nmeh\td e f\npos\tg h i\nmeh\tk\n", "x.tsv", {}, {.classes = classes});
  EXPECT_EQ(read.train.class_names(), classes);
  EXPECT_THAT(labels_of(read.train), ElementsAre("neg", "pos"));
  EXPECT_EQ(read.train.label(0), 1);
  EXPECT_THAT(
      read.notices,
      Contains("x.tsv: 2 rows left out: a label unknown to the model, such as 'meh'; known are 'pos' and "
               "'neg' (the first: line 2)"));
  EXPECT_EQ(parse("neg\ta b c\nneg\td e f\n", "x.tsv", {}, {.classes = classes}).train.size(),
            2U);  // one class is enough here
  expect_error(
      ErrorKind::data, [&] { parse("x\ta\ny\tb\n", "x.tsv", {}, {.classes = classes}); }, "no example",
      "no example; 2 rows have a label unknown to the model, such as 'x' and 'y'; known are 'pos' and 'neg'");
  expect_error(
      ErrorKind::data, [&] { parse("x\ta\n", "x.tsv", {}, {.classes = classes, .of = "the training data"}); },
      "unknown to the training data");
}

TEST(ReadDecisions, LabelsAreTrimmedTextsAreNot) {
  const LabelledText read = parse(" pos \t a text \nneg\tb\npos\tc\n", "x.tsv");
  EXPECT_THAT(labels_of(read.train), ElementsAre("pos", "neg", "pos"));
  EXPECT_EQ(read.train.text(0), " a text ");
}

TEST(ReadRefuses, WhatIsNoLabelledText) {
  expect_data_error("", "x.tsv", "data: x.tsv line 1: the file is empty");
  for (const char* blank : {"\n \n", " \t \n\t\n"})
    expect_data_error(blank, "x.tsv", "x.tsv line 1: the file is empty");
  expect_data_error("just\nlines\n", "x.tsv", "data: x.tsv line 1: one column only");
  expect_data_error("just\n\nlines\n", "x.csv", "x.csv line 1: one column only");
  expect_data_error("pos\ta\npos\tb\n", "x.tsv", "data: x.tsv line 1: one class only, 'pos'");
  expect_data_error("pos,\npos,\n", "x.csv", "no example; 2 rows have an empty text or label");
  expect_data_error("pos\ta\npos\ta\npos\tb\npos\tc\npos\td\n", "x.tsv", "one class only");
}

TEST(ReadRefuses, BytesThatAreNoUtf8) {
  expect_data_error("pos\tgood\nneg\t\xB2\xBB\xBA\xC3\xA3\xAC\xCC\xAB\xB2\xEE\xC1\xCB\n", "x.tsv",
                    "x.tsv line 2 column 5");
  expect_data_error("pos\tgood\nneg\t\xB2\xBB\xBA\xC3\xA3\xAC\xCC\xAB\xB2\xEE\xC1\xCB\n", "x.tsv",
                    "iconv -f GB18030");
  expect_data_error(std::string_view("\xFF\xFEp\0o\0s\0\t\0a\0\n\0", 14), "x.tsv", "UTF-16");
  expect_data_error(std::string_view("pos\ta\nneg\tb\0c\n", 15), "x.tsv", "x.tsv line 2: is a binary file");
  expect_data_error("%PDF-1.4\npos\ta\n", "x.tsv", "line 1: is a PDF");
}

TEST(ReadRefuses, AVeryLongLine) {
  const std::string line = "pos\t" + std::string(10'000'000, 'a');
  for (const char* name : {"x.tsv", "x.csv"})
    expect_data_error(line, name, "line 1: is longer than 4000000 bytes");
  expect_data_error("neg,\"b\"\npos,\"" + line + "\"", "x.csv", "x.csv line 2: is longer");
  expect_data_error("{\"text\": \"" + line.substr(4) + "\"}", "x.jsonl", "line 1: is longer");
  expect_data_error("[{\"label\": 1, \"text\": \"" + line.substr(4) + "\"}]", "x.json",
                    "item 1: 'text' is longer");
}

class FileTest : public testing::Test {
 protected:
  std::filesystem::path write(const char* name, const std::string& bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  test::TemporaryFolder folder_;
};

TEST_F(FileTest, PlainGzipAndXz) {
  const std::string bytes = "1\tgood\n0\tnot good\n";
  gzFile gz = gzopen((folder_ / "x.tsv.gz").c_str(), "wb");
  gzwrite(gz, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(gz);
  std::string packed(1000, '\0');
  std::size_t size = 0;
  ASSERT_EQ(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr,
                                    reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(),
                                    reinterpret_cast<std::uint8_t*>(packed.data()), &size, packed.size()),
            LZMA_OK);
  write("x.tsv.xz", packed.substr(0, size));
  write("x.tsv", bytes);
  for (const char* name : {"x.tsv", "x.tsv.gz", "x.tsv.xz"})
    EXPECT_THAT(texts_of(read_labelled_text(folder_ / name)), ElementsAre("good", "not good")) << name;
}

TEST_F(FileTest, MissingFileAndFolder) {
  write("reviews.tsv", "1\ta\n0\tb\n");
  expect_error(
      ErrorKind::io, [&] { read(folder_ / "review.tsv"); }, "review.tsv");
  expect_error(
      ErrorKind::io, [&] { read(folder_.path()); }, folder_.path().string());
}

TEST(FromMemory, LabelsAreNumberedByName) {
  const std::vector<std::string> texts = {"a", "b", "c"}, labels = {"10", "9", "10"};
  const Dataset dataset = labelled_text(texts, labels);
  EXPECT_THAT(dataset.class_names(), ElementsAre("9", "10"));
  EXPECT_THAT(labels_of(dataset), ElementsAre("10", "9", "10"));
  expect_error(
      ErrorKind::shape, [&] { labelled_text(texts, std::vector<std::string>{"1"}); },
      "3 examples, but 1 labels");
}

}  // namespace
}  // namespace rondo::data

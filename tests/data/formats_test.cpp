// Forms of files: what separates columns, quotes, fastText's lines, values within objects, ends of lines,
// bytes that are no text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/data.h>
#include <rondo/error.h>

#include "data/table.h"
#include "support/comma_locale.h"
#include "support/expect_error.h"

namespace rondo::data {
namespace {

using test::expect_error;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> texts_of(const LabelledText& read) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < read.train.size(); ++i)
    texts.push_back(read.train.text(i));
  return texts;
}

void refused(std::string_view bytes, std::string_view name, const std::string& part,
             const ReadOptions& options = {}) {
  expect_error(
      ErrorKind::data, [&] { parse(bytes, name, options); }, part);
}

TEST(FileNames, SayTheFormatInAnyCaseAndPacked) {
  EXPECT_EQ(ending_of("x/A.TSV"), "tsv");
  EXPECT_EQ(ending_of("a.b.ndjson.GZ"), "ndjson");
  EXPECT_EQ(ending_of("a.xz"), "");
  EXPECT_EQ(unpacked_name("x/train.zh-CN.xz"), "train.zh-CN");
  for (const char* const name : {"a.tsv", "a.tab", "a.CSV", "a.json", "a.jsonl.xz", "a.NDJSON"})
    EXPECT_TRUE(names_table(name)) << name;
  for (const char* const name : {"a.txt", "tsv", "a.tsv.zst", ".csv"})
    EXPECT_FALSE(names_table(name)) << name;
  EXPECT_EQ(format_of("A.CSV", "a\tb\n"), FileFormat::csv);
  EXPECT_EQ(format_of("a.NDJSON", "x"), FileFormat::jsonl);
}

TEST(Separators, AreWhateverCutsTheRowsEvenly) {
  EXPECT_EQ(separator_of("\"bread, warm\";up\n\"soup, cold\";down\n"), ';') << "quoted text does not count";
  EXPECT_EQ(separator_of("bread, warm;up\nsoup, cold, old;down\n"), ';');
  EXPECT_EQ(separator_of("bread, warm;up\nsoup, cold;down\n"), ';')
      << "a comma before a blank is one of a sentence";
  EXPECT_EQ(separator_of("up, bread\ndown, soup\n"), ',') << "unless nothing else is there";
  EXPECT_EQ(separator_of("id\ttext\tmood\n1\tbread, warm\tup\n"), '\t');
  EXPECT_EQ(separator_of("text|mood\nbread, warm|up\nsoup|down\n"), '|');
  EXPECT_EQ(separator_of("a,b\n\"x\ny;z\",1\n"), ',') << "a record may have several lines";
  EXPECT_EQ(separator_of("a;b,c\nd;e,f\n"), ',');
  EXPECT_EQ(separator_of("a,b\nc,d\ne,f,g\n"), ',') << "a row that is too wide is found by the reader";
  EXPECT_EQ(separator_of("nothing"), ',');
  EXPECT_EQ(separator_of("a;\"open\nnever closed"), ',');
}

TEST(Separators, OtherThanCommasAreSaid) {
  const LabelledText tabs = parse("text\tmood\nbread, warm\tup\nsoup\tdown\n", "x.csv");
  EXPECT_THAT(texts_of(tabs), ElementsAre("bread, warm", "soup"));
  EXPECT_THAT(tabs.notices, Contains("x.csv: its columns are separated by tabs"));
  EXPECT_THAT(parse("up|bread\ndown|soup\n", "x.csv").notices,
              Contains("x.csv: its columns are separated by vertical bars"));
  EXPECT_THAT(texts_of(parse("\"bread, warm\";up\n\"soup, cold\";down\n", "x.csv")),
              ElementsAre("bread, warm", "soup, cold"));
  EXPECT_EQ(parse("up|bread\ndown|soup\n", "notes.txt").train.size(), 2U);
  refused("up,bread\ndown,soup\n", "x.tsv", "(--format csv)");
}

TEST(Quotes, OneThatIsNotClosedIsSaidWhereItOpens) {
  std::string bytes = "text,mood\nbread,up\n\"soup,down\n";
  for (int i = 0; i < 100; ++i)
    bytes += "rain,down\n";
  refused(bytes, "x.csv", "x.csv line 3: a quotation mark opens a field and none closes it");
  refused(bytes + "the \"best\" tea,up\n", "x.csv",
          "x.csv line 3: text follows the quotation mark that closes a field on line 104");
  refused(bytes + "a roof of 5\",6,up\n", "x.csv",
          "x.csv line 3 (a quoted field on it ends on line 104): 3 columns, but line 1 has 2");
}

TEST(Quotes, AFieldOfManyLinesIsSaid) {
  const LabelledText read =
      parse("text,mood\nbread,up\n\"soup,down\ntea,up\nrain,down\na roof of 5\",down\njam,up\n", "x.csv");
  EXPECT_EQ(read.train.size(), 3U);
  EXPECT_THAT(read.notices,
              Contains("x.csv: 1 quoted field goes over more than 3 lines (line 3 to 6); if these are "
                       "rows of their own, a quotation mark on the first line is one too many"));
  EXPECT_THAT(parse("text,mood\n\"a\nb\nc\",up\nd,down\n", "x.csv").notices,
              Not(Contains(HasSubstr("quoted field"))));
  EXPECT_THAT(parse("\"a\nb\nc\nd\",up\n\"e\n\n\n\n\nf\",down\n", "x.csv").notices,
              Contains(HasSubstr("2 quoted fields go over more than 3 lines (the longest: line 5 to 10)")));
}

TEST(FastText, LinesAreRead) {
  const LabelledText read =
      parse("__label__up  warm bread, fresh\n\n__label__down cold soup\tagain\nmore __label__up tea\n",
            "notes.txt");
  EXPECT_THAT(texts_of(read), ElementsAre("warm bread, fresh", "cold soup\tagain", "more tea"));
  EXPECT_THAT(read.train.class_names(), ElementsAre("down", "up"));
  EXPECT_EQ(read.label_column, "'label'");
  EXPECT_THAT(read.notices, Contains(HasSubstr("1 row left out: no text or no label (the first: line 2)")));
}

TEST(FastText, IsSeenFromTheContent) {
  for (const char* name : {"x.train", "x", "x.csv", "x.tsv", "x.txt.gz"})
    EXPECT_EQ(format_of(name, "__label__up warm bread, fresh\n"), FileFormat::fasttext) << name;
  EXPECT_EQ(format_of("x.txt", "no label\n__label__up __label__down bread\n"), FileFormat::fasttext)
      << "a text may have none";
  EXPECT_EQ(format_of("x.tsv", "__label__up\twarm bread\n"), FileFormat::tsv) << "the first of two columns";
  EXPECT_EQ(format_of("x.csv", "__label__up,warm bread\n"), FileFormat::csv);
  EXPECT_EQ(format_of("x", "{\"text\": \"__label__up\"}"), FileFormat::jsonl);
  EXPECT_EQ(
      parse("up bread __label__a\n__label__b tea\n", "x.csv", {.format = FileFormat::fasttext}).train.size(),
      2U);
}

TEST(FastText, SeveralLabelsALineAreRefusedUnlessAskedFor) {
  refused("__label__up bread\n__label__down __label__cold soup\n", "x.txt",
          "x.txt line 2: has 2 labels, 'down' and 'cold'; wanted one a text; for several, train with "
          "--multi-label");
  const Table table = read_fasttext("__label__down cold __label__cold soup\n", "x.txt");
  EXPECT_THAT(table.rows.at(0).labels, ElementsAre("down", "cold"));
  EXPECT_THAT(table.rows.at(0).cells, ElementsAre("down", "cold soup"));
}

TEST(FastText, OddLines) {
  refused("__label__up bread\n__label__ soup\n", "x.txt", "x.txt line 2: no label follows '__label__'");
  EXPECT_THAT(parse("__label__up bread\nno label here\n__label__down\n__label__down soup\n", "x.txt").notices,
              Contains("x.txt: 2 rows left out: no text or no label (the first: line 2)"));
  expect_error(
      ErrorKind::option,
      [] { parse("__label__a b\n", "x.txt", {.split_column = "fold", .test_value = "1"}); },
      "lines of fastText", "'fold'");
}

TEST(JsonPaths, NameValuesWithinObjects) {
  const std::string bytes =
      "{\"data\":{\"text\":\"warm bread\",\"by\":{\"age\":7}},\"mood\":\"up\"}\n"
      "{\"data\":{\"text\":\"cold soup\",\"by\":{\"age\":8}},\"mood\":\"down\"}\n";
  const LabelledText read = parse(bytes, "x.jsonl", {.text = "data.text"});
  EXPECT_THAT(texts_of(read), ElementsAre("warm bread", "cold soup"));
  EXPECT_EQ(read.text, "data.text");
  EXPECT_THAT(texts_of(parse(bytes, "y.jsonl", {}, read.like())), ElementsAre("warm bread", "cold soup"));
  EXPECT_THAT(parse(bytes, "x.jsonl", {.text = "data.text", .label = "data.by.age"}).train.class_names(),
              ElementsAre("7", "8"));
  EXPECT_THAT(texts_of(parse("[{\"d\":{\"t\":\"tea\",\"l\":1}},{\"d\":{\"t\":\"rain\",\"l\":2}}]", "x.json",
                             {.text = "d.t", .label = "d.l"})),
              ElementsAre("tea", "rain"));
  const LabelledText dotted =
      parse("{\"d.t\":\"tea\",\"d\":{\"t\":\"no\"},\"l\":1}\n{\"d.t\":\"rain\",\"l\":2}\n", "x.jsonl",
            {.text = "d.t", .label = "l"});
  EXPECT_THAT(texts_of(dotted), ElementsAre("tea", "rain")) << "a key that holds a dot goes first";
}

TEST(JsonPaths, AreSuggestedWhereTheyAreMissing) {
  const std::string bytes =
      "{\"data\":{\"text\":\"tea\",\"id\":7},\"mood\":\"up\"}\n"
      "{\"data\":{\"text\":\"rain\",\"id\":8},\"mood\":\"down\"}\n";
  refused(bytes, "x.jsonl", "values are named with dots (--text data.text)");
  expect_error(
      ErrorKind::option, [&] { parse(bytes, "x.jsonl", {.text = "data.txt"}); }, "no column 'data.txt'",
      "within them there are such as data.text and data.id", "did you mean 'data.text'?");
  refused("{\"data\":{\"text\":\"tea\"}}\n", "x.jsonl",
          "one column only; wanted objects with a text and a label; "
          "values within it are named with dots (--text data.text)");
}

TEST(JsonPaths, KeysWithoutEndAreRefused) {
  std::string bytes;
  for (int i = 0; i < 40'000; ++i)
    bytes += "{\"text\":\"a\",\"label\":1,\"k" + std::to_string(i) + "\":1}\n";
  refused(bytes, "x.jsonl", "different keys so far");
}

TEST(LineEnds, OfOldMacsAreRead) {
  for (const char* name : {"x.tsv", "x.csv", "x"}) {
    const char mark = std::string_view(name) == "x.csv" ? ',' : '\t';
    std::string bytes = "up*bread and jam\rdown*soup\rup*tea\rdown*rain\r";
    std::replace(bytes.begin(), bytes.end(), '*', mark);
    EXPECT_THAT(texts_of(parse(bytes, name)), ElementsAre("bread and jam", "soup", "tea", "rain")) << name;
  }
  EXPECT_EQ(parse("{\"l\":1,\"t\":\"a\"}\r{\"l\":2,\"t\":\"b\"}\r", "x.jsonl").train.size(), 2U);
  EXPECT_EQ(parse("__label__a b\r__label__c d\r", "x.txt").train.size(), 2U);
  refused("up\tbread\rdown\tsoup\tx\r", "x.tsv", "x.tsv line 2: 3 columns");
  EXPECT_EQ(parse("up\tbread\rand jam\ndown\tsoup\n", "x.tsv").train.text(0), "bread\rand jam")
      << "where lines end with LF, CR is part of a text";
}

TEST(Unseen, ByteOrderMarksOfJoinedFilesGo) {
  const std::string bom = "\xEF\xBB\xBF";
  for (const char* name : {"x.tsv", "x.csv"}) {
    std::string bytes = bom + "up*bread\ndown*soup\n" + bom + "up*tea\n" + bom + "\"down\"*rain\n";
    std::replace(bytes.begin(), bytes.end(), '*', std::string_view(name) == "x.csv" ? ',' : '\t');
    const LabelledText read = parse(bytes, name);
    EXPECT_EQ(read.train.class_names().front(), std::string_view(name) == "x.csv" ? "down" : "\"down\"")
        << name;
    EXPECT_THAT(read.train.class_names(), Contains("up"));
  }
  EXPECT_EQ(parse(bom + "{\"l\":1,\"t\":\"a\"}\n" + bom + "{\"l\":2,\"t\":\"b\"}\n", "x.jsonl").train.size(),
            2U);
  EXPECT_EQ(parse(bom + "__label__a b\n" + bom + "__label__c d\n", "x.txt").train.class_names().size(), 2U);
}

TEST(Unseen, CharactersAroundALabelAreNoPartOfIt) {
  const LabelledText read =
      parse("up\tbread\n\u200Bup\u00A0\ttea\ndown\u3000\tsoup\n\uFEFFdown\u200B\train\n", "x.tsv");
  EXPECT_THAT(read.train.class_names(), ElementsAre("down", "up"));
  EXPECT_EQ(parse("up\tbread\ndown\t\u200B\u00A0\ndown\tsoup\n", "x.tsv").train.size(), 2U)
      << "such a text is empty";
}

TEST(Unseen, CharactersWithinALabelAreNamed) {
  const LabelledText read =
      parse("u\u200Bp\tbread\nup\ttea\nin\u00A0house\tsoup\nin house\train\n", "x.tsv", {.label = "1"});
  EXPECT_EQ(read.train.class_names().size(), 4U);
  EXPECT_THAT(
      read.notices,
      Contains("x.tsv: labels that differ only in case, form or characters that one does not see are classes "
               "of their own: 'in house' and 'in<U+00A0>house'; 'up' and 'u<U+200B>p'"));
}

TEST(Labels, OfNumbersAreOrderedByValue) {
  EXPECT_THAT(parse("+1\tbread\n-1\tsoup\n+1\ttea\n", "x.tsv").train.class_names(), ElementsAre("-1", "+1"));
  EXPECT_THAT(parse("+10\tbread\n0\tsoup\n+2\ttea\n", "x.tsv").train.class_names(),
              ElementsAre("0", "+2", "+10"));
  EXPECT_THAT(parse("0.5\tbread\n-1e1\tsoup\n.25\ttea\n", "x.tsv").train.class_names(),
              ElementsAre("-1e1", ".25", "0.5"));
}

TEST(Labels, ThatDifferOnlyInFormAreSaid) {
  const auto said = [](const std::string& bytes) {
    const LabelledText read = parse(bytes, "x.tsv");
    for (const std::string& notice : read.notices)
      if (const std::size_t at = notice.find("classes of their own: "); at != notice.npos)
        return notice.substr(at + 22);
    return std::string();
  };
  EXPECT_EQ(said("1\tbread\n1.0\tsoup\n01\ttea\n2\train\n"), "'01', '1' and '1.0'");
  EXPECT_EQ(said("Up\tbread\nup\tsoup\nUP\ttea\n"), "'UP', 'Up' and 'up'");
  EXPECT_EQ(said("ｕｐ\tbread\nup\tsoup\n"), "'up' and 'ｕｐ'");
  EXPECT_EQ(said("-0\tbread\n0\tsoup\n"), "'-0' and '0'");
  EXPECT_EQ(said("up\tbread\ndown\tsoup\n1\tx\n2\ty\n"), "");
  EXPECT_EQ(said("A\t1x\na\t2x\nB\t3x\nb\t4x\nC\t5x\nc\t6x\nD\t7x\nd\t8x\n"),
            "'A' and 'a'; 'B' and 'b'; 'C' and 'c'; and 1 more");
}

TEST(NoText, ANulNamesFileAndLine) {
  refused("{\"text\":\"bread\",\"label\":\"up\"}\n{\"text\":\"a\\u0000b\",\"label\":\"down\"}\n", "x.jsonl",
          "x.jsonl line 2: 'text' has a NUL character (U+0000)");
  refused("{\"text\":\"bread\",\"label\":\"up\"}\n{\"text\":\"a\",\"label\":\"do\\u0000wn\"}\n", "x.jsonl",
          "x.jsonl line 2: 'label' has a NUL character");
  EXPECT_EQ(
      parse("{\"text\":\"bread\",\"label\":\"up\",\"x\":\"\\u0000\"}\n{\"text\":\"a\",\"label\":\"b\"}\n",
            "x.jsonl")
          .train.size(),
      2U)
      << "elsewhere it does no harm";
  std::string rows;
  for (int i = 0; i < 50; ++i)
    rows += "up\tbread and jam\ndown\tcold soup\n";
  refused(rows + std::string("up\tte\0a\n", 8), "x.tsv", "x.tsv line 101 column 6: a NUL byte (U+0000)");
  const std::vector<std::string> texts = {"bread", std::string("a\0b", 3)}, labels = {"up", "down"};
  expect_error(
      ErrorKind::data, [&] { labelled_text(texts, labels); }, "dataset: example 1: byte 1", "NUL");
}

TEST(NoText, FilesGivenByMistakeAreNamed) {
  const auto start = [](std::string_view mark) { return std::string(mark) + "rest of it\nand more\n"; };
  refused(start("PK\x03\x04"), "x.csv",
          "x.csv line 1: is a ZIP archive or a spreadsheet (.xlsx, .ods); unpack it");
  refused(start("PAR1"), "x.tsv", "is a Parquet file; write it as JSON lines");
  refused(start("BZh91AY"), "x.tsv", "bunzip2");
  refused(start("\x28\xB5\x2F\xFD"), "x.tsv", "unzstd");
  refused(start("%PDF-1.4\n"), "x.tsv", "is a PDF");
  std::string binary;
  for (int i = 0; i < 5000; ++i)
    binary += static_cast<char>(i * 131 % 256);
  refused(binary, "x.tsv", "is a binary file");
}

TEST(CommaLocale, DoesNotTouchNumbersInFiles) {
  const test::CommaLocale commas;
  EXPECT_THAT(parse("{\"t\":\"bread\",\"l\":0.5}\n{\"t\":\"soup\",\"l\":-1.25}\n", "x.jsonl", {.label = "l"})
                  .train.class_names(),
              ElementsAre("-1.25", "0.5"));
  EXPECT_THAT(parse("0.5\tbread\n0.25\tsoup\n0.5\ttea\n", "x.tsv").train.class_names(),
              ElementsAre("0.25", "0.5"));
}

}  // namespace
}  // namespace rondo::data

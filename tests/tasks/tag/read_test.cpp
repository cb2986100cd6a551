// Files of each form to sentences: what is found, kept, said and refused.
#include <cstdio>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/tasks/tagged_text.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/tag/files/format.h"

namespace rondo {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TaggedText parse(std::string_view bytes, const TagReading& reading = {}) {
  return parse_tagged(bytes, "f", reading);
}

std::vector<std::string> tokens(const TaggedText& text, std::size_t i = 0) {
  return text.sentences.at(i).tokens.to_vector();
}
std::vector<std::string> tags(const TaggedText& text, std::size_t i = 0) {
  return text.sentences.at(i).tags.to_vector();
}

TEST(Strings, HoldTextsOneAfterAnother) {
  Strings list{"天", "", "abc"};
  EXPECT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0], "天");
  EXPECT_EQ(list[1], "");
  EXPECT_EQ(list[2], "abc");
  EXPECT_THAT(list.to_vector(), ElementsAre("天", "", "abc"));
  EXPECT_EQ(list, Strings(std::vector<std::string>{"天", "", "abc"}));
  EXPECT_NE(list, (Strings{"天", "abc"}));
  list.clear();
  EXPECT_TRUE(list.empty());
}

TEST(ReadTagged, Conll) {
  const TaggedText text = parse("Tove NNP B-PER\nsings  VBZ\tO\n\n\n-DOCSTART- -X- O\n\nBergen NNP B-LOC");
  ASSERT_EQ(text.sentences.size(), 2U);
  EXPECT_THAT(tokens(text), ElementsAre("Tove", "sings"));
  EXPECT_THAT(tags(text), ElementsAre("B-PER", "O"));
  EXPECT_THAT(tokens(text, 1), ElementsAre("Bergen"));
  EXPECT_EQ(text.sentences[1].line, 7U);
  EXPECT_EQ(text.tagging.reading.format, TagFormat::conll);
  EXPECT_EQ(text.tagging.scheme, TagScheme::iob2);
  EXPECT_EQ(text.tagging.reading.unit, TokenUnit::words);
  EXPECT_FALSE(text.tagging.words);
  EXPECT_THAT(text.notices.at(0),
              HasSubstr("format conll, token in column 1, tag in column -1; 2 sentences, 3 words; "
                        "scheme iob2, 2 types"));
}

TEST(ReadTagged, ColumnsAndFeaturesByNumber) {
  const std::string file = "1 Tove x NNP B-PER y\n2 sings x VBZ O y\n";
  const TaggedText text = parse(file, {.columns = {2, 5}, .features = {4, 1}});
  EXPECT_THAT(tokens(text), ElementsAre("Tove", "sings"));
  EXPECT_THAT(tags(text), ElementsAre("B-PER", "O"));
  ASSERT_EQ(text.sentences[0].features.size(), 2U);
  EXPECT_THAT(text.sentences[0].features[0].to_vector(), ElementsAre("NNP", "VBZ"));
  EXPECT_THAT(text.sentences[0].features[1].to_vector(), ElementsAre("1", "2"));
  EXPECT_THAT(tags(parse(file, {.columns = {-5, -3}})), ElementsAre("NNP", "VBZ"));
  expect_error(
      ErrorKind::data,
      [&] {
        parse(file, {.columns = {2, 7}});
      },
      "f line 1", "6 columns", "column 7");
  expect_error(
      ErrorKind::option, [&] { parse(file, {.columns = {2}}); }, "columns must be two numbers");
  expect_error(
      ErrorKind::option,
      [&] {
        parse(file, {.columns = {2, 2}});
      },
      "differ");
  expect_error(
      ErrorKind::option,
      [&] {
        parse(file, {.columns = {1, 5}, .features = {0}});
      },
      "features");
}

TEST(ReadTagged, TabsKeepBlanksWithinTokens) {
  const TaggedText text = parse("New York\tB-LOC \n \tO\n\xE3\x80\x80\tO\nis\tO\n");
  EXPECT_THAT(tokens(text), ElementsAre("New York", " ", "\xE3\x80\x80", "is"));
  EXPECT_THAT(tags(text), ElementsAre("B-LOC", "O", "O", "O"));
  // Columns laid out with several tabs are separated by blanks of any kind.
  EXPECT_THAT(tokens(parse("a\t\tO\nb\tO\n\n")), ElementsAre("a", "b"));
}

TEST(ReadTagged, CommentsOnlyWhenTold) {
  const std::string file = "# x y\na O\n# O\nb B-X\n\n";
  EXPECT_THAT(tokens(parse(file, {.format = TagFormat::conll, .comments = true})), ElementsAre("a", "b"));
  expect_error(
      ErrorKind::data, [&] { parse(file, {.format = TagFormat::conll}); }, "f line 2",
      "2 columns, the lines before have 3");
  EXPECT_THAT(tokens(parse("a O\n# O\nb B-X\n\n")), ElementsAre("a", "#", "b"));
  expect_error(
      ErrorKind::data, [&] { parse("a O\n# made by hand\nb B-X\n\n", {.format = TagFormat::conll}); },
      "f line 2", "--comments");
}

TEST(ReadTagged, LineEndsAreLineFeedsOnly) {
  const TaggedText text = parse(
      "\xEF\xBB\xBF"
      "a O\r\nx\xE2\x80\xA8y B-X\r\n\r\nb\fc O\r\n");
  ASSERT_EQ(text.sentences.size(), 2U);
  EXPECT_THAT(tokens(text), ElementsAre("a", "x\xE2\x80\xA8y"));
  EXPECT_THAT(tokens(text, 1), ElementsAre("b\fc"));
  expect_error(
      ErrorKind::data, [] { parse("a O\nb\xFF O\n"); }, "f line 2", "UTF-8");
}

TEST(ReadTagged, ColumnsMustBeAsManyOnEachLine) {
  expect_error(
      ErrorKind::data, [] { parse("a X O\n\nb O\n", {.format = TagFormat::conll}); }, "f line 3",
      "2 columns, the lines before have 3");
  expect_error(
      ErrorKind::data, [] { parse("a O\nb\n\n", {.format = TagFormat::conll}); }, "f line 2", "1 column");
}

constexpr std::string_view conllu =
    "# sent_id = 1\n"
    "1-2\tDel\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "1\tDe\tdi\tADP\tE\t_\t2\tcase\t_\t_\n"
    "2\til\til\tDET\tRD\t_\t0\troot\t_\t_\n"
    "2.1\tvede\tvedere\tVERB\tV\t_\t_\t_\t_\t_\n"
    "3\t5 000\t5 000\tNUM\tN\t_\t2\tnummod\t_\tSpaceAfter=No\n"
    "\n"
    "1\tSì\tsì\tINTJ\tI\t_\t0\troot\t_\t_\n"
    "\n";

TEST(ReadTagged, Conllu) {
  const TaggedText text = parse(conllu);
  ASSERT_EQ(text.sentences.size(), 2U);
  EXPECT_EQ(text.tagging.reading.format, TagFormat::conllu);
  EXPECT_THAT(tokens(text), ElementsAre("De", "il", "5 000"));
  EXPECT_THAT(tags(text), ElementsAre("ADP", "DET", "NUM"));
  EXPECT_EQ(text.tagging.scheme, TagScheme::none);
  EXPECT_THAT(tags(parse(conllu, {.columns = {2, 5}})), ElementsAre("E", "RD", "N"));
  expect_error(
      ErrorKind::data, [] { parse("1\ta\tb\n", {.format = TagFormat::conllu}); }, "f line 1",
      "CoNLL-U has 10");
  expect_error(
      ErrorKind::data, [] { parse("x\ta\t_\tX\t_\t_\t_\t_\t_\t_\n", {.format = TagFormat::conllu}); },
      "f line 1", "'x'");
}

TEST(ReadTagged, SegmentedLines) {
  const TaggedText text = parse(
      "我们  今天\xE3\x80\x80去\t新图书馆 \n\n\xE3\x80\x80"
      "ABC 1.5\n");
  ASSERT_EQ(text.sentences.size(), 2U);
  EXPECT_EQ(text.tagging.reading.format, TagFormat::segmented);
  EXPECT_EQ(text.tagging.scheme, TagScheme::bmes);
  EXPECT_TRUE(text.tagging.words);
  EXPECT_THAT(tokens(text), ElementsAre("我", "们", "今", "天", "去", "新", "图", "书", "馆"));
  EXPECT_THAT(tags(text), ElementsAre("B", "E", "B", "E", "S", "B", "M", "M", "E"));
  EXPECT_THAT(tokens(text, 1), ElementsAre("A", "B", "C", "1", ".", "5"));
  EXPECT_EQ(text.sentences[1].line, 3U);
  EXPECT_THAT(tokens(parse("ABC 1.5元\n", {.unit = TokenUnit::mixed})), ElementsAre("ABC", "1.5", "元"));
  EXPECT_THAT(tags(parse("我们 去\n", {.scheme = SchemeChoice::iob2})), ElementsAre("B", "I", "B"));
  expect_error(
      ErrorKind::option, [] { parse("我们 去\n", {.scheme = SchemeChoice::iob1}); }, "iob1");
  expect_error(
      ErrorKind::data, [] { parse("我们去\n他不去\n"); }, "f line 1", "no line has a blank");
}

TEST(ReadTagged, WordsWithTheirTags) {
  const TaggedText text = parse("The/DT 1/2/CD //SYM end/NN\n");
  EXPECT_EQ(text.tagging.reading.format, TagFormat::slash);
  EXPECT_EQ(text.tagging.reading.unit, TokenUnit::words);
  EXPECT_THAT(tokens(text), ElementsAre("The", "1/2", "/", "end"));
  EXPECT_THAT(tags(text), ElementsAre("DT", "CD", "SYM", "NN"));
  EXPECT_THAT(tags(parse("a_X b_Y\n", {.separator = "_"})), ElementsAre("X", "Y"));
  expect_error(
      ErrorKind::data, [] { parse("a/X b\n", {.format = TagFormat::slash}); }, "f line 1", "'b'", "WORD/TAG");
}

TEST(ReadTagged, ChineseWordsWithTheirTagsAreCharacters) {
  const TaggedText text = parse("[中央/n 电台/n]nt ，/w 好/a [/w\n");
  EXPECT_THAT(tokens(text), ElementsAre("中", "央", "电", "台", "，", "好", "["));
  EXPECT_THAT(tags(text), ElementsAre("B-n", "E-n", "B-n", "E-n", "S-w", "S-a", "S-w"));
  EXPECT_TRUE(text.tagging.words);
  EXPECT_THAT(tags(parse("中央/n 好/a\n", {.unit = TokenUnit::words})), ElementsAre("n", "a"));
}

TEST(ReadTagged, JsonLines) {
  const TaggedText text = parse(
      "{\"text\": \"éa Tove in Ob.\", \"spans\": [{\"start\": 3, \"end\": 7, \"label\": \"PER\"}, [11, 13, "
      "\"LOC\"]]}\n"
      "\n"
      "{\"text\": \"x\", \"entities\": []}\n");
  ASSERT_EQ(text.sentences.size(), 2U);
  EXPECT_THAT(tokens(text), ElementsAre("éa", "Tove", "in", "Ob", "."));
  EXPECT_THAT(tags(text), ElementsAre("O", "S-PER", "O", "S-LOC", "O"));
  EXPECT_EQ(text.tagging.scheme, TagScheme::bioes);
  const TaggedText chinese = parse("{\"text\":\"张三 在北京\",\"label\":[[0,2,\"PER\"],[4,6,\"LOC\"]]}\n");
  EXPECT_THAT(tokens(chinese), ElementsAre("张", "三", "在", "北", "京"));
  EXPECT_THAT(tags(chinese), ElementsAre("B-PER", "E-PER", "O", "B-LOC", "E-LOC"));
  EXPECT_THAT(tags(parse("{\"tokens\":[\"a b\",\"c\"],\"tags\":[\"B-X\",\"I-X\"]}\n")),
              ElementsAre("B-X", "I-X"));
  EXPECT_THAT(tokens(parse("{\"text\":\"abc\",\"spans\":[[1,2,\"X\"]]}\n")), ElementsAre("a", "b", "c"))
      << "a token is cut where a span begins";
}

TEST(ReadTagged, RefusesJsonThatIsNoTaggedText) {
  const auto refused = [](const std::string& line, const char* why) {
    expect_error(
        ErrorKind::data, [&] { parse("{\"text\":\"a\",\"spans\":[]}\n" + line + "\n"); }, "f line 2", why);
  };
  refused("[1]", "wanted an object");
  refused("{\"x\":1}", "no 'text'");
  refused("{\"text\":\"abc\"}", "no 'spans'");
  refused("{\"text\":\"abc\",\"spans\":[[0,9,\"X\"]]}", "of a text of 3 characters");
  refused("{\"text\":\"abc\",\"spans\":[[2,1,\"X\"]]}", "span 2 to 1");
  refused("{\"text\":\"abc\",\"spans\":[[0,2,\"X\"],[1,3,\"Y\"]]}", "overlap");
  refused("{\"text\":\"abc\",\"spans\":[[0,2,7]]}", "label");
  refused("{\"text\":\"abc\",\"spans\":[[-1,2,\"X\"]]}", "START");
  refused("{\"text\":7,\"spans\":[]}", "must be text");
  refused("{\"tokens\":[\"a\"],\"tags\":[\"X\",\"Y\"]}", "1 tokens but 2 tags");
  refused("{\"tokens\":[\"\"],\"tags\":[\"X\"]}", "empty");
  refused("{\"text\":\"a\",", "line 2");
}

std::string format_of(const std::vector<std::string>& lines) {
  return std::string(name_of(tag::find_format(lines, {}).format));
}

TEST(ReadTagged, LabelsByTypeCountTheLastCharacter) {
  const TaggedText text = parse(
      "{\"text\":\"张三住在北京。\",\"label\":{\"name\":{\"张三\":[[0,1]]},\"address\":{\"北京\":[[4,5]]}}}"
      "\n");
  EXPECT_THAT(tags(text), ElementsAre("B-name", "E-name", "O", "O", "B-address", "E-address", "O"));
  expect_error(
      ErrorKind::data, [] { parse("{\"text\":\"ab\",\"label\":{\"name\":[[0,1]]}}\n"); }, "line 1",
      "MENTION");
  expect_error(
      ErrorKind::data, [] { parse("{\"text\":\"ab\",\"label\":{\"name\":{\"ab\":[[0,2]]}}}\n"); }, "line 1",
      "of a text of 2");
  expect_error(
      ErrorKind::data, [] { parse("{\"tokens\":[\"a\"],\"ner_tags\":[3]}\n"); }, "line 1",
      "names of the tags");
}

constexpr const char* spreadsheet =
    "Sentence #,Word,POS,Tag\nSentence: 1,Thousands,NNS,O\n,of,IN,O\n,London,NNP,B-geo\nSentence: "
    "2,\"\"\"\",``,O\n"
    ",\"a, b\",NN,O\n";

TEST(ReadTagged, ATableWithNames) {
  const TaggedText text = parse(spreadsheet, {.features = {3}});
  EXPECT_EQ(text.tagging.reading.format, TagFormat::csv);
  ASSERT_EQ(text.sentences.size(), 2U);
  EXPECT_THAT(tokens(text), ElementsAre("Thousands", "of", "London"));
  EXPECT_THAT(tags(text), ElementsAre("O", "O", "B-geo"));
  EXPECT_THAT(text.sentences[1].tokens.to_vector(), ElementsAre("\"", "a, b"));
  EXPECT_THAT(text.sentences[1].features[0].to_vector(), ElementsAre("``", "NN"));
  EXPECT_EQ(text.sentences[1].line, 5U);
  EXPECT_THAT(text.notices.at(0), HasSubstr("token in column 2, tag in column 4"));
  EXPECT_EQ(parse_tagged(spreadsheet, "g", {}, &text.tagging).sentences.size(), 2U);
  const TaggedText blanks = parse("token\tlabel\nHe\tO\nMo\tB-PER\n\nShe\tO\n");
  EXPECT_EQ(blanks.sentences.size(), 2U) << "a blank line ends a sentence where no column does";
  EXPECT_THAT(tags(parse(spreadsheet, {.columns = {2, 3}})), ElementsAre("NNS", "IN", "NNP"));
  const auto refused = [](const std::string& bytes, const TagReading& reading, const char* where,
                          const char* why) {
    expect_error(
        ErrorKind::data, [&] { parse(bytes, reading); }, where, why);
  };
  refused("word,tag\na,X\nb\n", {}, "f line 3", "1 cells, the line of names has 2");
  refused("word,tag\na,X\nb,\n", {}, "f line 3", "the tag, column 2, is empty");
  refused("word,tag\n,X\n", {}, "f line 2", "the token, column 1, is empty");
  refused("word,tag\n\"a,X\n", {}, "f line 2", "quotation mark");
  refused("a,b\nc,d\n", {.format = TagFormat::csv}, "f line 1", "--columns");
  refused("word,tag\na,X\n", {.format = TagFormat::csv, .columns = {1, 5}}, "f line 1", "no column 5");
}

TEST(ReadTagged, WordsWithAnUnderscoreAndATag) {
  const TaggedText text = parse("He_PRP runs_VBZ ._.\nShe_PRP ran_VBZ ._.\n");
  EXPECT_THAT(tokens(text), ElementsAre("He", "runs", "."));
  EXPECT_THAT(tags(text), ElementsAre("PRP", "VBZ", "."));
  EXPECT_THAT(text.notices.at(0), HasSubstr("words with _ and a tag"));
  EXPECT_EQ(format_of({"snake_case other_name"}), "segmented") << "tags recur";
  EXPECT_EQ(format_of({"我_们 去_吧"}), "segmented");
}

TEST(ReadTagged, ThePlaceInThePaperIsNoWord) {
  const TaggedText text = parse("19980101-01-001-002/m  中共/j  总书记/n\n");
  EXPECT_THAT(tokens(text), ElementsAre("中", "共", "总", "书", "记"));
}

TEST(ReadTagged, TagsThatBreakTheSchemeAreMended) {
  const TaggedText text = parse("a I-X\nb I-X\nc O\n\nd B-X\ne I-X\n\nf B-Y\ng I-Y\n\n");
  EXPECT_EQ(text.tagging.scheme, TagScheme::iob2);
  EXPECT_THAT(tags(text), ElementsAre("B-X", "I-X", "O"));
  EXPECT_THAT(text.notices.at(1), HasSubstr("the first: f line 1: 'I-X' at the start"));
}

TEST(ReadTagged, HalfTagsAreRefusedWithTheirLine) {
  expect_error(
      ErrorKind::data, [] { parse("# x\nMo B-\nin O\n\n", {.format = TagFormat::conll, .comments = true}); },
      "f line 2", "'B-'");
  expect_error(
      ErrorKind::data, [] { parse("Mo B-PER\n\nin O\nUl -LOC\n\n"); }, "f line 4", "'-LOC'");
}

TEST(ReadTagged, AsAModelHasIt) {
  const TaggedText train = parse("a x B-X\nb y O\n\n", {.columns = {1, 3}, .features = {2}});
  // No blank line and four columns: its own first lines would say something else.
  const TaggedText test = parse_tagged("a x I-NEW z\n", "g", {}, &train.tagging);
  EXPECT_THAT(tags(test), ElementsAre("I-NEW")) << "as they stand";
  EXPECT_THAT(test.sentences[0].features[0].to_vector(), ElementsAre("x"));
  EXPECT_THAT(test.notices, IsEmpty());
  EXPECT_THAT(tags(parse_tagged("a x I-NEW z\n", "g", {.columns = {1, 4}}, &train.tagging)),
              ElementsAre("z"));
  const TaggedText words = parse("我们 去\n");
  EXPECT_EQ(parse_tagged("去\n", "g", {.format = TagFormat::segmented}, &words.tagging).sentences.size(), 1U);
}

TEST(ReadTagged, SeveralFilesHaveTheFormOfTheFirst) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "a") << "x O\ny B-X\n\n";
  std::ofstream(folder / "b") << "我 们\n";
  std::ofstream(folder / "empty") << "\n\n";
  const std::vector<std::filesystem::path> same = {folder / "a", folder / "a"};
  EXPECT_EQ(read_tagged(same).sentences.size(), 2U);
  const std::vector<std::filesystem::path> other = {folder / "a", folder / "b"};
  EXPECT_EQ(read_tagged(other).sentences.size(), 2U);
  const std::vector<std::filesystem::path> empty = {folder / "a", folder / "empty"};
  expect_error(
      ErrorKind::data, [&] { read_tagged(empty); }, "empty", "no sentence");
  const std::vector<std::filesystem::path> missing = {folder / "c"};
  expect_error(
      ErrorKind::io, [&] { read_tagged(missing); }, "c");
}

TEST(FindFormat, ByTheFirstLines) {
  EXPECT_EQ(format_of({"Velo B-PRD", "of O"}), "conll") << "tags of a scheme";
  EXPECT_EQ(format_of({"a\tDT", "b\tNN"}), "conll") << "tabs";
  EXPECT_EQ(format_of({"a DT", "b NN", "", "c NN"}), "conll") << "blank lines";
  EXPECT_EQ(format_of({"-DOCSTART- -X-", "", "a DT"}), "conll");
  EXPECT_EQ(format_of({"我们 去", "他 来"}), "segmented") << "as many words by chance";
  EXPECT_EQ(format_of({"我们 去 吧", "他 来"}), "segmented");
  EXPECT_EQ(format_of({"我们/r 去/v", "他/r"}), "slash");
  EXPECT_EQ(format_of({"", "{\"text\": 1}"}), "jsonl");
  EXPECT_EQ(format_of({"# x", "1\ta\t_\tX\t_\t_\t_\t_\t_\t_"}), "conllu");
  EXPECT_EQ(format_of({}), "segmented");
}

TEST(FindArrivingFormat, IsTextInDoubt) {
  using tag::find_arriving_format;
  EXPECT_EQ(find_arriving_format(std::vector<std::string>{"Hello world", "again you"}), TagFormat::automatic);
  EXPECT_EQ(find_arriving_format(std::vector<std::string>{"a\tb"}), TagFormat::automatic);
  EXPECT_EQ(find_arriving_format(std::vector<std::string>{"a\tO", "b\tO"}), TagFormat::conll);
  EXPECT_EQ(find_arriving_format(std::vector<std::string>{"-DOCSTART- O"}), TagFormat::conll);
  EXPECT_EQ(find_arriving_format(std::vector<std::string>{"1\ta\t_\tX\t_\t_\t_\t_\t_\t_"}),
            TagFormat::conllu);
}

}  // namespace
}  // namespace rondo

// Which first rows name the columns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/data.h>
#include <rondo/error.h>

#include "data/table.h"
#include "support/expect_error.h"

namespace rondo::data {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

/// The classes that come of it: a header taken for an example is one of them.
std::vector<std::string> classes_of(const std::string& bytes, const std::string& name = "x.csv",
                                    const ReadOptions& options = {}) {
  return parse(bytes, name, options).train.class_names();
}

/// Rows of a label and a text, `count` of each of two classes.
std::string rows(int count, const std::string& good, const std::string& bad, char separator = ',') {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += good + separator + "a fine walk by the river number " + std::to_string(i) + "\n";
    text += bad + separator + "rain all day and wet shoes number " + std::to_string(i) + "\n";
  }
  return text;
}

TEST(Header, AnEmptyCellDoesNotHideIt) {
  // As data frames are written with their index.
  EXPECT_THAT(
      classes_of(",note,mood\n0,red apple,up\n1,green apple,down\n2,red pear,up\n3,green pear,down\n"),
      ElementsAre("down", "up"));
  // As spreadsheets are written with columns that are empty.
  EXPECT_THAT(classes_of("k1,k2,,,\nyes,meet me at six,,,\nno,buy cheap gold,,,\nyes,ring me then,,,\n"
                         "no,gold is waiting,,,\n"),
              ElementsAre("no", "yes"));
}

TEST(Header, AClassOfOneExampleDoesNotHideIt) {
  EXPECT_THAT(classes_of("purpose\tsaying\nopen\tlet me in\nopen\topen the gate\nshut\tkeep it out\n"
                         "shut\tclose the gate\nask\twho is there now\n",
                         "x.tsv"),
              ElementsAre("ask", "open", "shut"));
  std::string many = "purpose\tsaying\n" + rows(40, "open", "shut", '\t');
  for (int i = 0; i < 5; ++i)
    many += "kind" + std::to_string(i) + "\tsomething that is said once only\n";
  EXPECT_EQ(classes_of(many, "x.tsv").size(), 7U);
}

TEST(Header, RepeatedNamesDoNotHideIt) {
  const std::string bytes =
      "mood,answer,answer\nup,a long walk in the sun,x\ndown,rain and wet shoes,x\n"
      "up,warm bread and butter,x\ndown,cold soup again,x\n";
  EXPECT_THAT(classes_of(bytes), ElementsAre("down", "up"));
  test::expect_error(
      ErrorKind::option, [&] { parse(bytes, "x.csv", {.text = "answer"}); },
      "x.csv has 2 columns called 'answer', the first of them column 2", "give the number");
  EXPECT_EQ(parse(bytes, "x.csv", {.text = "2"}).train.text(0), "a long walk in the sun");
}

TEST(Header, LongQuestionsAreNames) {
  const std::string question = "How content are you with the place where you live, all things considered?";
  EXPECT_THAT(classes_of("\"" + question + "\",\"What would you change about it, if you could?\"\n" +
                         rows(10, "very", "not at all")),
              ElementsAre("not at all", "very"));
}

TEST(Header, NumbersBelowANameProveIt) {
  std::string bytes = "stars,what people wrote about it\n";
  for (int i = 0; i < 12; ++i)
    bytes += std::to_string(1 + i % 3) + ",it was as it was on day " + std::to_string(i) + "\n";
  EXPECT_THAT(classes_of(bytes), ElementsAre("1", "2", "3"));
}

TEST(Header, InChinese) {
  EXPECT_THAT(
      classes_of("类型\t描述\n好\t这家店的面条非常好吃\n坏\t等了一个小时还没有上菜\n好\t老板热情价格也便宜\n"
                 "坏\t味道太咸不会再来了\n",
                 "x.tsv"),
      ElementsAre("坏", "好"));
  EXPECT_THAT(
      classes_of("好\t这家店的面条非常好吃\n坏\t等了一个小时还没有上菜\n好\t老板热情价格也便宜\n", "x.tsv"),
      ElementsAre("坏", "好"));
}

TEST(Header, ExamplesAreNone) {
  EXPECT_EQ(parse(rows(20, "up", "down"), "x.csv").train.size(), 40U);
  // The first row's class does not come again, and its text is like the others.
  EXPECT_EQ(
      parse("sideways,a fine walk along the road in march\n" + rows(4, "up", "down"), "x.csv").train.size(),
      9U);
  EXPECT_EQ(parse("up,stop\n" + rows(4, "up", "down"), "x.csv").train.size(), 9U) << "a text of one word";
  EXPECT_EQ(parse("3,text\n" + rows(4, "1", "2"), "x.csv").train.size(), 9U) << "a number names no column";
}

TEST(Header, InDoubtTheFirstLineIsAnExampleAndThatIsSaid) {
  const std::string bytes = "ill,a walk\nup,a fine walk\ndown,rain again\nup,bread and jam\ndown,wet shoes\n";
  const LabelledText read = parse(bytes, "x.csv");
  EXPECT_EQ(read.train.size(), 5U);
  EXPECT_THAT(read.notices,
              Contains("x.csv line 1: is taken as an example; if it names the columns, say so with "
                       "--header yes"));
  EXPECT_EQ(parse(bytes, "x.csv", {.header = Header::yes}).train.size(), 4U);
  const auto doubts = [](const LabelledText& said) {
    return std::count_if(said.notices.begin(), said.notices.end(),
                         [](const std::string& n) { return n.find("is taken as") != n.npos; });
  };
  EXPECT_EQ(doubts(parse(rows(20, "up", "down"), "x.csv")), 0);
  EXPECT_EQ(doubts(parse(bytes, "x.csv", {.header = Header::no})), 0) << "nothing is in doubt that was said";
}

TEST(Header, ALineThatNamesTheSeparatorComesBefore) {
  for (const char* line : {"sep=;\n", "\"sep=;\"\r\n", "SEP=;\n"}) {
    const LabelledText read = parse(
        std::string(line) + "mood;note\nup;bread, warm\ndown;soup, cold\nup;tea, hot\ndown;rain, again\n",
        "x.csv");
    EXPECT_THAT(read.train.class_names(), ElementsAre("down", "up")) << line;
    EXPECT_THAT(read.notices, Contains("x.csv line 2: names the columns mood and note"));
  }
  EXPECT_EQ(parse("sep=:\nup:bread, warm\ndown:soup\n", "x.csv").train.text(0), "bread, warm");
}

TEST(Header, RowsThatRepeatItAreLeftOut) {
  const LabelledText read =
      parse("mood\tnote\nup\tbread\ndown\tsoup\nmood\tnote\nup\ttea\nmood \tnote\ndown\train\n", "x.tsv");
  EXPECT_EQ(read.train.size(), 4U);
  EXPECT_THAT(read.train.class_names(), ElementsAre("down", "up"));
  EXPECT_THAT(read.notices,
              Contains("x.tsv: 2 rows left out because they repeat the names of the columns (the "
                       "first: line 4)"));
  EXPECT_EQ(parse("up\tbread\ndown\tsoup\nup\tbread\n", "x.tsv").train.size(), 3U)
      << "a repeated example is kept";
}

TEST(Header, NamesAreTrimmedAndLongListsAreCut) {
  EXPECT_EQ(parse("mood, note\nup,bread\ndown,soup\n", "x.csv", {.text = "note", .label = "mood"}).text,
            "note");
  std::string names = "mood,note", more;
  for (int i = 0; i < 40; ++i) {
    names += ",extra" + std::to_string(i);
    more += ",";
  }
  const LabelledText wide = parse(names + "\nup,bread and jam" + more + "\ndown,soup again" + more + "\n",
                                  "x.csv", {.text = "note", .label = "mood"});
  EXPECT_THAT(wide.notices, Contains(HasSubstr("extra9 and 30 more")));
}

}  // namespace
}  // namespace rondo::data

// Several files as one, and files that go with others.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
using testing::Not;

class Together : public testing::Test {
 protected:
  std::filesystem::path write(const char* name, const std::string& bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  static LabelledText read_all(const std::vector<std::filesystem::path>& files,
                               const ReadOptions& options = {}) {
    return read(files, options);
  }
  test::TemporaryFolder folder_;
};

// In the first file 'theme' has the fewest different values, in the second 'tongue'.
const std::string first_shard =
    "tongue,note,theme\nen,a green door,house\nde,a grey plate,meal\nfr,a red wall,house\nen,a cold "
    "fish,meal\n"
    "de,an old chair,house\nfr,a hot pie,meal\n";
const std::string second_shard =
    "tongue,note,theme\nen,a brown roof,house\nde,a blue cup,meal\nen,a fast train,trip\nde,a ripe "
    "plum,meal\n"
    "en,a slow boat,trip\nde,a thin floor,house\n";

TEST_F(Together, TheFirstFilesColumnsHoldForAll) {
  const LabelledText read = read_all({write("a.csv", first_shard), write("b.csv", second_shard)});
  EXPECT_THAT(read.train.class_names(), ElementsAre("house", "meal", "trip"));
  EXPECT_EQ(read.train.size(), 12U);
  EXPECT_EQ(read.label, "theme");
  EXPECT_EQ(read.text, "note");
}

TEST_F(Together, ColumnsAreFoundByNameInAnyOrder) {
  write("b.csv", "theme,note,id\ntrip,a slow boat,7\nmeal,a ripe plum,8\n");
  const LabelledText read = read_all({write("a.csv", first_shard), folder_ / "b.csv"});
  EXPECT_EQ(read.train.text(6), "a slow boat");
  EXPECT_EQ(read.train.class_names().size(), 3U);
}

TEST_F(Together, AFileWithoutTheColumnIsRefusedWithBothNames) {
  const auto a = write("a.csv", first_shard);
  const auto refused = [&](const std::string& bytes, const std::string& what) {
    expect_error(
        ErrorKind::data,
        [&] {
          read_all({a, write("b.csv", bytes)});
        },
        (folder_ / "b.csv").string(), a.string(), what);
  };
  refused("tongue,note,subject\nen,a slow boat,trip\nde,a ripe plum,meal\nen,a fish,meal\nde,a train,trip\n",
          "has no column 'theme', in which");
  refused("house\ta green door\nmeal\ta grey plate\n", "b.csv line 1: has 2 columns, and ");
  expect_error(
      ErrorKind::data,
      [&] {
        read_all({write("c.tsv", "up\tone two\ndown\tthree\n"),
                  write("d.tsv", "up\tx\tone two\ndown\tx\tthree\n")});
      },
      "d.tsv line 1: has 3 columns, and ", "c.tsv has 2");
}

TEST_F(Together, APartWithoutNamesHasTheColumnsOfTheFirst) {
  const std::size_t header = first_shard.find('\n') + 1;
  const LabelledText read =
      read_all({write("part-aa", first_shard), write("part-ab", second_shard.substr(header))});
  EXPECT_EQ(read.train.size(), 12U);
  EXPECT_EQ(read.train.class_names().size(), 3U);
  const LabelledText named =
      read_all({folder_ / "part-aa", folder_ / "part-ab"}, {.text = "note", .label = "theme"});
  EXPECT_EQ(named.train.size(), 12U) << "names that only the first part has";
}

TEST_F(Together, ClassesAreCountedAfterJoining) {
  const LabelledText read = read_all({write("up.tsv", "mood\tnote\nup\tbread and jam\nup\ta warm coat\n"),
                                      write("down.tsv", "mood\tnote\ndown\twet shoes\ndown\tcold soup\n")});
  EXPECT_THAT(read.train.class_names(), ElementsAre("down", "up"));
  EXPECT_EQ(read.train.label(0), 1);
  EXPECT_EQ(read.train.label(3), 0);
  expect_error(
      ErrorKind::data,
      [&] {
        read_all({folder_ / "up.tsv", write("more.tsv", "mood\tnote\nup\tnew shoes\n")});
      },
      "up.tsv and ", "more.tsv: one class only, 'up', in 'mood'");
}

TEST_F(Together, RepetitionsAreFoundAcrossFiles) {
  const LabelledText read = read_all({write("a.tsv", "up\tbread\ndown\tsoup\nup\ttea\n"),
                                      write("b.tsv", "down\tbread\nup\ttea\ndown\train\n")});
  EXPECT_THAT(read.notices,
              Contains(HasSubstr("b.tsv: 1 row kept: the same text and label as an earlier row (the "
                                 "first: line 2)")));
  EXPECT_THAT(read.notices,
              Contains(HasSubstr("b.tsv: 1 row kept: the same text as an earlier row, but another label")));
}

TEST_F(Together, TheSameFileTwiceIsRefused) {
  const auto a = write("a.tsv", "up\tbread\ndown\tsoup\n");
  std::filesystem::create_hard_link(a, folder_ / "link.tsv");
  const std::string name = a.string();
  expect_error(
      ErrorKind::usage,
      [&] {
        read_all({a, a});
      },
      name + " is given twice");
  expect_error(
      ErrorKind::usage,
      [&] {
        read_all({a, folder_ / "link.tsv"});
      },
      "link.tsv is the same file as " + name);
  expect_error(
      ErrorKind::usage,
      [&] {
        read_all({a, folder_.path() / "." / "a.tsv"});
      },
      "is the same file as");
  expect_error(
      ErrorKind::usage, [&] { read_all({}); }, "no file");
}

TEST_F(Together, PartsMayLieInFilesOfTheirOwn) {
  const ReadOptions split{.split_column = "part", .test_value = "test"};
  const auto a = write("a.csv", "mood,note,part\nup,bread,train\ndown,soup,train\n"),
             b = write("b.csv", "mood,note,part\nup,tea,test\ndown,rain,test\n");
  const LabelledText read = read_all({a, b}, split);
  EXPECT_EQ(read.train.size(), 2U);
  EXPECT_EQ(read.test.size(), 2U);
  expect_error(
      ErrorKind::option,
      [&] {
        read_all({a, b}, {.split_column = "part", .test_value = "tset"});
      },
      "no row of ", "'tset'");
}

TEST_F(Together, FormatsMayDiffer) {
  const LabelledText read = read_all({write("a.csv", "label,text\nup,bread\ndown,soup\n"),
                                      write("b.jsonl", "{\"text\":\"tea\",\"label\":\"up\"}\n"),
                                      write("c.txt", "__label__down rain and wind\n")});
  EXPECT_EQ(read.train.size(), 4U);
  EXPECT_EQ(read.train.text(2), "tea");
  EXPECT_EQ(read.train.text(3), "rain and wind");
}

// -- Read like the training data

const std::string shop =
    "note,stars,link\na green door and a wide roof,good,s/1\na grey plate,poor,s/2\n"
    "a red wall and a new floor,good,s/3\na cold fish,poor,s/4\n";
// Here the links are the longest texts.
const std::string shop_test =
    "link,stars,note\nshop/with/a/very/long/path/to/it/1,good,a green roof\n"
    "shop/with/a/very/long/path/to/it/2,poor,a cold plate\n";

TEST(ReadLike, TakesTheColumnsOfTheTrainingData) {
  const LabelledText train = parse(shop, "train.csv");
  ASSERT_EQ(train.text, "note");
  const LabelledText test = parse(shop_test, "test.csv", {}, train.like());
  EXPECT_EQ(test.train.text(0), "a green roof");
  EXPECT_THAT(test.notices,
              Contains("test.csv: labels in 'stars' and texts in 'note', as in the training data"));
}

TEST(ReadLike, AnotherChoiceIsSaid) {
  const ReadLike like = parse(shop, "train.csv").like();
  EXPECT_THAT(parse(shop_test, "test.csv", {.text = "link"}, like).notices,
              Contains("test.csv: texts in 'link', where the training data have them in 'note'"));
  const LabelledText renamed =
      parse("review,stars\na green roof,good\na cold plate,poor\n", "test.csv", {}, like);
  EXPECT_EQ(renamed.train.text(0), "a green roof");
  EXPECT_THAT(renamed.notices,
              Contains("test.csv: has no column 'note', in which the training data have the texts; labels in "
                       "'stars' and texts in 'review' (the longest)"));
}

TEST(ReadLike, NumbersHoldWhereThereAreNoNames) {
  const LabelledText train =
      parse("1\tx\tgood bread\n2\tx\tbad soup\n1\tx\twarm tea\n2\tx\tcold rain\n", "a.tsv");
  EXPECT_EQ(train.text, "3");
  EXPECT_EQ(train.label, "1");
  // By itself, the second column would be taken for the texts.
  const LabelledText test =
      parse("1\ta long remark of the editor\ttea\n2\tnone\train\n", "b.tsv", {}, train.like());
  EXPECT_EQ(test.train.text(0), "tea");
  const LabelledText named = parse("text,label\nwarm bread,1\ncold rain,2\n", "c.csv", {}, train.like());
  EXPECT_EQ(named.train.text(0), "warm bread") << "names say more than numbers";
  EXPECT_THAT(named.notices, Not(Contains(HasSubstr("training data"))));
}

}  // namespace
}  // namespace rondo::data

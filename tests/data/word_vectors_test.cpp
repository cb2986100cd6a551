#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/error.h>
#include <rondo/text.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace rondo {
namespace {

using test::expect_error;
using testing::ElementsAre;

class WordVectorsTest : public testing::Test {
 protected:
  WordVectors read(const std::string& bytes) {
    std::ofstream(folder_ / "v.txt", std::ios::binary) << bytes;
    return read_word_vectors(folder_ / "v.txt", vocab_);
  }
  std::vector<float> row(const WordVectors& vectors, const char* token) {
    const auto first = vectors.values.begin() + vocab_.find(token) * static_cast<std::ptrdiff_t>(vectors.dim);
    return {first, first + static_cast<std::ptrdiff_t>(vectors.dim)};
  }
  void refused(const std::string& bytes, const std::string& part) {
    expect_error(
        ErrorKind::data, [&] { read(bytes); }, (folder_ / "v.txt").string() + part);
  }

  test::TemporaryFolder folder_;
  Vocab vocab_ = Vocab::of({"<unk>", "the", "paris", "Bank", "好", ". . ."});
};

TEST_F(WordVectorsTest, GloveWithoutHeader) {
  const WordVectors vectors = read("the 1 -2.5e-1\n好 3 4\nother 5 6\n");
  EXPECT_EQ(vectors.dim, 2);
  EXPECT_EQ(vectors.words, 3);
  EXPECT_EQ(vectors.exact, 2);
  EXPECT_EQ(vectors.folded, 0);
  EXPECT_THAT(vectors.found, ElementsAre(0, 1, 0, 0, 1, 0));
  EXPECT_THAT(row(vectors, "the"), ElementsAre(1, -0.25));
  EXPECT_THAT(row(vectors, "paris"), ElementsAre(0, 0));
}

TEST_F(WordVectorsTest, Word2vecWithHeaderTrailingSpacesAndWindowsLines) {
  const WordVectors vectors = read("2 3\r\nthe 1 2 3 \r\nparis\t4 5 6\r\n");
  EXPECT_EQ(vectors.dim, 3);
  EXPECT_EQ(vectors.words, 2);
  EXPECT_THAT(row(vectors, "paris"), ElementsAre(4, 5, 6));
}

TEST_F(WordVectorsTest, CaseIsTheSecondChoice) {
  const WordVectors vectors = read("Paris 1\nPARIS 2\nbank 3\nBank 4\n");
  EXPECT_EQ(vectors.exact, 1);
  EXPECT_EQ(vectors.folded, 1);
  EXPECT_THAT(row(vectors, "paris"), ElementsAre(1));  // the first, which is the commonest
  EXPECT_THAT(row(vectors, "Bank"), ElementsAre(4));   // the exact one, though it comes later
}

TEST_F(WordVectorsTest, WordsWithSpacesAndRepeatedOnes) {
  const WordVectors vectors = read("the 1 2\n. . . 3 4\nthe 5 6\n");
  EXPECT_THAT(row(vectors, ". . ."), ElementsAre(3, 4));
  EXPECT_THAT(row(vectors, "the"), ElementsAre(1, 2));
}

TEST_F(WordVectorsTest, FaultsNameTheLine) {
  refused("the 1 2\nparis 3\n", " line 2: wanted a word and 2 numbers, got 2 field(s)");
  refused("the 1 2\nparis 3 4 5\n", " line 2: wanted a word and 2 numbers, got 3 numbers");
  refused("the 1 2\nparis 3 x\n", " line 2: 'x' is not a number");
  refused("the 1 2\nparis 3 nan\n", " line 2: 'nan' is not a number");
  refused("2 2\nthe 1\n", " line 2: wanted a word and 2 numbers");
  refused("the\n", " line 1: wanted a word and its numbers");
  refused("", " line 1: holds no vectors");
  expect_error(ErrorKind::io, [&] { read_word_vectors(folder_ / "none", vocab_); });
}

TEST_F(WordVectorsTest, VeryShortNumbersAndNothingFound) {
  const WordVectors vectors = read("zzz 1e-60 -0\n");
  EXPECT_EQ(vectors.exact + vectors.folded, 0);
  EXPECT_EQ(vectors.values.size(), 12U);
}

}  // namespace
}  // namespace rondo

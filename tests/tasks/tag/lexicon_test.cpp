// A user's dictionary: its lines, its words in texts, and words kept whole.
#include "tasks/tag/lexicon/lexicon.h"

#include <fstream>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace rondo::tag {
namespace {

using test::expect_error;
using testing::ElementsAre;
using testing::IsEmpty;

std::string shown(std::string_view line) {
  const LexiconEntry entry = lexicon_entry(line);
  return std::string(entry.word) + "|" + std::to_string(entry.frequency) + "|" + std::string(entry.tag);
}

TEST(LexiconEntry, IsReadFromTheRight) {
  EXPECT_EQ(shown("云计算 5"), "云计算|5|");
  EXPECT_EQ(shown("李小福 2 nr"), "李小福|2|nr");
  EXPECT_EQ(shown("凱特琳 nz"), "凱特琳|0|nz");
  EXPECT_EQ(shown("台中"), "台中|0|");
  EXPECT_EQ(shown("Edu Trust认证 2000"), "Edu Trust认证|2000|");
  EXPECT_EQ(shown("New York"), "New York|0|");
  EXPECT_EQ(shown("New York 3 ns"), "New York|3|ns");
  EXPECT_EQ(shown("Windows 10\t7\tns"), "Windows 10|7|ns") << "tabs separate alone";
  EXPECT_EQ(shown(" Windows 10\t3 "), "Windows 10|3|");
  EXPECT_EQ(shown("第 99999999999999999999"), "第 99999999999999999999|0|") << "no number that can be held";
  EXPECT_EQ(shown("  "), "|0|");
}

TEST(Lexicon, ReadsFiles) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "words") << "\xEF\xBB\xBF天气 3\r\n\n今天 5 n\n天气 9\n";
  const Lexicon lexicon = Lexicon::read(folder / "words");
  EXPECT_THAT(lexicon.words().to_vector(), ElementsAre("今天", "天气"));
  EXPECT_TRUE(lexicon.contains("天气"));
  EXPECT_FALSE(lexicon.contains("天"));
  EXPECT_FALSE(lexicon.contains("天气好"));
  EXPECT_FALSE(Lexicon().contains("天"));
  std::ofstream(folder / "bad") << "好\n\xC4\xE3\n";
  expect_error(
      ErrorKind::data, [&] { Lexicon::read(folder / "bad"); }, "bad line 2", "UTF-8");
  std::ofstream(folder / "empty") << "\n \n";
  expect_error(
      ErrorKind::data, [&] { Lexicon::read(folder / "empty"); }, "empty", "no word");
}

TEST(WordTrie, FindsWhatAPlainSearchFinds) {
  std::mt19937 random(5);
  const std::vector<std::string> letters = {"a", "é", "天", "气", "𠀀", "b"};
  const auto text_of = [&](std::size_t longest) {
    std::string text;
    for (std::size_t k = 1 + random() % longest; k > 0; --k)
      text += letters[random() % letters.size()];
    return text;
  };
  for (int trial = 0; trial < 50; ++trial) {
    std::set<std::string> words;
    for (std::size_t k = random() % 60; k > 0; --k)
      words.insert(text_of(4));
    const Lexicon lexicon(Strings(std::vector<std::string>(words.begin(), words.end())));
    ASSERT_EQ(lexicon.size(), words.size());
    const std::string text = text_of(30);
    for (std::size_t at = 0; at < text.size(); ++at) {
      if ((static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) continue;
      std::vector<std::string> found, wanted;
      lexicon.trie().words_at(text, at, [&](std::size_t end, std::size_t word) {
        found.push_back(text.substr(at, end - at));
        EXPECT_EQ(lexicon.words()[word], found.back());
      });
      for (std::size_t end = at + 1; end <= text.size(); ++end)
        if (words.contains(text.substr(at, end - at))) wanted.push_back(text.substr(at, end - at));
      EXPECT_EQ(found, wanted);
    }
  }
}

TEST(Lexicon, SaysWhatItsLongestWordsDoAtEachToken) {
  const Lexicon lexicon(Strings{"北京", "北京大学", "大学", "学生", "生"});
  const std::vector<WordsHere> here = lexicon.along({"北", "京", "大", "学", "生"}, TokenUnit::characters);
  EXPECT_THAT(here, ElementsAre(WordsHere{4, 0, 0}, WordsHere{0, 2, 4}, WordsHere{2, 0, 4},
                                WordsHere{2, 4, 0}, WordsHere{1, 2, 0}));
  EXPECT_THAT(lexicon.along({"北京", "大学"}, TokenUnit::mixed),
              ElementsAre(WordsHere{2, 1, 0}, WordsHere{1, 2, 0}))
      << "lengths in tokens; within a token nothing is looked for";
  const Lexicon english(Strings{"New York", "York"});
  EXPECT_THAT(english.along({"New", "York", "is"}, TokenUnit::words),
              ElementsAre(WordsHere{2, 0, 0}, WordsHere{1, 2, 0}, WordsHere{}));
  EXPECT_THAT(Lexicon().along({"a"}, TokenUnit::words), ElementsAre(WordsHere{}));
  EXPECT_THAT(Lexicon(Strings{"一二三四五六七八九"})
                  .along({"一", "二", "三", "四", "五", "六", "七", "八", "九"}, TokenUnit::characters)[0],
              (WordsHere{WordsHere::longest, 0, 0}));
}

std::vector<std::string> kept(std::string_view text, const Strings& words, bool inside_runs = false) {
  std::vector<std::string> found;
  for (const TextSpan& span : kept_words(text, Lexicon(words), inside_runs))
    found.emplace_back(text.substr(span.begin, span.end - span.begin));
  return found;
}

TEST(KeptWords, AreLeftmostLongestAndCutNoRun) {
  EXPECT_THAT(kept("研究生命起源", {"研究", "研究生", "生命起源"}), ElementsAre("研究生"));
  EXPECT_THAT(kept("C++和C，C1", {"C", "C++"}), ElementsAre("C++", "C"));
  EXPECT_THAT(kept("ACMEGAphone MEGA", {"MEGA", "ACME"}), ElementsAre("MEGA"));
  EXPECT_THAT(kept("ACMEGAphone", {"MEGA", "ACME"}, true), ElementsAre("ACME"));
  EXPECT_THAT(kept("抗原19-9", {"抗原19-9", "抗原1"}), ElementsAre("抗原19-9"));
  EXPECT_THAT(kept("a b c", {"a b", "b c"}), ElementsAre("a b"));
  EXPECT_THAT(kept("e\xCC\x81", {"e"}), IsEmpty()) << "half a character";
  EXPECT_THAT(kept("天", {}), IsEmpty());
}

}  // namespace
}  // namespace rondo::tag

/// A user's dictionary: where its words lie in a sentence, and words that are always kept whole.
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tasks/tagged_text.h>

#include "tasks/tag/lexicon/trie.h"
#include "tasks/tag/text/cutter.h"

namespace rondo::tag {

/// A line of a dictionary: "word", "word frequency" or "word frequency tag", as jieba has them. Frequency and
/// tag are read from the right, so that a word may hold blanks; tabs separate alone where there are any. A
/// tag without a frequency is up to four small letters behind a word without Latin ones.
struct LexiconEntry {
  std::string_view word, tag = {};
  std::uint64_t frequency = 0;  ///< 0: not given
};
/// Of a line without its end; no word in a blank one.
LexiconEntry lexicon_entry(std::string_view line) noexcept;

/// What the longest words of a dictionary do at a token: their lengths in tokens, at most `longest`; 0: none
/// does.
struct WordsHere {
  static constexpr std::uint8_t longest = 7;
  std::uint8_t begins = 0, ends = 0, covers = 0;  ///< covers: neither begins nor ends here
  bool operator==(const WordsHere&) const = default;
};

/// Immutable; any number of threads may ask.
class Lexicon {
 public:
  Lexicon() = default;
  /// Words in any order, also given twice; empty ones are left out. Valid UTF-8.
  explicit Lexicon(Strings words);
  /// One entry a line, plain, .gz or .xz; a byte order mark and blank lines go. Error(data) "FILE line N:
  /// ..." for what is no text, and for a file without a word.
  static Lexicon read(const std::filesystem::path& file);

  bool empty() const noexcept { return words_.empty(); }
  std::size_t size() const noexcept { return words_.size(); }
  /// In ascending order of their bytes.
  const Strings& words() const noexcept { return words_; }
  bool contains(std::string_view word) const noexcept;
  const WordTrie& trie() const noexcept { return trie_; }

  /// For each token of a sentence. Words of several tokens of running text have a space between them where
  /// tokens are words, none where they are characters.
  std::vector<WordsHere> along(const Strings& tokens, TokenUnit unit) const;

 private:
  Strings words_;
  WordTrie trie_;
};

/// Words of a list in a text that are to be kept whole: from left to right, at each place the longest that
/// begins there, none within another. With `inside_runs` off none begins or ends within a run of letters and
/// digits ("MEGA" is not found in "ACMEGAphone").
std::vector<TextSpan> kept_words(std::string_view text, const Lexicon& words, bool inside_runs);

}  // namespace rondo::tag

/// Words as tokens: the word itself, its characters, or its characters with Latin words and numbers whole.
#pragma once
#include <string_view>
#include <vector>

#include <rondo/tasks/tagged_text.h>

#include "tasks/tag/scheme.h"

namespace rondo::tag {

/// Where the character (grapheme) that begins at `at` ends. Quick for Chinese.
std::size_t character_end(std::string_view text, std::size_t at) noexcept;

/// Where the run of letters and digits that begins at `at` ends: "abc123", "2.0", "1,000", "don't",
/// "ＡＢＣ１２３", "easy_install". `at` itself where no run begins.
std::size_t run_end(std::string_view text, std::size_t at) noexcept;

/// Appends the tokens of a word without blanks; how many there were. `unit` is not automatic.
std::size_t add_tokens(std::string_view word, TokenUnit unit, Strings& tokens);

/// What words of a line become: their tokens, and tags that say where each word ends and of what type it is.
class WordTagger {
 public:
  WordTagger(TokenUnit unit, TagScheme scheme) : unit_(unit), scheme_(scheme) {}

  /// Type empty: words without tags of their own.
  void add(std::string_view word, std::string_view type, Strings& tokens);
  /// Tags of all words added since the last call.
  Strings take_tags();

 private:
  TokenUnit unit_;
  TagScheme scheme_;
  std::size_t tokens_ = 0;
  std::vector<Phrase> words_;
};

}  // namespace rondo::tag

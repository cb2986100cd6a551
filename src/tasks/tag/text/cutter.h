/// Running text to tokens: characters, or words as the training data has them.
#pragma once
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <rondo/tasks/tagged_text.h>

namespace rondo::tag {

/// Bytes begin ... end - 1 of a text.
struct TextSpan {
  std::size_t begin = 0, end = 0;
  bool operator==(const TextSpan&) const = default;
};

/// The tokens of a text in valid UTF-8, in order. A token holds no blank (space, tab, ideographic space), and
/// each byte that is no blank is in one.
std::vector<TextSpan> cut_text(std::string_view text, TokenUnit unit, const WordRules& rules);

/// How the words of these sentences were cut.
WordRules word_rules_of(std::span<const TaggedSentence> sentences);

/// Whether these tokens are words, characters, or characters with Latin words and numbers whole.
TokenUnit unit_of(std::span<const TaggedSentence> sentences);

}  // namespace rondo::tag

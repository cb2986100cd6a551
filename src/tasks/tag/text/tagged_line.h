/// A line of text with its tokens and their tags, and the words that they make.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tasks/tagged_text.h>

#include "tasks/tag/text/cutter.h"

namespace rondo::tag {

struct TaggedLine {
  std::string text = {};
  std::vector<TextSpan> tokens = {};
  Strings tags = {};
  std::vector<Border> borders = {};  ///< before each token; empty: open
};

/// A word or a phrase of a line.
struct LineWord {
  TextSpan bytes;
  std::string_view type = {};  ///< of its tag; empty: none
};

/// The line's words, or its phrases where these are no words; each token with its tag where there is no
/// scheme.
std::vector<LineWord> words_of(const TaggedLine& line, TagScheme scheme);

/// Makes words of the tags begin at forced borders and at no forbidden one, whatever a model says.
void keep_borders(TaggedLine& line, TagScheme scheme);

/// A line made of tokens: words with a space between, characters without.
TaggedLine line_of(const Strings& tokens, Strings tags, TokenUnit unit);

/// The line's tokens as a sentence to be tagged.
TaggedSentence sentence_of(const TaggedLine& line);

}  // namespace rondo::tag

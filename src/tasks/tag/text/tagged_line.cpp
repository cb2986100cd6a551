#include "tasks/tag/text/tagged_line.h"

#include <utility>

#include "tasks/tag/scheme.h"

namespace rondo::tag {
namespace {

/// Phrases cut at forced borders and joined at forbidden ones.
std::vector<Phrase> within_borders(const std::vector<Phrase>& phrases, const std::vector<Border>& borders) {
  std::vector<Phrase> kept;
  for (const Phrase& phrase : phrases) {
    const bool joined = !kept.empty() && borders[phrase.begin] == Border::forbidden;
    if (joined)
      kept.back().end = phrase.end;
    else
      kept.push_back(phrase);
    for (std::size_t i = phrase.begin + 1; i < phrase.end; ++i) {
      if (borders[i] != Border::forced) continue;
      kept.back().end = i;
      kept.push_back({i, phrase.end, phrase.type});
    }
  }
  return kept;
}

}  // namespace

std::vector<LineWord> words_of(const TaggedLine& line, TagScheme scheme) {
  const std::vector<Phrase> phrases = phrases_of(line.tags, scheme);
  std::vector<LineWord> words;
  words.reserve(phrases.size());
  for (const Phrase& phrase : phrases)
    words.push_back({{line.tokens[phrase.begin].begin, line.tokens[phrase.end - 1].end}, phrase.type});
  return words;
}

void keep_borders(TaggedLine& line, TagScheme scheme) {
  if (line.borders.empty()) return;
  line.tags =
      tags_of(within_borders(phrases_of(line.tags, scheme), line.borders), line.tokens.size(), scheme);
}

TaggedLine line_of(const Strings& tokens, Strings tags, TokenUnit unit) {
  TaggedLine line{.tags = std::move(tags)};
  for (const std::string_view token : tokens) {
    if (unit == TokenUnit::words && !line.text.empty()) line.text += ' ';
    line.tokens.push_back({line.text.size(), line.text.size() + token.size()});
    line.text += token;
  }
  return line;
}

TaggedSentence sentence_of(const TaggedLine& line) {
  TaggedSentence sentence{.borders = line.borders};
  for (const TextSpan& token : line.tokens)
    sentence.tokens.push_back(std::string_view(line.text).substr(token.begin, token.end - token.begin));
  return sentence;
}

}  // namespace rondo::tag

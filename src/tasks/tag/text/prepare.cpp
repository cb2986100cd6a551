#include "tasks/tag/text/prepare.h"

#include <algorithm>
#include <utility>

#include "tasks/tag/units.h"

namespace rondo::tag {

LinePreparer::LinePreparer(const Tagging& tagging, const WholeWords& whole)
    : tagging_(tagging), inside_runs_(whole.words_inside_runs), split_runs_(whole.split_runs) {
  if (!whole.words.empty()) words_ = Lexicon::read(whole.words);
}

TaggedLine LinePreparer::operator()(std::string text) const {
  TaggedLine line{.text = std::move(text)};
  const std::vector<TextSpan> kept = kept_words(line.text, words_, inside_runs_);
  line.tokens = tokens_of(line.text, kept);
  if (tagging_.words) line.borders = borders_of(line, kept);
  return line;
}

/// Where tokens are words, those of the user are tokens.
std::vector<TextSpan> LinePreparer::tokens_of(std::string_view text,
                                              const std::vector<TextSpan>& kept) const {
  const TokenUnit unit = tagging_.reading.unit;
  if (unit != TokenUnit::words || kept.empty()) return cut_text(text, unit, tagging_.rules);
  std::vector<TextSpan> tokens;
  std::size_t at = 0;
  const auto cut_up_to = [&](std::size_t end) {
    for (const TextSpan& token : cut_text(text.substr(at, end - at), unit, tagging_.rules))
      tokens.push_back({at + token.begin, at + token.end});
  };
  for (const TextSpan& word : kept) {
    cut_up_to(word.begin);
    tokens.push_back(word);
    at = word.end;
  }
  cut_up_to(text.size());
  return tokens;
}

std::vector<Border> LinePreparer::borders_of(const TaggedLine& line,
                                             const std::vector<TextSpan>& kept) const {
  std::vector<Border> borders(line.tokens.size(), Border::open);
  std::size_t run = 0;
  auto word = kept.begin();
  for (std::size_t i = 0; i < line.tokens.size(); ++i) {
    const std::size_t begin = line.tokens[i].begin;
    if (!split_runs_ && begin >= run)
      run = std::max(run, run_end(line.text, begin));
    else if (!split_runs_)
      borders[i] = Border::forbidden;
    if (i > 0 && line.tokens[i - 1].end < begin) borders[i] = Border::forced;
    while (word != kept.end() && word->end < begin)
      ++word;
    if (word == kept.end() || begin < word->begin) continue;
    borders[i] = begin == word->begin || begin == word->end ? Border::forced : Border::forbidden;
  }
  if (!borders.empty()) borders[0] = Border::open;
  const bool all_open =
      std::all_of(borders.begin(), borders.end(), [](Border b) { return b == Border::open; });
  return all_open ? std::vector<Border>() : borders;
}

}  // namespace rondo::tag

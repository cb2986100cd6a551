#include "tasks/tag/lexicon/lexicon.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/files.h"
#include "base/message.h"
#include "base/utf8.h"
#include "tasks/tag/files/blanks.h"
#include "tasks/tag/units.h"

namespace rondo::tag {
namespace {

bool is_frequency(std::string_view text, std::uint64_t& value) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

/// Whether what stands behind a word is its tag, though there is no frequency between: "云计算 n", not "New
/// York".
bool is_lone_tag(std::string_view last, std::string_view word) noexcept {
  constexpr std::size_t longest = 4;
  const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_latin = [&](char c) { return is_small(c) || (c >= 'A' && c <= 'Z'); };
  return last.size() <= longest && std::all_of(last.begin(), last.end(), is_small) &&
         std::none_of(word.begin(), word.end(), is_latin);
}

/// Cuts the last piece between blanks off; empty where there is but one.
std::string_view take_last(std::string_view& line, bool tabs) noexcept {
  const std::size_t blank = tabs ? line.rfind('\t') : line.find_last_of(" \t");
  if (blank == line.npos) return {};
  const std::string_view last = line.substr(blank + 1);
  line = without_blanks_around(line.substr(0, blank));
  return last;
}

/// Each byte of a text that begins or ends a token: its number from 0; where none does, -1.
class TokenBorders {
 public:
  TokenBorders(const std::vector<TextSpan>& tokens, std::size_t size)
      : begins_(size + 1, -1), ends_(size + 1, -1) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      begins_[tokens[i].begin] = static_cast<std::int32_t>(i);
      ends_[tokens[i].end] = static_cast<std::int32_t>(i) + 1;
    }
  }
  std::int32_t beginning_at(std::size_t byte) const { return begins_[byte]; }
  std::int32_t ending_at(std::size_t byte) const { return ends_[byte]; }

 private:
  std::vector<std::int32_t> begins_, ends_;
};

/// Whether a word may begin or end before each byte: not within a character, nor, if so told, within a run of
/// letters and digits.
std::vector<bool> places_between(std::string_view text, bool inside_runs) {
  std::vector<bool> places(text.size() + 1);
  for (std::size_t at = 0, end = 0; at < text.size(); at = end) {
    end = inside_runs ? at : run_end(text, at);
    if (end == at) end = character_end(text, at);
    places[at] = places[end] = true;
  }
  return places;
}

void raise(std::uint8_t& length, std::size_t to) {
  length =
      static_cast<std::uint8_t>(std::max<std::size_t>(length, std::min<std::size_t>(to, WordsHere::longest)));
}

}  // namespace

LexiconEntry lexicon_entry(std::string_view line) noexcept {
  line = without_blanks_around(line);
  const bool tabs = line.find('\t') != line.npos;
  std::uint64_t frequency = 0;
  std::string_view word = line;
  const std::string_view last = take_last(word, tabs);
  if (last.empty()) return {line};
  if (is_frequency(last, frequency)) return {word, {}, frequency};
  std::string_view before_tag = word;
  const std::string_view number = take_last(before_tag, tabs);
  if (is_frequency(number, frequency)) return {before_tag, last, frequency};
  return tabs || is_lone_tag(last, word) ? LexiconEntry{word, last} : LexiconEntry{line};
}

Lexicon::Lexicon(Strings words) {
  std::vector<std::string_view> sorted(words.begin(), words.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  for (const std::string_view word : sorted)
    if (!word.empty()) words_.push_back(word);
  trie_ = WordTrie(words_);
}

Lexicon Lexicon::read(const std::filesystem::path& file) {
  LineReader lines(file);
  Strings words;
  for (std::string line; lines.next(line);) {
    const std::string_view text = lines.number() == 1 ? without_byte_order_mark(line) : line;
    require_utf8(text, file.string(), lines.number());
    const LexiconEntry entry = lexicon_entry(text);
    if (!entry.word.empty()) words.push_back(entry.word);
  }
  if (words.empty()) fail(ErrorKind::data, file.string() + ": holds no word; wanted one a line");
  return Lexicon(std::move(words));
}

bool Lexicon::contains(std::string_view word) const noexcept {
  bool found = false;
  trie_.words_at(word, 0, [&](std::size_t end, std::size_t) { found = found || end == word.size(); });
  return found;
}

std::vector<WordsHere> Lexicon::along(const Strings& tokens, TokenUnit unit) const {
  std::string text;
  std::vector<TextSpan> spans;
  for (const std::string_view token : tokens) {
    if (unit == TokenUnit::words && !text.empty()) text += ' ';
    spans.push_back({text.size(), text.size() + token.size()});
    text += token;
  }
  const TokenBorders borders(spans, text.size());
  std::vector<WordsHere> here(tokens.size());
  for (std::size_t i = 0; i < spans.size(); ++i)
    trie_.words_at(text, spans[i].begin, [&](std::size_t end, std::size_t) {
      const std::int32_t last = borders.ending_at(end);
      if (last < 0) return;
      const std::size_t size = static_cast<std::size_t>(last) - i;
      raise(here[i].begins, size);
      raise(here[i + size - 1].ends, size);
      for (std::size_t k = i + 1; k + 1 < i + size; ++k)
        raise(here[k].covers, size);
    });
  return here;
}

std::vector<TextSpan> kept_words(std::string_view text, const Lexicon& words, bool inside_runs) {
  std::vector<TextSpan> kept;
  if (words.empty()) return kept;
  const std::vector<bool> borders = places_between(text, inside_runs);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t longest = at;
    if (borders[at] && blank_at(text, at) == 0)
      words.trie().words_at(text, at,
                            [&](std::size_t end, std::size_t) { longest = borders[end] ? end : longest; });
    if (longest > at) kept.push_back({at, longest});
    at = std::max(longest, at + 1);
  }
  return kept;
}

}  // namespace rondo::tag

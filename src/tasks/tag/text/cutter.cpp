#include "tasks/tag/text/cutter.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "data/unicode.h"
#include "tasks/tag/files/blanks.h"
#include "tasks/tag/units.h"

namespace rondo::tag {
namespace {

bool is_ascii_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_ascii_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_name_character(char c) noexcept {
  return is_ascii_letter(c) || is_ascii_digit(c) || c == '_';
}

/// `prefix` in lower case; letters of either case.
bool begins(std::string_view text, std::string_view prefix) noexcept {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), [](char p, char t) {
           return p == t || (t >= 'A' && t <= 'Z' && p == static_cast<char>(t - 'A' + 'a'));
         });
}

constexpr std::string_view typographic_apostrophe = "\xE2\x80\x99";

/// Bytes of the apostrophe at `at`, of keyboards or of print; 0 where there is none.
std::size_t apostrophe_at(std::string_view text, std::size_t at) noexcept {
  if (at >= text.size()) return 0;
  if (text[at] == '\'') return 1;
  return text.substr(at, typographic_apostrophe.size()) == typographic_apostrophe
             ? typographic_apostrophe.size()
             : 0;
}

/// Where the clitic at a word's end begins: the n of n't, the apostrophe of 's; the word's size without one.
std::size_t clitic_begin(std::string_view word) noexcept {
  for (std::size_t at = word.size(); at-- > 1;) {
    const std::size_t length = apostrophe_at(word, at);
    if (length == 0) continue;
    const std::string_view suffix = word.substr(at + length);
    const auto is = [&](std::string_view clitic) {
      return suffix.size() == clitic.size() && begins(suffix, clitic);
    };
    if (is("t") && at > 1 && (word[at - 1] == 'n' || word[at - 1] == 'N')) return at - 1;
    constexpr std::array<std::string_view, 6> clitics = {"s", "m", "d", "re", "ve", "ll"};
    return std::any_of(clitics.begin(), clitics.end(), is) ? at : word.size();
  }
  return word.size();
}

/// One walk over a text. Each ..._end() gives where what begins here ends, or `at_` if it is nothing of that
/// kind.
class WordCutter {
 public:
  WordCutter(std::string_view text, const WordRules& rules, std::vector<TextSpan>& tokens)
      : text_(text), rules_(rules), tokens_(tokens) {}

  void run() {
    while (at_ < text_.size()) {
      if (const std::size_t blank = blank_at(text_, at_); blank > 0)
        at_ += blank;
      else
        take();
    }
  }

 private:
  void take() {
    for (const std::size_t end : {link_end(), name_end()})
      if (end > at_) return add(end);
    const CharacterClass kind = class_at(at_);
    if (kind == CharacterClass::letter || kind == CharacterClass::digit) return take_word();
    add(kind == CharacterClass::ideograph ? character_end(text_, at_) : marks_end());
  }

  void add(std::size_t end) {
    tokens_.push_back({at_, end});
    at_ = end;
  }

  char char_at(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  CharacterClass class_at(std::size_t at) const {
    return at < text_.size() ? class_of(decode_at(text_, at).character) : CharacterClass::space;
  }
  bool is_wordlike(std::size_t at) const {
    const CharacterClass kind = class_at(at);
    return kind == CharacterClass::letter || kind == CharacterClass::digit;
  }

  std::size_t link_end() const {
    const std::string_view rest = text_.substr(at_);
    constexpr std::array<std::string_view, 4> starts = {"http://", "https://", "ftp://", "www."};
    if (std::none_of(starts.begin(), starts.end(), [&](std::string_view s) { return begins(rest, s); }))
      return at_;
    constexpr std::string_view ends = "<>\"", trailing = ".,!?;:')]}*";
    std::size_t end = at_;
    while (char_at(end) > ' ' && char_at(end) < 0x7f && ends.find(text_[end]) == ends.npos)
      ++end;
    while (end > at_ && trailing.find(text_[end - 1]) != trailing.npos)
      --end;
    return end;
  }

  /// @user, #tag.
  std::size_t name_end() const {
    const bool follows_word = at_ > 0 && is_name_character(text_[at_ - 1]);
    if ((char_at(at_) != '@' && char_at(at_) != '#') || follows_word) return at_;
    std::size_t end = at_ + 1;
    while (is_name_character(char_at(end)))
      ++end;
    return end == at_ + 1 ? at_ : end;
  }

  /// Whether what stands at `at`, within a word, belongs to it; `length` are its bytes.
  bool joins(std::size_t at, std::size_t& length) const {
    length = 1;
    const char c = text_[at], before = text_[at - 1], after = char_at(at + 1);
    if (const std::size_t apostrophe = apostrophe_at(text_, at); apostrophe > 0) {
      length = apostrophe;
      return class_at(at + apostrophe) == CharacterClass::letter;
    }
    if (c == '_') return true;
    if (c == '-') return rules_.hyphens && is_wordlike(at + 1);
    if (c == '.' || c == ',' || c == ':' || c == '/') {
      if (is_ascii_digit(before) && is_ascii_digit(after)) return true;
      return c == '.' && is_ascii_letter(before) && is_ascii_letter(after);  // U.S, rondo.cpp
    }
    if (c == '&') return is_ascii_letter(before) && is_ascii_letter(after);
    return c == '@' && is_name_character(before) && is_name_character(after);
  }

  std::size_t word_end() const {
    std::size_t end = at_;
    while (end < text_.size()) {
      const Decoded here = decode_at(text_, end);
      const CharacterClass kind = class_of(here.character);
      std::size_t length = here.length;
      const bool inner = kind == CharacterClass::letter || kind == CharacterClass::digit ||
                         kind == CharacterClass::mark || kind == CharacterClass::joiner;
      if (!inner && (end == at_ || !joins(end, length))) break;
      end += length;
    }
    return end;
  }

  void take_word() {
    std::size_t end = word_end();
    if (char_at(end) == '.' && keeps_stop(end + 1)) ++end;
    const std::string_view word = text_.substr(at_, end - at_);
    const std::size_t clitic = rules_.clitics ? clitic_begin(word) : word.size();
    const std::size_t begin = at_;
    if (clitic > 0) add(begin + clitic);
    if (clitic < word.size()) add(end);
  }

  /// Whether the stop before `end` is the word's own: "Mr.", "U.S.".
  bool keeps_stop(std::size_t end) const {
    const std::string_view word = text_.substr(at_, end - at_);
    const bool letters_apart = word.size() >= 4 && word[word.size() - 3] == '.';
    return letters_apart ||
           std::binary_search(rules_.abbreviations.begin(), rules_.abbreviations.end(), word);
  }

  /// A mark, or a run of one ASCII mark: "...", "--", "!!!".
  std::size_t marks_end() const {
    const char mark = text_[at_];
    if (static_cast<unsigned char>(mark) >= 0x80) return character_end(text_, at_);
    std::size_t end = at_ + 1;
    while (char_at(end) == mark)
      ++end;
    return end;
  }

  std::string_view text_;
  const WordRules& rules_;
  std::vector<TextSpan>& tokens_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<TextSpan> cut_text(std::string_view text, TokenUnit unit, const WordRules& rules) {
  std::vector<TextSpan> tokens;
  if (unit == TokenUnit::words) {
    WordCutter(text, rules, tokens).run();
    return tokens;
  }
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t blank = blank_at(text, at); blank > 0) {
      at += blank;
      continue;
    }
    std::size_t end = unit == TokenUnit::mixed ? run_end(text, at) : at;
    if (end == at) end = character_end(text, at);
    tokens.push_back({at, end});
    at = end;
  }
  return tokens;
}

WordRules word_rules_of(std::span<const TaggedSentence> sentences) {
  std::size_t with_hyphen = 0, lone_hyphens = 0, with_clitic = 0, lone_clitics = 0;
  std::map<std::string_view, std::size_t> stopped;
  for (const TaggedSentence& sentence : sentences)
    for (const std::string_view token : sentence.tokens) {
      const std::size_t hyphen = token.find('-', 1);
      with_hyphen += hyphen != token.npos && hyphen + 1 < token.size() && is_ascii_letter(token[0]);
      lone_hyphens += token == "-";
      const std::size_t clitic = clitic_begin(token);
      with_clitic += clitic > 0 && clitic < token.size();
      lone_clitics += token == "n't" || token == "'s" || token == "\xE2\x80\x99s";
      if (token.size() > 1 && token.ends_with('.') && is_ascii_letter(token[0])) ++stopped[token];
    }
  WordRules rules{.hyphens = with_hyphen >= lone_hyphens, .clitics = lone_clitics >= with_clitic};
  constexpr std::size_t most = 2000;
  for (const auto& [word, count] : stopped)
    if (count > 1 && rules.abbreviations.size() < most) rules.abbreviations.emplace_back(word);
  return rules;
}

TokenUnit unit_of(std::span<const TaggedSentence> sentences) {
  std::size_t ideographs = 0, longer = 0, runs = 0, single = 0;
  for (const TaggedSentence& sentence : sentences)
    for (const std::string_view token : sentence.tokens) {
      const CharacterClass kind = class_of(decode_at(token, 0).character);
      const bool is_one = character_end(token, 0) == token.size();
      if (kind == CharacterClass::ideograph) {
        ++ideographs;
        longer += !is_one;
      } else if (kind == CharacterClass::letter || kind == CharacterClass::digit) {
        ++(is_one ? single : runs);
      }
    }
  // Words of one character are common in Chinese, too; characters of several are not.
  const bool characters = ideographs > single + runs && longer * 20 < ideographs;
  if (!characters) return TokenUnit::words;
  return runs * 4 > single + runs ? TokenUnit::mixed : TokenUnit::characters;
}

}  // namespace rondo::tag

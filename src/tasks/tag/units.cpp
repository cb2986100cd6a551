#include "tasks/tag/units.h"

#include <utility>

#include "data/unicode.h"
#include "tasks/tag/files/blanks.h"

namespace rondo::tag {
namespace {

/// Characters that never combine with a neighbour of this kind: nearly all of Chinese text.
bool stands_alone(char32_t c) noexcept {
  return (c >= 0x20 && c < 0x7f) || (c >= 0x3001 && c < 0x302A) || (c >= 0x3400 && c < 0xA000) ||
         (c >= 0xFF01 && c < 0xFF61);
}

CharacterClass class_at(std::string_view text, std::size_t at) noexcept {
  return at < text.size() ? class_of(decode_at(text, at).character) : CharacterClass::space;
}

bool is_letter_or_digit(CharacterClass kind) noexcept {
  return kind == CharacterClass::letter || kind == CharacterClass::digit;
}

/// Whether the mark at `at` belongs to a run because of what stands on either side.
bool joins(std::string_view text, CharacterClass before, std::size_t at) noexcept {
  constexpr char32_t full_width_point = 0xFF0E;
  const auto [mark, length] = decode_at(text, at);
  if (mark == '_') return true;
  const CharacterClass after = class_at(text, at + length);
  if (mark == '.' || mark == ',' || mark == full_width_point)
    return before == CharacterClass::digit && after == CharacterClass::digit;
  return mark == '\'' && before == CharacterClass::letter && after == CharacterClass::letter;
}

}  // namespace

std::size_t character_end(std::string_view text, std::size_t at) noexcept {
  const Decoded here = decode_at(text, at);
  const std::size_t next = at + here.length;
  if (next >= text.size()) return next;
  if (stands_alone(here.character) && stands_alone(decode_at(text, next).character)) return next;
  std::size_t end = next;
  // Some marks want the character behind them, even a blank.
  for (const std::size_t whole = grapheme_end(text, at); end < whole && blank_at(text, end) == 0;)
    end += decode_at(text, end).length;
  return end;
}

std::size_t run_end(std::string_view text, std::size_t at) noexcept {
  CharacterClass before = class_at(text, at);
  if (!is_letter_or_digit(before)) return at;
  std::size_t end = at;
  while (end < text.size()) {
    const Decoded here = decode_at(text, end);
    const CharacterClass kind = class_of(here.character);
    if (is_letter_or_digit(kind))
      before = kind;
    else if (kind != CharacterClass::mark && kind != CharacterClass::joiner && !joins(text, before, end))
      break;
    end += here.length;
  }
  return end;
}

std::size_t add_tokens(std::string_view word, TokenUnit unit, Strings& tokens) {
  if (unit == TokenUnit::words) {
    tokens.push_back(word);
    return 1;
  }
  std::size_t count = 0;
  for (std::size_t at = 0; at < word.size(); ++count) {
    std::size_t end = unit == TokenUnit::mixed ? run_end(word, at) : at;
    if (end == at) end = character_end(word, at);
    tokens.push_back(word.substr(at, end - at));
    at = end;
  }
  return count;
}

void WordTagger::add(std::string_view word, std::string_view type, Strings& tokens) {
  const std::size_t count = add_tokens(word, unit_, tokens);
  words_.push_back({tokens_, tokens_ + count, type});
  tokens_ += count;
}

Strings WordTagger::take_tags() {
  return tags_of(std::exchange(words_, {}), std::exchange(tokens_, 0), scheme_);
}

}  // namespace rondo::tag

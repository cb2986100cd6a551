#include "tasks/tag/forms.h"

#include <rondo/text.h>

#include "base/utf8.h"
#include "data/unicode.h"

namespace rondo::tag {
namespace {

/// Characters of a word that are read at each of its ends.
constexpr std::size_t at_each_end = 12;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}

/// What NFKC leaves as it is, without asking for it: Chinese characters are most of what is read.
bool is_plain_ideograph(std::string_view token) {
  if (token.size() != 3) return false;
  const char32_t c = decode_at(token, 0).character;
  return c >= 0x4E00 && c <= 0x9FFF;
}

/// One ASCII character, also a full-width one; '\0' for any other text.
char ascii_of(std::string_view token) {
  if (token.size() == 1) return token[0];
  if (token.size() != 3) return '\0';
  const char32_t c = decode_at(token, 0).character;
  return c >= 0xFF01 && c <= 0xFF5E ? static_cast<char>(c - 0xFEE0) : '\0';
}

}  // namespace

std::string form_of(std::string_view token, TokenUnit unit) {
  if (is_plain_ideograph(token)) return std::string(token);
  if (unit != TokenUnit::words) {
    const char c = ascii_of(token);
    if (is_digit(c)) return "0";
    if (is_small(static_cast<char>(c | 0x20))) return "a";
    if (c > ' ') return std::string(1, c);
  }
  std::string form = normalize(token);
  for (char& c : form)
    c = is_digit(c) ? '0' : c;
  return form.empty() ? std::string(token) : form;
}

WordShape shape_of(std::string_view token) {
  bool digit = false, small = false, capital = false, capital_first = false, mark = false;
  bool first = true;
  std::size_t capitals = 0;
  for (std::size_t at = 0; at < token.size(); first = false) {
    const auto [c, length] = decode_at(token, at);
    at += length;
    const CharacterClass kind = class_of(c);
    digit = digit || kind == CharacterClass::digit;
    mark = mark || kind == CharacterClass::punctuation || kind == CharacterClass::symbol;
    if (kind != CharacterClass::letter) continue;
    const std::string_view letter = token.substr(at - length, length);
    const bool is_capital = normalize(letter, Normalization::none, true) != letter;
    capital = capital || is_capital;
    capitals += is_capital;
    small = small || !is_capital;
    capital_first = capital_first || (first && is_capital);
  }
  const bool letters = small || capital;
  if (digit) return letters ? WordShape::with_digits : WordShape::number;
  if (!letters) return mark ? WordShape::marks : WordShape::other;
  if (!small) return WordShape::all_capital;
  if (!capital) return WordShape::small;
  return capital_first && capitals == 1 ? WordShape::capital : WordShape::mixed;
}

std::vector<std::string_view> spelling_of(std::string_view token) {
  std::vector<std::string_view> characters;
  for (std::size_t at = 0; at < token.size();) {
    const std::size_t length = decode_at(token, at).length;
    characters.push_back(token.substr(at, length));
    at += length;
  }
  if (characters.size() > 2 * at_each_end)
    characters.erase(characters.begin() + at_each_end, characters.end() - at_each_end);
  return characters;
}

}  // namespace rondo::tag

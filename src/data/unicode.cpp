#include "data/unicode.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <utf8proc.h>

namespace rondo {
namespace {

struct Range {
  char32_t first, last;
};

// Scripts written without spaces between words, in order.
constexpr std::array<Range, 14> spaceless = {{
    {0x0E00, 0x0EFF},    // Thai, Lao
    {0x1000, 0x109F},    // Burmese
    {0x1780, 0x17FF},    // Khmer
    {0x19E0, 0x19FF},    // Khmer symbols
    {0x2E80, 0x2FDF},    // Chinese radicals
    {0x3005, 0x3007},    // iteration mark, closing mark, zero
    {0x3021, 0x3029},    // Hangzhou numerals
    {0x3040, 0x30FF},    // Hiragana, Katakana
    {0x31F0, 0x31FF},    // Katakana extensions
    {0x3400, 0x4DBF},    // Chinese, extension A
    {0x4E00, 0x9FFF},    // Chinese
    {0xF900, 0xFAFF},    // Chinese, compatibility
    {0xFF66, 0xFF9D},    // half-width Katakana
    {0x20000, 0x3FFFF},  // Chinese, extensions B and later
}};

bool is_spaceless(char32_t character) noexcept {
  const auto* range = std::lower_bound(spaceless.begin(), spaceless.end(), character,
                                       [](const Range& r, char32_t c) { return r.last < c; });
  return range != spaceless.end() && range->first <= character;
}

CharacterClass look_up(char32_t character) noexcept {
  if (character == 0x200C || character == 0x200D) return CharacterClass::joiner;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(character))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return is_spaceless(character) ? CharacterClass::ideograph : CharacterClass::letter;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return CharacterClass::mark;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NO:
      return CharacterClass::digit;
    case UTF8PROC_CATEGORY_NL:
      return is_spaceless(character) ? CharacterClass::ideograph : CharacterClass::digit;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
      return CharacterClass::punctuation;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
      return CharacterClass::space;
    default:
      return CharacterClass::symbol;
  }
}

// Most text is ASCII, where a table of our own is several times faster than the library's two-level one.
const std::array<CharacterClass, 128>& ascii_classes() noexcept {
  static const std::array<CharacterClass, 128> table = [] {
    std::array<CharacterClass, 128> classes{};
    for (char32_t c = 0; c < 128; ++c) {
      const CharacterClass found = look_up(c);
      classes[c] = found == CharacterClass::symbol ? CharacterClass::punctuation : found;
    }
    return classes;
  }();
  return table;
}

}  // namespace

CharacterClass class_of(char32_t character) noexcept {
  return character < 128 ? ascii_classes()[character] : look_up(character);
}

std::size_t grapheme_end(std::string_view text, std::size_t at) noexcept {
  Decoded previous = decode_at(text, at);
  utf8proc_int32_t state = 0;
  for (at += previous.length; at < text.size(); at += previous.length) {
    const Decoded next = decode_at(text, at);
    if (utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(previous.character),
                                         static_cast<utf8proc_int32_t>(next.character), &state))
      break;
    previous = next;
  }
  return at;
}

}  // namespace rondo

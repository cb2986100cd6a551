/// Characters as tokenizers see them: decoding of valid UTF-8 and a coarse class for each character.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rondo {

enum class CharacterClass : std::uint8_t {
  space,
  letter,     // of a script that puts spaces between words
  ideograph,  // letter of a script written without spaces: Chinese, Japanese, Thai, Lao, Khmer, Burmese
  mark,       // combining: belongs to the character before it
  joiner,     // ZWJ and ZWNJ: belong to a word or an emoji when something follows
  digit,
  punctuation,  // with the ASCII symbols
  symbol,       // emoji and all the rest
};

CharacterClass class_of(char32_t character) noexcept;

struct Decoded {
  char32_t character;
  std::size_t length;
};

/// The character that begins at `at`; the text must be valid UTF-8 and `at` inside it.
inline Decoded decode_at(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[at + i]));
  };
  const char32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  if (first < 0xE0) return {(first & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if (first < 0xF0) return {(first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  return {(first & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
}

/// The end of the grapheme (what a reader sees as one character) that begins at `at`.
std::size_t grapheme_end(std::string_view text, std::size_t at) noexcept;

}  // namespace rondo

/// Tokens as a model tells them apart: written forms that differ in case, width or digits only become one.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tasks/tagged_text.h>

namespace rondo::tag {

/// A character: all digits are "0" and all Latin letters "a", of any width. Else: NFKC, small letters, each
/// digit "0".
std::string form_of(std::string_view token, TokenUnit unit);

/// How a word is written, which its form no longer says.
enum class WordShape : std::int32_t {
  other,
  small,        ///< "word"
  capital,      ///< "Word"
  all_capital,  ///< "WORD", "A"
  mixed,        ///< "iPod"
  number,       ///< "3.5"
  with_digits,  ///< "B2B"
  marks,        ///< "--"
};
inline constexpr int word_shapes = 8;
WordShape shape_of(std::string_view token);

/// The characters that spell a word, of a long one those of its begin and end.
std::vector<std::string_view> spelling_of(std::string_view token);

}  // namespace rondo::tag

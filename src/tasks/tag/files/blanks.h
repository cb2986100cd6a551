/// Blanks between words: which there are, and the pieces between them.
#pragma once
#include <string_view>
#include <vector>

namespace rondo::tag {

/// Space or tab: what stands between the columns of a file.
inline bool is_ascii_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

inline constexpr std::string_view ideographic_space = "\xE3\x80\x80";

/// Bytes of the blank that begins at `at`: a space, a tab or an ideographic space; 0 where there is none.
inline std::size_t blank_at(std::string_view text, std::size_t at) noexcept {
  if (is_ascii_blank(text[at])) return 1;
  return text.substr(at, ideographic_space.size()) == ideographic_space ? ideographic_space.size() : 0;
}

/// What stands between blanks of any number.
std::vector<std::string_view> words_between_blanks(std::string_view text);
/// What stands between spaces and tabs; with `tabs_only` between single tabs, empty pieces included.
void split_columns(std::string_view line, bool tabs_only, std::vector<std::string_view>& columns);
std::string_view without_blanks_around(std::string_view text) noexcept;

}  // namespace rondo::tag

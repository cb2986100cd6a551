#include "tasks/tag/files/blanks.h"

#include <algorithm>

namespace rondo::tag {

std::vector<std::string_view> words_between_blanks(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t blank = at < text.size() ? blank_at(text, at) : 1;
    if (blank > 0 && at > begin) words.push_back(text.substr(begin, at - begin));
    at += std::max<std::size_t>(blank, 1);
    if (blank > 0) begin = at;
  }
  return words;
}

void split_columns(std::string_view line, bool tabs_only, std::vector<std::string_view>& columns) {
  columns.clear();
  const auto separates = [&](char c) { return tabs_only ? c == '\t' : is_ascii_blank(c); };
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= line.size(); ++at) {
    if (at < line.size() && !separates(line[at])) continue;
    if (tabs_only || at > begin) columns.push_back(line.substr(begin, at - begin));
    begin = at + 1;
  }
}

std::string_view without_blanks_around(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace rondo::tag

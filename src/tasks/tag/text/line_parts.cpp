#include "tasks/tag/text/line_parts.h"

#include <algorithm>

#include "base/utf8.h"
#include "tasks/tag/files/blanks.h"

namespace rondo::tag {
namespace {

bool ends_sentence(char32_t c) noexcept {
  constexpr std::u32string_view marks = U"。！？!?…｡";
  return marks.find(c) != marks.npos;
}

bool closes(char32_t c) noexcept {
  constexpr std::u32string_view marks = U"\"'”’)）]］】」』》〉";
  return marks.find(c) != marks.npos;
}

/// The text without a last character of which bytes are missing.
std::string_view whole_characters(std::string_view text) noexcept {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xc0) == 0x80) continue;
    const std::size_t wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return text.substr(0, wanted > back ? text.size() - back : text.size());
  }
  return text;
}

/// The last place up to `at` where a character ends.
std::size_t character_border(std::string_view text, std::size_t at) noexcept {
  if (at >= text.size()) return text.size();
  const auto continues = [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; };
  std::size_t border = at;
  while (border > 1 && at - border < 4 && continues(text[border]))
    --border;
  return continues(text[border]) ? at : border;  // no UTF-8 at all: somebody else says so
}

}  // namespace

std::size_t sentence_end(std::string_view text) noexcept {
  bool ended = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t here = at;
    const char32_t c = next_code_point(text, at);
    if (ended && !ends_sentence(c) && !closes(c)) return here;
    const bool full_stop = c == '.' && at < text.size() && blank_at(text, at) > 0;
    ended = ended || ends_sentence(c) || full_stop;
  }
  return text.npos;
}

std::optional<LinePart> LineParts::next() {
  forget();
  if (at_ == waiting_.size()) {
    if (!at_end_ || !cut_before_) return std::nullopt;
    return cut(0, true);  // a long line without its end
  }
  const std::size_t line_end = waiting_.find('\n', std::max(at_, searched_));
  const bool whole = line_end != waiting_.npos;
  if (!whole) searched_ = waiting_.size();
  const std::string_view rest =
      std::string_view(waiting_).substr(at_, whole ? line_end - at_ : waiting_.npos);
  const bool is_long = cut_before_ || rest.size() > longest_;
  // A little more than may be taken: what follows a sentence tells that it has ended.
  const std::size_t looked_at = longest_ + 8;
  const std::string_view seen = whole_characters(rest.substr(0, looked_at));
  const std::size_t end = is_long ? sentence_end(seen) : rest.npos;
  if (end != rest.npos) return cut(end, false);
  if (rest.size() > looked_at) {
    LinePart part = cut(character_border(rest, longest_), false);
    part.open = true;
    return part;
  }
  if (!whole && !at_end_) return std::nullopt;
  return cut(rest.size(), true);
}

/// Drops what was handed out, now and then.
void LineParts::forget() {
  if (at_ < waiting_.size() && at_ <= waiting_.size() / 2) return;
  waiting_.erase(0, at_);
  searched_ -= std::min(at_, searched_);
  at_ = 0;
}

LinePart LineParts::cut(std::size_t size, bool ends) {
  LinePart part{.text = waiting_.substr(at_, size), .line = line_, .offset = offset_, .ends = ends};
  at_ += size;
  offset_ += size;
  cut_before_ = !ends;
  if (!ends) return part;
  if (at_ < waiting_.size()) ++at_;  // the line feed
  ++line_;
  offset_ = 0;
  if (part.text.ends_with('\r')) part.text.pop_back();
  return part;
}

void LineParts::give_back(std::size_t bytes) {
  at_ -= bytes;
  offset_ -= bytes;
}

}  // namespace rondo::tag

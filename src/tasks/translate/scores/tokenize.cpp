#include "tasks/translate/scores/tokenize.h"

#include <array>
#include <utility>
#include <vector>

#include <utf8proc.h>

#include "base/utf8.h"
#include "tasks/translate/scores/bleu.h"

namespace rondo::translate {
namespace {

using Points = std::vector<char32_t>;

Points points_of(std::string_view text) {
  Points points;
  for (const char32_t c : CodePoints(text))
    points.push_back(c);
  return points;
}

std::string text_of(const Points& points) {
  std::string text;
  for (const char32_t c : points)
    append_utf8(text, c);
  return text;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

/// Runs of white space become one blank; none at the ends.
std::string single_blanks(const Points& points) {
  std::string text;
  bool blank = false;
  for (const char32_t c : points) {
    if (is_white_space(c)) {
      blank = true;
      continue;
    }
    if (blank && !text.empty()) text += ' ';
    blank = false;
    append_utf8(text, c);
  }
  return text;
}

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

/// All of ASCII's punctuation but ' , - and .
bool is_spaced(char32_t c) {
  return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') ||
         (c >= '(' && c <= '+') || (c >= ':' && c <= '@') || c == '/';
}

/// (first)(second) with blanks put before, between or after, from left to right.
template <class First, class Second>
Points split_pairs(const Points& from, const First& first, const Second& second, bool before_last) {
  Points to;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (i + 1 >= from.size() || !first(from[i]) || !second(from[i + 1])) {
      to.push_back(from[i]);
      continue;
    }
    if (before_last) {  // "\1 \2 "
      to.insert(to.end(), {from[i], U' ', from[i + 1], U' '});
    } else {  // " \1 \2"
      to.insert(to.end(), {U' ', from[i], U' ', from[i + 1]});
    }
    ++i;
  }
  return to;
}

std::string western(const Points& points) {
  Points spaced;
  for (const char32_t c : points) {
    if (is_spaced(c))
      spaced.insert(spaced.end(), {U' ', c, U' '});
    else
      spaced.push_back(c);
  }
  const auto mark = [](char32_t c) { return c == '.' || c == ','; };
  const auto other = [](char32_t c) { return !is_digit(c); };
  spaced = split_pairs(spaced, other, mark, true);
  spaced = split_pairs(spaced, mark, other, false);
  spaced = split_pairs(
      spaced, is_digit, [](char32_t c) { return c == '-'; }, true);
  return single_blanks(spaced);
}

std::string tokens_13a(std::string_view line) {
  std::string text(line);
  replace_all(text, "<skipped>", "");
  replace_all(text, "-\n", "");
  replace_all(text, "\n", " ");
  if (text.find('&') != std::string::npos) {
    replace_all(text, "&quot;", "\"");
    replace_all(text, "&amp;", "&");
    replace_all(text, "&lt;", "<");
    replace_all(text, "&gt;", ">");
  }
  return western(points_of(" " + text + " "));
}

/// What sacreBLEU's zh tokeniser takes for Chinese. Two of its ranges are written with five hexadecimal
/// digits, which its language reads as two characters; in effect they are U+2001 to U+2A6D and U+2F81 to
/// U+2FA1.
bool is_chinese(char32_t c) {
  static constexpr std::array<std::pair<char32_t, char32_t>, 21> ranges = {
      {{0x3400, 0x4db5}, {0x4e00, 0x9fa5}, {0x9fa6, 0x9fbb}, {0xf900, 0xfa2d}, {0xfa30, 0xfa6a},
       {0xfa70, 0xfad9}, {0x2001, 0x2a6d}, {0x2f81, 0x2fa1}, {0xff00, 0xffef}, {0x2e80, 0x2eff},
       {0x3000, 0x303f}, {0x31c0, 0x31ef}, {0x2f00, 0x2fdf}, {0x2ff0, 0x2fff}, {0x3100, 0x312f},
       {0x31a0, 0x31bf}, {0xfe10, 0xfe1f}, {0xfe30, 0xfe4f}, {0x2600, 0x26ff}, {0x2700, 0x27bf},
       {0x3200, 0x32ff}}};
  if (c >= 0x3300 && c <= 0x33ff) return true;
  for (const auto& [first, last] : ranges)
    if (c >= first && c <= last) return true;
  return false;
}

std::string tokens_zh(std::string_view line) {
  Points spaced;
  for (const char32_t c : points_of(trim_unseen(line))) {
    if (is_chinese(c))
      spaced.insert(spaced.end(), {U' ', c, U' '});
    else
      spaced.push_back(c);
  }
  return western(spaced);
}

bool of_kind(char32_t c, char kind) {
  const char* const category = utf8proc_category_string(static_cast<utf8proc_int32_t>(c));
  return category[0] == kind;
}

std::string tokens_intl(std::string_view line) {
  const auto no_number = [](char32_t c) { return !of_kind(c, 'N'); };
  const auto punctuation = [](char32_t c) { return of_kind(c, 'P'); };
  Points points = split_pairs(points_of(line), no_number, punctuation, true);
  points = split_pairs(points, punctuation, no_number, false);
  Points spaced;
  for (const char32_t c : points) {
    if (of_kind(c, 'S'))
      spaced.insert(spaced.end(), {U' ', c, U' '});
    else
      spaced.push_back(c);
  }
  return single_blanks(spaced);
}

std::string tokens_char(std::string_view line) {
  Points spaced;
  for (const char32_t c : CodePoints(line))
    spaced.insert(spaced.end(), {c, U' '});
  return single_blanks(spaced);
}

std::string_view without_end(std::string_view line) {
  while (!line.empty()) {
    std::size_t last = line.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(line[last]) & 0xC0) == 0x80)
      --last;
    std::size_t at = last;
    if (!is_white_space(next_code_point(line, at))) break;
    line = line.substr(0, last);
  }
  return line;
}

}  // namespace

std::string lowered(std::string_view line) {
  Points points = points_of(line);
  for (char32_t& c : points)
    c = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
  return text_of(points);
}

std::string bleu_tokens(std::string_view line, BleuTokenizer tokenizer) {
  line = without_end(line);
  switch (tokenizer) {
    case BleuTokenizer::zh:
      return tokens_zh(line);
    case BleuTokenizer::intl:
      return tokens_intl(line);
    case BleuTokenizer::character:
      return tokens_char(line);
    case BleuTokenizer::none:
      return single_blanks(points_of(line));
    case BleuTokenizer::automatic:
    case BleuTokenizer::t13a:
      break;
  }
  return tokens_13a(line);
}

BleuTokenizer tokenizer_of(std::span<const std::string> references) {
  std::int64_t han = 0, others = 0;
  for (const std::string& line : references)
    for (const char32_t c : CodePoints(line)) {
      const bool is_han = (c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff);
      han += is_han ? 1 : 0;
      others += !is_han && of_kind(c, 'L') ? 1 : 0;
    }
  return han > others ? BleuTokenizer::zh : BleuTokenizer::t13a;
}

}  // namespace rondo::translate

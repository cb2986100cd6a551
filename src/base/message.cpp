#include "base/message.h"

#include <algorithm>

#include "base/utf8.h"

namespace rondo {

void fail(ErrorKind kind, std::string_view message) {
  std::string text(name_of(kind));
  text += ": ";
  text += message;
  throw Error(kind, text);
}

namespace {

void append_hex(std::string& text, char32_t number, int digits, const char* alphabet) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    text += alphabet[number >> shift & 15];
}

/// Where a text of at most `size` bytes ends that cuts no character.
std::size_t end_within(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text.size();
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80)
    --size;
  return size;
}

}  // namespace

std::string quote(std::string_view name) {
  constexpr std::size_t longest = 200;
  const std::string_view start = name.substr(0, end_within(name, longest));
  std::string text = "'";
  for (std::size_t at = 0; at < start.size();) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(start, at);
    if (c < 0x20 || c == 0x7f) {
      text += "\\x";
      append_hex(text, c, 2, "0123456789abcdef");
    } else if (c >= 0x80 && (c < 0xa0 || is_invisible(c) || is_white_space(c))) {
      text += "<U+";
      append_hex(text, c, c > 0xffff ? 5 : 4, "0123456789ABCDEF");
      text += ">";
    } else {
      text += start.substr(begin, at - begin);
    }
  }
  return text + (start.size() < name.size() ? "...'" : "'");
}

std::string enumerate(std::span<const std::string> items, std::string_view last_word) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0 && i + 1 == items.size())
      text += " " + std::string(last_word) + " ";
    else if (i > 0)
      text += ", ";
    text += items[i];
  }
  return text;
}

std::string shape_text(std::span<const std::int64_t> sizes) {
  std::string text = "[";
  for (const std::int64_t size : sizes)
    text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table suffice: a swap looks two rows back.
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

namespace {

/// For short names: the same letters in another order, or one letter more or fewer in a name of up to three.
bool nearly_same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return std::max(a.size(), b.size()) > 3;
  return std::is_permutation(a.begin(), a.end(), b.begin());
}

}  // namespace

std::string nearest(std::string_view name, std::span<const std::string> candidates) {
  constexpr std::size_t longest = 100;  // nobody mistypes longer names, and the table is quadratic
  if (name.size() > longest) return {};
  std::string best;
  std::size_t smallest = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > longest) continue;
    const std::size_t distance = edit_distance(name, candidate);
    // In a word of two or three letters, one wrong letter means little: "cn" is not a slip for "en".
    const bool clear = std::min(name.size(), candidate.size()) > 3 || nearly_same(name, candidate);
    if (clear && distance < smallest && distance < candidate.size()) {
      smallest = distance;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view name, std::span<const std::string> candidates) {
  const std::string known = nearest(name, candidates);
  return known.empty() ? "" : "; did you mean " + quote(known) + "?";
}

}  // namespace rondo

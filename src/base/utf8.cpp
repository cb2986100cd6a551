#include "base/utf8.h"

#include <algorithm>
#include <cstring>

#include <utf8proc.h>

#include "base/message.h"

namespace rondo {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

/// Length of the valid sequence at `at` and its code point; length 0 if there is none (Unicode 15, table
/// 3-7).
std::size_t decode(std::string_view text, std::size_t at, char32_t& value) {
  const unsigned char lead = byte_at(text, at);
  if (lead < 0x80) {
    value = lead;
    return 1;
  }
  const std::size_t length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length == 0 || text.size() - at < length) return 0;
  char32_t point = lead & (0x7f >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned char next = byte_at(text, at + i);
    if ((next & 0xc0) != 0x80) return 0;
    point = point << 6 | (next & 0x3f);
  }
  const bool too_long = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool surrogate = point >= 0xd800 && point < 0xe000;
  if (too_long || surrogate || point > 0x10ffff) return 0;
  value = point;
  return length;
}

/// Most text is ASCII or has long valid runs, so line and column are counted only after a fault is found.
std::size_t find_fault(std::string_view text) {
  constexpr std::uint64_t high_bits = 0x8080808080808080u, low_bits = 0x0101010101010101u;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + at, sizeof word);
      // No byte has its high bit set and none is 0.
      if (((word | (word - low_bits)) & high_bits) == 0) {
        at += sizeof word;
        continue;
      }
    }
    char32_t ignored = 0;
    const std::size_t length = decode(text, at, ignored);
    if (length == 0 || text[at] == '\0') return at;
    at += length;
  }
  return std::string_view::npos;
}

bool looks_like_utf16(std::string_view bytes) {
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) return true;
  // UTF-16 Latin letters without a byte order mark: every other byte is 0.
  std::size_t zeros[2] = {0, 0};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    zeros[i % 2] += bytes[i] == '\0';
  const std::size_t pairs = bytes.size() / 2, most = std::max(zeros[0], zeros[1]),
                    fewest = std::min(zeros[0], zeros[1]);
  return pairs > 1 && most * 10 > pairs * 7 && fewest * 10 < pairs;
}

/// Whether all bytes form GB18030 characters and most of these are common Chinese ones (the rows of GB 2312).
bool looks_like_gb18030(std::string_view bytes) {
  const auto within = [&](std::size_t at, int low, int high) {
    return at < bytes.size() && byte_at(bytes, at) >= low && byte_at(bytes, at) <= high;
  };
  std::size_t characters = 0, common = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    if (within(at, 0, 0x7f)) {
      ++at;
      continue;
    }
    if (!within(at, 0x81, 0xfe)) return false;
    ++characters;
    if (within(at + 1, 0x40, 0x7e) || within(at + 1, 0x80, 0xfe)) {
      common += within(at, 0xb0, 0xd7) && within(at + 1, 0xa1, 0xfe);
      at += 2;
    } else if (within(at + 1, 0x30, 0x39) && within(at + 2, 0x81, 0xfe) && within(at + 3, 0x30, 0x39)) {
      at += 4;
    } else {
      return at + 1 == bytes.size() && common * 2 > characters;  // the last one may be cut
    }
  }
  return common * 2 > characters;
}

/// Non-ASCII Western letters stand alone between ASCII letters.
bool looks_like_windows_1252(std::string_view bytes) {
  std::size_t high = 0, letters = 0;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0) return false;
    high += byte >= 0x80;
    letters += byte >= 0xc0 || byte == 0x92 || byte == 0x93 || byte == 0x94 || byte == 0x96 || byte == 0xa0;
  }
  return high > 0 && high * 4 < bytes.size() && letters * 2 > high;
}

std::string_view iconv_name(std::string_view encoding) {
  return encoding.empty() ? "ENCODING" : encoding;
}

}  // namespace

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  return text.starts_with(mark) ? text.substr(mark.size()) : text;
}

std::optional<Utf8Fault> find_utf8_fault(std::string_view text) {
  const std::size_t at = find_fault(text);
  if (at == text.npos) return std::nullopt;
  const std::string_view before = text.substr(0, at);
  const auto lines = static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return Utf8Fault{at, lines + 1, count_code_points(before.substr(line_start)) + 1};
}

std::string_view guess_encoding(std::string_view bytes) {
  bytes = bytes.substr(0, 1 << 16);
  if (looks_like_utf16(bytes)) return "UTF-16";
  if (looks_like_gb18030(bytes)) return "GB18030";
  return looks_like_windows_1252(bytes) ? "Windows-1252" : "";
}

void require_utf8(std::string_view text, std::string_view name, std::uint64_t first_line, ErrorKind kind) {
  const std::optional<Utf8Fault> fault = find_utf8_fault(text);
  if (!fault) return;
  constexpr std::string_view digits = "0123456789abcdef";
  const unsigned char byte = byte_at(text, fault->byte);
  const std::string place = std::string(name) + " line " + std::to_string(first_line + fault->line - 1) +
                            " column " + std::to_string(fault->column) + ": byte 0x" + digits[byte >> 4] +
                            digits[byte & 15];
  // The text before the faulty line is valid, so it does not help to guess the encoding.
  const std::size_t line_start = text.substr(0, fault->byte).rfind('\n') + 1;
  const std::string_view encoding = guess_encoding(text.substr(line_start));
  if (byte == 0 && encoding.empty()) fail(kind, place + " is not text; is it the right file?");
  const std::string guess = encoding.empty() ? "" : "; it looks like " + std::string(encoding);
  fail(kind, place + " is not UTF-8" + guess + "; convert the file: iconv -f " +
                 std::string(iconv_name(encoding)) + " -t UTF-8");
}

char32_t next_code_point(std::string_view text, std::size_t& at) {
  char32_t value = replacement_character;
  at += std::max<std::size_t>(1, decode(text, at, value));
  return value;
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count)
    next_code_point(text, at);
  return count;
}

void append_utf8(std::string& text, char32_t code_point) {
  if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point < 0xe000))
    code_point = replacement_character;
  utf8proc_uint8_t bytes[4];
  const utf8proc_ssize_t size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code_point), bytes);
  text.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

bool is_white_space(char32_t code_point) {
  if (code_point < 0x80) return code_point == ' ' || (code_point >= '\t' && code_point <= '\r');
  if (code_point == 0x85) return true;
  if (code_point > 0x10ffff) return false;
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(code_point));
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

bool is_invisible(char32_t code_point) {
  return code_point == 0xad || code_point == 0x61c || code_point == 0x180e || code_point == 0x200b ||
         code_point == 0x200e || code_point == 0x200f || (code_point >= 0x202a && code_point <= 0x202e) ||
         (code_point >= 0x2060 && code_point <= 0x206f) || code_point == 0xfeff;
}

std::string_view trim_unseen(std::string_view text) {
  const auto unseen = [](char32_t c) { return is_white_space(c) || is_invisible(c); };
  for (std::size_t next = 0; !text.empty() && unseen(next_code_point(text, next)); next = 0)
    text.remove_prefix(next);
  while (!text.empty()) {
    std::size_t last = text.size() - 1;
    while (last > 0 && text.size() - last < 4 && (byte_at(text, last) & 0xc0) == 0x80)
      --last;
    std::size_t end = last;
    if (!unseen(next_code_point(text, end)) || end != text.size()) break;
    text = text.substr(0, last);
  }
  return text;
}

int display_width(char32_t code_point) {
  return code_point > 0x10ffff ? 1 : utf8proc_charwidth(static_cast<utf8proc_int32_t>(code_point));
}

int display_width(std::string_view text) {
  int width = 0;
  for (const char32_t c : CodePoints(text))
    width += display_width(c);
  return width;
}

std::string truncate_to_width(std::string_view text, int width) {
  constexpr std::string_view ellipsis = "…";
  int used = 0;
  std::size_t kept = 0;  // what fits before the ellipsis
  for (std::size_t at = 0; at < text.size();) {
    used += display_width(next_code_point(text, at));
    if (used <= width - 1) kept = at;
    if (used > width)
      return width < 1 ? std::string() : std::string(text.substr(0, kept)) + std::string(ellipsis);
  }
  return std::string(text);
}

std::string fit_to_width(std::string_view text, int width) {
  std::string fitted = truncate_to_width(text, width);
  fitted.append(static_cast<std::size_t>(std::max(0, width - display_width(fitted))), ' ');
  return fitted;
}

}  // namespace rondo

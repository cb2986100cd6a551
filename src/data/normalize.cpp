#include "data/normalize.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include <utf8proc.h>

#include <rondo/error.h>
#include <rondo/text.h>

#include "base/utf8.h"
#include "data/unicode.h"

namespace rondo {
namespace {

/// NUL is not text. It is left to the general path, which refuses it.
bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > 0 && static_cast<unsigned char>(c) < 0x80; });
}

bool is_ascii_space(char32_t c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_space(char32_t c) noexcept {
  if (c < 0x80) return is_ascii_space(c);
  // U+0085 ends a line; U+200B is a place where a line may break.
  return c == 0x85 || c == 0x200B || (c != 0 && class_of(c) == CharacterClass::space && c >= 0xA0);
}

/// Characters from which a model learns nothing, and which would make equal words differ.
bool is_dropped(char32_t c) noexcept {
  if (c < 0xA0) return (c < 0x20 && !is_ascii_space(c)) || (c >= 0x7F && c != 0x85);  // controls
  return c == 0xAD || c == 0x61C || c == 0x200E || c == 0x200F ||  // soft hyphen, directions
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFE00 && c <= 0xFE0F);  // variation selectors
}

std::string without_dropped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode_at(text, at);
    if (!is_dropped(next.character)) out.append(text, at, next.length);
    at += next.length;
  }
  return out;
}

std::string to_form(std::string_view text, Normalization form, bool lowercase) {
  unsigned options = 0;
  if (form != Normalization::none) options |= UTF8PROC_STABLE | UTF8PROC_COMPOSE;
  if (form == Normalization::nfkc) options |= UTF8PROC_COMPAT;
  if (lowercase) options |= UTF8PROC_CASEFOLD;
  if (options == 0) return std::string(text);
  utf8proc_uint8_t* mapped = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                   static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (length == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
  if (length < 0) throw Bug(std::string("utf8proc: ") + utf8proc_errmsg(length));
  return std::string(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length));
}

std::string with_spaces_folded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool pending = false;
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode_at(text, at);
    if (is_space(next.character)) {
      pending = !out.empty();
    } else {
      if (pending) out += ' ';
      pending = false;
      out.append(text, at, next.length);
    }
    at += next.length;
  }
  return out;
}

std::string with_line_feeds(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!text.substr(at).starts_with("\r\n")) out += text[at];
  }
  return out;
}

/// ASCII is already in normal form, so one pass does the rest.
std::string normalize_ascii(std::string_view text, bool lowercase) {
  std::string out;
  out.reserve(text.size());
  bool pending = false;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (is_ascii_space(code)) {
      pending = !out.empty();
    } else if (!is_dropped(code)) {
      if (pending) out += ' ';
      pending = false;
      out += lowercase && c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
  }
  return out;
}

}  // namespace

std::string Normalizer::operator()(std::string_view text) const {
  if (fold_space && is_ascii(text)) return normalize_ascii(text, lowercase);
  require_utf8(text, "text");
  std::string out = to_form(without_dropped(text), form, lowercase);
  return fold_space ? with_spaces_folded(out) : with_line_feeds(out);
}

std::string normalize(std::string_view text, Normalization form, bool lowercase) {
  return Normalizer{form, lowercase, true}(text);
}

std::string unicode_version() {
  return utf8proc_unicode_version();
}

}  // namespace rondo

#include "base/shown.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace rondo {
namespace {

template <class Number>
std::string in_fewest_digits(Number value) {
  std::array<char, 32> text;
  // 8192 and 1048576, not 8192.0 and 1.048576e+06.
  const bool whole = std::abs(value) < Number{1e15F} && value == std::floor(value);
  const auto end =
      whole ? std::to_chars(text.data(), text.data() + text.size(), static_cast<std::int64_t>(value))
            : std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end.ptr};
}

}  // namespace

std::string one_line(std::string text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::size_t to = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // U+0080 to U+009F are control characters of terminals, too.
    const bool second_set =
        byte(i) == 0xc2 && i + 1 < text.size() && byte(i + 1) >= 0x80 && byte(i + 1) < 0xa0;
    const bool control = second_set || byte(i) < 0x20 || byte(i) == 0x7f;
    text[to++] = control ? ' ' : text[i];
    if (second_set) ++i;
  }
  text.resize(to);
  return text;
}

std::string joined(std::span<const std::string> words, std::string_view between) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += between;
    text += words[i];
  }
  return text;
}

std::string percent(double share) {
  return fixed(share * 100, 2) + " %";
}

std::string grouped(std::int64_t count) {
  std::string digits = std::to_string(count);
  const std::ptrdiff_t first = count < 0 ? 1 : 0;
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > first; at -= 3)
    digits.insert(static_cast<std::size_t>(at), " ");
  return digits;
}

std::string byte_size(double bytes) {
  constexpr std::array<std::string_view, 4> units = {" bytes", " KiB", " MiB", " GiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  return fixed(bytes, unit == 0 ? 0 : 1) + std::string(units[unit]);
}

std::string in_digits(double value) {
  std::array<char, 32> digits;
  const bool whole = std::abs(value) < 1e15 && value == std::floor(value);
  const auto end =
      whole ? std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<std::int64_t>(value))
            : std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), end.ptr};
}

std::string fixed(double value, int digits) {
  std::array<char, 400> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, digits).ptr;
  return {text.data(), end};
}

std::string significant(double value, int digits) {
  std::array<char, 64> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, digits).ptr;
  return {text.data(), end};
}

std::string plain(double value) {
  return in_fewest_digits(value);
}

std::string plain(float value) {
  return in_fewest_digits(value);
}

}  // namespace rondo

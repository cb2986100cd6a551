#include "data/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace rondo {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t invalid = 64;

constexpr std::array<std::uint32_t, 256> values = [] {
  std::array<std::uint32_t, 256> table{};
  table.fill(invalid);
  for (std::uint32_t i = 0; i < 64; ++i)
    table[static_cast<unsigned char>(alphabet[i])] = i;
  return table;
}();

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t block = 0;
    for (std::size_t i = 0; i < 3; ++i)
      block = block << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      text += i <= count ? alphabet[block >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const std::size_t absent = at + 4 == text.size() ? padding : 0;
    std::uint32_t block = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint32_t value = i < 4 - absent ? values[static_cast<unsigned char>(text[at + i])] : 0;
      if (value == invalid) return std::nullopt;
      block = block << 6 | value;
    }
    for (std::size_t i = 0; i < 3 - absent; ++i)
      bytes += static_cast<char>(block >> (16 - 8 * i) & 0xFF);
  }
  if (to_base64(bytes) != text) return std::nullopt;  // bits that must be 0 because of the padding
  return bytes;
}

}  // namespace rondo

/// Numbers and texts as people are shown them.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rondo {

/// Tabs and line ends as spaces: a text in one cell, or in one field of a TSV line.
std::string one_line(std::string text);
/// The words with something between each two.
std::string joined(std::span<const std::string> words, std::string_view between);
/// 0.8731 as "87.31 %".
std::string percent(double share);
/// 1234567 as "1 234 567".
std::string grouped(std::int64_t count);
/// 25 000 000 bytes as "23.8 MiB".
std::string byte_size(double bytes);
/// In the fewest digits that read back to the same number: 8192 and 0.1, not 8192.0 and 8.192e+03.
std::string in_digits(double value);
/// With a fixed number of digits behind the point.
std::string fixed(double value, int digits);

}  // namespace rondo

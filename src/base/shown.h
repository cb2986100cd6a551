/// Numbers and texts as people are shown them, in any locale the same.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rondo {

/// The text with control characters as spaces, for one cell or one field of a line.
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
/// With so many significant digits at most, without trailing zeros: 0.25, 1.5e-07.
std::string significant(double value, int digits);
/// In the fewest digits that read back to the same value, whole numbers without an exponent: 0.1, 8192.
std::string plain(double value);
std::string plain(float value);

}  // namespace rondo

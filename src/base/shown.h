/// Numbers and texts as people are shown them, in any locale the same.
#pragma once
#include <cstdint>
#include <string>

namespace rondo {

/// The text with tabs and line ends as spaces, for one cell or one field of a TSV line.
std::string one_line(std::string text);
/// 0.8731 as "87.31 %".
std::string percent(double share);
/// 1234567 as "1 234 567".
std::string grouped(std::int64_t count);
/// 25 000 000 bytes as "23.8 MiB".
std::string byte_size(double bytes);
/// The number with a fixed number of decimals.
std::string fixed(double value, int digits);
/// With so many significant digits at most, without trailing zeros: 0.25, 1.5e-07.
std::string significant(double value, int digits);
/// In the fewest digits that read back to the same value, whole numbers without an exponent: 0.1, 8192.
std::string plain(double value);
std::string plain(float value);

}  // namespace rondo

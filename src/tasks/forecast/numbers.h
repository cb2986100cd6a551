/// Numbers as people write them: decimal point or comma, marks between thousands, parentheses for negative.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rondo::forecast {

/// Empty, NA, N/A, NaN, null, None: a value that is missing.
bool is_missing(std::string_view text);

struct NumberStyle {
  char decimal = '.';
};

/// Strict: marks between thousands stand before every third digit or nowhere. Nothing for another text, and
/// for what is not finite.
std::optional<double> parse_number(std::string_view text, const NumberStyle& style);
/// Whether the text is a number in one style or the other.
bool looks_like_number(std::string_view text);

/// What the numbers of a file say about its decimal mark.
class DecimalEvidence {
 public:
  void add(std::string_view text, std::uint64_t line);
  std::uint64_t point_line() const noexcept { return point_; }  ///< the first that proves a point; 0: none
  std::uint64_t comma_line() const noexcept { return comma_; }
  bool open_point() const noexcept { return open_point_; }  ///< "1.234" was seen
  bool open_comma() const noexcept { return open_comma_; }

 private:
  std::uint64_t point_ = 0, comma_ = 0;
  bool open_point_ = false, open_comma_ = false;
};

}  // namespace rondo::forecast

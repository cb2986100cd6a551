/// Numbers as people write them: decimal point or comma, marks between thousands, parentheses for negative,
/// signs of currencies and per cent.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rondo::forecast {

/// Empty, NA, N/A, NaN, NaT, null, None, nil, ?, dashes, points, and the errors of spreadsheets (#N/A): a
/// value that is missing.
bool is_missing(std::string_view text);

/// What stands for a missing value in a table: is_missing, and further texts or numbers (-9999).
class MissingMarks {
 public:
  MissingMarks() = default;
  explicit MissingMarks(std::vector<std::string> further);

  bool operator()(std::string_view text) const;
  /// Whether a number that was read is one of the further ones.
  bool is_mark(double value) const;

 private:
  std::vector<std::string> texts_;
  std::vector<double> numbers_;
};

struct NumberStyle {
  char decimal = '.';
};

/// Strict: marks between thousands stand before every third digit or nowhere. A currency's sign ($12, 12 €)
/// and % are left out: 12 % is 12. 1.25K, 1.25M, 1.25B, 1.2万 and 3亿 are so many thousands, millions, 10^9,
/// 10^4 and 10^8. Nothing for another text, and for what is not finite.
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
